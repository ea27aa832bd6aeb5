// node ui.mjs LOOPWISE.vsix PICTURES: as a person would, in the packed extension; PICTURES gets the README's.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { FILES } from "./sample.mjs";
import { colours, light, open, read, Steps } from "./vscode.mjs";

const [vsix, out] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const steps = new Steps();
const started = Date.now();
const vscode = await open({ vsix: [vsix], files: FILES, user: { "editor.fontSize": 14, "breadcrumbs.enabled": false, "window.restoreWindows": "none" } });
console.log(`VS Code is up (${Date.now() - started} ms)`);
const { page } = vscode;
const disk = (name) => read(path.join(vscode.workspace, name));
const plain = (text) => text.replaceAll("\u00a0", " ");
const picture = (name, clip) => page.screenshot({ path: path.join(out, `${name}.png`), clip });
const row = (text) => page.locator(".monaco-list-row", { hasText: text }).first();
const view = page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");

async function until(name, find, ms = 15_000) {
  const end = Date.now() + ms;
  let value = await find();
  while (!value && Date.now() < end) {
    await page.waitForTimeout(100);
    value = await find();
  }
  steps.check(name, Boolean(value));
  return value;
}

async function command(text) {
  await page.keyboard.press("F1");
  const box = page.locator(".quick-input-box input").first();
  await box.waitFor();
  await box.fill(`>${text}`);
  await page.locator(".quick-input-widget .monaco-list-row", { hasText: text }).first().waitFor();
  await page.keyboard.press("Enter");
}

async function openFile(name) {
  await page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).first().dblclick();
  await page.locator(".tab.active", { hasText: name }).waitFor();
  await page.locator(".monaco-editor .view-line").first().click();
}

/** The place of a word of the text, in the last line that has it. */
async function boxOf(word) {
  return page.evaluate((wanted) => {
    const lines = [...document.querySelectorAll(".monaco-editor .view-line")].filter((line) => line.textContent.includes(wanted));
    const walker = document.createTreeWalker(lines.at(-1), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.data.indexOf(wanted);
      if (at >= 0) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + wanted.length);
        const { x, y } = range.getBoundingClientRect();
        return { x, y };
      }
    }
    throw new Error(`no ${wanted} in one piece`);
  }, word);
}

const pid = () => {
  try {
    return execFileSync("pgrep", ["-f", `${vscode.root}/ext/.*launch.py`], { encoding: "utf8" }).trim().split("\n")[0];
  } catch {
    return "";
  }
};

async function fromHoverToFix() {
  await openFile("oven.py");
  await page.locator(".monaco-editor .squiggly-warning").first().waitFor();
  steps.check("a squiggle", true);
  const gather = await boxOf("gather");
  await page.mouse.move(gather.x + 10, gather.y + 8, { steps: 4 });
  const hover = page.locator(".monaco-hover:visible", { hasText: "asyncio.gather" });
  await hover.waitFor();
  const text = plain(await hover.innerText());
  steps.check("a hover with its card, once", text.split("def gather").length === 2 && /await/.test(text), text);
  await page.waitForTimeout(300);
  await picture("hover", { x: 352, y: 30, width: 844, height: 410 });
  await hover.getByText("Cheatsheet").click();
  await view.locator("details.current .name", { hasText: "asyncio.gather" }).waitFor();
  steps.check("its link opens the card in the cheatsheet", true);
  await page.locator(".activitybar [aria-label^=Explorer]").first().click();
  const sleep = await boxOf("sleep");
  await page.mouse.move(1000, 690);
  await page.mouse.click(sleep.x + 8, sleep.y + 8);
  await page.keyboard.press("Control+.");
  await page.locator(".action-widget .monaco-list-row", { hasText: "asyncio.sleep" }).first().waitFor();
  await page.waitForTimeout(300);
  await picture("quickfix", { x: 352, y: 30, width: 640, height: 400 });
  await page.keyboard.press("Enter");
  await page.locator(".view-line", { hasText: "await asyncio.sleep" }).waitFor();
  await page.locator(".monaco-editor .squiggly-warning").waitFor({ state: "detached" });
  steps.check("the fix is applied, and the squiggle gone", true);
  await page.keyboard.press("Control+z");
  await page.locator(".monaco-editor .squiggly-warning").first().waitFor();
  await command("Loopwise: Fix All");
  await page.locator(".view-line", { hasText: "await asyncio.sleep" }).waitFor();
  await page.keyboard.press("Control+s");
  await until("Fix All, saved to the disk", () => disk("oven.py").includes("await asyncio.sleep(0.2)"));
}

async function completions() {
  await openFile("loaf.py");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("await ");
  await page.locator(".suggest-widget .monaco-list-row", { hasText: "slice_loaf" }).first().waitFor();
  await page.waitForTimeout(800);
  await picture("completion", { x: 352, y: 30, width: 640, height: 460 });
  const first = plain(await page.locator(".suggest-widget .monaco-list-row").first().innerText());
  steps.check("`await ` offers the task at hand first", first.startsWith("task"), first);
  await page.keyboard.type("tas");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.keyboard.type("timeout");
  await page.locator(".suggest-widget .monaco-list-row", { hasText: "timeout" }).first().waitFor();
  await page.waitForTimeout(300);
  await page.keyboard.press("Enter");
  await page.locator(".view-line", { hasText: "async with asyncio.timeout(" }).waitFor();
  steps.check("a snippet with its tab stops", true);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+s");
}

async function cheatsheet() {
  await command("Loopwise: Show Cheatsheet");
  const query = view.locator("#query");
  await query.waitFor();
  await until("the cheatsheet is full", async () => /\d{3} cards for Python 3/.test(await view.locator("#count").innerText()));
  await query.click();
  await page.keyboard.type("queue.get");
  await until("the search finds the card first", async () => (await view.locator(".name").first().innerText()) === "asyncio.Queue.get");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await view.locator("details[open] .body").waitFor();
  steps.check("cards open by keyboard", true);
  await page.waitForTimeout(300);
  await picture("cheatsheet", { x: 0, y: 30, width: 800, height: 560 });
  await view.locator("details[open] [data-act=insert]").first().click();
  await until("a sample is inserted", async () => /queue.get\(\)|await .*get\(\)/.test(plain(await page.locator(".monaco-editor .view-lines").first().innerText())));
  await page.keyboard.press("Control+z");
  await query.fill("Task was destroyed but it is pending!");
  await until("a message is explained", async () => /Task was destroyed/.test(await view.locator("#results").innerText()));
  await query.fill("xyzzy");
  await until("what is not there is said", async () => /no card|Did you mean/.test(await view.locator("#results").innerText()));
  await query.fill("");
  await command("Loopwise: Follow the Cursor");
  const sleep = await boxOf("sleep");
  await page.mouse.click(sleep.x + 8, sleep.y + 8);
  await until("it follows the cursor", async () => (await view.locator("details.current .name").first().innerText()) === "asyncio.sleep");
  await command("Loopwise: Stop Following the Cursor");
}

async function lightTheme() {
  await command("Preferences: Toggle between Light/Dark Themes");
  await page.locator(".monaco-workbench.vs").waitFor();
  await page.waitForTimeout(500);
  if (process.env.ALL_PICTURES) await page.screenshot({ path: path.join(process.env.ALL_PICTURES, "light.png") });
  const { front, back } = await colours(view);
  steps.check("the view follows a light theme", front !== back && light(back) && !light(front), `${front} on ${back}`);
}

async function lifetime() {
  const before = pid();
  await command("Loopwise: Restart Server");
  await until("restarted", () => pid() !== "" && pid() !== before);
  await page.waitForTimeout(1500);
  const second = pid();
  process.kill(Number(second), "SIGKILL");
  await until("killed, it comes back", () => pid() !== "" && pid() !== second);
  await command("Loopwise: Show Logs");
  const log = page.locator(".part.panel .monaco-editor .view-lines");
  await log.waitFor();
  let seen = "";
  await until("the log says so", async () => (seen = plain(await log.innerText())) && /Loopwise \d/.test(seen) && /ended/.test(seen));
  if (process.env.ALL_PICTURES) await page.screenshot({ path: path.join(process.env.ALL_PICTURES, "logs.png") });
}

try {
  await page.goto(vscode.url, { waitUntil: "domcontentloaded" });
  await fromHoverToFix();
  await completions();
  await cheatsheet();
  await lifetime();
  await lightTheme();
} catch (error) {
  steps.check("script", false, String(error).slice(0, 900));
  await page.screenshot({ path: process.env.SHOT ?? path.join(out, "failure.png") }).catch(() => {});
} finally {
  await vscode.close();
}
steps.check("no server is left", await new Promise((done) => setTimeout(() => done(pid() === ""), 1500)));
process.exit(steps.end());

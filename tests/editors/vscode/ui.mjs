// node ui.mjs NAME LOOPWISE.vsix README_PICTURES: as a person would, in the packed extension.
import path from "node:path";
import { accessible, colours, light, overflowing } from "./look.mjs";
import { Person, plain } from "./person.mjs";
import { FILES } from "./sample.mjs";
import { open } from "./vscode.mjs";

const [name, vsix, readme] = process.argv.slice(2);
const vscode = await open({ vsix: [vsix], files: FILES, user: { "editor.fontSize": 14, "breadcrumbs.enabled": false } });
const person = new Person(name, vscode);
const { page, view, found } = person;
const shown = (picture, clip) => person.picture(picture, clip, path.join(readme, `${picture}.png`));
const current = view.locator("details.current > summary .name");
const explained = view.locator(".explained h2");
const suggested = (text) => page.locator(".suggest-widget .monaco-list-row", { hasText: text }).first();

async function opening() {
  await person.openFile("oven.py");
  await person.squiggle.first().waitFor();
  person.check("a squiggle", true);
  await page.locator('.statusbar-item[id="status.languageStatus"]').hover();
  const status = page.locator(".hover-language-status", { hasText: /Loopwise \d+\.\d+\.\d+/ }).first();
  await person.until("the status item says version and state", async () => /Python 3\.\d+/.test(await status.innerText()));
  await person.picture("status");
}

async function hovers() {
  const hover = page.locator(".monaco-hover:visible", { hasText: "asyncio.gather" });
  await pointAt("gather", hover);
  const text = plain(await hover.innerText());
  person.check("a hover with its card, once", text.split("def asyncio.gather").length === 2 && /await/.test(text), text);
  await page.waitForTimeout(300);
  await shown("hover", { x: 352, y: 30, width: 844, height: 410 });
  await hover.getByText("Cheatsheet").click();
  await current.filter({ hasText: "asyncio.gather" }).waitFor();
  person.check("its link opens the card in the cheatsheet", true);
  await person.bar("Explorer");
  const other = page.locator(".monaco-hover:visible", { hasText: "asyncio.timeout" });
  await pointAt("timeout", other);
  await other.getByText("Cheatsheet").click();
  await current.filter({ hasText: "asyncio.timeout" }).waitFor();
  person.check("so does another's, when the view was out of sight", true);
  await person.bar("Explorer");
}

/** Moves until the hover is there: on a busy machine the first one can be lost. */
async function pointAt(word, hover) {
  await person.until(`a hover over ${word}`, async () => {
    await page.mouse.move(1000, 640);
    const { x, y } = await person.boxOf(word);
    await page.mouse.move(x, y, { steps: 4 });
    return hover.waitFor({ timeout: 8000 }).then(() => true);
  });
}

async function fixes() {
  await page.mouse.move(1000, 640);
  const mended = page.locator(".view-line", { hasText: "await asyncio.sleep" });
  await choose("Await asyncio.sleep", mended, () => shown("quickfix", { x: 352, y: 30, width: 640, height: 400 }));
  await person.squiggle.waitFor({ state: "detached" });
  person.check("the fix is applied, and the squiggle gone", true);
  await page.keyboard.press("Control+z");
  await person.squiggle.first().waitFor();
  await choose("Explain", explained.filter({ hasText: "blocking-sleep" }));
  person.check("the menu explains the rule in the cheatsheet", true);
  await person.picture("rule");
  await person.bar("Explorer");
  await page.locator(".monaco-editor .view-line").first().click();
  await person.command("Loopwise: Fix All");
  await mended.waitFor();
  await page.keyboard.press("Control+s");
  await person.until("Fix All, saved to the disk", () => person.disk("oven.py").includes("await asyncio.sleep(0.2)"));
}

/** Takes a line of the menu of fixes, until what it does is there: on a busy machine keys can be lost. */
async function choose(text, effect, look = () => undefined) {
  const focused = page.locator(".action-widget .monaco-list-row.focused", { hasText: text });
  await person.until(`a menu with ${text}`, async () => {
    if (await effect.first().isVisible()) return true;
    await person.clickOn("sleep");
    await page.keyboard.press("Control+.");
    await page.locator(".action-widget .monaco-list-row", { hasText: text }).first().waitFor({ timeout: 8000 });
    await page.waitForTimeout(300);
    await look();
    for (let presses = 0; presses < 9 && !(await focused.isVisible()); presses++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    return effect.first().waitFor({ timeout: 8000 }).then(() => true);
  });
}

async function explanations() {
  await person.clickOn("gather");
  await person.command("Loopwise: Explain This");
  await current.filter({ hasText: "asyncio.gather" }).waitFor();
  person.check("Explain This: what is at the cursor", true);
  const asked = { "blocking-sleep": "blocking-sleep", "coroutine 'bake' was never awaited": "never awaited", "xyzzy plugh": "no card" };
  for (const [text, says] of Object.entries(asked)) {
    await person.command("Loopwise: Explain a Name");
    const box = page.locator(".quick-input-widget:visible input[placeholder*=gather]");
    await box.fill(text);
    await page.keyboard.press("Enter");
    await box.waitFor({ state: "hidden" });
    const seen = found.filter({ hasText: says }).or(view.locator("details.current", { hasText: says }));
    await person.until(`Explain: ${text}`, () => seen.first().isVisible());
    await person.picture(`explain-${says}`);
  }
  await person.bar("Explorer");
}

async function completions() {
  await person.openFile("loaf.py");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("await ");
  await suggested("slice_loaf").waitFor();
  await page.waitForTimeout(800);
  await shown("completion", { x: 352, y: 30, width: 640, height: 460 });
  const first = plain(await page.locator(".suggest-widget .monaco-list-row").first().innerText());
  person.check("`await ` offers the task at hand first", first.startsWith("task"), first);
  await page.keyboard.type("tas");
  await page.locator(".suggest-widget .monaco-list-row.focused", { hasText: "task" }).waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".view-line", { hasText: "await task" }).waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.type("timeout");
  await page.locator(".suggest-widget .monaco-list-row.focused", { hasText: "timeout" }).waitFor();
  await page.waitForTimeout(300);
  await person.picture("snippet");
  await page.keyboard.press("Enter");
  await page.locator(".view-line", { hasText: "async with asyncio.timeout(" }).waitFor();
  await page.keyboard.type("77");
  await person.until("a snippet with its tab stops", async () => (await person.text()).includes("asyncio.timeout(77"));
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+s");
}

async function cheatsheet() {
  await person.command("Loopwise: Show Cheatsheet");
  const query = view.locator("#query");
  await query.waitFor();
  await query.fill("");
  const count = view.locator("#count");
  await person.until("the cheatsheet is full", async () => /\d{3} cards for Python 3/.test(await count.innerText()));
  await person.picture("pages");
  person.check("axe finds nothing in the list", (await accessible(page)).length === 0, (await accessible(page)).join("\n"));
  await query.click();
  await page.keyboard.type("queue.get");
  await person.until("the search finds the card first", async () => (await view.locator(".name").first().innerText()) === "asyncio.Queue.get");
  person.check("the number of results is a live text", (await count.getAttribute("role")) === "status" && /cards?$/.test(await count.innerText()));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await view.locator("details[open] .body").waitFor();
  person.check("cards open by keyboard", true);
  await page.waitForTimeout(300);
  await shown("cheatsheet", { x: 0, y: 30, width: 800, height: 560 });
  await page.keyboard.press("/");
  person.check("`/` leads back to the search", await query.evaluate((field) => field === document.activeElement));
  await view.locator("details[open] [data-act=insert]").first().click();
  await person.until("a sample is inserted", async () => /await .*get\(\)/.test(await person.text()));
  await page.keyboard.press("Control+z");
  await query.fill("Task was destroyed but it is pending!");
  await person.until("a message is explained", async () => /Task was destroyed/.test(await found.innerText()));
  await query.fill("xyzzy");
  await person.until("what is not there is said", async () => /no card|Did you mean/.test(await found.innerText()));
  await query.fill("");
}

async function importing() {
  await person.bar("Explorer");
  await person.openFile("shelf.py");
  await page.keyboard.press("Control+End");
  await person.command("Loopwise: Show Cheatsheet");
  await view.locator("#query").fill("timeout");
  await view.locator(".name").first().filter({ hasText: /^Timeout/ }).waitFor();
  const card = await person.openCard();
  const names = await card.locator("[data-snippet]").evaluateAll((all) => all.map((one) => one.dataset.snippet));
  person.check("each snippet stands there once", names.length > 0 && new Set(names).size === names.length, names.join());
  await card.locator("[data-snippet] [data-act=insert]").first().click();
  await person.until("a snippet is inserted with its import", async () => /import asyncio[^]*async with asyncio.timeout\(/.test(await person.text()));
  await page.keyboard.type("77");
  await person.until("and with its tab stops", async () => (await person.text()).includes("asyncio.timeout(77"));
  await person.picture("inserted");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+s");
  await person.bar("Explorer");
  await person.openFile("loaf.py");
  await person.command("Loopwise: Show Cheatsheet");
  await view.locator("#query").fill("");
}

async function following() {
  await person.command("Loopwise: Follow the Cursor");
  await person.clickOn("sleep");
  await current.filter({ hasText: "asyncio.sleep" }).waitFor();
  const [card, head] = await Promise.all([view.locator("details.current").boundingBox(), view.locator("#search").boundingBox()]);
  person.check("it follows the cursor, and the card's name can be seen", card.y >= head.y + head.height - 1, JSON.stringify([card, head]));
  await person.picture("following");
  await person.command("Loopwise: Stop Following the Cursor");
}

async function narrow() {
  await view.locator("#query").fill("create_subprocess_exec");
  await view.locator(".name").first().filter({ hasText: "create_subprocess_exec" }).waitFor();
  await person.openCard();
  const sash = await page.locator(".part.sidebar").first().boundingBox();
  await page.mouse.move(sash.x + sash.width, 400);
  await page.mouse.down();
  await page.mouse.move(sash.x + 180, 400, { steps: 5 });
  await page.mouse.up();
  await person.until("the side bar is narrow", async () => (await page.locator(".part.sidebar").first().boundingBox()).width < 220);
  await person.picture("narrow");
  person.check("nothing is cut in a narrow side bar", (await overflowing(view)).length === 0, JSON.stringify(await overflowing(view)));
  await page.mouse.move(sash.x + 180, 400);
  await page.mouse.dblclick((await page.locator(".part.sidebar").first().boundingBox()).x + (await page.locator(".part.sidebar").first().boundingBox()).width, 400);
}

async function themes() {
  await view.locator("#query").fill("taskgroup");
  await view.locator(".name").first().filter({ hasText: /^asyncio.TaskGroup$/ }).waitFor();
  await person.openCard();
  const wanted = { "Default Dark Modern": "vs-dark", "Default Light Modern": "vs", "Default High Contrast": "hc-black", "Default High Contrast Light": "hc-light" };
  for (const [theme, mark] of Object.entries(wanted)) {
    vscode.set({ "workbench.colorTheme": theme });
    await page.locator(`.monaco-workbench.${mark}`).waitFor();
    const isLight = mark === "vs" || mark === "hc-light";
    await person.until(`the view follows: ${theme}`, async () => {
      const { front, back } = await colours(view);
      return light(back) === isLight && light(front) !== isLight;
    });
    await page.waitForTimeout(500);
    await person.picture(mark);
    const faults = await accessible(page);
    person.check(`axe finds nothing: ${theme}`, faults.length === 0, faults.join("\n"));
  }
}

async function map() {
  await person.bar("Explorer");
  await person.openFile("oven.py");
  await person.command("Loopwise: Show Concurrency Map");
  const row = (text) => page.locator(".customview-tree .monaco-list-row", { hasText: text }).first();
  await row("oven.main").waitFor();
  person.check("the map starts at the entry point", /run by oven/.test(plain(await row("oven.main").innerText())));
  await person.picture("map");
  await row("gathers").click();
  await person.until("a click goes to the line", async () => /Ln 13,/.test(await page.locator(".statusbar").innerText()));
}

async function lifetime() {
  await person.bar("Explorer");
  await person.openFile("oven.py");
  await page.keyboard.press("Control+z");
  await person.squiggle.first().waitFor();
  const before = person.pid();
  await person.command("Loopwise: Restart Server");
  const second = await person.until("restarted", () => person.pid() !== before && person.pid());
  await person.command("Loopwise: Show Logs");
  const log = page.locator(".part.panel .monaco-editor .view-lines");
  await log.waitFor();
  const says = async (text) => text.test(plain(await log.innerText()));
  await person.until("the log says so", () => says(/Loopwise \d/));
  await person.squiggle.first().waitFor();
  process.kill(second, "SIGKILL");
  await person.until("killed, it comes back", () => person.pid() && person.pid() !== second);
  await person.until("and the log says why", () => says(/The server exited; restarting it[^]*Loopwise \d/));
  await person.squiggle.first().waitFor();
  person.check("and looks at the file", true);
  await person.picture("logs");
}

process.exit(await person.run(opening, hovers, fixes, explanations, completions, cheatsheet, importing, following, narrow, themes, map, lifetime));

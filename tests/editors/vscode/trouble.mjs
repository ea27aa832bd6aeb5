// node trouble.mjs LOOPWISE.vsix OLD_PYTHON PYTHON: what is said when no server can run, and that it runs once mended.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { FILES } from "./sample.mjs";
import { colours, light, open, Steps } from "./vscode.mjs";

const [vsix, old, python] = process.argv.slice(2);
const steps = new Steps();
const cases = {
  "a broken interpreter setting": { machine: ["/no/such/python"], says: "cannot run the Python of the setting loopwise.interpreter, /no/such/python: there is no such program." },
  "a Python that is too old": { machine: [path.resolve(old)], says: "needs Python 3.10 to 3.14." },
  "no Python on the path": { machine: undefined, says: "needs Python 3.10 or newer, and there is none on the path." },
};

for (const [name, { machine, says }] of Object.entries(cases)) {
  const vscode = await open({
    vsix: [vsix],
    files: FILES,
    user: { "workbench.colorTheme": "Default High Contrast" },
    machine: machine ? { "loopwise.interpreter": machine } : {},
    env: machine ? {} : { PATH: path.resolve("no-such-folder") },
  });
  const { page } = vscode;
  try {
    await page.goto(vscode.url, { waitUntil: "domcontentloaded" });
    await page.locator(".explorer-folders-view .monaco-list-row", { hasText: "oven.py" }).first().dblclick();
    const toast = page.locator(".notification-toast", { hasText: says }).first();
    await toast.waitFor();
    const buttons = await toast.locator(".monaco-button").allInnerTexts();
    steps.check(`${name}: the message, with remedies`, ["Open Setting", "Try Again", "Show Logs"].every((text) => buttons.includes(text)), buttons.join());
    if (process.env.ALL_PICTURES) await page.screenshot({ path: path.join(process.env.ALL_PICTURES, `${name.replaceAll(" ", "-")}.png`) });
    writeFileSync(vscode.machine, JSON.stringify({ "loopwise.interpreter": [path.resolve(python)] }));
    await page.locator(".monaco-editor .squiggly-warning").first().waitFor();
    steps.check(`${name}: mended, it runs without a reload`, true);
    if (name === "a Python that is too old") await highContrast(page);
  } catch (error) {
    steps.check(name, false, String(error).slice(0, 600));
    await page.screenshot({ path: process.env.SHOT ?? "failure.png" }).catch(() => {});
  } finally {
    await vscode.close();
  }
}

async function highContrast(page) {
  await page.locator(".activitybar [aria-label^=Asyncio]").first().click();
  const view = page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
  await view.locator(".page").nth(1).click();
  await view.locator(".page[open] > details").first().click();
  await page.waitForTimeout(500);
  if (process.env.ALL_PICTURES) await page.screenshot({ path: path.join(process.env.ALL_PICTURES, "high-contrast.png") });
  const { front, back } = await colours(view);
  steps.check("the view follows a high contrast theme", light(front) && !light(back), `${front} on ${back}`);
}

process.exit(steps.end());

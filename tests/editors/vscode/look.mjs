// What can be measured of how the cheatsheet view looks.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const client = createRequire(new URL("../../../vscode-client/package.json", import.meta.url));
const AXE = readFileSync(client.resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds wrong in the view, a line for each element. */
export async function accessible(page) {
  for (const frame of page.frames()) {
    if ((await frame.locator("#query").count().catch(() => 0)) > 0) {
      await frame.evaluate(AXE);
      // The page is transparent: what is behind it is VS Code's.
      await frame.evaluate('document.documentElement.style.background = "var(--vscode-sideBar-background)"');
      const { violations, passes } = await frame.evaluate("axe.run(document)");
      if (passes.length < 10) return [`axe looked at little: ${passes.length} rules`];
      return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`));
    }
  }
  return ["there is no view"];
}

/** Elements that stand out of the view, but for those that scroll. */
export function overflowing(view) {
  return view.locator("html").evaluate((html) =>
    [...html.querySelectorAll("body *")]
      .filter((one) => !one.parentElement.closest("pre") && one.checkVisibility() && one.getBoundingClientRect().right > html.clientWidth + 1)
      .map((one) => one.outerHTML.slice(0, 100)));
}

/** Of the search field of the cheatsheet view. */
export function colours(view) {
  return view.locator("#query").evaluate((field) => {
    const { color: front, backgroundColor: back } = getComputedStyle(field);
    return { front, back };
  });
}

export function light(colour) {
  return colour.match(/\d+/g).slice(0, 3).every((part) => Number(part) > 127);
}

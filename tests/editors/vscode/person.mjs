// What a person does in the window, and how it went.
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";

export const plain = (text) => text.replaceAll("\u00a0", " ");

export class Person {
  start = Date.now();
  passed = 0;
  failed = 0;

  /** `name` is the session's; LOOPWISE_PICTURES gets a picture of a failure, and all others too with ALL_PICTURES. */
  constructor(name, vscode) {
    Object.assign(this, { name, page: vscode.page, vscode });
    this.pictures = process.env.LOOPWISE_PICTURES ?? ".";
    this.view = this.page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
    this.found = this.view.locator("#results");
    this.squiggle = this.page.locator(".monaco-editor .squiggly-warning");
  }

  check(name, ok, extra = "") {
    ok ? this.passed++ : this.failed++;
    console.log(`${ok ? "ok  " : "FAIL"} ${name} (${Date.now() - this.start} ms) ${ok ? "" : extra}`);
  }

  /** Waits until `find` gives something true, and counts that as a check. */
  async until(name, find, ms = 60_000) {
    const end = Date.now() + ms;
    let value, last;
    do {
      try { value = await find(); } catch (error) { last = error; }
      if (!value) await this.page.waitForTimeout(100);
    } while (!value && Date.now() < end);
    this.check(name, Boolean(value), last ?? "");
    if (!value) throw new Error(`waited in vain: ${name}`);
    return value;
  }

  /** Runs the steps in their order; the exit code.  A step that throws is pictured and ends the session. */
  async run(...steps) {
    let left;
    const late = setTimeout(() => void this.page.close().catch(() => {}), 560_000);
    try {
      for (const step of steps) await step(this);
    } catch (error) {
      this.check("session", false, String(error.stack ?? error).slice(0, 1500));
      await this.picture("failure");
      await this.command("Notifications: Show Notifications").catch(() => {});
      for (const said of await this.page.locator(".notification-list-item-message").allInnerTexts().catch(() => [])) console.log(`said: ${said}`);
      console.log(`a picture of it: ${path.resolve(this.pictures, `${this.name}-failure.png`)}`);
    } finally {
      clearTimeout(late);
      left = await this.vscode.close();
    }
    this.check("no process is left", left.length === 0, left.join("\n"));
    console.log(`${this.name}: ${this.passed} passed, ${this.failed} failed`);
    return this.failed || !this.passed ? 1 : 0;
  }

  async picture(name, clip, to = path.join(this.pictures, `${this.name}-${name}.png`)) {
    if (name !== "failure" && to.startsWith(this.pictures) && !process.env.ALL_PICTURES) return;
    mkdirSync(path.dirname(to), { recursive: true });
    await this.page.screenshot({ path: to, clip }).catch((error) => { console.log(`no picture: ${error}`); });
  }

  /** Runs a command by its title; on a busy machine a key can be lost, then it is pressed again. */
  async command(text) {
    const box = this.page.locator(".quick-input-widget:visible .quick-input-box input").first();
    const row = this.page.locator(".quick-input-widget:visible .monaco-list-row", { hasText: text }).first();
    for (let tries = 1; ; tries++) {
      try {
        await this.page.keyboard.press("F1");
        await box.fill(`>${text}`, { timeout: 8000 });
        await row.waitFor({ timeout: 8000 });
        break;
      } catch (error) {
        if (tries === 5) throw error;
        await this.page.keyboard.press("Escape");
      }
    }
    await this.page.keyboard.press("Enter");
    await row.waitFor({ state: "hidden" });
  }

  /** Opens it by the explorer; what a newer VS Code shows above all else goes first. */
  async openFile(name) {
    const above = this.page.locator(".monaco-modal-editor-block .codicon-close:visible");
    if ((await above.count()) > 0) await above.first().click();
    await this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).first().dblclick();
    await this.page.locator(".tab.active", { hasText: name }).waitFor();
    await this.page.locator(".monaco-editor .view-line").first().click();
  }

  async bar(name) {
    await this.page.locator(`.activitybar [aria-label^=${name}]`).first().click();
  }

  /** The place of a word of the text, in the last line that has it. */
  async boxOf(word) {
    await this.page.locator(".monaco-editor .view-line", { hasText: word }).last().waitFor();
    return this.page.evaluate((wanted) => {
      const lines = [...document.querySelectorAll(".monaco-editor .view-line")].filter((line) => line.textContent.includes(wanted));
      const walker = document.createTreeWalker(lines.at(-1), NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.data.indexOf(wanted);
        if (at >= 0) {
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + wanted.length);
          const { x, y } = range.getBoundingClientRect();
          return { x: x + 8, y: y + 8 };
        }
      }
      throw new Error(`no ${wanted} in one piece`);
    }, word);
  }

  /** Opens the first card of the cheatsheet, unless it is open. */
  async openCard() {
    const card = this.view.locator("#results > details").first();
    if ((await card.getAttribute("open")) === null) await card.locator("summary").click();
    await card.locator(".body").waitFor();
    return card;
  }

  async clickOn(word) {
    const { x, y } = await this.boxOf(word);
    await this.page.mouse.click(x, y);
  }

  async text() {
    return plain(await this.page.locator(".editor-instance .monaco-editor .view-lines").first().innerText());
  }

  disk(name) {
    return readFileSync(path.join(this.vscode.workspace, name), "utf8");
  }

  /** The process of the language server. */
  pid() {
    return this.vscode.running("launch.py")[0]?.pid;
  }

  /** A message in the corner, with the texts of its buttons. */
  async toast(text) {
    const toast = this.page.locator(".notification-toast", { hasText: text }).first();
    await toast.waitFor();
    const buttons = await toast.locator(".monaco-button").allInnerTexts();
    return { buttons, press: (name) => toast.locator(".monaco-button", { hasText: name }).first().click() };
  }
}

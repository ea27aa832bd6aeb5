// node trouble.mjs NAME LOOPWISE.vsix OLD_PYTHON PYTHON: what is said when no server can run, and that it runs once mended;
// before that, that a folder which is not trusted cannot choose a program.  All in one window, without a reload.
import { chmodSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Person } from "./person.mjs";
import { FILES } from "./sample.mjs";
import { open } from "./vscode.mjs";

const [name, vsix, old, python] = process.argv.slice(2);
const bin = mkdtempSync(path.join(os.tmpdir(), "loopwise-bin-"));
const onPath = path.join(bin, "python3");
const marker = path.join(bin, "was-run");
const tempting = path.join(bin, "tempting");
symlinkSync(python, onPath);
writeFileSync(tempting, `#!/bin/sh\n: > "${marker}"\nexec "${python}" "$@"\n`);
chmodSync(tempting, 0o755);

const settings = JSON.stringify({ "loopwise.interpreter": [tempting], "loopwise.importStrategy": "fromEnvironment" });
const files = { ...FILES, ".vscode/settings.json": settings };
const vscode = await open({ vsix: [vsix], files, env: { PATH: bin }, trusted: false });
const person = new Person(name, vscode);
const { page, squiggle } = person;

async function untrusted() {
  await person.openFile("oven.py");
  await squiggle.first().waitFor();
  person.check("not trusted: it runs, on the Python of the path", person.pid() !== undefined);
  await person.picture("untrusted");
  person.check("not trusted: the folder's program was not run", !existsSync(marker));
  await person.command("Workspaces: Manage Workspace Trust");
  await page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ }).first().click();
  await person.until("trusted: the folder's program is taken", () => existsSync(marker));
  await person.openFile("oven.py");
  await squiggle.first().waitFor();
  const before = person.pid();
  vscode.set({});
  await person.until("its setting taken back, it starts anew", () => person.pid() && person.pid() !== before);
}

/** It breaks, says so with remedies, and after `mend` it runs. */
async function trouble(what, says, breaks, mend) {
  const before = await person.until(`${what}: it runs before`, async () => (await squiggle.first().isVisible()) && person.pid());
  breaks();
  const toast = await person.toast(says);
  const wanted = ["Open Setting", "Try Again", "Show Logs"];
  person.check(`${what}: the message, with remedies`, wanted.every((text) => toast.buttons.includes(text)), toast.buttons.join());
  await person.picture(what.replaceAll(" ", "-"));
  await mend(toast);
  await squiggle.first().waitFor();
  person.check(`${what}: mended, it runs without a reload`, person.pid() !== before);
  await person.command("Notifications: Clear All Notifications");
}

async function noPython() {
  await trouble(
    "no Python on the path",
    "needs Python 3.10 or newer, and none is on the PATH.",
    () => { rmSync(onPath); void person.command("Loopwise: Restart Server"); },
    async ({ press }) => { symlinkSync(python, onPath); await press("Try Again"); },
  );
}

async function brokenSetting() {
  await trouble(
    "a broken interpreter setting",
    "cannot run /no/such/python, the interpreter in the setting loopwise.interpreter: there is no such program.",
    () => { vscode.setForMachine({ "loopwise.interpreter": ["/no/such/python"] }); },
    async ({ press }) => {
      await press("Open Setting");
      await page.locator(".settings-editor .setting-item", { hasText: "Interpreter" }).first().waitFor();
      person.check("the setting is shown", true);
      await person.picture("setting");
      await person.openFile("oven.py");
      vscode.setForMachine({});
    },
  );
}

async function tooOld() {
  await trouble(
    "a Python that is too old",
    "needs Python 3.10 to 3.14.",
    () => { vscode.setForMachine({ "loopwise.interpreter": [path.resolve(old)] }); },
    () => { vscode.setForMachine({ "loopwise.interpreter": [python] }); },
  );
}

const code = await person.run(untrusted, noPython, brokenSetting, tooOld);
rmSync(bin, { recursive: true, maxRetries: 5, retryDelay: 200 });
process.exit(code);

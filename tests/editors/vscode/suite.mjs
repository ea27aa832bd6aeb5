// node suite.mjs NAME LOOPWISE.vsix FAKE_PYTHON.vsix SUITE.vsix PYTHON: the suite inside VS Code's extension host.
// PYTHON has jedi-language-server.  The session gets a virtual environment of its own, in which it installs things.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Person } from "./person.mjs";
import { FILES } from "./sample.mjs";
import { open } from "./vscode.mjs";

const [name, loopwise, fake, suite, python] = process.argv.slice(2);
const folder = mkdtempSync(path.join(os.tmpdir(), "loopwise-suite-"));
const results = path.join(folder, "results.json");
const environment = path.join(folder, "environment");
const inIt = path.join(environment, "bin/python");
const packages = (of) => execFileSync(of, ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], { encoding: "utf8" }).trim();
execFileSync(python, ["-m", "venv", "--without-pip", environment]);
writeFileSync(path.join(packages(inIt), "jedi.pth"), packages(python));
const vscode = await open({
  vsix: [loopwise, fake, suite],
  files: FILES,
  env: { FAKE_PYTHON: inIt, SUITE_RESULTS: results },
});
const person = new Person(name, vscode);

async function done() {
  let told = 0;
  const said = () => {
    try { return JSON.parse(readFileSync(results, "utf8")); } catch { return { results: [] }; }
  };
  for (const end = Date.now() + 480_000; Date.now() < end && !said().done; await person.page.waitForTimeout(100)) {
    for (const one of said().results.slice(told)) {
      person.check(one.name, one.ok, one.error);
      told++;
    }
  }
  for (const one of said().results.slice(told)) person.check(one.name, one.ok, one.error);
  console.log(`inside VS Code ${said().vscode}`);
  if (!said().done) throw new Error("the suite did not end");
}

const code = await person.run(done);
rmSync(folder, { recursive: true, maxRetries: 5, retryDelay: 200 });
process.exit(code);

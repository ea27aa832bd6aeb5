// node suite.mjs EXTENSION_FOLDER FAKE_PYTHON.vsix PYTHON: runs suite/index.cjs inside VS Code's extension host.
import { readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { FILES } from "./sample.mjs";
import { open } from "./vscode.mjs";

const [extension, fake, python] = process.argv.slice(2);
const results = path.join(os.tmpdir(), `loopwise-suite-${process.pid}.json`);
const vscode = await open({
  vsix: [fake],
  files: FILES,
  env: { FAKE_PYTHON: path.resolve(python), SUITE_RESULTS: results },
  payload: (remote) => [
    ["extensionDevelopmentPath", remote(extension)],
    ["extensionTestsPath", remote(path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "suite/index.cjs"))],
  ],
});
let code = "timed out";
try {
  let exit;
  const done = new Promise((ok) => (exit = ok));
  await vscode.page.exposeFunction("codeAutomationExit", (given) => exit(given));
  await vscode.page.exposeFunction("codeAutomationLog", (type, args) => {
    if (process.env.TRACE) console.log("  [host]", type, ...(args ?? []));
  });
  await vscode.page.goto(vscode.url, { waitUntil: "domcontentloaded" });
  code = await Promise.race([done, new Promise((late) => setTimeout(late, 150_000, "timed out"))]);
} finally {
  if (code !== 0 && process.env.SHOT) await vscode.page.screenshot({ path: process.env.SHOT }).catch(() => {});
  await vscode.close();
}
const said = JSON.parse(readFileSync(results, "utf8"));
rmSync(results);
console.log(`VS Code ${said.vscode}, extension host exit code ${code}`);
for (const one of said.results) console.log(`${one.ok ? "ok  " : "FAIL"} ${one.name} (${one.ms} ms) ${one.error ?? ""}`);
const bad = said.results.filter((one) => !one.ok).length;
console.log(`${said.results.length - bad} passed, ${bad} failed`);
process.exit(code === 0 && bad === 0 ? 0 : 1);

// Runs inside VS Code's extension host, with the real `vscode` API.
const fs = require("node:fs");
const vscode = require("vscode");
const { until } = require("./until.cjs");

exports.run = async function run() {
  const results = [];
  const test = async (name, body) => {
    const start = Date.now();
    let error;
    try { await body(); } catch (thrown) { error = String(thrown.stack ?? thrown); }
    results.push({ name, ok: error === undefined, ms: Date.now() - start, error });
    fs.writeFileSync(process.env.SUITE_RESULTS, JSON.stringify({ vscode: vscode.version, results }));
  };
  const loopwise = vscode.extensions.getExtension("loopwise.loopwise");
  const api = await loopwise.activate();
  await until("the server runs", () => api.state() === "running");
  for (const part of ["features", "notebook", "lifetime"]) {
    await require(`./${part}.cjs`).tests(test, api);
  }
  const bad = results.filter((one) => !one.ok);
  if (bad.length) throw new Error(bad.map((one) => `${one.name}: ${one.error}`).join("\n"));
};

// Runs inside VS Code's extension host, with the real `vscode` API; SUITE_RESULTS is the file for what came out.
const fs = require("node:fs");
const vscode = require("vscode");
const { until } = require("./until.cjs");

exports.activate = () => {
  void run();
};

async function run() {
  const results = [];
  const tell = (done) => fs.writeFileSync(process.env.SUITE_RESULTS, JSON.stringify({ vscode: vscode.version, results, done }));
  const test = async (name, body) => {
    const start = Date.now();
    let error;
    try { await body(); } catch (thrown) { error = String(thrown.stack ?? thrown); }
    results.push({ name, ok: error === undefined, ms: Date.now() - start, error });
    tell(false);
  };
  await test("the suite", async () => {
    const loopwise = vscode.extensions.getExtension("loopwise.loopwise");
    const api = await loopwise.activate();
    await until("the server runs", () => api.state() === "running");
    for (const part of ["features", "beside", "notebook", "trouble", "lifetime"]) {
      await require(`./${part}.cjs`).tests(test, api);
    }
  });
  tell(true);
}

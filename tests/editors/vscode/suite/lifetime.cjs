const assert = require("node:assert/strict");
const vscode = require("vscode");
const { hoversAt, inFolder, run, until } = require("./until.cjs");

exports.tests = async function tests(test, api) {
  const document = await vscode.workspace.openTextDocument(inFolder("oven.py"));
  const works = () => until("a hover of ours", async () => (await hoversAt(document, "asyncio.gath")).some((hover) => hover.includes("loopwise.showCheatsheet")));
  const runsOtherThan = (before) => api.state() === "running" && api.pid() !== undefined && api.pid() !== before;
  const another = (before) => until("another process", () => runsOtherThan(before));

  await test("Restart Server, twice at once", async () => {
    const before = api.pid();
    await Promise.all([run("loopwise.restart"), run("loopwise.restart")]);
    await another(before);
    await works();
  });
  await test("a killed server comes back", async () => {
    const before = api.pid();
    process.kill(before, "SIGKILL");
    await another(before);
    await works();
  });
  await test("one that goes on dying stays away, until a person wants it", async () => {
    for (let kills = 0; api.state() !== "failed"; kills++) {
      assert.ok(kills < 6, "it came back too often");
      const before = api.pid();
      process.kill(before, "SIGKILL");
      await until("what comes of it", () => api.state() === "failed" || runsOtherThan(before));
    }
    assert.match(api.detail(), /exited five times/);
    await run("loopwise.restart");
    assert.equal(api.state(), "running");
    await works();
  });
  await test("the Python extension's choice is followed", async () => {
    const double = await vscode.extensions.getExtension("ms-python.python").activate();
    const settled = (wanted) => until(wanted, () => api.state() === "running" && api.command()[0] === wanted);
    await settled(process.env.FAKE_PYTHON);
    double.choose(inFolder("no-such-python").fsPath);
    await until("another was taken", () => api.state() === "running" && api.command()[0] !== process.env.FAKE_PYTHON);
    double.choose(process.env.FAKE_PYTHON);
    await settled(process.env.FAKE_PYTHON);
  });
};

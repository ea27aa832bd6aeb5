const assert = require("node:assert/strict");
const vscode = require("vscode");
const { behind, inFolder, texts, until } = require("./until.cjs");

exports.tests = async function tests(test, api) {
  const hovers = async () => {
    const document = await vscode.workspace.openTextDocument(inFolder("oven.py"));
    return texts(await vscode.commands.executeCommand("vscode.executeHoverProvider", document.uri, behind(document, "asyncio.gath")));
  };
  await test("Restart Server, twice at once", async () => {
    const before = api.pid();
    await Promise.all([vscode.commands.executeCommand("loopwise.restart"), vscode.commands.executeCommand("loopwise.restart")]);
    await until("another process", () => api.state() === "running" && api.pid() !== before);
    assert.match(await hovers(), /gather/);
  });
  await test("a killed server comes back", async () => {
    const before = api.pid();
    process.kill(before, "SIGKILL");
    await until("another process", () => api.state() === "running" && api.pid() !== undefined && api.pid() !== before);
    assert.match(await hovers(), /gather/);
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
  await test("a broken setting fails, and what is mended runs without a reload", async () => {
    const settings = vscode.workspace.getConfiguration("loopwise");
    await settings.update("interpreter", ["no-such-python"], vscode.ConfigurationTarget.Workspace);
    await until("it failed", () => api.state() === "failed");
    await vscode.commands.executeCommand("loopwise.restart");
    assert.equal(api.state(), "failed");
    await settings.update("interpreter", undefined, vscode.ConfigurationTarget.Workspace);
    await until("it runs", () => api.state() === "running");
    assert.match(await hovers(), /gather/);
  });
  await test("importStrategy fromEnvironment, without a loopwise there, takes the bundled one", async () => {
    const settings = vscode.workspace.getConfiguration("loopwise");
    await settings.update("importStrategy", "fromEnvironment", vscode.ConfigurationTarget.Workspace);
    const before = api.pid();
    await until("it runs anew", () => api.state() === "running" && api.pid() !== before);
    assert.match(await hovers(), /gather/);
    await settings.update("importStrategy", undefined, vscode.ConfigurationTarget.Workspace);
  });
};

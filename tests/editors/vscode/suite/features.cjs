const assert = require("node:assert/strict");
const fs = require("node:fs");
const vscode = require("vscode");
const { behind, found, hoversAt, inFolder, offered, run, set, until } = require("./until.cjs");

exports.tests = async function tests(test, api) {
  const uri = inFolder("oven.py");
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  const actions = (at) => run("vscode.executeCodeActionProvider", uri, new vscode.Range(at, at), "quickfix", 5);

  await test("a finding is underlined once", async () => {
    await until("diagnostics", () => found(uri).length > 0);
    assert.deepEqual(found(uri), ["blocking-sleep"]);
  });
  await test("a variable's hover leads to its class", async () => {
    assert.match((await hoversAt(document, "await order")).join("\n"), /showCheatsheet\?%5B%22asyncio.Queue%22%5D/);
  });
  await test("completion behind `await `", async () => {
    const loaf = await vscode.workspace.openTextDocument(inFolder("loaf.py"));
    const other = await vscode.window.showTextDocument(loaf);
    await other.edit((edit) => edit.insert(loaf.positionAt(loaf.getText().length), "await "));
    const labels = await until("items", async () => {
      const labels = await offered(loaf, loaf.getText(), " ");
      return labels.length > 0 && labels;
    });
    assert.ok(labels.includes("task") && labels.includes("slice_loaf"), labels.join());
    await run("workbench.action.files.revert");
  });
  await test("signature help", async () => {
    const help = await run("vscode.executeSignatureHelpProvider", uri, behind(document, "asyncio.timeout("), "(");
    assert.ok(help.signatures.length > 0);
  });
  await test("a quick fix", async () => {
    const offers = await actions(behind(document, "time.sle"));
    assert.ok(offers.some((action) => action.edit && /asyncio.sleep/.test(action.title)), offers.map((a) => a.title).join());
    const explain = offers.find((action) => action.title.startsWith("Explain"));
    const ours = offers.filter((action) => action.title.includes("(Loopwise)"));
    assert.ok(ours.length > 1 && !ours.some((action) => action.title.includes("`")), offers.map((a) => a.title).join());
    await run(explain.command.command, ...explain.command.arguments); // opens the view
  });
  await test("Fix All", async () => {
    const text = document.getText();
    await vscode.window.showTextDocument(document);
    await run("loopwise.fixAll");
    assert.match(document.getText(), /await asyncio.sleep\(0.2\)/);
    await until("nothing is underlined", () => found(uri).length === 0);
    const back = new vscode.WorkspaceEdit();
    back.replace(uri, new vscode.Range(0, 0, document.lineCount, 0), text);
    await vscode.workspace.applyEdit(back);
    await until("underlined again", () => found(uri).length === 1);
    assert.ok((await actions(behind(document, "time.sle"))).length > 0, "a fix, as soon as it is underlined");
    await run("loopwise.fixAll");
    await document.save();
  });
  await test("what another program writes reaches the server", async () => {
    const text = document.getText().replace("await asyncio.sleep(0.2)", "time.sleep(0.3)");
    fs.writeFileSync(uri.fsPath, /^import time$/m.test(text) ? text : text.replace("import asyncio\n", "import asyncio\nimport time\n"));
    await until("underlined again", () => found(uri).includes("blocking-sleep"));
  });
  await test("the status says which Python is assumed where the project says none", async () => {
    await until("nothing assumed", () => /^Python 3\.\d+(\.\d+)?$/.test(api.says() ?? ""));
    const project = await vscode.workspace.openTextDocument(inFolder("pyproject.toml"));
    const text = project.getText();
    const written = async (now) => {
      const edit = new vscode.WorkspaceEdit();
      edit.replace(project.uri, new vscode.Range(0, 0, project.lineCount, 0), now);
      await vscode.workspace.applyEdit(edit);
      await project.save();
    };
    await written(text.replace(/^requires-python.*\n/m, ""));
    await until("the assumed one", () => /^Python 3.*; assumes your code is for Python 3\.\d+: set target-version/.test(api.says() ?? ""));
    await written(text);
    await until("nothing assumed again", () => !/assumes/.test(api.says() ?? ""));
  });
  await test("a setting reaches the server, and a default does not", async () => {
    await set({ ignore: ["blocking-sleep"] }, uri);
    await until("ignored", () => found(uri).length === 0);
    await set({ ignore: undefined }, uri);
    await until("found again", () => found(uri).length > 0);
    const project = inFolder("pyproject.toml").fsPath;
    const text = fs.readFileSync(project, "utf8");
    fs.writeFileSync(project, `${text}[tool.loopwise]\nignore = ["blocking-sleep"]\n`);
    await until("ignored by the project", () => found(uri).length === 0);
    fs.writeFileSync(project, text);
    await until("found once more", () => found(uri).length > 0);
  });
  await test("debug information", async () => {
    await run("loopwise.reportDebugInformation");
    const report = await until("the report", () => vscode.window.activeTextEditor?.document);
    assert.match(report.getText(), /Server: \d+\.\d+\.\d+, running: Python 3/);
    await run("workbench.action.revertAndCloseActiveEditor");
  });
};

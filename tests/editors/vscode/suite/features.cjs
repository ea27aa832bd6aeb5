const assert = require("node:assert/strict");
const vscode = require("vscode");
const { behind, found, inFolder, texts, until } = require("./until.cjs");

const run = (command, ...args) => vscode.commands.executeCommand(command, ...args);

exports.tests = async function tests(test) {
  const uri = inFolder("oven.py");
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);

  await test("a finding is underlined once", async () => {
    await until("diagnostics", () => found(uri).length > 0);
    assert.deepEqual(found(uri), ["blocking-sleep"]);
  });
  await test("a hover shows the card, and leads to the cheatsheet", async () => {
    const text = texts(await run("vscode.executeHoverProvider", uri, behind(document, "asyncio.gath")));
    assert.equal(text.split("**`asyncio.gather`**").length, 2);
    assert.match(text, /\(name\) gather/); // the other server's
    assert.match(text, /\[Cheatsheet\]\(command:loopwise.showCheatsheet\?%5B%22asyncio.gather%22%5D/);
  });
  await test("a variable's hover leads to its class", async () => {
    const text = texts(await run("vscode.executeHoverProvider", uri, behind(document, "await order")));
    assert.match(text, /showCheatsheet\?%5B%22asyncio.Queue%22%5D/);
  });
  await test("what is not asyncio's has no hover of ours", async () => {
    assert.equal(texts(await run("vscode.executeHoverProvider", uri, behind(document, "    prin"))), "(name) print");
  });
  await test("completion behind `await `", async () => {
    const loaf = await vscode.workspace.openTextDocument(inFolder("loaf.py"));
    const other = await vscode.window.showTextDocument(loaf);
    await other.edit((edit) => edit.insert(loaf.positionAt(loaf.getText().length), "await "));
    const list = await until("items", async () => {
      const got = await run("vscode.executeCompletionItemProvider", loaf.uri, loaf.positionAt(loaf.getText().length), " ");
      return got.items.length > 0 && got;
    });
    const labels = list.items.map((item) => item.label.label ?? item.label);
    assert.ok(labels.includes("task") && labels.includes("slice_loaf"), labels.join());
    await run("workbench.action.files.revert");
  });
  await test("signature help", async () => {
    const help = await run("vscode.executeSignatureHelpProvider", uri, behind(document, "asyncio.timeout("), "(");
    assert.ok(help.signatures.length > 0);
  });
  await test("a quick fix", async () => {
    const at = behind(document, "time.sle");
    const actions = await run("vscode.executeCodeActionProvider", uri, new vscode.Range(at, at), "quickfix", 5);
    assert.ok(actions.some((action) => action.edit && /asyncio.sleep/.test(action.title)), actions.map((a) => a.title).join());
    const explain = actions.find((action) => action.title.startsWith("Explain"));
    await run(explain.command.command, ...explain.command.arguments); // opens the view
  });
  await test("Fix All", async () => {
    await vscode.window.showTextDocument(document);
    await run("loopwise.fixAll");
    assert.match(document.getText(), /await asyncio.sleep\(0.2\)/);
    await until("nothing is underlined", () => found(uri).length === 0);
    await document.save();
  });
  await test("what another program writes reaches the server", async () => {
    const text = document.getText().replace("await asyncio.sleep(0.2)", "time.sleep(0.3)").replace("import asyncio\n", "import asyncio\nimport time\n");
    require("node:fs").writeFileSync(uri.fsPath, text);
    await until("underlined again", () => found(uri).includes("blocking-sleep"));
  });
  await test("a setting reaches the server, and a default does not", async () => {
    const settings = vscode.workspace.getConfiguration("loopwise", uri);
    await settings.update("ignore", ["blocking-sleep"], vscode.ConfigurationTarget.Workspace);
    await until("ignored", () => found(uri).length === 0);
    await settings.update("ignore", undefined, vscode.ConfigurationTarget.Workspace);
    await until("found again", () => found(uri).length > 0);
    const project = inFolder("pyproject.toml");
    const text = require("node:fs").readFileSync(project.fsPath, "utf8");
    require("node:fs").writeFileSync(project.fsPath, `${text}[tool.loopwise]\nignore = ["blocking-sleep"]\n`);
    await until("ignored by the project", () => found(uri).length === 0);
    require("node:fs").writeFileSync(project.fsPath, text);
    await until("found once more", () => found(uri).length > 0);
  });
  await test("Explain This, the cheatsheet, debug information", async () => {
    const at = behind(document, "asyncio.gath");
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
    await run("loopwise.explainThis");
    await run("loopwise.showCheatsheet", "asyncio.timeout");
    await run("loopwise.reportDebugInformation");
    const report = await until("the report", () => vscode.window.activeTextEditor?.document);
    assert.match(report.getText(), /Server: \d+\.\d+\.\d+, running: Python 3/);
    await run("workbench.action.revertAndCloseActiveEditor");
  });
};

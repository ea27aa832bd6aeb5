const assert = require("node:assert/strict");
const vscode = require("vscode");
const { behind, found, texts, until } = require("./until.cjs");

exports.tests = async function tests(test) {
  await test("cells of a notebook: hover, await at the top, asyncio.run is found", async () => {
    const cell = (text) => new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, "python");
    const data = new vscode.NotebookData([cell("import asyncio\n\nawait asyncio.sleep(0)\n"), cell("import asyncio\n\nasync def main():\n    await asyncio.sleep(0)\n\nasyncio.run(main())\n")]);
    const notebook = await vscode.workspace.openNotebookDocument("jupyter-notebook", data);
    await vscode.window.showNotebookDocument(notebook);
    const [first, second] = notebook.getCells().map((one) => one.document);
    const hover = await until("hover", async () => {
      const text = texts(await vscode.commands.executeCommand("vscode.executeHoverProvider", first.uri, behind(first, "asyncio.sle")));
      return text && text;
    });
    assert.match(hover, /`asyncio.sleep`/);
    await until("asyncio.run is found", () => found(second.uri).length > 0);
    assert.deepEqual(found(first.uri), []);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });
};

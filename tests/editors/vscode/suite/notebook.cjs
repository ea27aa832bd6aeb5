const assert = require("node:assert/strict");
const fs = require("node:fs");
const vscode = require("vscode");
const { found, hoversAt, inFolder, offered, run, until } = require("./until.cjs");

const cell = (source) => ({ cell_type: "code", execution_count: null, id: `c${source.length}`, metadata: {}, outputs: [], source });
const CELLS = [
  "import asyncio\n\nasync def knead(name: str) -> str:\n    await asyncio.sleep(0)\n    return name\n\njobs: asyncio.Queue[str] = asyncio.Queue()",
  "await knead(\"rye\")\njobs.put_nowait(\"rye\")",
  "await ",
  "asyncio.run(knead(\"rye\"))",
];

exports.tests = async function tests(test) {
  const uri = inFolder("dough.ipynb");
  const metadata = { kernelspec: { display_name: "Python 3", language: "python", name: "python3" }, language_info: { name: "python" } };
  fs.writeFileSync(uri.fsPath, JSON.stringify({ cells: CELLS.map(cell), metadata, nbformat: 4, nbformat_minor: 5 }));
  const notebook = await vscode.workspace.openNotebookDocument(uri);
  await vscode.window.showNotebookDocument(notebook);
  const [first, second, third, fourth] = notebook.getCells().map((one) => one.document);

  await test("notebook: names of earlier cells are known", async () => {
    const hovers = await until("a hover", async () => {
      const hovers = await hoversAt(second, "await knea");
      return hovers.length > 0 && hovers;
    });
    assert.match(hovers.join("\n"), /knead/);
    assert.match((await hoversAt(second, "job")).join("\n"), /asyncio.Queue\[str\]/);
    assert.match((await hoversAt(second, "jobs.put_now")).join("\n"), /def asyncio.Queue.put_nowait\(/);
    const labels = await until("items", async () => {
      const labels = await offered(third, "await ", " ");
      return labels.length > 0 && labels;
    });
    assert.ok(labels.includes("knead"), labels.join());
  });
  await test("notebook: await stands at the top, asyncio.run is found and mended", async () => {
    await until("asyncio.run is found", () => found(fourth.uri).length > 0);
    assert.deepEqual([first, second].map((one) => found(one.uri)), [[], []]);
    assert.equal(found(fourth.uri).length, 1);
    const at = new vscode.Range(0, 9, 0, 9);
    const actions = await run("vscode.executeCodeActionProvider", fourth.uri, at, "quickfix", 5);
    const fix = actions.find((action) => action.edit && /await/i.test(action.title));
    assert.ok(fix, actions.map((action) => action.title).join());
    await vscode.workspace.applyEdit(fix.edit);
    assert.equal(fourth.getText(), "await knead(\"rye\")");
    await until("nothing is found", () => found(fourth.uri).length === 0);
  });
  await test("notebook: a cell that goes takes its names along", async () => {
    const edit = new vscode.WorkspaceEdit();
    edit.set(uri, [vscode.NotebookEdit.deleteCells(new vscode.NotebookRange(0, 1))]);
    await vscode.workspace.applyEdit(edit);
    await until("nothing is known of it", async () => !(await hoversAt(second, "job")).join("\n").includes("Queue"));
    await run("workbench.action.revertAndCloseActiveEditor");
  });
};

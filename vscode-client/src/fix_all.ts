import * as vscode from "vscode";

const KIND = "source.fixAll.loopwise";
const MOST_RESOLVED = 10;

/** Mends all that can be mended safely in the Python file at hand, and says so. */
export async function fixAll(): Promise<void> {
  const document = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors]
    .map((editor) => editor?.document)
    .find((one) => one?.languageId === "python");
  if (!document) {
    void vscode.window.showInformationMessage("Open a Python file, and Loopwise fixes what it finds in it.");
    return;
  }
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider", document.uri, whole, KIND, MOST_RESOLVED,
  );
  const edit = actions.find((action) => action.kind?.value === KIND)?.edit;
  const done = edit !== undefined && edit.size > 0 && (await vscode.workspace.applyEdit(edit));
  vscode.window.setStatusBarMessage(done ? "$(check) Loopwise: fixed" : "Loopwise: nothing to fix safely", 5000);
}

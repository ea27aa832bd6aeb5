import * as vscode from "vscode";

const KIND = "source.fixAll.loopwise";
const MOST_RESOLVED = 10;
const PATIENCE = 2000; // milliseconds for the findings of the fixed text

/** Applies all safe fixes in the current Python file, and reports it. */
export async function fixAll(): Promise<void> {
  const document = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors]
    .map((editor) => editor?.document)
    .find((one) => one?.languageId === "python");
  if (!document) {
    void vscode.window.showInformationMessage("Open a Python file to fix its problems with Loopwise.");
    return;
  }
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider", document.uri, whole, KIND, MOST_RESOLVED,
  );
  const edit = actions.find((action) => action.kind?.value === KIND)?.edit;
  const before = problems(document.uri);
  const done = edit !== undefined && edit.size > 0 && (await vscode.workspace.applyEdit(edit));
  const fixed = done ? before - (await fewer(document.uri, before)) : 0;
  const said = fixed > 0 ? `$(check) Loopwise: fixed ${fixed.toString()} problem${fixed === 1 ? "" : "s"}` : "$(check) Loopwise: fixed";
  vscode.window.setStatusBarMessage(done ? said : "Loopwise: no safe fixes available", 5000);
}

function problems(uri: vscode.Uri): number {
  return vscode.languages.getDiagnostics(uri).filter((one) => one.source === "loopwise").length;
}

/** How many problems there are once they are fewer, or after some time. */
async function fewer(uri: vscode.Uri, before: number): Promise<number> {
  for (const end = Date.now() + PATIENCE; problems(uri) >= before && Date.now() < end;) {
    await new Promise((later) => setTimeout(later, 50));
  }
  return problems(uri);
}

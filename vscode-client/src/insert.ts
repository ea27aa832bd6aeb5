import * as vscode from "vscode";

/** Puts code at the cursor of the editor at hand, or into a new file; a snippet keeps its tab stops. */
export async function insert(code: string, snippet: boolean): Promise<void> {
  const editor =
    vscode.window.activeTextEditor ??
    vscode.window.visibleTextEditors[0] ??
    (await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "python" })));
  const text = snippet ? new vscode.SnippetString(code) : new vscode.SnippetString().appendText(code);
  await vscode.window.showTextDocument(editor.document, editor.viewColumn);
  await editor.insertSnippet(text);
}

import * as vscode from "vscode";
import type { Adapted, Insertion, Range } from "./cheatsheet";
import type { Request } from "./server";

/** Puts code at the cursor of the Python editor at hand, or into a new file; it brings its imports, a snippet tab stops too. */
export async function insert({ code, snippet }: Insertion, request: Request): Promise<void> {
  // A panel of output can be the active editor.
  const editor =
    [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors].find((one) => one?.document.languageId === "python") ??
    (await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "python" })));
  const { document } = editor;
  if (document.uri.scheme !== "vscode-notebook-cell") {
    await vscode.window.showTextDocument(document, editor.viewColumn);
  }
  const { line, character } = editor.selection.start;
  const what = snippet === undefined ? { text: code } : { snippet };
  const asked = { uri: document.uri.toString(), line, character, ...what };
  const adapted = await request<Adapted | null>("loopwise/snippet", asked);
  await editor.edit(
    (edit) => { adapted?.edits.forEach((one) => { edit.replace(range(one.range), one.newText); }); },
    { undoStopBefore: true, undoStopAfter: false },
  );
  const text = adapted ? new vscode.SnippetString(adapted.body) : new vscode.SnippetString().appendText(code);
  await editor.insertSnippet(text, undefined, { undoStopBefore: false, undoStopAfter: true });
}

function range({ start, end }: Range): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

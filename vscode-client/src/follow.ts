import * as vscode from "vscode";
import type { CheatsheetView } from "./cheatsheet_view";
import type { Server } from "./server";

const PAUSE = 200; // milliseconds after the cursor has moved
const KEY = "loopwise.following";

/** Shows the card of what the cursor is at, while that is wanted. */
export function follow(context: vscode.ExtensionContext, server: Server, view: CheatsheetView): void {
  let wanted = context.globalState.get(KEY, false);
  let timer: NodeJS.Timeout | undefined;

  const look = (editor: vscode.TextEditor | undefined): void => {
    clearTimeout(timer);
    if (wanted && view.visible && editor?.document.languageId === "python" && server.status.kind === "running") {
      timer = setTimeout(() => void view.explainAt(editor, false), PAUSE);
    }
  };
  const set = async (on: boolean): Promise<void> => {
    wanted = on;
    await vscode.commands.executeCommand("setContext", KEY, on);
    await context.globalState.update(KEY, on);
    look(vscode.window.activeTextEditor);
  };
  context.subscriptions.push(
    vscode.commands.registerCommand("loopwise.follow", () => set(true)),
    vscode.commands.registerCommand("loopwise.unfollow", () => set(false)),
    vscode.window.onDidChangeTextEditorSelection((event) => { look(event.textEditor); }),
    { dispose: () => { clearTimeout(timer); } },
  );
  void set(wanted);
}

import * as vscode from "vscode";
import type { CheatsheetView } from "./cheatsheet_view";
import { debugInformation } from "./debug_information";
import { fixAll } from "./fix_all";
import type { ConcurrencyMapView } from "./concurrency_map";
import { SAMPLE } from "./sample";
import type { Server } from "./server";
import { terminalSelection } from "./spots";

export function registerCommands(
  context: vscode.ExtensionContext,
  server: Server,
  view: CheatsheetView,
  map: ConcurrencyMapView,
  log: vscode.LogOutputChannel,
): void {
  const commands: Record<string, (...args: unknown[]) => unknown> = {
    restart: () => server.restart(),
    showLogs: () => { log.show(); },
    showCheatsheet: (name) => view.show(typeof name === "string" ? name : undefined),
    explainThis: () => explainThis(view),
    explainText: () => ask(view),
    explainTerminal: () => explainTerminal(view),
    fixAll: () => fixAll(),
    showMap: () => map.show(),
    refreshMap: () => { map.refresh(); },
    reportDebugInformation: () => openText(debugInformation(context, server), "markdown"),
    openSample: () => openText(SAMPLE, "python"),
  };
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(`loopwise.${name}`, run));
  }
}

/** What is selected, else what the cursor is at. */
async function explainThis(view: CheatsheetView): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const selected = editor?.document.getText(editor.selection).trim() ?? "";
  if (selected !== "") {
    await view.explain(selected);
  } else if (editor?.document.languageId !== "python" || !(await view.explainAt(editor, true))) {
    await ask(view);
  }
}

/** A traceback or log that is selected in a terminal. */
async function explainTerminal(view: CheatsheetView): Promise<void> {
  const selected = await terminalSelection();
  await (selected !== "" ? view.explain(selected) : ask(view));
}

async function ask(view: CheatsheetView): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: "Loopwise: Explain",
    prompt: "A name, a rule, or a message from a traceback or log",
    placeHolder: "gather · blocking-sleep · coroutine 'main' was never awaited",
  });
  if (text !== undefined && text.trim() !== "") {
    await view.explain(text.trim());
  }
}

async function openText(content: string, language: string): Promise<void> {
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language }));
}

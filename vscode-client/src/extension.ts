import * as vscode from "vscode";
import { CheatsheetView } from "./cheatsheet_view";
import { registerCommands } from "./commands";
import { watchEnvironments } from "./environments";
import { follow } from "./follow";
import { ConcurrencyMapView } from "./concurrency_map";
import { Server } from "./server";
import { StatusItem } from "./status";

/** What the extension's own tests look at. */
export interface Api {
  readonly state: () => string;
  readonly detail: () => string | undefined;
  readonly version: () => string | undefined;
  /** What the status item says. */
  readonly says: () => string | undefined;
  readonly command: () => readonly string[];
  readonly pid: () => number | undefined;
}

let server: Server | undefined;

/** Ends at once, so that the commands can be used however long the server takes. */
export function activate(context: vscode.ExtensionContext): Api {
  const log = vscode.window.createOutputChannel("Loopwise", { log: true });
  const view: CheatsheetView = new CheatsheetView(context, (method, params) => running.request(method, params));
  const running: Server = new Server(context, log, view);
  server = running;
  const item = new StatusItem(running);
  const map = new ConcurrencyMapView(running);
  context.subscriptions.push(
    log,
    view,
    map,
    running,
    item,
    vscode.window.registerWebviewViewProvider("loopwise.cheatsheet", view),
    running.onDidChange((status) => { view.serverChanged(status); }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("loopwise.interpreter") || event.affectsConfiguration("loopwise.importStrategy")) {
        running.configure();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void running.refresh()),
  );
  registerCommands(context, running, view, map, log);
  follow(context, running, view);
  void running.restart();
  void watchEnvironments(context, () => void running.refresh());
  return {
    state: () => running.status.kind,
    detail: () => running.status.detail,
    version: () => running.status.version,
    says: () => item.detail,
    command: () => running.command,
    pid: () => running.pid,
  };
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

import * as vscode from "vscode";
import type { Server } from "./server";

/** What the server says of a folder: its program from the entry points down. */
interface ConcurrencyMap {
  readonly title: string;
  readonly summary: string;
  readonly rows: readonly Row[];
}

interface Row {
  readonly label: string;
  readonly detail: string;
  readonly kind: string;
  readonly problem: boolean;
  readonly uri: string;
  readonly line: number;
  readonly place: string;
  readonly rows: readonly Row[];
}

const ICONS: Readonly<Record<string, string>> = {
  entry: "play",
  awaits: "arrow-small-right",
  task: "rocket",
  group: "rocket",
  gathers: "rocket",
  thread: "server-process",
  process: "server-process",
  blocks: "warning",
  callback: "watch",
};
const OPEN = 2; // levels that are open at first

/** The concurrency map of the workspace folder of the file that is being edited, as a tree. */
export class ConcurrencyMapView implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly tree: vscode.TreeView<Row>;
  private readonly levels = new WeakMap<Row, number>();
  private readonly unsubscribe: vscode.Disposable;

  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly server: Server) {
    this.tree = vscode.window.createTreeView("loopwise.map", { treeDataProvider: this, showCollapseAll: true });
    this.unsubscribe = server.onDidChange((status) => {
      if (status.kind === "running") this.refresh();
    });
  }

  dispose(): void {
    this.unsubscribe.dispose();
    this.tree.dispose();
    this.changed.dispose();
  }

  /** Ask the server again: what is shown is of the moment in which it was asked. */
  refresh(): void {
    this.changed.fire();
  }

  async show(): Promise<void> {
    await vscode.commands.executeCommand("loopwise.map.focus");
    this.refresh();
  }

  async getChildren(row?: Row): Promise<Row[]> {
    const level = row === undefined ? 0 : (this.levels.get(row) ?? 0) + 1;
    const rows = row === undefined ? await this.roots() : row.rows;
    rows.forEach((one) => this.levels.set(one, level));
    return [...rows];
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const open = (this.levels.get(row) ?? 0) < OPEN;
    const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(row.label, row.rows.length === 0 ? None : open ? Expanded : Collapsed);
    const colour = row.problem ? new vscode.ThemeColor("list.warningForeground") : undefined;
    item.description = row.detail;
    item.iconPath = new vscode.ThemeIcon(row.problem ? "warning" : (ICONS[row.kind] ?? "circle-small"), colour);
    item.tooltip = [`${row.detail} ${row.label}`.trim(), row.place].filter((text) => text !== "").join("\n");
    item.accessibilityInformation = { label: `${row.problem ? "Problem: " : ""}${row.label}, ${row.detail}` };
    if (row.uri !== "") {
      const at = new vscode.Position(row.line, 0);
      const options = { selection: new vscode.Range(at, at), preserveFocus: true };
      item.command = { command: "vscode.open", title: "Open", arguments: [vscode.Uri.parse(row.uri), options] };
    }
    return item;
  }

  private async roots(): Promise<readonly Row[]> {
    const uri = vscode.window.activeTextEditor?.document.uri.toString() ?? vscode.workspace.workspaceFolders?.[0]?.uri.toString();
    const map = await vscode.window.withProgress({ location: { viewId: "loopwise.map" } }, () =>
      this.server.request<ConcurrencyMap>("loopwise/map", uri === undefined ? {} : { uri }));
    this.tree.description = map?.title ?? "";
    this.tree.message = map === undefined || map.rows.length > 0 ? map?.summary ?? "" : "No async function in this folder.";
    return map?.rows ?? [];
  }
}

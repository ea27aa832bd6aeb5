import * as vscode from "vscode";
import type { Server, Status } from "./server";

/** What the server does, in the language status of Python files. */
export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem("loopwise.status", { language: "python" });
  private readonly listener: vscode.Disposable;

  constructor(server: Server) {
    this.item.name = "Loopwise";
    this.listener = server.onDidChange((status) => { this.show(status); });
    this.show(server.status);
  }

  dispose(): void {
    this.listener.dispose();
    this.item.dispose();
  }

  private show(status: Status): void {
    const failed = status.kind === "failed";
    this.item.text = `Loopwise${status.version === undefined ? "" : ` ${status.version}`}`;
    this.item.detail = status.kind === "running" ? (status.detail ?? "running") : failed ? "does not run" : status.kind;
    this.item.busy = status.kind === "starting";
    this.item.severity = failed ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    this.item.accessibilityInformation = { label: `Loopwise, ${status.kind}: ${status.detail ?? ""}` };
    this.item.command = failed
      ? { command: "loopwise.restart", title: "Restart" }
      : { command: "loopwise.showLogs", title: "Show logs" };
  }
}

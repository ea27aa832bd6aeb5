import * as vscode from "vscode";
import { here } from "./cheatsheet_view";
import type { Server, Status } from "./server";

/** For which Pythons the server takes a file's code to be; assumed: nothing in the project says it. */
interface Target {
  readonly pythons: string;
  readonly assumed: boolean;
}

/** What the server does, and which Python it assumes, in the language status of Python files. */
export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem("loopwise.status", { language: "python" });
  private readonly listeners: vscode.Disposable;

  constructor(private readonly server: Server) {
    this.item.name = "Loopwise";
    const again = (): void => { void this.assume(); };
    this.listeners = vscode.Disposable.from(
      server.onDidChange((status) => { this.show(status); }),
      vscode.window.onDidChangeActiveTextEditor(again),
      server.onDidTell(again),
    );
    this.show(server.status);
  }

  get detail(): string | undefined {
    return this.item.detail;
  }

  dispose(): void {
    this.listeners.dispose();
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
    void this.assume();
  }

  /** Say which Python is assumed for the file at hand, where its project says none. */
  private async assume(): Promise<void> {
    const status = this.server.status;
    const target = status.kind === "running" ? await this.server.request<Target>("loopwise/target", here()) : undefined;
    if (target !== undefined && status === this.server.status) {
      const runs = status.detail ?? "running";
      const says = `assumes your code is for Python ${target.pythons}: set target-version or requires-python`;
      this.item.detail = target.assumed ? `${runs}; ${says}` : runs;
      this.item.accessibilityInformation = { label: `Loopwise, ${status.kind}: ${this.item.detail}` };
    }
  }
}

/** The cheatsheet in the side bar: holds the webview and answers it. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Cheatsheet, Explanation, FromView, ToView } from "./cheatsheet";
import { insert } from "./insert";
import type { Request, Status } from "./server";
import { offerSpots } from "./spots";

export class CheatsheetView implements vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | undefined;
  private ready = false;
  private waiting: ToView[] = [];
  private state = "The server is starting.";

  constructor(private readonly context: vscode.ExtensionContext, private readonly request: Request) {}

  get visible(): boolean {
    return this.view?.visible === true;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    this.ready = false;
    const places = ["dist", "media"].map((folder) => vscode.Uri.joinPath(this.context.extensionUri, folder));
    view.webview.options = { enableScripts: true, localResourceRoots: places };
    view.webview.onDidReceiveMessage((message: FromView) => this.answer(message));
    // Out of sight its page is gone: what is meant for it waits for the next one.
    view.onDidChangeVisibility(() => { this.ready &&= view.visible; });
    view.onDidDispose(() => { this.view = undefined; this.ready = false; });
    view.webview.html = this.html(view.webview);
  }

  /** Bring the view up; with a name its card, or what the search finds. */
  async show(name?: string): Promise<void> {
    await vscode.commands.executeCommand("loopwise.cheatsheet.focus");
    if (name !== undefined) {
      this.post({ type: "show", name });
    }
  }

  /** Show what a name, a rule or a message means. */
  async explain(text: string): Promise<void> {
    const explanation = await this.request<Explanation>("loopwise/explain", { text, ...here() });
    if (explanation === undefined) {
      void vscode.window.showWarningMessage(`Loopwise cannot explain anything at the moment. ${this.state}`);
      return;
    }
    await this.show();
    this.post({ type: "explained", asked: text, explanation, because: "asked" });
    void offerSpots(explanation.spots ?? []);
  }

  /** Show what is at the cursor, and come to the front if wanted; false: there is nothing to say. */
  async explainAt(editor: vscode.TextEditor, front: boolean): Promise<boolean> {
    const { line, character } = editor.selection.active;
    const uri = editor.document.uri.toString();
    const explanation = await this.request<Explanation>("loopwise/explain", { uri, line, character });
    if (!explanation?.markdown) {
      return false;
    }
    if (front) {
      await this.show();
    }
    this.post({ type: "explained", asked: explanation.name, explanation, because: front ? "asked" : "followed" });
    return true;
  }

  serverChanged(status: Status): void {
    this.state = status.kind === "failed" ? (status.detail ?? "The server is not running.") : `The server is ${status.kind}.`;
    if (status.kind === "running") {
      void this.fill();
    } else if (this.ready) {
      this.post({ type: "state", text: this.state });
    }
  }

  dispose(): void {
    this.view = undefined;
  }

  private async answer(message: FromView): Promise<void> {
    switch (message.type) {
      case "ready":
        this.ready = true;
        await this.fill();
        this.waiting.splice(0).forEach((each) => { this.post(each); });
        break;
      case "explain": {
        const explanation = await this.request<Explanation>("loopwise/explain", { text: message.text, ...here() });
        if (explanation) {
          this.post({ type: "explained", asked: message.text, explanation, because: "searched" });
        }
        break;
      }
      case "insert":
        await insert(message, this.request);
        break;
      case "copy":
        await vscode.env.clipboard.writeText(message.code);
        vscode.window.setStatusBarMessage("$(check) Copied", 3000);
    }
  }

  private async fill(): Promise<void> {
    if (this.view && this.ready) {
      const cheatsheet = await this.request<Cheatsheet>("loopwise/cheatsheet", here());
      this.post(cheatsheet ? { type: "cheatsheet", cheatsheet } : { type: "state", text: this.state });
    }
  }

  private post(message: ToView): void {
    if (this.view && this.ready) {
      void this.view.webview.postMessage(message);
    } else {
      this.waiting = [message];
    }
  }

  private html(webview: vscode.Webview): string {
    const nonce = randomBytes(16).toString("base64");
    const file = (...parts: string[]): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.context.extensionUri, ...parts)).toString();
    const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Asyncio cheatsheet</title>
<link rel="stylesheet" href="${file("media", "cheatsheet.css")}">
</head>
<body>
<div id="search" role="search">
<input id="query" type="search" autocomplete="off" spellcheck="false" aria-controls="results"
 aria-label="Search the cheatsheet" placeholder="Search, or paste a message">
<p id="count" role="status"></p>
</div>
<main aria-label="Cheatsheet">
<h1>Asyncio cheatsheet</h1>
<div id="results"></div>
</main>
<script nonce="${nonce}" src="${file("dist", "cheatsheet.js")}"></script>
</body>
</html>`;
  }
}

/** The file at hand: its folder says which Python counts. */
export function here(): { uri?: string } {
  const document = vscode.window.activeTextEditor?.document;
  const uri = document?.uri.scheme === "file" ? document.uri : vscode.workspace.workspaceFolders?.[0]?.uri;
  return uri ? { uri: uri.toString() } : {};
}

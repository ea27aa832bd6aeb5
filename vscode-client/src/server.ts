/** The server's process: started, restarted, and what became of it. */
import * as path from "node:path";
import * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, State } from "vscode-languageclient/node";
import type { ErrorHandler, LanguageClientOptions } from "vscode-languageclient/node";
import { choose, type Interpreter } from "./interpreter";
import { serverOptions } from "./launch";
import { middleware, type Explainer } from "./middleware";
import { versionText } from "./probe";
import { ServerLog } from "./server_log";
import { Trouble } from "./trouble";

export interface Status {
  readonly kind: "starting" | "running" | "stopped" | "failed";
  /** The server's version. */
  readonly version?: string | undefined;
  /** What it runs on, or why it does not. */
  readonly detail?: string | undefined;
}

const SELECTOR = ["file", "untitled", "vscode-notebook-cell"].map((scheme) => ({ scheme, language: "python" }));
const MOST_ENDS = 5;
const WITHIN = 3 * 60_000; // milliseconds

export class Server implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Status>();
  private client: LanguageClient | undefined;
  private interpreter: Interpreter | undefined;
  private jobs: Promise<void> = Promise.resolve();
  private waiting: Promise<void> | undefined;
  private ends: number[] = [];
  private shown = "";
  private readonly said = new ServerLog();

  readonly onDidChange = this.changed.event;
  status: Status = { kind: "stopped" };

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly explainer: Explainer,
  ) {}

  get command(): readonly string[] {
    return this.interpreter?.command ?? [];
  }

  get pid(): number | undefined {
    return this.client?.serverProcess?.pid;
  }

  /** Start anew, once what is under way has ended; of several that wait one is enough. */
  restart(): Promise<void> {
    this.waiting ??= this.queue(async () => {
      this.waiting = undefined;
      await this.end();
      await this.begin();
    });
    return this.waiting;
  }

  /** Restart if another Python would be chosen now, or if the server does not run. */
  refresh(): Promise<void> {
    return this.queue(async () => {
      const found = await choose(this.bundled, this.log).catch(() => undefined);
      if (this.status.kind !== "running" || (found && found.command.join("\0") !== this.command.join("\0"))) {
        await this.end();
        await this.begin();
      }
    });
  }

  stop(): Promise<void> {
    return this.queue(() => this.end());
  }

  /** Ask the server something of our own; nothing while it does not run. */
  async request<T>(method: string, params: object): Promise<T | undefined> {
    return this.status.kind === "running" ? this.client?.sendRequest<T>(method, params) : undefined;
  }

  dispose(): void {
    this.changed.dispose();
  }

  private get bundled(): string {
    return path.join(this.context.extensionPath, "bundled");
  }

  private queue(job: () => Promise<void>): Promise<void> {
    this.jobs = this.jobs.then(job).catch((error: unknown) => { this.fail(error); });
    return this.jobs;
  }

  private async begin(): Promise<void> {
    this.become({ kind: "starting" });
    this.interpreter = await choose(this.bundled, this.log);
    this.ends = [];
    this.said.forget();
    const client = new LanguageClient("loopwise", "Loopwise", serverOptions(this.interpreter, this.bundled, this.log), this.clientOptions());
    client.onDidChangeState((event) => { this.follow(client, event.newState); });
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      throw Trouble.noStart(this.said.last || (error instanceof Error ? error.message : String(error)));
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    try {
      await client?.dispose();
    } catch {
      // A client whose start failed cannot be stopped.
    }
    this.become({ kind: "stopped" });
  }

  private follow(client: LanguageClient, state: State): void {
    if (client !== this.client) {
      return;
    }
    if (state === State.Running) {
      const version = client.initializeResult?.serverInfo?.version;
      this.shown = "";
      this.become({ kind: "running", version, detail: this.interpreter && versionText(this.interpreter.python) });
    } else if (state === State.Starting) {
      this.become({ kind: "starting" });
    }
  }

  private fail(error: unknown): void {
    const trouble = error instanceof Trouble ? error : Trouble.noStart(String(error));
    this.log.error(trouble.message);
    this.become({ kind: "failed", detail: trouble.message });
    if (trouble.message !== this.shown) {
      this.shown = trouble.message;
      void trouble.show();
    }
  }

  private become(status: Status): void {
    this.status = status;
    this.changed.fire(status);
  }

  private clientOptions(): LanguageClientOptions {
    return {
      documentSelector: SELECTOR,
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationFailedHandler: () => false,
      errorHandler: this.errorHandler(),
      stdioOptions: {
        stdout: (input, log) => { this.said.read(input, log); },
        stderr: (input, log) => { this.said.read(input, log); },
      },
      markdown: { isTrusted: { enabledCommands: ["loopwise.showCheatsheet"] } },
      middleware: middleware(this.context, this.explainer),
    };
  }

  /** A server that ran and died comes back, unless it goes on dying; one that never ran is told of by `begin`. */
  private errorHandler(): ErrorHandler {
    return {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        const now = Date.now();
        const ran = this.status.kind === "running";
        this.ends = [...this.ends, now].filter((time) => now - time < WITHIN);
        if (ran && this.ends.length < MOST_ENDS) {
          return { action: CloseAction.Restart, handled: true, message: "The server has ended; it is started again." };
        }
        if (this.ends.length >= MOST_ENDS || !ran) {
          setTimeout(() => { this.gone(); }, 0);
        }
        return { action: CloseAction.DoNotRestart, handled: true, message: "The server has ended." };
      },
    };
  }

  /** It died for good; where its start is still awaited, that fails too and says more. */
  private gone(): void {
    if (this.status.kind === "running" || this.ends.length > 1) {
      this.fail(Trouble.keepsDying());
    }
  }
}

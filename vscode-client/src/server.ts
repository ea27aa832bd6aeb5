/** The server's process: started, restarted, and what became of it. */
import * as vscode from "vscode";
import { ResponseError } from "vscode-languageclient/node";
import { Client } from "./client";
import { choose, configured, fromEnvironment, type Interpreter } from "./interpreter";
import type { Explainer } from "./middleware";
import { versionText } from "./probe";
import { Trouble } from "./trouble";

export interface Status {
  readonly kind: "starting" | "running" | "stopped" | "failed";
  /** The server's version. */
  readonly version?: string | undefined;
  /** What it runs on, or why it does not. */
  readonly detail?: string | undefined;
}

/** Asks the server something of our own; nothing where it does not answer. */
export type Request = <T>(method: string, params: object) => Promise<T | undefined>;

const MOST_ENDS = 5;
const WITHIN = 3 * 60_000; // milliseconds

export class Server implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Status>();
  private readonly told = new vscode.EventEmitter<void>();
  private client: Client | undefined;
  private interpreter: Interpreter | undefined;
  private jobs: Promise<void> = Promise.resolve();
  private waiting: Promise<void> | undefined;
  private ends: number[] = [];
  private shown = "";
  private asked = "";

  readonly onDidChange = this.changed.event;
  /** It has been told of changed files or settings, which may say another Python. */
  readonly onDidTell = this.told.event;
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

  /** Start anew because a person wants it: what went wrong before is forgotten, and a start under way given up. */
  restart(): Promise<void> {
    this.ends = [];
    this.shown = "";
    this.client?.giveUp();
    return this.again();
  }

  /** Restart if the settings ask for something else than at the last start: VS Code tells some changes twice. */
  configure(): void {
    if (asked() !== this.asked) {
      void this.restart();
    }
  }

  /** Restart if another Python would be chosen now, or if the server does not run. */
  refresh(): Promise<void> {
    return this.queue(async () => {
      const found = await choose(this.bundled, this.log).catch(() => undefined);
      if (this.status.kind !== "running" || (found && found.command.join("\0") !== this.command.join("\0"))) {
        await this.anew();
      }
    });
  }

  stop(): Promise<void> {
    this.client?.giveUp();
    return this.queue(() => this.end());
  }

  async request<T>(method: string, params: object): Promise<T | undefined> {
    try {
      return this.status.kind === "running" ? await this.client?.sendRequest<T>(method, params) : undefined;
    } catch (error) {
      this.log.debug(`${method}: ${error instanceof ResponseError ? error.message : String(error)}`);
      return undefined; // it exited in the meantime, or was busy with newer text
    }
  }

  dispose(): void {
    this.changed.dispose();
    this.told.dispose();
  }

  private get bundled(): string {
    return this.context.asAbsolutePath("bundled");
  }

  /** Start anew, once what is under way has ended; of several that wait one is enough. */
  private again(): Promise<void> {
    this.waiting ??= this.queue(() => {
      this.waiting = undefined;
      return this.anew();
    });
    return this.waiting;
  }

  private queue(job: () => Promise<void>): Promise<void> {
    this.jobs = this.jobs.then(job).catch((error: unknown) => this.fail(error));
    return this.jobs;
  }

  private async anew(): Promise<void> {
    await this.end();
    this.asked = asked();
    this.become({ kind: "starting" });
    this.interpreter = await choose(this.bundled, this.log);
    const client = new Client(this.context, this.log, this.interpreter, this.explainer, () => { this.told.fire(); }, () => { this.died(client); });
    this.client = client;
    if (await client.begun()) {
      this.shown = "";
      const version = client.initializeResult?.serverInfo?.version;
      this.become({ kind: "running", version, detail: versionText(this.interpreter.python) });
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.end();
    this.become({ kind: "stopped" });
  }

  /** A server that ran and died comes back, unless it goes on dying; one that never ran fails its start. */
  private died(client: Client): void {
    if (client !== this.client || this.status.kind !== "running") {
      return;
    }
    const now = Date.now();
    this.ends = [...this.ends, now].filter((time) => now - time < WITHIN);
    if (this.ends.length < MOST_ENDS) {
      this.log.warn("The server exited; restarting it.");
      void this.again();
    } else {
      void this.fail(Trouble.keepsDying());
    }
  }

  private async fail(error: unknown): Promise<void> {
    await this.end();
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
}

function asked(): string {
  return JSON.stringify([configured(), fromEnvironment()]);
}

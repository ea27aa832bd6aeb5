/** One connection to one process of the server; a new process gets a new client. */
import type * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, State } from "vscode-languageclient/node";
import type { LanguageClientOptions } from "vscode-languageclient/node";
import { Beside } from "./beside";
import type { Interpreter } from "./interpreter";
import { serverOptions } from "./launch";
import { middleware, type Explainer } from "./middleware";
import { ServerLog } from "./server_log";
import { Trouble } from "./trouble";

const SELECTOR = ["file", "untitled", "vscode-notebook-cell"].map((scheme) => ({ scheme, language: "python" }));
const PATIENCE = 60_000; // milliseconds
const PATIENCE_AT_END = 2000;

export class Client extends LanguageClient {
  private readonly said: ServerLog;
  private closed = false;
  private stopWaiting: (begun: false) => void = () => undefined;

  /** `told` is called when the server has been told of changed files or settings, `died` when the connection has ended by itself. */
  constructor(
    context: vscode.ExtensionContext,
    log: vscode.LogOutputChannel,
    interpreter: Interpreter,
    explainer: Explainer,
    told: () => void,
    died: () => void,
  ) {
    const said = new ServerLog();
    const ended = (): void => { this.closed = true; setTimeout(died, 0); };
    super("loopwise", "Loopwise", serverOptions(interpreter, context.asAbsolutePath("bundled"), log), {
      ...options(log, said, ended),
      middleware: middleware(context, explainer, told),
    });
    this.registerFeature(new Beside());
    this.said = said;
  }

  /** Start; false: it was given up. Throws a `Trouble` where the server does not start, or not in time. */
  async begun(): Promise<boolean> {
    const late = new Promise<false>((resolve, reject) => {
      const timer = setTimeout(() => { reject(Trouble.noStart("it does not answer")); }, PATIENCE);
      this.stopWaiting = (begun) => { clearTimeout(timer); resolve(begun); };
    });
    try {
      return await Promise.race([this.start().then(() => true), late]);
    } catch (error) {
      if (error instanceof Trouble) {
        throw error;
      }
      const wrong = await this.said.error();
      throw Trouble.noStart(wrong || (this.closed ? "its process has ended" : error instanceof Error ? error.message : String(error)));
    } finally {
      this.stopWaiting(false);
    }
  }

  /** Wait no longer for it to start. */
  giveUp(): void {
    this.stopWaiting(false);
  }

  async end(): Promise<void> {
    // A client cannot be stopped while it starts, but it fails when its process is gone.
    for (const late = Date.now() + PATIENCE_AT_END; this.state === State.Starting && Date.now() < late;) {
      this.serverProcess?.kill("SIGKILL");
      await new Promise((later) => setTimeout(later, 20));
    }
    try {
      await this.dispose();
    } catch {
      // It never ran.
    }
  }

  /** Into the log only: what a person must know, `Trouble` says, and why a start failed it says best. */
  override error(message: string, data?: unknown): void {
    if (this.state === State.Starting || this.state === State.StartFailed) {
      this.debug(message, data, false);
    } else {
      super.error(message, data, false);
    }
  }
}

function options(log: vscode.LogOutputChannel, said: ServerLog, ended: () => void): LanguageClientOptions {
  return {
    documentSelector: SELECTOR,
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        ended();
        return { action: CloseAction.DoNotRestart, handled: true, message: "The server exited." };
      },
    },
    stdioOptions: {
      stdout: (input) => { said.read(input, log); },
      stderr: (input) => { said.read(input, log); },
    },
    markdown: { isTrusted: { enabledCommands: ["loopwise.showCheatsheet"] } },
  };
}

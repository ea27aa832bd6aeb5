/** What keeps the server from running, and what a person can do about it. */
import * as vscode from "vscode";
import { canChoose } from "./environments";

const SETTING = "loopwise.interpreter";

export class Trouble extends Error {
  private constructor(message: string, private readonly aboutPython: boolean) {
    super(message);
  }

  static noPython(): Trouble {
    return new Trouble("Loopwise needs Python 3.10 or newer, and none is on the PATH. Install one, or choose an interpreter.", true);
  }

  static broken(command: string, why: string): Trouble {
    return new Trouble(`Loopwise cannot run ${command}, the interpreter in the setting ${SETTING}: ${why}.`, true);
  }

  static unfit(why: string, command: string, bySetting = false): Trouble {
    const where = bySetting ? `The setting ${SETTING} says` : "The only Python found is";
    return new Trouble(`Loopwise needs Python 3.10 to 3.14. ${where} ${command}, but ${why}.`, true);
  }

  static noStart(why: string): Trouble {
    return new Trouble(`The Loopwise server failed to start: ${why}.`, false);
  }

  static keepsDying(): Trouble {
    return new Trouble("The Loopwise server exited five times within three minutes and will not be restarted. See the log for the reason.", false);
  }

  /** Say it, with the remedies as buttons. */
  async show(): Promise<void> {
    const choose = canChoose() ? "Choose Python" : "Open Setting";
    const remedies = this.aboutPython ? [choose, "Try Again", "Show Logs"] : ["Try Again", "Show Logs", "Report"];
    const picked = await vscode.window.showErrorMessage(this.message, ...remedies);
    const commands: Record<string, [string, ...unknown[]]> = {
      "Choose Python": ["python.setInterpreter"],
      // A machine setting: on a remote machine it is listed under `Remote`, not under `User`.
      "Open Setting": [`workbench.action.open${vscode.env.remoteName === undefined ? "" : "Remote"}Settings`, { query: SETTING }],
      "Try Again": ["loopwise.restart"],
      "Show Logs": ["loopwise.showLogs"],
      Report: ["loopwise.reportDebugInformation"],
    };
    const command = commands[picked ?? ""];
    if (command) {
      await vscode.commands.executeCommand(...command);
    }
  }
}

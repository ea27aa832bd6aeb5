/** Which Python runs the server: the setting's, else the one chosen in a Python extension, else one on the path. */
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { chosen } from "./environments";
import { isOldEnough, probe, versionText, type Python } from "./probe";
import { Trouble } from "./trouble";

export interface Interpreter {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly python: Python;
}

const ON_PATH = process.platform === "win32" ? ["python", "python3", "py"] : ["python3", "python"];
const NEWER = ["python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

/** The interpreter; throws a `Trouble` that a person can read. */
export async function choose(bundled: string, log: vscode.LogOutputChannel): Promise<Interpreter> {
  const set = configured();
  if (set.length > 0) {
    return bySetting(set, bundled);
  }
  const refused: string[] = [];
  let newest: Python | undefined;
  for (const program of [...(await chosen()), ...ON_PATH, ...NEWER]) {
    const found = await probe([program], bundled);
    const wrong = typeof found === "string" ? found : unfit(found);
    if (typeof found !== "string" && wrong === undefined) {
      return { command: [found.executable || program], python: found };
    }
    newest = typeof found === "string" ? newest : (newest ?? found);
    refused.push(`${program}: ${wrong ?? ""}`);
  }
  log.warn(`no suitable Python found for the server; tried\n  ${refused.join("\n  ")}`);
  throw newest ? Trouble.unfit(unfit(newest) ?? "", newest.executable) : Trouble.noPython();
}

/** The setting, with its variables for folders and the environment expanded. */
export function configured(): string[] {
  const set = vscode.workspace.getConfiguration("loopwise").get<string[]>("interpreter", []);
  const [program = "", ...rest] = set.map(resolved).filter((part) => part !== "");
  // A path starts at the workspace's folder, where it is not absolute; a bare name is looked for on the path.
  return program === "" ? [] : [/[\\/]/.test(program) ? path.resolve(folder(), program) : program, ...rest];
}

export function fromEnvironment(): boolean {
  return vscode.workspace.getConfiguration("loopwise").get("importStrategy") === "fromEnvironment";
}

async function bySetting(command: string[], bundled: string): Promise<Interpreter> {
  const found = await probe(command, bundled);
  if (typeof found === "string") {
    throw Trouble.broken(command.join(" "), found);
  }
  const wrong = unfit(found);
  if (wrong !== undefined) {
    throw Trouble.unfit(wrong, command.join(" "), true);
  }
  return { command, python: found };
}

/** Why a Python cannot run the server. */
function unfit(python: Python): string | undefined {
  if (!isOldEnough(python)) {
    return `${versionText(python)} is too old`;
  }
  if (python.fits || fromEnvironment()) {
    return undefined;
  }
  return `the extension has no libraries for ${versionText(python)} on ${python.machine}`;
}

function folder(): string {
  return vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
}

function resolved(part: string): string {
  return part
    .replaceAll("${workspaceFolder}", folder())
    .replaceAll("${userHome}", os.homedir())
    .replace(/^~(?=[/\\])/, os.homedir())
    .replaceAll(/\$\{env:(\w+)\}/g, (_, name: string) => process.env[name] ?? "");
}

/** How the server is started. */
import * as path from "node:path";
import { LogLevel, type LogOutputChannel } from "vscode";
import type { Executable } from "vscode-languageclient/node";
import { fromEnvironment, type Interpreter } from "./interpreter";

// The server's `info` is each message of the protocol.
const LEVELS: Partial<Record<LogLevel, string>> = { [LogLevel.Trace]: "debug", [LogLevel.Debug]: "info" };

export function serverOptions(interpreter: Interpreter, bundled: string, log: LogOutputChannel): Executable {
  const [command = "", ...rest] = interpreter.command;
  const args = [...rest, path.join(bundled, "launch.py"), "--log-level", LEVELS[log.logLevel] ?? "warning"];
  const imports = fromEnvironment() ? "fromEnvironment" : "useBundled";
  log.info(`starting ${[command, ...args].join(" ")} (${imports})`);
  const env = { ...process.env, PYTHONUTF8: "1", PYTHONPATH: "", LOOPWISE_IMPORTS: imports };
  // The folder is the one in which the interpreter was asked what it is, and never the user's.
  return { command, args, options: { cwd: bundled, env } };
}

/** The server's standard error as lines of the log, each with its level. */
import { createInterface } from "node:readline";
import type { LogOutputChannel } from "vscode";

const LEVEL = /^(DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)$/;
const MOST_KEPT = 20;

export class ServerLog {
  private kept: string[] = [];

  /** What it said last; of a traceback the last line says most. */
  get last(): string {
    return this.kept.findLast((line) => line.trim() !== "") ?? "";
  }

  forget(): void {
    this.kept = [];
  }

  read(input: NodeJS.ReadableStream, log: LogOutputChannel): void {
    let level = "INFO";
    createInterface({ input }).on("line", (line) => {
      const [, given, text] = LEVEL.exec(line) ?? [];
      level = given ?? (line.startsWith("Traceback") ? "ERROR" : /^\s/.test(line) ? level : "INFO");
      this.kept = [...this.kept.slice(-MOST_KEPT), line];
      write(log, level, text ?? line);
    });
  }
}

function write(log: LogOutputChannel, level: string, text: string): void {
  if (level === "DEBUG") {
    log.debug(text);
  } else if (level === "INFO") {
    log.info(text);
  } else if (level === "WARNING") {
    log.warn(text);
  } else {
    log.error(text);
  }
}

/** The server's standard error as lines of the log, each with its level. */
import { createInterface } from "node:readline";
import type { LogOutputChannel } from "vscode";

const LEVEL = /^(DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)$/;
const PATIENCE = 2000; // milliseconds

export class ServerLog {
  private wrong = "";
  private ended: Promise<unknown> = Promise.resolve();

  /** What went wrong last, once all is read; of a traceback the last line says most. */
  async error(): Promise<string> {
    await Promise.race([this.ended, new Promise((late) => setTimeout(late, PATIENCE))]);
    return this.wrong;
  }

  read(input: NodeJS.ReadableStream, log: LogOutputChannel): void {
    let level = "INFO";
    const lines = createInterface({ input });
    this.ended = new Promise((ended) => lines.once("close", ended));
    lines.on("line", (line) => {
      const [, given, text] = LEVEL.exec(line) ?? [];
      // The lines of a traceback have no level of their own.
      level = given ?? (line.startsWith("Traceback") ? "ERROR" : level);
      this.wrong = level === "ERROR" && line.trim() !== "" ? (text ?? line) : this.wrong;
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

/** Asks a Python what it is, by running the extension's `probe.py` in it. */
import { execFile } from "node:child_process";
import * as path from "node:path";

export interface Python {
  readonly executable: string;
  readonly version: readonly [number, number, number];
  readonly implementation: string;
  readonly machine: string;
  /** Are the bundled libraries built for it? */
  readonly fits: boolean;
}

const PATIENCE = 15_000; // milliseconds
export const OLDEST = 10; // of Python 3

/** What the Python says; an error text where it does not run. */
export function probe(command: readonly string[], bundled: string): Promise<Python | string> {
  const [program = "", ...rest] = command;
  // Windows looks for programs in the current folder first: that must not be the user's.
  const options = { cwd: bundled, timeout: PATIENCE, windowsHide: true, env: { ...process.env, PYTHONPATH: "" } };
  return new Promise((resolve) => {
    execFile(program, [...rest, path.join(bundled, "probe.py")], options, (error, out, err) => {
      resolve(error ? reason(error, err) : (parsed(out) ?? `it does not respond like a Python interpreter: ${out.slice(0, 200)}`));
    });
  });
}

export function isOldEnough(python: Python): boolean {
  return python.version[0] === 3 && python.version[1] >= OLDEST;
}

export function versionText(python: Python): string {
  return `${python.implementation === "CPython" ? "Python" : python.implementation} ${python.version.join(".")}`;
}

function reason(error: Error & { code?: unknown; killed?: boolean }, err: string): string {
  if (error.code === "ENOENT") {
    return "there is no such program";
  }
  if (error.code === "EACCES") {
    return "it may not be run";
  }
  return error.killed === true ? "it did not answer in time" : (err.trim().split("\n").at(-1) ?? "") || error.message;
}

function parsed(out: string): Python | undefined {
  try {
    return JSON.parse(out) as Python;
  } catch {
    return undefined;
  }
}

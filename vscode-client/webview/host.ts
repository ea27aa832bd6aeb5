/** The extension, seen from the view. */
import type { FromView } from "../src/cheatsheet";

interface Kept {
  readonly query: string;
  readonly open: readonly string[];
}

interface Api {
  postMessage(message: FromView): void;
  getState(): Kept | undefined;
  setState(state: Kept): void;
}

declare function acquireVsCodeApi(): Api;

export const host = acquireVsCodeApi();

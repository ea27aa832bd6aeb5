/** What the server should know of this editor: that its hovers show findings, and whether a general Python server is at
 *  work too, beside which the server offers only the few items that fit best. */
import * as vscode from "vscode";
import type { ClientCapabilities, FeatureState, StaticFeature } from "vscode-languageclient/node";

const SERVERS = [
  "anysphere.cursorpyright",
  "astral-sh.ty",
  "codeium.windsurfpyright",
  "detachhead.basedpyright",
  "meta.pyrefly",
  "ms-pyright.pyright",
];

/** Tells the server, when it is started. */
export class Beside implements StaticFeature {
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    const known = capabilities.experimental as Record<string, unknown> | undefined;
    capabilities.experimental = { ...known, loopwise: { generalServer: isBeside(), hoversFindings: true } };
  }

  initialize(): void {
    // All is said by then.
  }

  getState(): FeatureState {
    return { kind: "static" };
  }

  clear(): void {
    // It holds nothing.
  }
}

/** Microsoft's Python extension starts Jedi wherever Pylance is wanted and is not installed. */
function isBeside(): boolean {
  const chosen = vscode.workspace.getConfiguration("python").get<string>("languageServer", "Default");
  const has = (id: string): boolean => vscode.extensions.getExtension(id) !== undefined;
  return (has("ms-python.python") && chosen !== "None") || SERVERS.some(has);
}

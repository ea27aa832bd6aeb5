/** What a person has set: the server must not take VS Code's defaults for a choice that goes before pyproject.toml. */
import * as vscode from "vscode";

const OWN = new Set(["interpreter", "importStrategy", "trace.server"]);

interface Manifest {
  readonly contributes: { readonly configuration: readonly { readonly properties: Record<string, unknown> }[] };
}

/** The settings for a folder or file that are not left at their defaults, without those of the extension itself. */
export function explicit(context: vscode.ExtensionContext, scope?: vscode.Uri): Record<string, unknown> {
  const where = scope ? { uri: scope, languageId: "python" } : { languageId: "python" };
  const configuration = vscode.workspace.getConfiguration("loopwise", where);
  const found: Record<string, unknown> = {};
  for (const key of keys(context)) {
    if (isSet(configuration.inspect(key))) {
      found[key] = configuration.get(key);
    }
  }
  return found;
}

/** All settings of the server. */
export function keys(context: vscode.ExtensionContext): string[] {
  const manifest = context.extension.packageJSON as Manifest;
  return manifest.contributes.configuration
    .flatMap((group) => Object.keys(group.properties))
    .map((key) => key.replace(/^loopwise\./, ""))
    .filter((key) => !OWN.has(key));
}

function isSet(inspected: object | undefined): boolean {
  return Object.entries(inspected ?? {}).some(([place, value]) => /Value$/.test(place) && !/^default/.test(place) && value !== undefined);
}

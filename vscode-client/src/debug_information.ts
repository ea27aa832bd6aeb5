import * as vscode from "vscode";
import { configured, fromEnvironment } from "./interpreter";
import type { Server } from "./server";
import { explicit } from "./settings";

interface Package {
  readonly version: string;
}

/** What a report of a fault should say, as Markdown; nothing is sent anywhere. */
export function debugInformation(context: vscode.ExtensionContext, server: Server): string {
  const others = vscode.extensions.all.filter((one) => /python|pylance|jupyter|ruff|mypy|pyright|jedi|\bty\b/i.test(one.id));
  const rows: [string, string][] = [
    ["Extension", (context.extension.packageJSON as Package).version],
    ["Server", `${server.status.version ?? "none"}, ${server.status.kind}: ${server.status.detail ?? ""}`],
    ["Command", server.command.join(" ") || "none"],
    ["Interpreter setting", configured().join(" ") || "not set"],
    ["Imports", fromEnvironment() ? "fromEnvironment" : "useBundled"],
    ["VS Code", `${vscode.version}, ${vscode.env.appName}, ${vscode.env.remoteName ?? "local"}`],
    ["System", `${process.platform} ${process.arch}`],
    ["Trusted", String(vscode.workspace.isTrusted)],
    ["Other Python extensions", others.map((one) => `${one.id} ${(one.packageJSON as Package).version}`).join(", ") || "none"],
  ];
  const settings = JSON.stringify(explicit(context, vscode.workspace.workspaceFolders?.[0]?.uri), null, 2);
  return [
    "# Loopwise: debug information",
    "Review this before you share it: it contains paths on your machine. *Loopwise: Show Logs* opens the log.",
    rows.map(([name, value]) => `- ${name}: ${value}`).join("\n"),
    `Settings that differ from the defaults:\n\n\`\`\`json\n${settings}\n\`\`\``,
    "",
  ].join("\n\n");
}

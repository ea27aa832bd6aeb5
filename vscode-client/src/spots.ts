import * as vscode from "vscode";
import type { Spot } from "./cheatsheet";

/** Offer to open the lines that cause what a traceback or log tells. */
export async function offerSpots(spots: readonly Spot[]): Promise<void> {
  const [first, ...others] = spots;
  if (first === undefined) {
    return;
  }
  const more = others.length > 0 ? ` (and ${String(others.length)} more)` : "";
  const open = `Open ${first.label}`;
  const said = first.finding === "" ? "causes this" : first.finding;
  const chosen = await vscode.window.showInformationMessage(`${first.label}: ${said}${more}`, open);
  if (chosen === open) {
    const at = new vscode.Position(first.line, 0);
    const options = { selection: new vscode.Range(at, at) };
    await vscode.window.showTextDocument(vscode.Uri.parse(first.uri), options);
  }
}

/** What is selected in the terminal; empty if nothing is. The clipboard keeps what it held. */
export async function terminalSelection(): Promise<string> {
  const before = await vscode.env.clipboard.readText();
  await vscode.env.clipboard.writeText("");
  await vscode.commands.executeCommand("workbench.action.terminal.copySelection");
  const selected = await vscode.env.clipboard.readText();
  await vscode.env.clipboard.writeText(before);
  return selected.trim();
}

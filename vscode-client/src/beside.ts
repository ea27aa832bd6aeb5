/** Completion beside other servers: behind a dot they are asked too, and what they offer is left to them. */
import * as vscode from "vscode";

type Items = vscode.CompletionItem[] | vscode.CompletionList | null | undefined;
type Provider = () => vscode.ProviderResult<Items>;

const MEMBER = /\.\s*\w*$/;
const PATIENCE = 5000; // milliseconds; VS Code itself waits for them too
const asking = new Set<string>();

/** What `own` offers without what others offer; nothing of ours, while it is the others who are asked. */
export async function withoutOthers(
  document: vscode.TextDocument,
  position: vscode.Position,
  trigger: string | undefined,
  own: Provider,
): Promise<Items> {
  const key = `${document.uri.toString()} ${position.line} ${position.character}`;
  if (asking.has(key)) {
    return undefined;
  }
  const isMember = MEMBER.test(document.lineAt(position).text.slice(0, position.character));
  const isCompanion = vscode.workspace.getConfiguration("loopwise", document).get("completion.mode") !== "full";
  if (!isMember || !isCompanion) {
    return own();
  }
  asking.add(key);
  const theirs = others(document.uri, position, trigger).finally(() => asking.delete(key));
  const late = new Promise<ReadonlySet<string>>((resolve) => setTimeout(resolve, PATIENCE, new Set<string>()));
  const [items, names] = await Promise.all([own(), Promise.race([theirs, late])]);
  const left = (all: vscode.CompletionItem[]): vscode.CompletionItem[] => all.filter((item) => bringsMore(item) || !names.has(label(item)));
  return items && "items" in items ? new vscode.CompletionList(left(items.items), items.isIncomplete) : items && left(items);
}

/** The names that other extensions offer; words of the text are no such thing. */
async function others(uri: vscode.Uri, position: vscode.Position, trigger: string | undefined): Promise<ReadonlySet<string>> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList | undefined>(
    "vscode.executeCompletionItemProvider", uri, position, trigger,
  );
  const poor = [vscode.CompletionItemKind.Text, vscode.CompletionItemKind.Snippet];
  return new Set(list?.items.filter(({ kind }) => kind === undefined || !poor.includes(kind)).map(label));
}

/** An import, an `await`, tab stops: what the others' item of that name does not bring. */
function bringsMore(item: vscode.CompletionItem): boolean {
  return (item.additionalTextEdits?.length ?? 0) > 0 || item.kind === vscode.CompletionItemKind.Snippet;
}

function label(item: vscode.CompletionItem): string {
  return typeof item.label === "string" ? item.label : item.label.label;
}

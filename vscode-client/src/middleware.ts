/** The middleware between VS Code and the server. */
import * as vscode from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import { explicit } from "./settings";

/** Shows what a name, a rule or a message means. */
export interface Explainer {
  explain(text: string): Promise<void>;
}

/** `told` is called when the server has been told of changed files or settings. */
export function middleware(context: vscode.ExtensionContext, explainer: Explainer, told: () => void): Middleware {
  return {
    executeCommand: (command, args: unknown[], next): unknown =>
      // The server's own way is a message, which would have to do without Markdown.
      command === "loopwise.explain" ? explainer.explain(String(args[0])) : next(command, args),
    provideCompletionItem: async (document, position, context, token, next) =>
      withHints(await next(document, position, context, token)),
    provideCodeActions: async (document, range, context_, token, next) =>
      (await next(document, range, context_, token))?.map(named),
    provideHover: async (document, position, token, next) => withLink(await next(document, position, token)),
    workspace: {
      configuration: (params) => {
        setTimeout(told); // once the answer is sent
        return params.items.map((item) => {
          const scope = item.scopeUri === undefined ? undefined : vscode.Uri.parse(item.scopeUri);
          return item.section === "loopwise" ? explicit(context, scope) : null;
        });
      },
      didChangeWatchedFile: async (event, next) => {
        await next(event);
        told();
      },
    },
  };
}

/** The action with our name in its title: the menu also contains those of other tools. */
function named<T extends vscode.CodeAction | vscode.Command>(action: T): T {
  if (!action.title.includes("Loopwise")) {
    action.title += " (Loopwise)";
  }
  return action;
}

type Items = vscode.CompletionItem[] | vscode.CompletionList | null | undefined;

/** The items; accepting one that calls something shows what the call takes. */
function withHints(items: Items): Items {
  for (const item of Array.isArray(items) ? items : (items?.items ?? [])) {
    const text = item.insertText instanceof vscode.SnippetString ? item.insertText.value : "";
    if (/\((?:\$1|\$\{1\b)/.test(text)) {
      item.command = { command: "editor.action.triggerParameterHints", title: "Show Parameters" };
    }
  }
  return items;
}

/** The hover with a link into the cheatsheet, where its card is. */
function withLink(hover: vscode.Hover | null | undefined): vscode.Hover | null | undefined {
  for (const part of hover?.contents ?? []) {
    const name = part instanceof vscode.MarkdownString ? subject(part.value) : undefined;
    if (part instanceof vscode.MarkdownString && name !== undefined) {
      const asked = encodeURIComponent(JSON.stringify([name]));
      const link = `[Cheatsheet](command:loopwise.showCheatsheet?${asked} "Show in the cheatsheet")`;
      const docs = /\[Python documentation\]\([^)]*\)$/;
      part.value = docs.test(part.value) ? `${part.value} · ${link}` : `${part.value}\n\n${link}`;
    }
  }
  return hover;
}

/** What a hover is about, if the cheatsheet has it: `asyncio.Queue` of "**`q: asyncio.Queue[int]`**", or of its signature. */
function subject(markdown: string): string | undefined {
  const title = /^\*\*`(?:\w+: )?([^`]+)`\*\*/.exec(markdown)?.[1];
  const signature = /^```python\n(?:async def |def |class )?(asyncio[\w.]*)/.exec(markdown)?.[1];
  return (title ?? signature)?.replace(/\[.*/, "");
}

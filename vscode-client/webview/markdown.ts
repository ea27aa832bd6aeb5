/** Cards as HTML: Markdown without HTML in it, code with what can be done with it. */
import MarkdownIt from "markdown-it";
import { highlighted } from "./highlight";

const markdown = new MarkdownIt({ html: false, linkify: false });
const SIGNATURE = /^(async def|def|class) \w+.*$/s;

markdown.renderer.rules.fence = (tokens, index) => {
  const code = tokens[index]?.content.replace(/\n$/, "") ?? "";
  const language = tokens[index]?.info.trim() ?? "";
  const body = `<pre tabindex="0"><code>${highlighted(code)}</code></pre>`;
  const isSignature = SIGNATURE.test(code) && !code.includes("\n    ") && !code.includes(":\n");
  return language === "python" && !isSignature ? `<div class="code">${body}${BUTTONS}</div>` : `<div class="code signature">${body}</div>`;
};

const BUTTONS =
  '<div class="actions"><button type="button" data-act="insert" aria-label="Insert this sample">Insert</button><button type="button" data-act="copy" aria-label="Copy this sample">Copy</button></div>';

/** The body below the heading; the card's first line is its title, and what else that says stays. */
export function rendered(text: string): string {
  return markdown.render(text.replace(/^\*\*`[^`]+`\*\*[ ·]*/, ""));
}

/** Code as a person wants it in a file: without what it prints. */
export function withoutOutput(code: string): string {
  return code.replace(/^[ \t]*#> .*\n?/gm, "").replace(/\s+$/, "") + "\n";
}

export { BUTTONS };

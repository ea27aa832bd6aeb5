/** Cards as elements: closed until they are wanted, and filled only then. */
import type { Card, Page } from "../src/cheatsheet";
import { highlighted } from "./highlight";
import { BUTTONS, rendered } from "./markdown";

/** A page that opens, with its cards. */
export function pageElement(page: Page, card: (card: Card) => HTMLElement, toggled: (open: boolean) => void): HTMLDetailsElement {
  const details = element("details", "page");
  details.dataset["id"] = page.page;
  const summary = element("summary");
  const line = element("span", "line");
  line.textContent = plain(page.about.split(/(?<=\.)\s/)[0] ?? "");
  summary.append(heading(page.title), line);
  details.append(summary);
  details.addEventListener("toggle", () => { toggled(details.open); });
  details.append(...page.cards.map(card));
  return details;
}

/** A card that opens; `known` says which names have cards of their own. */
export function cardElement(card: Card, known: ReadonlyMap<string, string>, toggled: (open: boolean) => void): HTMLDetailsElement {
  const details = element("details");
  details.dataset["id"] = card.id;
  const summary = element("summary");
  const name = element("span", "name");
  name.textContent = card.names[0] ?? "";
  const line = element("span", "line");
  line.textContent = plain(card.summary);
  summary.append(name, line);
  details.append(summary);
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) {
      details.append(body(card, known));
    }
    toggled(details.open);
  });
  return details;
}

/** Something explained that is not a card of the list. */
export function explainedElement(title: string, markdown: string, known: ReadonlyMap<string, string>): HTMLElement {
  const section = element("section", "explained");
  const content = element("div", "body");
  content.innerHTML = rendered(markdown);
  // A rule's samples show what is wrong: nobody wants them at the cursor.
  content.querySelectorAll('[data-act="insert"]').forEach((button) => { button.remove(); });
  linkNames(content, known);
  section.append(heading(title), content);
  return section;
}

export function element<K extends keyof HTMLElementTagNameMap>(tag: K, name = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = name;
  return made;
}

/** Markdown of one line without its marks. */
function plain(markdown: string): string {
  return markdown.replaceAll("`", "").replaceAll("**", "");
}

function heading(text: string): HTMLElement {
  const made = element("h2");
  made.textContent = text;
  return made;
}

function body(card: Card, known: ReadonlyMap<string, string>): HTMLElement {
  const content = element("div", "body");
  content.innerHTML = rendered(card.markdown);
  // A form for behind `async with` has the name of the whole.
  const whole = card.snippets.filter(({ name }, index) => card.snippets.findIndex((one) => one.name === name) === index);
  for (const snippet of whole) {
    const box = element("div", "code");
    box.dataset["snippet"] = snippet.name;
    box.innerHTML = `<p class="snippet">Snippet <code></code></p><pre tabindex="0"><code>${highlighted(snippet.code)}</code></pre>${BUTTONS}`;
    const label = box.querySelector("code");
    if (label) {
      label.textContent = snippet.name;
    }
    content.append(box);
  }
  linkNames(content, known);
  return content;
}

/** Names in the text that have cards become ways to them. */
function linkNames(content: HTMLElement, known: ReadonlyMap<string, string>): void {
  for (const code of content.querySelectorAll(":not(pre) > code")) {
    const name = code.textContent.replace(/\(.*\)$/, "");
    if (known.has(name) && !code.closest("a")) {
      const link = element("a");
      link.href = "#";
      link.dataset["name"] = name;
      code.replaceWith(link);
      link.append(code);
    }
  }
}

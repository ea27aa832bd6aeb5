/** The cheatsheet view: a search field, and pages of cards below it. */
import type { Because, Card, Cheatsheet, Explanation, Page, ToView } from "../src/cheatsheet";
import { cardElement, element, explainedElement, pageElement } from "./cards";
import { host } from "./host";
import { moveOnArrow } from "./keyboard";
import { withoutOutput } from "./markdown";
import { isMessage, search } from "./search";

const query = document.getElementById("query") as HTMLInputElement;
const results = document.getElementById("results") as HTMLElement;
const count = document.getElementById("count") as HTMLElement;
const known = new Map<string, string>(); // names to ids
const open = new Set(host.getState()?.open);
let sheet: Cheatsheet = { target: "", pages: [] };
let typing: ReturnType<typeof setTimeout> | undefined;

query.value = host.getState()?.query ?? "";
query.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(list, 60);
});
document.addEventListener("keydown", (event) => { moveOnArrow(event, query); });
results.addEventListener("click", clicked);
window.addEventListener("message", (event: MessageEvent<ToView>) => { receive(event.data); });
host.postMessage({ type: "ready" });

function receive(message: ToView): void {
  switch (message.type) {
    case "cheatsheet":
      take(message.cheatsheet);
      break;
    case "state":
      if (sheet.pages.length === 0) {
        count.textContent = message.text;
      }
      break;
    case "show":
      show(message.name);
      break;
    case "explained":
      explained(message.asked, message.explanation, message.because);
  }
}

function take(cheatsheet: Cheatsheet): void {
  sheet = cheatsheet;
  known.clear();
  for (const card of cards()) {
    card.names.forEach((name) => known.set(name, card.id));
  }
  list();
}

/** The pages, or what is searched for. */
function list(): void {
  const text = query.value.trim();
  keep();
  if (text === "") {
    results.replaceChildren(...sheet.pages.map(madePage));
    count.textContent = `${cards().length} cards for Python ${sheet.target}`;
    return;
  }
  const hits = search(cards(), text);
  results.replaceChildren(...hits.map(made));
  count.textContent = hits.length === 1 ? "1 card" : `${hits.length || "No"} cards`;
  if (hits.length === 0 || isMessage(text)) {
    host.postMessage({ type: "explain", text });
  }
}

/** Open a card; what is no card's name is searched for. */
function show(name: string): void {
  const id = known.get(name) ?? known.get(`asyncio.${name}`);
  if (id === undefined) {
    ask(name);
    return;
  }
  reveal(id);
}

function explained(asked: string, explanation: Explanation, because: Because): void {
  if (because === "searched" && asked !== query.value.trim()) {
    return; // other words stand there by now
  }
  if (explanation.card !== null && known.size > 0) {
    reveal(explanation.card);
    return;
  }
  if (because === "searched" && !explanation.markdown && search(cards(), asked).length > 0) {
    return; // the cards that were found stay
  }
  const answers = explanation.near.map((name) => cards().find((card) => card.names.includes(name))).filter((card) => card !== undefined);
  if (because === "searched" && !explanation.markdown && answers.length > 0) {
    results.replaceChildren(...answers.map(made));
    count.textContent = answers.length === 1 ? "1 card" : `${answers.length} cards`;
    return;
  }
  const first = explanation.markdown ? explainedElement(explanation.name, explanation.markdown, known) : nothing(asked, explanation.near);
  results.replaceChildren(first);
  count.textContent = explanation.markdown ? `Explained: ${explanation.name}` : `Nothing is known about ${asked.slice(0, 60)}`;
  if (because !== "followed") {
    document.documentElement.scrollTop = 0;
  }
}

/** Open a card and bring it into view, out of a search if it is not among what is found. */
function reveal(id: string): void {
  const at = (): HTMLDetailsElement | undefined =>
    [...results.querySelectorAll("details")].find((one) => one.dataset["id"] === id);
  if (!at()) {
    query.value = "";
    list();
  }
  const details = at();
  if (details) {
    results.querySelectorAll(".current").forEach((one) => { one.classList.remove("current"); });
    details.classList.add("current");
    details.closest<HTMLDetailsElement>("details.page")?.setAttribute("open", "");
    details.open = true;
    details.scrollIntoView({ block: "start" });
    count.textContent = details.querySelector(".name")?.textContent ?? "";
  }
}

function ask(text: string): void {
  query.value = text;
  list();
}

function clicked(event: MouseEvent): void {
  const target = event.target instanceof Element ? event.target : null;
  const link = target?.closest<HTMLElement>("[data-name]");
  const button = target?.closest<HTMLElement>("button[data-act]");
  if (link) {
    event.preventDefault();
    show(link.dataset["name"] ?? "");
  } else if (button) {
    const box = button.closest<HTMLElement>(".code");
    const code = withoutOutput(box?.querySelector("pre")?.textContent ?? "");
    host.postMessage(
      button.dataset["act"] === "copy" ? { type: "copy", code } : { type: "insert", code, snippet: box?.dataset["snippet"] },
    );
  }
}

function made(card: Card): HTMLElement {
  const details = cardElement(card, known, (now) => { toggled(card.id, now); });
  details.open = open.has(card.id);
  return details;
}

function madePage(page: Page): HTMLElement {
  const details = pageElement(page, made, (now) => { toggled(page.page, now); });
  details.open = open.has(page.page);
  return details;
}

function toggled(id: string, now: boolean): void {
  if (now) {
    open.add(id);
  } else {
    open.delete(id);
  }
  keep();
}

function nothing(asked: string, near: readonly string[]): HTMLElement {
  const line = element("p", "nothing");
  line.append(near.length > 0 ? "Did you mean " : `There is no card for “${asked.slice(0, 60)}”.`);
  near.forEach((name, index) => {
    const link = element("a");
    link.href = "#";
    link.dataset["name"] = name;
    link.textContent = name;
    line.append(index > 0 ? ", " : "", link);
  });
  line.append(near.length > 0 ? "?" : "");
  return line;
}

function cards(): Card[] {
  return sheet.pages.flatMap((page) => page.cards);
}

function keep(): void {
  host.setState({ query: query.value, open: [...open] });
}

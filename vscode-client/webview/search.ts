/** Which cards a few words mean, the best first. */
import type { Card } from "../src/cheatsheet";

const MOST = 8;
// Words of a question that say nothing of its subject.
const FILLER = new Set("a an and at can do does for how i in is it my of on or some the things to what when with".split(" "));

/** Is it a message of Python's, or a part of a traceback, and not the name of a card? */
export function isMessage(text: string): boolean {
  return /^Traceback\b|(?:Error|Exception|Warning|CancelledError): |\bwas never\b|: '|\bevent loop\b.*\b(?:is|running|closed)\b/.test(text);
}

/** 0: not meant. */
export function score(card: Card, query: string): number {
  const names = card.names.map((name) => name.toLowerCase());
  if (names.some((name) => name === query || name === `asyncio.${query}`)) {
    return 5;
  }
  if (names.some((name) => name.endsWith(`.${query}`))) {
    return 4;
  }
  const words = wordsOf(query);
  const all = (text: string): boolean => words.every((word) => text.includes(word));
  if (names.some(all)) {
    return 3;
  }
  if (all(`${names.join(" ")} ${card.summary.toLowerCase()}`)) {
    return 2;
  }
  return all(card.markdown.toLowerCase()) ? 1 : 0;
}

/** The cards that are meant. */
export function search(cards: readonly Card[], text: string): Card[] {
  const query = text.trim().toLowerCase().replace(/\(\)$/, "");
  const found = cards.map((card) => [score(card, query), card] as const).filter(([points]) => points > 0);
  if (found.length === 0) {
    return nearest(cards, wordsOf(query));
  }
  const best = Math.max(0, ...found.map(([points]) => points));
  // Cards that merely mention a name are noise beside the one that has it.
  return found.filter(([points]) => best < 4 || points > 1).sort(([a], [b]) => b - a).map(([, card]) => card);
}

/** The words of a question without those that say nothing; all of them if none is left. */
function wordsOf(query: string): string[] {
  const words = query.split(/[\s?!,]+/).filter((word) => word !== "");
  const telling = words.filter((word) => !FILLER.has(word));
  return telling.length > 0 ? telling : words;
}

/** The cards that have most of the words, those with them in name and summary first. */
function nearest(cards: readonly Card[], words: readonly string[]): Card[] {
  const points = (card: Card): number => {
    const head = `${card.names.join(" ")} ${card.summary}`.toLowerCase();
    const body = card.markdown.toLowerCase();
    return words.reduce((sum, word) => sum + (head.includes(word) ? 3 : body.includes(word) ? 1 : 0), 0);
  };
  const found = cards.map((card) => [points(card), card] as const).filter(([sum]) => sum > words.length);
  return found.sort(([a], [b]) => b - a).slice(0, MOST).map(([, card]) => card);
}

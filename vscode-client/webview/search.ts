/** Which cards a few words mean, the best first. */
import type { Card } from "../src/cheatsheet";

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
  const words = query.split(/[\s?!,]+/).filter((word) => word !== "");
  const all = (text: string): boolean => words.every((word) => text.includes(word));
  if (names.some(all)) {
    return 3;
  }
  if (all(`${names.join(" ")} ${card.summary.toLowerCase()}`)) {
    return 2;
  }
  return all(card.markdown.toLowerCase()) ? 1 : 0;
}

/** The cards that have all the words; which ones answer a question the server knows. */
export function search(cards: readonly Card[], text: string): Card[] {
  const query = text.trim().toLowerCase().replace(/\(\)$/, "");
  const found = cards.map((card) => [score(card, query), card] as const).filter(([points]) => points > 0);
  const best = Math.max(0, ...found.map(([points]) => points));
  // Cards that merely mention a name are noise beside the one that has it.
  return found.filter(([points]) => best < 4 || points > 1).sort(([a], [b]) => b - a).map(([, card]) => card);
}

/** Which cards a few words mean, the best first. */
import type { Card } from "../src/cheatsheet";

/** 0: not meant. */
export function score(card: Card, query: string): number {
  const names = card.names.map((name) => name.toLowerCase());
  if (names.some((name) => name === query || name === `asyncio.${query}`)) {
    return 5;
  }
  if (names.some((name) => name.endsWith(`.${query}`))) {
    return 4;
  }
  const words = query.split(/\s+/);
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
  const best = Math.max(0, ...found.map(([points]) => points));
  // Cards that merely mention a name are noise beside the one that has it.
  return found.filter(([points]) => best < 4 || points > 1).sort(([a], [b]) => b - a).map(([, card]) => card);
}

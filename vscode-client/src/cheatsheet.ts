/** What the server says of the cheatsheet, and what the extension and its view tell each other. */

export interface Snippet {
  readonly name: string;
  readonly code: string;
}

export interface Card {
  readonly id: string;
  readonly names: readonly string[];
  readonly summary: string;
  readonly markdown: string;
  readonly snippets: readonly Snippet[];
}

export interface Page {
  readonly page: string;
  readonly title: string;
  readonly about: string;
  readonly cards: readonly Card[];
}

export interface Cheatsheet {
  readonly target: string;
  readonly pages: readonly Page[];
}

export interface Explanation {
  readonly name: string;
  readonly markdown: string;
  readonly card: string | null;
  readonly near: readonly string[];
  readonly spots?: readonly Spot[];
}

/** A line that causes what a traceback or log tells; counted from 0. */
export interface Spot {
  readonly uri: string;
  readonly line: number;
  readonly label: string;
  readonly finding: string;
}

/** A snippet as it is written at a place, and what goes above it. */
export interface Adapted {
  readonly body: string;
  readonly edits: readonly { readonly range: Range; readonly newText: string }[];
}

export interface Range {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

/** What a person wants at the cursor: a sample's code, or what a snippet of that name makes. */
export interface Insertion {
  readonly code: string;
  readonly snippet?: string | undefined;
}

export type ToView =
  | { readonly type: "cheatsheet"; readonly cheatsheet: Cheatsheet }
  | { readonly type: "state"; readonly text: string }
  | { readonly type: "show"; readonly name: string }
  | { readonly type: "explained"; readonly asked: string; readonly explanation: Explanation; readonly because: Because };

/** Why something is explained: a person asked for it, the search found nothing, or the cursor is there. */
export type Because = "asked" | "searched" | "followed";

export type FromView =
  | { readonly type: "ready" }
  | { readonly type: "explain"; readonly text: string }
  | ({ readonly type: "insert" } & Insertion)
  | { readonly type: "copy"; readonly code: string };

/** What the server says of the cheatsheet, and what the extension and its view tell each other. */

export interface Snippet {
  readonly name: string;
  readonly body: string;
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
}

export type ToView =
  | { readonly type: "cheatsheet"; readonly cheatsheet: Cheatsheet }
  | { readonly type: "state"; readonly text: string }
  | { readonly type: "search"; readonly text: string }
  | { readonly type: "show"; readonly name: string }
  | { readonly type: "explained"; readonly asked: string; readonly explanation: Explanation; readonly follows: boolean };

export type FromView =
  | { readonly type: "ready" }
  | { readonly type: "explain"; readonly text: string }
  | { readonly type: "insert"; readonly code: string; readonly snippet: boolean }
  | { readonly type: "copy"; readonly code: string };

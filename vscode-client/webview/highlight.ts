/** Colours for Python. */

const WORDS =
  "and|as|assert|async|await|break|case|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|match|nonlocal|not|or|pass|raise|return|try|while|with|yield|None|True|False";
const TOKEN = new RegExp(
  [
    "(?<comment>#[^\\n]*)",
    "(?<string>\\b[rbfRBF]{0,2}(?:\"\"\"[\\s\\S]*?\"\"\"|'''[\\s\\S]*?'''|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])*'))",
    "(?<string2>\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])*')",
    `\\b(?<keyword>${WORDS})\\b`,
    "\\b(?<number>\\d[\\d_.]*)\\b",
    "(?<=\\b(?:def|class)\\s+)(?<name>\\w+)",
  ].join("|"),
  "g",
);

/** HTML of code, all of it escaped. */
export function highlighted(code: string): string {
  let html = "";
  let last = 0;
  for (const match of code.matchAll(TOKEN)) {
    const groups: Record<string, string | undefined> = match.groups ?? {};
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined) ?? "";
    html += escaped(code.slice(last, match.index)) + `<span class="${kind.replace("2", "")}">${escaped(match[0])}</span>`;
    last = match.index + match[0].length;
  }
  return html + escaped(code.slice(last));
}

export function escaped(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (letter) => names[letter] ?? letter);
}

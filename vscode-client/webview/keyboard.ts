/** From the search field into the cards and along them, by arrow; `/` and Escape lead back to the field. */
export function moveOnArrow(event: KeyboardEvent, query: HTMLInputElement): void {
  const at = document.activeElement;
  if ((event.key === "/" && at !== query) || (event.key === "Escape" && at !== query)) {
    event.preventDefault();
    query.focus();
    query.select();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const summaries = [...document.querySelectorAll<HTMLElement>("summary")].filter((one) => one.checkVisibility());
  const index = summaries.indexOf(at as HTMLElement);
  if (step === undefined || (at !== query && index < 0)) {
    return;
  }
  event.preventDefault();
  (index + step < 0 ? query : summaries[index + step])?.focus();
}

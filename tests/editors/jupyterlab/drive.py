"""Drives JupyterLab in a real Chromium like a user: run by its own Python, it prints the page's texts as JSON.

``drive.py ADDRESS CHROMIUM PICTURE``; the picture is of the page as it was at the end.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import Any

from playwright.sync_api import Error, Page, sync_playwright

PATIENCE = 60_000  # ms
MARKS = ".cm-lintRange, .cm-lsp-diagnostic, [class*='cm-lintRange']"


def findings(page: Page) -> list[str]:
    page.wait_for_selector(MARKS, timeout=PATIENCE)
    page.wait_for_timeout(2_000)  # those of all cells come one after the other
    return [mark.inner_text() for mark in page.query_selector_all(MARKS)]


def hover(page: Page, word: str) -> str:
    """Return the tooltip over a word, which jupyterlab-lsp shows while Control is held."""
    place = page.locator(f".jp-CodeCell .cm-line :text-is('{word}')").last
    page.keyboard.down("Control")
    text = ""
    for _ in range(20):
        place.hover(force=True)
        page.mouse.move(*_jittered(place))
        with suppress(Error):
            page.wait_for_selector(".lsp-hover, .jp-Tooltip, [class*='Hover']", timeout=2_000)
            text = page.locator(".lsp-hover, .jp-Tooltip").last.inner_text(timeout=1_000)
            if text.strip():
                break
    page.keyboard.up("Control")
    return text


def _jittered(place: Any) -> tuple[float, float]:
    box = place.bounding_box() or {"x": 0, "y": 0, "width": 2, "height": 2}
    return box["x"] + box["width"] / 2 + 1, box["y"] + box["height"] / 2


def complete(page: Page) -> list[str]:
    """Return the menu at the end of the last cell."""
    page.mouse.move(5, 5)
    page.keyboard.press("Escape")  # the hover goes
    page.wait_for_timeout(1_000)
    page.locator(".jp-CodeCell .cm-line").last.click(force=True)
    page.keyboard.press("End")
    page.keyboard.type("s")
    for _ in range(10):  # JupyterLab gives up on servers that do not answer within a second, as on a busy machine
        page.wait_for_timeout(1_000)
        page.keyboard.press("Tab")
        with suppress(Error):
            page.wait_for_selector(".jp-Completer .jp-Completer-match", timeout=5_000)
            break
    page.wait_for_selector(".jp-Completer .jp-Completer-match", timeout=5_000)
    page.wait_for_timeout(2_000)
    return [item.inner_text() for item in page.query_selector_all(".jp-Completer .jp-Completer-match")]


def main() -> None:
    address, chromium, picture = sys.argv[1:]
    seen: dict[str, Any] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        try:
            page.wait_for_selector(".jp-CodeCell .cm-content", timeout=PATIENCE)
            seen["findings"] = findings(page)
            seen["hover"] = hover(page, "sleep")
            seen["completions"] = complete(page)
        except Error as error:
            seen["trouble"] = str(error)
        page.screenshot(path=picture)
        browser.close()
    print(json.dumps(seen))


if __name__ == "__main__":
    main()

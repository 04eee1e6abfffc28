"""Run the installed Chromium with Playwright, without downloading a browser."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
REMEDY: Final = "Chromium is not installed, so pages cannot be tested; run apt-get install chromium fonts-noto-cjk"


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium without a window, and stop it at the end of the context.

    Raises:
        pytest.skip.Exception: Chromium is not installed. On GitHub, this is a failure instead.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        (pytest.fail if os.environ.get("GITHUB_ACTIONS") else pytest.skip)(REMEDY)
    # In containers, tests run as root, for which Chromium has no sandbox, and /dev/shm is too small.
    arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield started
        finally:
            started.close()


def axe() -> str:
    """Return the source of axe-core, from the package `axe-playwright-python`."""
    spec = find_spec("axe_playwright_python")
    assert spec
    assert spec.origin
    return Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Return the findings of axe-core on a page: rule, explanation, count, and the first element."""
    page.evaluate("source => window.axe ?? (0, eval)(source)", axe())
    # Preloading would load style sheets again, which browsers forbid for pages opened from disk.
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations'], preload: false})")
    return [
        f"{each['id']}: {each['help']} ({len(each['nodes'])}): {each['nodes'][0]['html'][:200]}"
        for each in found["violations"]
    ]

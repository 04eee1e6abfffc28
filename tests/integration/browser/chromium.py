"""Chromium as the machine has it, driven by Playwright, which downloads none."""

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
REMEDY: Final = "no page is looked at: Chromium is missing; install it: apt-get install chromium fonts-noto-cjk"


@contextmanager
def browser() -> Iterator[Browser]:
    """Start the machine's Chromium without a window, and stop it.

    Raises:
        pytest.skip.Exception: there is none; on GitHub, which has one, that is a failure.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        (pytest.fail if os.environ.get("GITHUB_ACTIONS") else pytest.skip)(REMEDY)
    # Containers run tests as root, for whom Chromium has no sandbox, and give /dev/shm too little room.
    arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield started
        finally:
            started.close()


def axe() -> str:
    """The source of axe-core, as a package of PyPI carries it."""
    spec = find_spec("axe_playwright_python")
    assert spec
    assert spec.origin
    return Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with a page: rule, what it asks for, and the first element that breaks it."""
    page.evaluate("source => window.axe ?? (0, eval)(source)", axe())
    # It would load style sheets once more, which a browser refuses a page from disk.
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations'], preload: false})")
    return [
        f"{each['id']}: {each['help']} ({len(each['nodes'])}): {each['nodes'][0]['html'][:200]}"
        for each in found["violations"]
    ]

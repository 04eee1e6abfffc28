"""The site of the tests' environments, built once, and the browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.integration.browser import chromium
from tests.integration.browser.visits import HEIGHT, WIDTHS, Visit, visit_all
from tests.integration.test_site import docs

TIMEOUT = 15_000
"""Milliseconds for one action on a page."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.browser() as started:
        yield started


@pytest.fixture(scope="session")
def site(browser: Browser, copied: Path, synthesized: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site. It is built only if there is a browser."""
    assert browser.is_connected()
    out = tmp_path_factory.mktemp("site") / "seen"
    done = docs(copied, synthesized, "--out", str(out))
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="session")
def visits(browser: Browser, site: Path) -> dict[str, Visit]:
    """The observations on each page."""
    return visit_all(browser, site)


@pytest.fixture(params=WIDTHS)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty page at each width."""
    context = browser.new_context(viewport={"width": request.param, "height": HEIGHT}, reduced_motion="reduce")
    context.set_default_timeout(TIMEOUT)
    yield context.new_page()
    context.close()

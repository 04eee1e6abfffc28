"""Visit every page of a site in a browser, and record what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, Page

from tests.integration.browser.chromium import violations

WIDTHS: Final = (1280, 390)
"""In CSS pixels: a laptop and a phone."""
HEIGHT: Final = 900
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
LOCAL: Final = ("file:", "data:", "blob:")
_WIDER: Final = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_CULPRITS: Final = """() => [...document.querySelectorAll("main *")]
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
    .filter(each => !each.closest(".diagram-view, pre, .md-typeset__scrollwrap"))
    .slice(0, 3).map(each => each.tagName.toLowerCase() + "." + each.className)"""
_DRAWN: Final = """() => [...document.querySelectorAll("figure.diagram")]
    .map(figure => [...figure.querySelectorAll("svg [data-node]")])
    .map(nodes => nodes.filter(node => node.getBoundingClientRect().width > 0).length)"""
_UNIFORM: Final = "adr"
"""A folder whose pages all have the same form."""


@dataclass(frozen=True)
class Visit:
    """The observations on a page.

    Attributes:
        errors: Console errors and exceptions.
        requests: Requests to the network.
        overflow: Width and theme → the number of pixels by which the page is too wide, and the elements that cause it.
        violations: Width and theme → the findings of axe-core.
        drawn: The number of visible nodes in each figure.
    """

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    overflow: dict[str, str] = field(default_factory=dict)
    violations: dict[str, list[str]] = field(default_factory=dict)
    drawn: list[int] = field(default_factory=list)


def pages(site: Path) -> Iterator[Path]:
    """Yield every page of a site."""
    yield from sorted(site.rglob("*.html"))


def visit_all(browser: Browser, site: Path) -> dict[str, Visit]:
    """Open each page of a site from disk. Returns the observations by path."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    found = {path.relative_to(site).as_posix(): visit(page, path, _checked(path, site)) for path in pages(site)}
    context.close()
    return found


def _checked(path: Path, site: Path) -> frozenset[str]:
    """Return the widths and themes in which axe-core checks a page, which takes seconds.

    Each width and each theme is checked once. Pages in another language have the same elements, and of pages with the
    same form only the first is checked.
    """
    is_first = path == min(path.parent.glob("*.html"))
    if _UNIFORM in path.parts and not is_first:
        return frozenset()
    return frozenset({"1280 light", "390 dark"} if path.is_relative_to(site / "en") else {"390 dark"})


def visit(page: Page, path: Path, checked: frozenset[str]) -> Visit:
    """Open one page from disk, at each width and in each theme.

    Args:
        page: A page of the browser.
        path: The file to open.
        checked: The widths and themes in which axe-core checks the page: `1280 light`.
    """
    seen = Visit()
    listeners = {
        "console": lambda message: seen.errors.append(message.text) if message.type == "error" else None,
        "pageerror": lambda error: seen.errors.append(str(error)),
        "request": lambda request: None if request.url.startswith(LOCAL) else seen.requests.append(request.url),
    }
    for event, handler in listeners.items():
        page.on(event, handler)  # type: ignore[call-overload]  # it has a signature for each name
    page.goto(path.as_uri())
    seen.drawn.extend(page.evaluate(_DRAWN))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            _look(page, seen, f"{width} {theme}", checked)
    for event, handler in listeners.items():
        page.remove_listener(event, handler)
    return seen


def _look(page: Page, seen: Visit, window: str, checked: frozenset[str]) -> None:
    if (wider := page.evaluate(_WIDER)) > 0:
        seen.overflow[window] = f"{wider} px: {', '.join(page.evaluate(_CULPRITS))}"
    if window in checked and (wrong := violations(page)):
        seen.violations[window] = wrong

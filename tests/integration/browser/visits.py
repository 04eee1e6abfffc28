"""What a browser sees of each page of a site."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, Page

from tests.integration.browser.chromium import violations

WIDTHS: Final = (1280, 390)
"""CSS pixels: a laptop, and a telephone."""
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
_ONE_OF_MANY: Final = "adr"
"""A folder of pages of one form."""


@dataclass(frozen=True)
class Visit:
    """A page as it was seen.

    Attributes:
        errors: What the console reports as errors, and exceptions.
        left: Requests that leave the machine.
        overflow: Width and theme → how many pixels the page is wider than the window, and what is.
        violations: Width and theme → what axe-core finds wrong.
        drawn: Of each diagram, how many nodes can be seen.
    """

    errors: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    overflow: dict[str, str] = field(default_factory=dict)
    violations: dict[str, list[str]] = field(default_factory=dict)
    drawn: list[int] = field(default_factory=list)


def pages(site: Path) -> Iterator[Path]:
    """Every page of a site."""
    yield from sorted(site.rglob("*.html"))


def visit_all(browser: Browser, site: Path) -> dict[str, Visit]:
    """Open each page of a site from disk. Returns what was seen, by the page's path."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    found = {path.relative_to(site).as_posix(): visit(page, path, _judged(path, site)) for path in pages(site)}
    context.close()
    return found


def _judged(path: Path, site: Path) -> frozenset[str]:
    """The windows in which axe-core looks at a page, which takes it seconds.

    Each width and each theme once; another language has the same elements, and pages of one form need one.
    """
    is_first = path == min(path.parent.glob("*.html"))
    if _ONE_OF_MANY in path.parts and not is_first:
        return frozenset()
    return frozenset({"1280 light", "390 dark"} if path.is_relative_to(site / "en") else {"390 dark"})


def visit(page: Page, path: Path, judged: frozenset[str]) -> Visit:
    """Open one page from disk, and look at it at each width and in each theme.

    Args:
        page: Of a browser, to open it in.
        path: Its file.
        judged: The windows in which axe-core looks at it: `1280 light`.
    """
    seen = Visit()
    heard = {
        "console": lambda message: seen.errors.append(message.text) if message.type == "error" else None,
        "pageerror": lambda error: seen.errors.append(str(error)),
        "request": lambda request: None if request.url.startswith(LOCAL) else seen.left.append(request.url),
    }
    for event, handler in heard.items():
        page.on(event, handler)  # type: ignore[call-overload]  # it has a signature for each name
    page.goto(path.as_uri())
    seen.drawn.extend(page.evaluate(_DRAWN))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            _look(page, seen, f"{width} {theme}", judged)
    for event, handler in heard.items():
        page.remove_listener(event, handler)
    return seen


def _look(page: Page, seen: Visit, window: str, judged: frozenset[str]) -> None:
    if (wider := page.evaluate(_WIDER)) > 0:
        seen.overflow[window] = f"{wider} px: {', '.join(page.evaluate(_CULPRITS))}"
    if window in judged and (wrong := violations(page)):
        seen.violations[window] = wrong

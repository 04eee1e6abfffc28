"""The generated pages of the tests' environments, rendered Markdown, and stacks with markup in their names."""

import functools
import re
from html.parser import HTMLParser
from typing import Any, Final

from markdown_it import MarkdownIt

from tests.syntheses import synthesis
from wealist.checks.finding import Synthesis
from wealist.docs import write

_READER = MarkdownIt("commonmark").enable("table")
ALLOWED = {"<br>", "<code>", "</code>"}
"""The only HTML in the Markdown of pages."""
HARMLESS: Final = frozenset({"br", "code", "h1", "h2", "h3", "h4", "li", "ol", "p", "pre", "strong", "ul", "a", "em"})
TABLE: Final = frozenset({"table", "thead", "tbody", "tr", "th", "td"})
HOSTILE: Final = "</code><img src=x onerror=alert(1)>`|**bold** [evil](http://evil.example) <br>\"'&lt;{{ x }}${y"
"""HTML, Markdown, the ends of code, cells and labels, entities, and template syntax."""
NAMING: Final = re.compile(
    r"(?:^|_)(?:name|bucket|comment|alias|aliases|description|identifier|Name|id|message_body|alarm_name"
    r"|health_path|path|prefix|window|class|type|version|engine|metric_name|namespace|values|domain_name)$"
)
READ: Final = frozenset(
    {"vpc_endpoint_type", "service_name", "load_balancer_type", "type", "availability_zone", "resource_type"}
)
"""Arguments that the proofs interpret. Other values would be rejected."""


@functools.cache
def described() -> dict[str, str]:
    """Return every page by path."""
    return write.files(synthesis())


def page(path: str) -> str:
    return described()[f"docs/architecture/{path}.md"]


def rendered(markdown: str) -> str:
    """Render CommonMark with tables, as GitHub does."""
    return str(_READER.render(markdown))


class Tags(HTMLParser):
    """Collects the elements of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def words(markdown: str) -> str:
    """Return the text of a rendered page."""
    return "".join(_Words(rendered(markdown)).found)


class _Words(HTMLParser):
    """Collects text, with a space between cells, items and lines."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, _: object) -> None:
        self.found.append(" " if tag in {"td", "th", "br", "li", "p"} else "")


def of(found: Synthesis) -> dict[str, str]:
    return write.files(found)


def hostile(value: Any, key: str = "") -> Any:
    """Append `HOSTILE` to every name and description in a value."""
    if isinstance(value, dict):
        return {name: hostile(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [hostile(each, key) for each in value]
    is_name = isinstance(value, str) and NAMING.search(key) and key not in READ and "${" not in value
    return f"{value}{HOSTILE}" if is_name else value

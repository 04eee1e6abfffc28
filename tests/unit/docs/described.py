"""The pages of the tests' environments, and how readers of Markdown take them."""

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
"""What each field is given: HTML, Markdown, the ends of code, cells and labels, entities, templates."""
NAMING: Final = re.compile(
    r"(?:^|_)(?:name|bucket|comment|alias|aliases|description|identifier|Name|id|message_body|alarm_name"
    r"|health_path|path|prefix|window|class|type|version|engine|metric_name|namespace|values|domain_name)$"
)
READ: Final = frozenset(
    {"vpc_endpoint_type", "service_name", "load_balancer_type", "type", "availability_zone", "resource_type"}
)
"""Arguments by which the proofs know what something is: with another value they refuse the stack."""


@functools.cache
def described() -> dict[str, str]:
    """Every page, by path."""
    return write.files(synthesis())


def page(path: str) -> str:
    return described()[f"docs/architecture/{path}.md"]


def rendered(markdown: str) -> str:
    """What GitHub makes of a page, as far as CommonMark and tables go."""
    return str(_READER.render(markdown))


class Tags(HTMLParser):
    """Collects what a page would do: elements with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def words(markdown: str) -> str:
    """A page as a reader sees it, without its markup."""
    return "".join(_Words(rendered(markdown)).found)


class _Words(HTMLParser):
    """Collects texts; cells, items and lines are apart."""

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
    """A value with `HOSTILE` behind every text that names or describes something."""
    if isinstance(value, dict):
        return {name: hostile(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [hostile(each, key) for each in value]
    is_name = isinstance(value, str) and NAMING.search(key) and key not in READ and "${" not in value
    return f"{value}{HOSTILE}" if is_name else value

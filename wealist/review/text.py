"""Text that comes from a plan, made harmless: names and values are shown, and never act as markup.

span, tag, block → code in Markdown, in HTML, and in a fence: GitHub links no names, issues or commits in code

https://github.github.com/gfm/#code-spans and https://github.github.com/gfm/#fenced-code-blocks
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from wealist.review.difference import Line, visible_line
from wealist.review.finding import Code, Words, listed
from wealist.review.visible import cut, visible

if TYPE_CHECKING:
    from wealist.costs.difference import CostDifference

_BACKTICKS: Final = re.compile(r"`+")


def counted(number: int, noun: str) -> str:
    """`1 note`, `2 notes`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def unjudged_words(types: Mapping[str, int], unread: Iterable[str]) -> Iterator[Words]:
    """`3 resources of types that nothing here judges: a (2) and b`; and parts of the plan that nothing here reads."""
    if types:
        names = [f"{kind} ({number})" if number > 1 else kind for kind, number in sorted(types.items())]
        number = sum(types.values())
        yield (f"{counted(number, 'resource')} of types that nothing here judges: ", *listed(names))
    if parts := list(unread):
        yield ("parts of the plan that nothing here reads: ", *listed(parts))


def cost_words(costs: "CostDifference | None") -> Iterator[Words]:
    """`+$31.20 a month: NAT gateways +$31.20; not known: the price of aws_x.y`; nothing where no cost changes."""
    if costs:
        known = costs.words if costs.parts else "costs change"
        yield (known, *(("; not known: the price of ", *listed(list(costs.unknown))) if costs.unknown else ()))


def span(text: str) -> str:
    """Code in a line of Markdown."""
    shown = cut(visible(text)) or " "
    fence = "`" * (_longest_run(shown) + 1)
    padding = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def tag(text: str) -> str:
    """Code in a line of HTML, where Markdown means nothing."""
    return f"<code>{html.escape(cut(visible(text)))}</code>"


def sentence(words: Words) -> str:
    """A sentence in Markdown."""
    return "".join(span(word) if isinstance(word, Code) else word for word in words)


def plain(words: Words) -> str:
    """A sentence without markup."""
    return "".join(cut(visible(word)) if isinstance(word, Code) else word for word in words)


def block(lines: Iterable[Line], *, indent: str = "") -> str:
    """A fence with a difference in it, each line indented."""
    shown = [visible_line(line) for line in lines]
    fence = "`" * max(3, max(map(_longest_run, shown), default=0) + 1)
    return "\n".join(f"{indent}{line}" for line in (f"{fence}diff", *shown, fence))


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)

"""Text that comes from a plan, made harmless: names and values are shown, and never act as markup.

span, tag, block → code in Markdown, in HTML, and in a fence: GitHub links no names, issues or commits in code

https://github.github.com/gfm/#code-spans and https://github.github.com/gfm/#fenced-code-blocks
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from wealist.review.difference import Line, visible_line
from wealist.review.finding import Code, Words, join_names
from wealist.review.values import truncate, visible

if TYPE_CHECKING:
    from wealist.costs.difference import CostDifference

from itertools import groupby, takewhile

_BACKTICKS: Final = re.compile(r"`+")


def count_noun(number: int, noun: str) -> str:
    """`1 note`, `2 notes`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def unjudged_words(types: Mapping[str, int], unread: Iterable[str]) -> Iterator[Words]:
    """`3 resources of types that nothing here judges: a (2) and b`; and parts of the plan that nothing here reads."""
    if types:
        names = [f"{kind} ({number})" if number > 1 else kind for kind, number in sorted(types.items())]
        number = sum(types.values())
        yield (f"{count_noun(number, 'resource')} of types that nothing here judges: ", *join_names(names))
    if parts := list(unread):
        yield ("parts of the plan that nothing here reads: ", *join_names(parts))


def cost_words(costs: "CostDifference | None") -> Iterator[Words]:
    """`+$31.20 a month: NAT gateways +$31.20; not known: the price of aws_x.y`; nothing where no cost changes."""
    if costs:
        known = costs.words if costs.parts else "costs change"
        yield (known, *(("; not known: the price of ", *join_names(list(costs.unknown))) if costs.unknown else ()))


def code_span(text: str) -> str:
    """Code in a line of Markdown."""
    shown = truncate(visible(text)) or " "
    fence = "`" * (_longest_run(shown) + 1)
    padding = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def code_tag(text: str) -> str:
    """Code in a line of HTML, where Markdown means nothing."""
    return f"<code>{html.escape(truncate(visible(text)))}</code>"


def markdown_sentence(words: Words) -> str:
    """A sentence in Markdown."""
    return "".join(code_span(word) if isinstance(word, Code) else word for word in words)


def plain_text(words: Words) -> str:
    """A sentence without markup."""
    return "".join(truncate(visible(word)) if isinstance(word, Code) else word for word in words)


def diff_block(lines: Iterable[Line], *, indent: str = "") -> str:
    """A fence with a difference in it, each line indented."""
    shown = [visible_line(line) for line in lines]
    fence = "`" * max(3, max(map(_longest_run, shown), default=0) + 1)
    return "\n".join(f"{indent}{line}" for line in (f"{fence}diff", *shown, fence))


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)


def count_by_section(addresses: Iterable[str]) -> list[tuple[str, int]]:
    """The sections and how many addresses belong to each, the largest first.

    Addresses of one section begin with the same word; the section's name is all that they begin with.
    """
    names = sorted(_words(address) for address in addresses)
    groups = [list(group) for _, group in groupby(names, lambda words: words[0])]
    sections = [(" ".join(_common(group)), len(group)) for group in groups]
    return sorted(sections, key=lambda section: (-section[1], section[0]))


def _words(address: str) -> tuple[str, ...]:
    """`module.state_backend.aws_s3_bucket.state` → `state`, `backend`; `aws_subnet.network_a["x"]` → `network`, `a`."""
    steps = address.split("[", 1)[0].split(".")
    name = steps[1] if len(steps) > 1 else steps[0]
    return tuple(name.split("_"))


def _common(names: list[tuple[str, ...]]) -> list[str]:
    """The words that names begin with; of a name alone, all but the last."""
    if len(names) == 1:
        return list(names[0][:-1] or names[0])
    return [words[0] for words in takewhile(lambda words: len(set(words)) == 1, zip(*names, strict=False))]

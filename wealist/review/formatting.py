"""Render sentences and text from a plan. Names and values become code, so they never act as markup.

`code_span`, `code_tag`, `diff_block` → code in Markdown, in HTML, in a fence; GitHub creates no links or mentions in it

https://github.github.com/gfm/#code-spans and https://github.github.com/gfm/#fenced-code-blocks
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from wealist.review.changes import Change
from wealist.review.difference import Line, visible_line
from wealist.review.finding import Code, Words, join_names
from wealist.review.values import truncate, visible

if TYPE_CHECKING:
    from wealist.costs.difference import CostDifference

from itertools import groupby, takewhile

_BACKTICKS: Final = re.compile(r"`+")


def count_noun(number: int, noun: str) -> str:
    """Return `1 note` or `2 notes`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def unjudged_words(types: Mapping[str, int], unread: Iterable[str]) -> Iterator[Words]:
    """Yield sentences about resource types without rules, and about parts of the plan that are not read."""
    if types:
        names = [f"{kind} ({number})" if number > 1 else kind for kind, number in sorted(types.items())]
        number = sum(types.values())
        yield (f"{count_noun(number, 'resource')} of types that are not judged: ", *join_names(names))
    if parts := list(unread):
        yield ("parts of the plan that are not read: ", *join_names(parts))


def cost_words(costs: "CostDifference | None") -> Iterator[Words]:
    """Yield `+$31.20 a month: NAT gateways +$31.20; not known: the price of aws_x.y`; nothing if no cost changes."""
    if costs:
        known = costs.summary if costs.parts else "costs change"
        yield (known, *(("; not known: the price of ", *join_names(list(costs.unknown))) if costs.unknown else ()))


def change_title(change: Change) -> Words:
    """Return the address of a change with its old address, deposed key, import id and order."""
    words: list[str] = [Code(change.address)]
    for name, value in (
        ("moved from", change.moved_from),
        ("deposed object", change.deposed),
        ("imported by the id", change.imported),
    ):
        words += [f", {name} ", Code(value)] if value else []
    return (*words, f", {change.order}") if change.order else tuple(words)


def code_span(text: str) -> str:
    """Return a text as a code span in Markdown."""
    shown = truncate(visible(text)) or " "
    fence = "`" * (_longest_run(shown) + 1)
    padding = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def code_tag(text: str) -> str:
    """Return a text as a code element in HTML, where Markdown is not interpreted."""
    return f"<code>{html.escape(truncate(visible(text)))}</code>"


def markdown_sentence(words: Words) -> str:
    """Render a sentence in Markdown."""
    return "".join(code_span(word) if isinstance(word, Code) else word for word in words)


def plain_text(words: Words) -> str:
    """Render a sentence without markup."""
    return "".join(truncate(visible(word)) if isinstance(word, Code) else word for word in words)


def diff_block(lines: Iterable[Line], *, indent: str = "") -> str:
    """Return a fenced code block with lines of a difference."""
    shown = [visible_line(line) for line in lines]
    fence = "`" * max(3, max(map(_longest_run, shown), default=0) + 1)
    return "\n".join(f"{indent}{line}" for line in (f"{fence}diff", *shown, fence))


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)


def count_by_section(addresses: Iterable[str]) -> list[tuple[str, int]]:
    """Count addresses by section of the architecture, the largest section first.

    Names of one section begin with the same word, the name of their construct. Their common prefix names the section:
    `aws_lb.load_balancer_alb`, `aws_lb_listener.load_balancer_https` → `load balancer`, 2.
    """
    names = sorted(_words(address) for address in addresses)
    groups = [list(group) for _, group in groupby(names, lambda words: words[0])]
    sections = [(" ".join(_common(group)), len(group)) for group in groups]
    return sorted(sections, key=lambda section: (-section[1], section[0]))


def _words(address: str) -> tuple[str, ...]:
    """Return the words of a name: `aws_subnet.network_a["x"]` → `network`, `a`; of a module, those of its own name."""
    steps = address.split("[", 1)[0].split(".")
    name = steps[1] if len(steps) > 1 else steps[0]
    return tuple(name.split("_"))


def _common(names: list[tuple[str, ...]]) -> list[str]:
    """Return the common prefix of names; of a single name, all words but the last."""
    if len(names) == 1:
        return list(names[0][:-1] or names[0])
    return [words[0] for words in takewhile(lambda words: len(set(words)) == 1, zip(*names, strict=False))]

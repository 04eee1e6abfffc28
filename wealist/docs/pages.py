"""The pages of one language, each as Markdown with its links relative to itself.

<lang>/README.md          what there is
<lang>/<env>.md           the nine sections, and what was settled differently from the architecture document
<lang>/<env>-runbooks.md  <lang>/<env>-drill.md  <lang>/<env>-costs.md
<lang>/environments.md    side by side
<lang>/settings.md  <lang>/judged.md  <lang>/decisions.md
"""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from wealist.checks import drill as drills
from wealist.checks import waivers
from wealist.checks.check import PROOFS
from wealist.checks.finding import Synthesis
from wealist.checks.rules import RULES
from wealist.docs import settings
from wealist.docs.account import STACK, account
from wealist.docs.costs import Variants, costs
from wealist.docs.guides import decision_files, decisions, runbooks
from wealist.docs.markdown import NONE, bullets, cells, code, codes, slug, table, text
from wealist.docs.messages import LANGUAGES, Messages
from wealist.docs.sections import access, delivery, network, stores, traffic
from wealist.docs.view import View, collected
from wealist.errors import BAD_INPUT, OperatorError
from wealist.model.stack import StackJson
from wealist.spec.environment import Environment

Drawn = Callable[[StackJson, Environment | None, str], Mapping[str, str]]
"""Stack, its environment where it is one, language → every drawing of it, by name, as Markdown."""
FOLDER: Final = "docs/architecture"
"""Where the pages lie in the project."""
SECTIONS: Final[Mapping[str, Callable[[View], Iterator[str]]]] = {
    "overview": network.overview,
    "network": network.network,
    "frontend": traffic.frontend,
    "backend": traffic.backend,
    "database": stores.database,
    "cache": stores.cache,
    "delivery": delivery.delivery,
    "security_groups": access.security_groups,
    "roles": access.roles,
}
_EVENTS: Final[Mapping[str, str]] = {
    "zone": r"zone (?P<zone>\w+) is lost",
    "gateway": r"the NAT gateway is lost",
    "gateway_of": r"the NAT gateway of zone (?P<zone>\w+) is lost",
    "instance": r"one (?P<fleet>[\w-]+) instance is lost",
    "only_instance": r"the (?P<fleet>[\w-]+) instance is lost",
    "primary": r"the Redis primary is lost",
    "database": r"the database is unavailable for (?P<seconds>\d+) s",
    "database_zone": r"the database's zone is lost",
    "broken": r"scaling while (?P<service>[\w-]+) is broken",
}
"""Key of a sentence → the event of the drill that it says."""
_SETTLED: Final = Path(__file__).with_name("settled.toml")


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        path: From the project's root: `docs/architecture/ko/prod.md`.
        title: Markdown.
        body: Markdown below the title.
        short: The title in a list of pages; plain text.
        group: The environment that it is about; empty for all.
    """

    path: str
    title: str
    body: str
    short: str
    group: str = ""

    @property
    def text(self) -> str:
        """The whole page."""
        return f"# {self.title}\n\n{self.body}\n"


def pages(synthesis: Synthesis, language: str, drawn: Drawn, variants: Variants | None = None) -> list[Page]:
    """Return every page of a language.

    Raises:
        OperatorError: the language is unknown, or an environment's network cannot be read; with exit code 2.
    """
    say = Messages(language)
    views = [
        View(synthesis, environment, say, drawn(synthesis.stacks[name], environment, language))
        for name, environment in sorted(synthesis.environments.items())
    ]
    written = [
        page for view in views for page in _described(view.environment.name, partial(_of_environment, view, variants))
    ]
    if about := synthesis.stacks.get(STACK):
        written += _described(STACK, partial(_of_account, synthesis, say, drawn(about, None, language)))
    common = [
        _page(say, "environments", "side_by_side", _side_by_side(say, views)),
        _page(say, "settings", "settings", settings.blocks(say)),
        _page(say, "judged", "judged", _judged(say)),
        _page(say, "decisions", "decisions", decisions(say, f"{FOLDER}/{language}/decisions.md")),
    ]
    home = _page(say, "README", "home", _home(say, [*written, *common]))
    return [home, *written, *common]


def _described(name: str, written: Callable[[], Iterable[Page]]) -> list[Page]:
    """The pages of one stack: whatever they stumble over is something in the JSON that no stack holds."""
    try:
        return list(written())
    except OperatorError:
        raise
    except Exception as error:
        raise OperatorError(
            f"the stack {name} cannot be described: {type(error).__name__}: {error}",
            remedy="run `python main.py` again, and leave its output as it is",
            exit_code=BAD_INPUT,
        ) from error


def _page(say: Messages, name: str, kind: str, blocks: Iterable[str], group: str = "") -> Page:
    title = say(f"page.{kind}", name=text(group))
    others = [f"[{own}](../{each}/{name}.md)" for each, own in LANGUAGES.items() if each != say.language]
    home = "" if name == "README" else f"[{say('page.home')}](README.md) · "
    head = f"{home}{' · '.join(others)}\n\n{say('page.generated')}"
    body = "\n\n".join([head, *filter(None, blocks)])
    return Page(f"{FOLDER}/{say.language}/{name}.md", title, body, say(f"page.{kind}", name=group), group)


def _of_environment(view: View, variants: Variants | None) -> Iterator[Page]:
    name, say = view.environment.name, view.say
    yield _page(say, name, "architecture", _architecture(view), name)
    own = f"{FOLDER}/{say.language}/{name}-runbooks.md"
    yield _page(say, f"{name}-runbooks", "runbooks", runbooks(view, own), name)
    yield _page(say, f"{name}-drill", "drill", _drill(view), name)
    yield _page(say, f"{name}-costs", "costs", costs(view, variants), name)


def _of_account(synthesis: Synthesis, say: Messages, drawings: Mapping[str, str]) -> Iterator[Page]:
    yield _page(say, STACK, "account", account(synthesis, say, drawings), STACK)


def _architecture(view: View) -> Iterator[str]:
    titles = [view.say(f"section.{each}") for each in (*SECTIONS, "settled")]
    yield bullets(f"[{title}](#{slug(title)})" for title in titles)
    for name, section in SECTIONS.items():
        yield f"## {view.say(f'section.{name}')}"
        yield from section(view)
    yield f"## {view.say('section.settled')}"
    yield view.say("settled.intro")
    yield table(view.say.columns("document", "built", "decision"), _settled(view.say))


def _settled(say: Messages) -> Iterator[tuple[str, str, str]]:
    for row in settled():
        place = decision_path(row["adr"])
        yield row["document"][say.language], row["built"][say.language], f"[ADR {row['adr']}](../../adr/{place})"


def settled() -> list[dict[str, Any]]:
    """Return what is built otherwise than the architecture document says."""
    rows: list[dict[str, Any]] = tomllib.loads(_SETTLED.read_text(encoding="utf-8"))["settled"]
    return rows


def decision_path(number: int) -> str:
    """Return the file of a decision."""
    return next((each.name for each in decision_files() if int(each.name[:4]) == number), f"{number:04}.md")


def _home(say: Messages, others: list[Page]) -> Iterator[str]:
    yield say("page.home_intro")
    for group, several in groupby(others, lambda page: page.group):
        yield f"## {text(group) or say('page.of_all')}"
        yield bullets(f"[{page.title}]({page.path.rpartition('/')[2]})" for page in several)


def _drill(view: View) -> Iterator[str]:
    yield view.say("drill.intro")
    outcomes = drills.drill(view.synthesis, view.environment.name)
    rows = [
        (
            view.say(f"word.{each.state}"),
            _event(view.say, each.event),
            _part(view.say, each.part),
            view.say.sentence("why_of_drill", each.why),
        )
        for each in outcomes
    ]
    yield table(view.say.columns("state", "event", "part", "why"), rows)


def _event(say: Messages, event: str) -> str:
    """What the drill lets happen, in the words of a language; in its own where nobody has translated it."""
    for key, pattern in _EVENTS.items():
        if found := re.fullmatch(pattern, event):
            return say(f"event_of_drill.{key}", **{name: text(value) for name, value in found.groupdict().items()})
    return text(event)


def _part(say: Messages, part: str) -> str:
    kind, colon, name = part.partition(": ")
    return say.word("part_of_drill", kind) + (f": {text(name)}" if colon else "")


def _side_by_side(say: Messages, views: list[View]) -> Iterator[str]:
    yield say("compare.intro")
    names = [code(view.environment.name) for view in views]
    yield f"## {say('compare.built')}"
    for name, section in SECTIONS.items():
        facts = [collected(view, section) for view in views]
        labels = dict.fromkeys(label for each in facts for label in each)
        rows = [_row(label, [each.get(label, NONE) for each in facts]) for label in labels]
        if rows:
            yield f"### {say(f'section.{name}')}"
            yield table((say("column.what"), *names), rows)
    yield f"## {say('compare.values')}"
    yield table((say("column.setting"), *names), settings.side_by_side([view.environment for view in views]))
    yield f"## {say('compare.counts')}"
    counts = [Counter(each.type for each in view.stack.resources.values()) for view in views]
    kinds = sorted({kind for count in counts for kind in count})
    rows = [_row(code(kind), [str(count[kind]) for count in counts]) for kind in kinds]
    yield table((say("column.type"), *names), rows)


def _row(name: str, values: list[str]) -> tuple[str, ...]:
    strong = "**" if len(set(values)) > 1 else ""
    return f"{strong}{name}{strong}", *values


def _judged(say: Messages) -> Iterator[str]:
    yield say("judged.intro")
    yield say("judged.plans")
    yield f"## {say('judged.proofs')}"
    yield say("judged.proofs_intro", names=codes(PROOFS))
    yield f"## {say('judged.rules')}"
    rules = [
        (
            code(each.control),
            cells(each.types),
            code(each.path or each.check or each.operator),
            text(each.severity),
            text(each.remedy),
        )
        for each in RULES
    ]
    yield table([say(f"column.{key}") for key in ("control", "types", "what", "severity", "remedy")], rules)
    yield f"## {say('judged.waivers')}"
    accepted = [
        (cells(each.controls), cells(each.stacks), cells(each.addresses), text(each.reason), text(each.expires))
        for each in waivers.read()
    ]
    yield table([say(f"column.{key}") for key in ("control", "stacks", "addresses", "reason", "expires")], accepted)

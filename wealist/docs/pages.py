"""The generated pages of one language, as Markdown with relative links.

<lang>/README.md          the list of pages
<lang>/<env>.md           the nine sections, and the differences from the architecture document
<lang>/<env>-runbooks.md  <lang>/<env>-drill.md  <lang>/<env>-costs.md
<lang>/account.md
<lang>/environments.md    the comparison of environments
<lang>/settings.md  <lang>/judged.md  <lang>/decisions.md
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from wealist.checks.finding import Synthesis
from wealist.docs import reference, settings
from wealist.docs.costs import Variants, costs
from wealist.docs.guides import decision_files, decisions, runbooks
from wealist.docs.markdown import bullets, slug, table, text
from wealist.docs.messages import LANGUAGES, Messages
from wealist.docs.reference import ACCOUNT, Section
from wealist.docs.sections import access, delivery, network, stores, traffic
from wealist.docs.view import View
from wealist.errors import BAD_INPUT, OperatorError
from wealist.model.stack import StackJson
from wealist.spec.environment import Environment

Draw = Callable[[StackJson, Environment | None, str], Mapping[str, str]]
"""A function of a stack, its environment (None for other stacks) and a language. Returns name → drawing as Markdown."""
FOLDER: Final = "docs/architecture"
"""The folder of the generated pages in the project."""
SECTIONS: Final[Mapping[str, Section]] = {
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
_COMPARED: Final = ("overview", "network", "frontend", "backend", "database", "cache")
"""The sections with tables of facts, which the comparison of environments contains."""
_SETTLED: Final = Path(__file__).with_name("settled.toml")


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        path: The path in the project: `docs/architecture/ko/prod.md`.
        title: The title, as Markdown.
        body: The Markdown below the title.
        short: The title in navigation, as plain text.
        group: The environment or stack that the page describes. Empty for pages about all environments.
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


def pages(synthesis: Synthesis, language: str, draw: Draw, variants: Variants | None = None) -> list[Page]:
    """Return every page of a language.

    Args:
        synthesis: The synthesized stacks.
        language: `ko` or `en`.
        draw: Renders the drawings of a stack.
        variants: The costs of alternative settings. Without them, the cost pages leave these tables out.

    Raises:
        OperatorError: the language is unknown, or a stack cannot be described; with exit code 2.
    """
    say = Messages(language)
    views = [
        View(synthesis, environment, say, draw(synthesis.stacks[name], environment, language))
        for name, environment in sorted(synthesis.environments.items())
    ]
    described = [
        page for view in views for page in _describe(view.environment.name, partial(_of_environment, view, variants))
    ]
    if stack := synthesis.stacks.get(ACCOUNT):
        described += _describe(ACCOUNT, partial(_of_account, synthesis, say, draw(stack, None, language)))
    common = [
        _page(
            say,
            "environments",
            "side_by_side",
            reference.comparison(say, views, {name: SECTIONS[name] for name in _COMPARED}),
        ),
        _page(say, "settings", "settings", settings.blocks(say)),
        _page(say, "judged", "judged", reference.checks(say)),
        _page(say, "decisions", "decisions", decisions(say, f"{FOLDER}/{language}/decisions.md")),
    ]
    home = _page(say, "README", "home", _home(say, [*described, *common]))
    return [home, *described, *common]


def _describe(name: str, write: Callable[[], Iterable[Page]]) -> list[Page]:
    """Return the pages of a stack. An error in them means that the JSON was not synthesized by this project."""
    try:
        return list(write())
    except OperatorError:
        raise
    except Exception as error:
        raise OperatorError(
            f"the stack {name} cannot be described: {type(error).__name__}: {error}",
            remedy="run `python main.py` again, and do not edit its output",
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
    path = f"{FOLDER}/{say.language}/{name}-runbooks.md"
    yield _page(say, f"{name}-runbooks", "runbooks", runbooks(view, path), name)
    yield _page(say, f"{name}-drill", "drill", reference.drill(view), name)
    yield _page(say, f"{name}-costs", "costs", costs(view, variants), name)


def _of_account(synthesis: Synthesis, say: Messages, drawings: Mapping[str, str]) -> Iterator[Page]:
    yield _page(say, ACCOUNT, "account", reference.account(synthesis, say, drawings), ACCOUNT)


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
    files = {int(each.name[:4]): each.name for each in decision_files()}
    for row in settled():
        number, document, built = row["adr"], row["document"], row["built"]
        yield document[say.language], built[say.language], f"[ADR {number}](../../adr/{files.get(number, number)})"


def settled() -> list[dict[str, Any]]:
    """Return the differences from the architecture document: the rows of settled.toml."""
    rows: list[dict[str, Any]] = tomllib.loads(_SETTLED.read_text(encoding="utf-8"))["settled"]
    return rows


def _home(say: Messages, others: list[Page]) -> Iterator[str]:
    yield say("page.home_intro")
    for group, several in groupby(others, lambda page: page.group):
        yield f"## {text(group) or say('page.of_all')}"
        yield bullets(f"[{page.title}]({page.path.rpartition('/')[2]})" for page in several)

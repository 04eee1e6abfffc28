"""Runbooks and decisions, taken from the project's guides, with the names of an environment in commands."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from wealist.docs.markdown import NONE, bullets, code, codes, numbered, rebased, relative, slug, table, text
from wealist.docs.messages import Messages
from wealist.docs.view import View
from wealist.model.stack import Resource
from wealist.project import ROOT
from wealist.spec.account import state_key

_NAMES: Final = re.compile(r"\bprod\b|<env>")
"""The environment in the commands of the guides, and its placeholder."""
_ADR: Final = "docs/adr"
_RUNBOOKS: Final = (
    ("first", "docs/operations.md", "First deployment"),
    ("deploy", "docs/operations.md", "Deploy a service"),
    ("day2", "docs/operations.md", "Day-2 work"),
    ("recovery", "docs/recovery.md", "States and applies"),
)
"""Message key of the heading, file, and heading in the file."""
_SUMMARIES: Final = {"first": 5, "recovery": 7}
"""Key of a runbook → the number of its sentences in messages.toml."""
_ALERTS: Final = "docs/monitoring.md"
_CODE: Final = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_LINES: Final = re.DOTALL | re.MULTILINE


def decision_files() -> list[Path]:
    """Return the files of all decisions, sorted by number."""
    return sorted((ROOT / _ADR).glob("[0-9]*.md"))


def decisions(say: Messages, page: str) -> Iterator[str]:
    """Yield the page that lists all decisions."""
    yield say("decisions.intro")
    yield bullets(f"[{_title(each)}]({relative(f'{_ADR}/{each.name}', page)})" for each in decision_files())


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def runbooks(view: View, page: str) -> Iterator[str]:
    """Yield the page of an environment's runbooks, from the first deployment to recovery."""
    yield view.say("runbook.intro")
    for key, file, heading in _RUNBOOKS:
        yield f"## {view.say(f'runbook.{key}')}"
        yield from _summary(view, key)
        yield from _included(view, file, heading, page)
    yield f"## {view.say('runbook.alarms')}"
    yield from _alarms(view, page)


def _summary(view: View, key: str) -> Iterator[str]:
    """Return the summary of a runbook, one sentence for each step or case."""
    environment = view.environment
    values = {
        "name": code(environment.name),
        "state": code(state_key(environment.name)),
        "path": code(environment.names.parameter("")),
        "databases": codes(each.database_name for each in environment.services),
    }
    steps = [view.say(f"runbook.{key}{number}", **values) for number in range(1, _SUMMARIES.get(key, 0) + 1)]
    yield numbered(steps) if key == "first" else bullets(steps)


def _included(view: View, file: str, heading: str, page: str) -> Iterator[str]:
    section = section_of(file, heading)
    if section:
        yield view.say("runbook.from", title=text(heading), link=f"{relative(file, page)}#{slug(heading)}")
        yield rebased(fill_in(section, view.environment.name), file, page)


@cache
def section_of(file: str, heading: str) -> str:
    """Return the text below a heading of a guide, up to the next heading of its level. Empty if there is no heading."""
    path = ROOT / file
    guide = path.read_text(encoding="utf-8") if path.exists() else ""
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*)", guide, _LINES)
    return re.split(rf"^#{{1,{len(found[1])}}} ", found[2], maxsplit=1, flags=_LINES)[0].strip() if found else ""


def fill_in(markdown: str, environment: str) -> str:
    """Return a guide with the name of an environment in its code."""
    return _CODE.sub(lambda code_: _NAMES.sub(environment, code_[0]), markdown)


def _alarms(view: View, page: str) -> Iterator[str]:
    say, alarms = view.say, view.all("aws_cloudwatch_metric_alarm")
    advice = {name.strip("`"): look for names, _, look in _rows("Alarms of CloudWatch") for name in names.split(", ")}
    if alarms:
        yield say("runbook.alarms_here")
        rows = [_alarm(view, each, advice, page) for each in alarms]
        yield table(view.say.columns("alarm", "limit", "when", "look"), rows)
    else:
        yield say("runbook.no_alarms")
    yield f"### {say('runbook.prometheus')}"
    rows = [
        (names, when, rebased(fill_in(look, view.environment.name), _ALERTS, page))
        for names, when, look in _rows("Alerts of Prometheus")
    ]
    yield table(view.say.columns("alarm", "when", "look"), rows)


def _alarm(view: View, alarm: Resource, advice: dict[str, str], page: str) -> tuple[str, ...]:
    name = str(alarm.get("alarm_name"))
    kind = next((each for each in sorted(advice, key=len, reverse=True) if view.environment.names(each) in name), None)
    limit = f"{alarm.get('comparison_operator')} {alarm.get('threshold')}"
    meaning = str(alarm.get("alarm_description")).partition(" docs/")[0]
    look = rebased(fill_in(advice[kind], view.environment.name), _ALERTS, page) if kind else NONE
    return code(name), code(limit), view.say.translate("alarm", meaning), look


def _rows(heading: str) -> list[tuple[str, ...]]:
    lines = [line for line in section_of(_ALERTS, heading).splitlines() if line.startswith("| ")]
    return [tuple(cell.strip() for cell in line.strip("| ").split(" | ")) for line in lines[1:]]

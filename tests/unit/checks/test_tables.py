"""Tables fit terminals of any width, and the screens of the documentation are current."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tests import screens
from wealist.checks.drill import State
from wealist.checks.tables import Table

ADDRESS = "aws_vpc_security_group_egress_rule.firewall_ec2_to_vpc_endpoints_443_egress"
"""75 characters."""
PROSE = "a sentence of words that are short, which goes on for longer than any line of eighty characters has room for"
OUTCOMES = {
    "claims": {"proven", "refuted"},
    "controls": {"passed", "waived", "failed"},
    "drill": set(map(str, State)),
    "rights": {"allow", "deny"},
}


def lines(table: Table, width: int) -> list[str]:
    console = Console(width=width, file=StringIO(), record=True)
    console.print(table)
    return console.export_text().splitlines()


@pytest.mark.exhaustive
@pytest.mark.parametrize("width", [80, 100, 120, 200])
@pytest.mark.parametrize("name", ["matrix", "claims", "roles", "pipeline", "controls", "drill", "rights"])
def test_tables_fit_the_terminal_without_breaking_words(name: str, width: int) -> None:
    table = screens.tables()[name]
    shown = lines(table, width)
    assert [line for line in shown if len(line) > width or line != line.rstrip()] == []
    there = {word for line in shown for word in line.split()}
    words = {word for row in table.rows for cell in row for word in cell.split() if len(word) <= width - 4}
    assert words - there == set()


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", OUTCOMES)
def test_the_outcome_comes_first(name: str) -> None:
    assert {row[0] for row in screens.tables()[name].rows} <= OUTCOMES[name]


@pytest.mark.parametrize("control", ["EC2.15", "monitoring.reads_its_own_secrets"])
def test_a_long_address_is_printed_on_its_own_line(control: str) -> None:
    shown = lines(Table("t", ("status", "control", "address"), [("passed", control, ADDRESS)]), 90)
    assert shown[2:] == [f"passed  {control}", f"    address: {ADDRESS}", ""]


def test_an_address_longer_than_a_line_is_wrapped() -> None:
    *_, outcome, label, first, second, _ = lines(Table("t", ("", "on"), [("passed", ADDRESS + ADDRESS)]), 80)
    assert (outcome, label) == ("passed", "    on:")
    assert first.strip() + second.strip() == ADDRESS + ADDRESS


def test_prose_is_wrapped_beside_the_outcome_if_half_of_the_width_remains() -> None:
    wide, narrow = (lines(Table("t", ("", other, "why"), [("lost", other, PROSE)]), 80) for other in ("x", "x" * 39))
    assert wide[2].startswith("lost  x  a sentence")
    assert wide[3].startswith(" " * 9)
    assert narrow[2:4] == [f"lost  {'x' * 39}", narrow[3]]
    assert narrow[3].startswith("    why: a sentence")


def test_a_long_cell_does_not_widen_its_column() -> None:
    rows = [("none", ADDRESS, "nothing"), ("443", "ALB", "backend")]
    assert "443   ALB   backend" in lines(Table("t", ("port", "from", "to"), rows), 100)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("path", "name", "width"), list(screens.files()), ids=lambda value: getattr(value, "stem", ""))
def test_the_screens_of_the_documentation_are_current(path: Path, name: str, width: int) -> None:
    assert path.read_text(encoding="utf-8") == screens.screen(name, width), "run: python -m tests.screens"


def test_every_screen_file_is_generated() -> None:
    assert {path for path, _, _ in screens.files()} == set(screens.FOLDER.iterdir())

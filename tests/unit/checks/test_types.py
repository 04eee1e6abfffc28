"""Every type in use needs a complete row in types.toml."""

import pytest

from tests.syntheses import mutated, synthesis
from tests.unit.checks.faults.tables import edit_from
from wealist.checks.check import BOOKKEEPING, GUARDS, guard_of
from wealist.checks.finding import Finding, Synthesis
from wealist.model import types as rows


@pytest.fixture(scope="module")
def committed() -> Synthesis:
    return synthesis()


def findings(asked: Synthesis) -> list[Finding]:
    return list(GUARDS["types"](asked))


def test_every_type_of_the_documented_system_has_a_complete_row(committed: Synthesis) -> None:
    assert findings(committed) == []


def test_a_type_without_a_row_is_reported_once(committed: Synthesis) -> None:
    edit = edit_from({"aws_nobodys_stream": {"clicks": {"name": "a"}, "visits": {"name": "b"}}})
    (finding,) = findings(mutated(mutated(committed, "prod", edit), "dev", edit))
    assert (finding.stack, finding.address) == ("dev", "aws_nobodys_stream.clicks")
    assert "wealist/model/types.toml" in finding.remedy
    assert "`wealist types add aws_nobodys_stream`" in finding.remedy


def test_an_incomplete_row_is_reported_with_its_undecided_columns(
    committed: Synthesis, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = rows.row("aws_vpc")
    assert known is not None
    incomplete = known.model_copy(update={"undecided": ("arns", "lookup")})
    monkeypatch.setattr(rows, "row", lambda kind: incomplete if kind == "aws_vpc" else known)
    (finding,) = findings(committed)
    assert "arns, lookup of [aws_vpc] in wealist/model/types.toml" in finding.remedy


def test_a_type_without_a_row_is_bookkeeping(committed: Synthesis) -> None:
    """A synthesis only warns about it."""
    (finding,) = findings(mutated(committed, "prod", edit_from({"aws_nobodys_stream.clicks": {"name": "a"}})))
    assert guard_of(finding) in BOOKKEEPING

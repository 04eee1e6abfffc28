"""Invalid entries of hand-written lists are rejected with file, line, field and value, all together."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.checks.test_waivers import ENTRY
from wealist.checks import waivers
from wealist.checks.accepted import Release
from wealist.checks.entries import read
from wealist.checks.waivers import Waiver
from wealist.errors import BAD_INPUT, OperatorError


def refused(tmp_path: Path, text: str, table: str = "waiver", kind: type[Any] = Waiver) -> str:
    path = tmp_path / "x.toml"
    path.write_text(text)
    with pytest.raises(OperatorError) as caught:
        read(path, table, kind, remedy="write it so")
    assert (caught.value.exit_code, "write it so" in caught.value.remedy) == (BAD_INPUT, True)
    return caught.value.message


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ('controls = ["S3.14"]', "", "line 2: controls is missing"),
        ('controls = ["S3.14"]', "controls = []", "line 2: controls = [] is not valid"),
        ('controls = ["S3.14"]', 'controls = "S3.14"', "line 2: controls = 'S3.14' is not valid"),
        ('stacks = ["*"]', "stacks = [1]", "line 2: stacks.0 = 1 is not valid"),
        ("reason", "raeson", "line 2: raeson is not a column; did you mean 'reason'?"),
        ('"Versioning is disabled as documented."', '"documented"', "line 2: reason = 'documented' is not valid"),
        ("2027-11-01", '"2027-11-01"', "line 2: expires = '2027-11-01' is not valid"),
        ("[[waiver]]", "[[waver]]", "holds 'waver'; the only table is [[waiver]]"),
        ("[[waiver]]", "[[waiver", "cannot be read: "),
    ],
)
def test_an_invalid_entry_is_rejected(tmp_path: Path, written: str, instead: str, message: str) -> None:
    assert message in refused(tmp_path, ENTRY.replace(written, instead))


def test_every_problem_is_reported_at_once_with_its_line(tmp_path: Path) -> None:
    message = refused(tmp_path, ENTRY.replace("2027-11-01", "7") + ENTRY.replace('["*"]', "[]"))
    assert "line 2: expires" in message
    assert "line 10: stacks" in message


def test_a_release_needs_its_address_and_its_date(tmp_path: Path) -> None:
    message = refused(tmp_path, '[[released]]\nstack = "prod"\nreason = "its data went away"\n', "released", Release)
    assert "line 1: address is missing; line 1: date is missing" in message


def test_a_missing_file_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"waivers.toml cannot be read"):
        waivers.read(tmp_path / "waivers.toml")

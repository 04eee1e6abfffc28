"""A whole audit of one bucket, with a script instead of Prowler."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from wealist.checks import waivers
from wealist.errors import OperatorError
from wealist.operations.audit import __main__ as audit
from wealist.operations.audit import report, verdicts
from wealist.operations.audit.prowler import FRAMEWORKS

BUCKET = "arn:aws:s3:::site"
HEAD = "CHECK_ID;STATUS;STATUS_EXTENDED;RESOURCE_UID;REMEDIATION_RECOMMENDATION_URL"
LISTED = """
[[entry]]
checks = ["s3_locked"]
addresses = ["aws_s3_bucket.site"]
whose = "emulator"
reason = "It stores no locks of objects."
"""


class Applied:
    """The value that `everything_applied` yields, with one bucket in each stack."""

    synthesized = Path("synthesized")

    def environment(self) -> Mapping[str, str]:
        return {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}

    def terraform(self, _stack: str) -> "Applied":
        return self

    def state(self) -> dict[str, Any]:
        bucket = {"mode": "managed", "type": "aws_s3_bucket", "name": "site"}
        return {"resources": [bucket | {"instances": [{"attributes": {"arn": BUCKET}}]}]}


@contextmanager
def applied() -> Iterator[Applied]:
    yield Applied()


def installed(folder: Path, rows: Sequence[str]) -> Path:
    """Write a Prowler that outputs rows, and whose frameworks have two checks."""
    frameworks = folder / "lib/python3.11/site-packages/prowler/compliance/aws"
    frameworks.mkdir(parents=True)
    framework_file = {"Requirements": [{"Id": "9.1", "Name": "Lock and block", "Checks": ["s3_locked", "s3_blocked"]}]}
    for framework in FRAMEWORKS:
        (frameworks / f"{framework.file}_aws.json").write_text(json.dumps(framework_file))
    program = folder / "bin" / "prowler"
    program.parent.mkdir()
    written = "\n".join([HEAD, *rows])
    program.write_text(f"#!/bin/sh\ncat > prowler.csv <<'END'\n{written}\nEND\nexit 3\n")
    program.chmod(0o755)
    return program


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the audit's lists and reports."""
    lists = {waivers: "", verdicts: LISTED}
    for module, text in lists.items():
        path = tmp_path / module.FILE.name
        path.write_text(text)
        monkeypatch.setattr(module.read, "__defaults__", (path,))
    monkeypatch.setattr(report.write, "__defaults__", (tmp_path / "docs" / "audit.md",))
    monkeypatch.setattr(audit, "_FOLDER", tmp_path / "output")
    monkeypatch.setattr(audit, "everything_applied", applied)
    monkeypatch.setattr(audit, "read_synthesis", lambda *_: None)
    monkeypatch.setattr(audit, "controls", lambda *_: [])
    return tmp_path


LOCKED = f"s3_locked;FAIL;it has no lock;{BUCKET};https://hub/lock"


def test_an_uncovered_finding_fails_and_is_shown_with_its_remedy(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = installed(elsewhere, [LOCKED, f"s3_blocked;FAIL;it is open;{BUCKET};https://hub/block"])
    assert audit.main(program) == 1
    shown = " ".join(capsys.readouterr().err.split())
    assert "aws_s3_bucket.site [s3_blocked] it is open; meet it, or waive it" in shown
    assert "https://hub/block" in shown
    assert "[s3_locked]" not in shown
    assert "1 emulator, 0 account, 1 open" in shown
    assert "| 9.1 Lock and block | **open** |" in (elsewhere / "docs/audit-cis.md").read_text()


def test_an_audit_with_only_covered_and_passed_rows_passes(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = installed(elsewhere, [LOCKED, f"s3_blocked;PASS;it is closed;{BUCKET};https://hub/block"])
    assert audit.main(program) == 0
    assert "1 passed, 0 accepted, 1 emulator, 0 account, 0 open; 0 entries cover nothing" in capsys.readouterr().err


def test_an_unused_entry_is_reported_but_does_not_fail(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = installed(elsewhere, [f"s3_locked;PASS;it has a lock;{BUCKET};https://hub/lock"])
    assert audit.main(program) == 0
    assert "audit.toml:2 [audit.unused] nothing fails s3_locked at aws_s3_bucket.site" in capsys.readouterr().err


def test_without_prowler_nothing_is_applied(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(audit, "everything_applied")
    with pytest.raises(OperatorError, match="there is no Prowler at"):
        audit.main(elsewhere / "bin" / "prowler")


def test_committed_entries_have_different_reasons_and_do_not_overlap() -> None:
    entries = verdicts.read(verdicts.FILE)
    assert len({entry.reason for entry in entries}) == len(entries)
    pairs = [
        (check, address, entry.passes) for entry in entries for check in entry.checks for address in entry.addresses
    ]
    assert len(set(pairs)) == len(pairs)


def test_no_waiver_overlaps_with_an_entry() -> None:
    accepted = {
        (check, address) for each in waivers.read(waivers.FILE) for check in each.controls for address in each.addresses
    }
    listed = {
        (check, address) for each in verdicts.read(verdicts.FILE) for check in each.checks for address in each.addresses
    }
    assert accepted & listed == set()

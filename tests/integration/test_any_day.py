"""Synthesis and checks have the same result on any day."""

import datetime as dt
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.clock import NEVER
from tests.unit.copies import ROOT, bytes_below, run_python
from wealist import project
from wealist.checks import waivers

NOTE: Final = "· "
TODAY: Final = dt.datetime.now(dt.UTC).date()
DAYS: Final = {"five years ahead": TODAY + dt.timedelta(days=5 * 365 + 2), "far back": dt.date(2000, 1, 1)}


def run(day: object, *program: str, out: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the project with the clock of a day (`tests.clock`)."""
    environment = {"CDKTF_OUTDIR": str(out), "PYTHONPATH": str(ROOT), "COLUMNS": "1000"}
    return run_python("-m", "tests.clock", str(day), *program, cwd=project.ROOT, environment=environment)


def checked(day: dt.date, synthesized: Path) -> tuple[list[str], list[str]]:
    """Run `wealist check --all` on a day. Returns the result and the notes."""
    done = run(day, "-m", "wealist", "check", "--all", out=synthesized)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    return [line for line in lines if not line.startswith(NOTE)], [line for line in lines if line.startswith(NOTE)]


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_a_synthesis_writes_the_same_bytes_on_any_day(day: dt.date, synthesized: Path, tmp_path: Path) -> None:
    done = run(day, "main.py", out=tmp_path)
    assert done.returncode == 0, done.stderr
    assert bytes_below(tmp_path / "stacks") == bytes_below(synthesized / "stacks")


def test_a_synthesis_never_reads_the_clock(tmp_path: Path) -> None:
    done = run(NEVER, "main.py", out=tmp_path)
    assert done.returncode == 0, done.stderr


def test_programs_read_the_clock_of_these_tests(synthesized: Path) -> None:
    done = run(NEVER, "-m", "wealist", "check", "--all", out=synthesized)
    assert "the program read the date" in done.stderr


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_a_check_has_the_same_findings_on_any_day(day: dt.date, synthesized: Path) -> None:
    assert checked(day, synthesized)[0] == checked(TODAY, synthesized)[0]


def test_years_later_the_check_prints_a_note_for_each_waiver(synthesized: Path) -> None:
    day = DAYS["five years ahead"]
    notes = checked(day, synthesized)[1]
    assert [note for note in notes if str(day) in note] == notes[:1]
    assert sorted(notes[1:]) == sorted(f"{NOTE}{waivers.expiry_note(each, day)}" for each in waivers.read())


def test_a_clock_far_in_the_past_is_reported(synthesized: Path) -> None:
    (note,) = checked(DAYS["far back"], synthesized)[1]
    assert "the clock of this machine shows 2000-01-01" in note
    assert "set it" in note

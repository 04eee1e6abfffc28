"""The output of a command's steps, on a terminal and elsewhere; the exit codes of programs."""

import errno
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Mapping

import pytest

from wealist.errors import OperatorError, ToolFailedError
from wealist.progress import run_program, step

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
TWO_STEPS = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from wealist.progress import note, step

def work(stack):
    with step(f"{stack}: apply") as applying:
        for done in range(1, 4):
            time.sleep(0.3)
            applying.count(done, 3, "resources")
        applying.add("(at last)")
    note(f"{stack} is [done]")

with step("both"), ThreadPoolExecutor() as pool:
    list(pool.map(work, ["dev", "prod"]))
    print("data")
"""


def on_terminal(program: str, settings: Mapping[str, str]) -> tuple[str, str]:
    """Return a program's stderr, on a terminal of 100 columns, and its stdout, a pipe."""
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    environment = kept | {"TERM": "xterm", "COLUMNS": "100", **settings}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=theirs, env=environment, text=True
    ) as process:
        os.close(theirs)
        shown = b""
        while process.poll() is None or select.select([ours], [], [], 0)[0]:
            try:
                shown += os.read(ours, 65536)
            except OSError:  # the program has closed the terminal
                break
        stdout = process.stdout.read() if process.stdout else ""
    os.close(ours)
    return shown.decode(), stdout


@pytest.mark.integration  # takes a second
def test_a_terminal_shows_running_steps_with_their_count_and_then_their_duration() -> None:
    shown, stdout = on_terminal(TWO_STEPS, {})
    assert stdout == "data\n"
    text = CONTROL.sub("", shown)
    for title in ("both", "dev: apply: 1 of 3 resources", "prod: apply: 2 of 3 resources"):
        assert re.search(rf"{title} +0:00:0\d", text), (title, text)
    ends = re.findall(r"✓ (both|\w+: apply) \d+\.\d s( \(at last\)|)", text)
    assert sorted(ends) == [("both", ""), ("dev: apply", " (at last)"), ("prod: apply", " (at last)")]
    assert "· dev is [done]" in text


@pytest.mark.integration  # takes a second
@pytest.mark.parametrize("settings", [{"TERM": "dumb"}, {"TERM": "dumb", "NO_COLOR": "1"}])
def test_a_dumb_terminal_gets_plain_lines(settings: dict[str, str]) -> None:
    shown, _ = on_terminal(TWO_STEPS, settings)
    assert not CONTROL.search(shown.replace("\r\n", "\n"))
    assert "dev: apply ..." in shown


@pytest.mark.integration  # takes a second
def test_no_color_disables_colours() -> None:
    shown, _ = on_terminal(TWO_STEPS, {"NO_COLOR": "1"})
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", shown)


def test_the_start_and_end_of_a_step_are_printed_without_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with step("plan [bold] prod"):
        assert capsys.readouterr().err == "plan [bold] prod ...\n"
    assert re.fullmatch(r"✓ plan \[bold\] prod \d\.\d s\n", capsys.readouterr().err)


def test_a_count_is_printed_every_ten_seconds_without_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with step("apply") as applying:
        for now in (1.0, 9.0, 10.0, 12.0, 19.0, 21.0):
            applying.count(int(now), 30, "resources")
    counts = [line for line in capsys.readouterr().err.splitlines() if " of " in line]
    assert counts == ["apply: 10 of 30 resources, 10 s", "apply: 21 of 30 resources, 21 s"]


def test_a_failed_step_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), step("apply"):
        raise RuntimeError
    assert re.search(r"^✗ apply \d+\.\d s$", capsys.readouterr().err, re.MULTILINE)


def test_marks_are_words_if_the_encoding_lacks_them() -> None:
    program = "from wealist.progress import step\nwith step('apply'): pass"
    settings = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", program], env=settings, capture_output=True, text=True, check=True)
    assert re.match(r"done: apply \d+\.\d s", done.stderr.splitlines()[-1])


@pytest.mark.parametrize(
    ("exception", "code", "output"),
    [
        (OperatorError("no disk", remedy="buy one", exit_code=3), 3, "error: no disk\nremedy: buy one\n"),
        (ToolFailedError(7), 7, ""),
        (KeyboardInterrupt(), 130, ""),
        (
            OSError(errno.EIO, "bad disk", "file"),
            2,
            "error: file: bad disk\nremedy: remove the cause, and run the command again\n",
        ),
    ],
)
def test_exceptions_determine_the_exit_code_and_the_output(
    exception: BaseException, code: int, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def program() -> int:
        raise exception

    with pytest.raises(SystemExit) as ended:
        run_program(program)
    assert ended.value.code == code
    assert capsys.readouterr().err == output

"""`python -m wealist review`: reads a plan, shows what it would do, and says by its exit code whether it may pass."""

import gc
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from wealist.errors import OperatorError
from wealist.model.plan import read
from wealist.review import as_json, markdown, terminal
from wealist.review.changes import plan_of
from wealist.review.gates import acknowledged, gate_result
from wealist.review.options import ExitCode, Format, Gate
from wealist.review.risks import findings
from wealist.review.verdict import Review

STDIN: Final = "-"
UNNAMED: Final = "plan"
_STACK: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_URL: Final = re.compile(r"https?://[^\s<>\\]+")
_TAGGED_AS: Final = {"bootstrap": "account"}
"""Stack → the environment that its resources are tagged with, where that is not its own name."""


def review(
    path: Path,
    *,
    stack: str | None,
    form: Format,
    gates: Iterable[Gate],
    acknowledgements: str | None,
    artifact_url: str | None,
) -> ExitCode:
    """Review a plan and print it.

    Args:
        path: the JSON of the plan.
        stack: its name; the plan's own environment by default.
        form: how it is shown.
        gates: what stops it.
        acknowledgements: a file of lines `Acknowledge: ACTION ADDRESS`, or `-` for stdin.
        artifact_url: where a comment says that the whole review lies.

    Raises:
        OperatorError: the plan cannot be reviewed, or an argument is wrong. A comment or JSON that says so is printed.
    """
    _checked(stack, artifact_url)
    try:
        with _any_error_as_refusal(path), _cycles_uncollected():
            found = reviewed(path, stack=stack, gates=gates, acknowledgements=acknowledgements)
            _show(found, form, artifact_url)
    except OperatorError as error:
        refusal = {Format.MARKDOWN: markdown.refusal, Format.JSON: as_json.refusal}.get(form)
        if refusal and error.exit_code != ExitCode.BAD_USAGE:
            _print(refusal(stack or UNNAMED, error.message, error.remedy))
        raise
    if found.gate_result.stopped:
        return ExitCode.STOPPED
    return ExitCode.NO_CHANGES if found.is_empty else ExitCode.REVIEWED


@contextmanager
def _cycles_uncollected() -> Iterator[None]:
    """Do without the search for cycles: a plan has none, and the search takes a third of the time.

    What was made meanwhile is left out of later searches, too.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.enable()


@contextmanager
def _any_error_as_refusal(path: Path) -> Iterator[None]:
    """Says of whatever goes wrong that there is no review: a traceback ends with 1, as a gate does.

    Its words could quote the plan, so only their kind and place are reported.
    """
    try:
        yield
    except (OperatorError, OSError):
        raise
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
        raise OperatorError(
            f"{path} holds something that a review does not understand: {kind}",
            remedy="if `terraform show -json` made the file, teach wealist/review to read it",
            exit_code=ExitCode.NOT_A_PLAN,
        ) from error


def _show(review: Review, form: Format, artifact_url: str | None) -> None:
    if form is Format.TERMINAL:
        terminal.show(review, Console())
    else:
        _print(
            markdown.comment(review, artifact_url=artifact_url) if form is Format.MARKDOWN else as_json.as_json(review)
        )


def reviewed(
    path: Path, *, stack: str | None = None, gates: Iterable[Gate] = (), acknowledgements: str | None = None
) -> Review:
    """The review of a plan; the arguments are those of `review`."""
    lines = acknowledged(_text(acknowledgements)) if acknowledgements else frozenset()
    plan = plan_of(read(path))
    tagged = _TAGGED_AS.get(stack or "", stack)
    if tagged and plan.environment and tagged != plan.environment:
        raise OperatorError(
            f"{path} is a plan of {plan.environment!r}, not of {stack!r}",
            remedy="name its own stack by --stack, or give the plan of the other one",
            exit_code=ExitCode.BAD_USAGE,
        )
    name = stack or plan.environment or UNNAMED
    found = findings(plan)
    return Review(
        stack=name if _STACK.fullmatch(name) else UNNAMED,
        plan=plan,
        findings=found,
        gate_result=gate_result(plan, found, frozenset(gates), lines),
    )


def show(path: Path, *, stack: str, files: Sequence[str]) -> None:
    """Show the review of a plan that was just made on the terminal, and where its files are."""
    terminal.show(reviewed(path, stack=stack), Console(), files=files)


def _checked(stack: str | None, artifact_url: str | None) -> None:
    if stack is not None and not _STACK.fullmatch(stack):
        raise OperatorError(
            f"--stack {stack!r} is no name of a stack",
            remedy="name it as `python -m wealist plan` does: bootstrap, account, dev, prod, …",
            exit_code=ExitCode.BAD_USAGE,
        )
    if artifact_url is not None and not _URL.fullmatch(artifact_url):
        raise OperatorError(
            f"--artifact-url {artifact_url!r} is no URL",
            remedy="give the whole address, from https:// on, without spaces",
            exit_code=ExitCode.BAD_USAGE,
        )


def _text(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
    except OSError as error:
        raise OperatorError(
            f"cannot read the acknowledgements in {name}: {error.strerror}",
            remedy="give a file that holds lines `Acknowledge: ACTION ADDRESS`, or - for stdin",
            exit_code=ExitCode.BAD_USAGE,
        ) from None
    return data.decode(errors="replace")


def _print(text: str) -> None:
    """Print as UTF-8, whatever the machine's own encoding is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()

"""`wealist review`: review a plan, show the result, and return an exit code that tells whether the plan may pass."""

import gc
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from wealist.errors import OperatorError, naming_file
from wealist.model.plan import read
from wealist.review import as_json, markdown, terminal
from wealist.review.gates import evaluate_gates, parse_acknowledgements
from wealist.review.options import ExitCode, Format, Gate
from wealist.review.reading import read_plan
from wealist.review.risks import findings
from wealist.review.verdict import Review

STDIN: Final = "-"
UNNAMED: Final = "plan"
_STACK: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_URL: Final = re.compile(r"https?://[^\s<>\\]+")
_TAGGED_AS: Final = {"bootstrap": "account"}
"""Stack → value of its resources' tag `Environment`, if it differs from the stack's name."""


def review(
    path: Path,
    *,
    stack: str | None,
    form: Format,
    gates: Iterable[Gate],
    acknowledgements: str | None,
    artifact_url: str | None,
    out: Path | None = None,
) -> ExitCode:
    """Review a plan and show the result.

    Args:
        path: Output of `terraform show -json PLAN`.
        stack: Name of the stack. Defaults to the environment in the plan.
        form: Output format.
        gates: Gates to apply.
        acknowledgements: File with lines `Acknowledge: ACTION ADDRESS`, or `-` for stdin.
        artifact_url: URL of the complete review, which a comment links to.
        out: File to write. Defaults to stdout.

    Raises:
        OperatorError: The plan cannot be reviewed (the output then states why), or an argument is invalid.
    """
    _check_arguments(stack, artifact_url)
    _refuse_terminal(form, out)
    try:
        with _any_error_as_refusal(path), _cycles_uncollected():
            is_page = form is Format.HTML
            found = build_review(
                path, stack=stack, gates=gates, acknowledgements=acknowledgements, with_unchanged=is_page
            )
            shown = _shown(found, form, artifact_url)
    except OperatorError as error:
        if form is not Format.TERMINAL and error.exit_code != ExitCode.BAD_USAGE:
            _write(_refusal(form, stack or UNNAMED, error), out)
        raise
    _write(shown, out)
    if found.gate_result.stopped:
        return ExitCode.STOPPED
    return ExitCode.NO_CHANGES if found.is_empty else ExitCode.REVIEWED


@contextmanager
def _cycles_uncollected() -> Iterator[None]:
    """Disable cyclic garbage collection, which takes a third of the time: a plan has no reference cycles.

    Objects created meanwhile are also excluded from later collections.
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
    """Convert unexpected errors to an `OperatorError`: a traceback would end with exit code 1, like a gate.

    The message of an error can quote the plan, so only its type and place are reported.
    """
    try:
        yield
    except (OperatorError, OSError):
        raise
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
        raise OperatorError(
            f"{path} contains something that the review cannot process: {kind}",
            remedy="if `terraform show -json` wrote the file, extend wealist/review to read it",
            exit_code=ExitCode.NOT_A_PLAN,
        ) from error


def _shown(review: Review, form: Format, artifact_url: str | None) -> str:
    """Return the review as text; for the terminal, print it and return an empty text."""
    match form:
        case Format.TERMINAL:
            terminal.show(review, Console())
            return ""
        case Format.MARKDOWN:
            return markdown.comment(review, artifact_url=artifact_url)
        case Format.JSON:
            return as_json.as_json(review)
        case Format.HTML:
            from wealist.review.page import page  # noqa: PLC0415 -- the other forms draw nothing

            return page(review)


def _refusal(form: Format, stack: str, error: OperatorError) -> str:
    if form is Format.HTML:
        from wealist.review import page  # noqa: PLC0415 -- as above

        return page.refusal(stack, error.message, error.remedy)
    write = markdown.refusal if form is Format.MARKDOWN else as_json.refusal
    return write(stack, error.message, error.remedy)


def build_review(
    path: Path,
    *,
    stack: str | None = None,
    gates: Iterable[Gate] = (),
    acknowledgements: str | None = None,
    with_unchanged: bool = False,
) -> Review:
    """Return the review of a plan. See `review` and `read_plan` for the arguments.

    Raises:
        OperatorError: The plan is not readable, or belongs to another stack.
    """
    lines = parse_acknowledgements(_text(acknowledgements)) if acknowledgements else frozenset()
    plan = read_plan(read(path), with_unchanged=with_unchanged)
    tagged = _TAGGED_AS.get(stack or "", stack)
    if tagged and plan.environment and tagged != plan.environment:
        raise OperatorError(
            f"{path} is a plan of {plan.environment!r}, not of {stack!r}",
            remedy=f"set --stack to the plan's own stack, or pass a plan of {stack!r}",
            exit_code=ExitCode.BAD_USAGE,
        )
    name = stack or plan.environment or UNNAMED
    found = findings(plan)
    return Review(
        stack=name if _STACK.fullmatch(name) else UNNAMED,
        plan=plan,
        findings=found,
        gate_result=evaluate_gates(plan, found, frozenset(gates), lines),
    )


def show_review(path: Path, *, stack: str, files: Sequence[str]) -> None:
    """Print the review of a new plan on the terminal, followed by the lines in `files`."""
    terminal.show(build_review(path, stack=stack), Console(), files=files)


def _check_arguments(stack: str | None, artifact_url: str | None) -> None:
    if stack is not None and not _STACK.fullmatch(stack):
        raise OperatorError(
            f"--stack {stack!r} is not a valid stack name",
            remedy="use a name that `python -m wealist plan` accepts: bootstrap, account, dev, prod, …",
            exit_code=ExitCode.BAD_USAGE,
        )
    if artifact_url is not None and not _URL.fullmatch(artifact_url):
        raise OperatorError(
            f"--artifact-url {artifact_url!r} is not a URL",
            remedy="pass a complete URL that begins with https://, without spaces",
            exit_code=ExitCode.BAD_USAGE,
        )


def _refuse_terminal(form: Format, out: Path | None) -> None:
    if out and form is Format.TERMINAL:
        raise OperatorError(
            f"--out {out} requires a format other than {Format.TERMINAL}",
            remedy=f"add --format {Format.HTML}, {Format.MARKDOWN} or {Format.JSON}",
            exit_code=ExitCode.BAD_USAGE,
        )


def _text(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
    except OSError as error:
        raise OperatorError(
            f"cannot read the acknowledgements in {name}: {error.strerror}",
            remedy="pass a file with lines `Acknowledge: ACTION ADDRESS`, or - for stdin",
            exit_code=ExitCode.BAD_USAGE,
        ) from None
    return data.decode(errors="replace")


def _write(text: str, out: Path | None) -> None:
    """Write to a file or stdout, always as UTF-8."""
    if out:
        with naming_file(out):
            out.write_text(text, encoding="utf-8")
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()

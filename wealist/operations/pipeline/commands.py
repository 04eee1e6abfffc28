"""`python -m wealist pipeline …`: the commands that `.github/workflows` run.

Outputs for the next job are printed as `name=value` lines, for `>> "$GITHUB_OUTPUT"`; everything else goes to stderr.
Each command imports `jobs` itself: `wealist --help` need not load what only the workflows use.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import TypeAdapter, ValidationError

from wealist import project
from wealist.command_line import Commands
from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations.pipeline.plans import (
    changed_stacks,
    configuration_digests,
    record_from_options,
    removed_stacks,
)
from wealist.progress import note
from wealist.review.options import Gate

app: Final = Commands("Run the steps of the GitHub workflows.")

Stack = Annotated[str, typer.Argument(metavar="STACK", help="A stack: account, dev, prod, …")]
Base = typer.Option(help="A synthesis of the previous commit. If it is missing, every stack counts as changed.")


@app.command()
def stacks() -> None:
    """Print every synthesized stack: `stacks=[…]`."""
    _print({"stacks": list(configuration_digests(project.synthesized_folder()))})


@app.command()
def changed(*, base: Annotated[Path, Base]) -> None:
    """Print the stacks whose synthesized files differ from a base: `stacks=[…]`."""
    head = project.synthesized_folder()
    for stack in removed_stacks(base, head):
        note(f"{stack} is no longer a stack; its resources stay in AWS unless they were destroyed before")
    _print({"stacks": list(changed_stacks(base, head))})


@app.command()
def plan(
    stack: Stack,
    *,
    out: Annotated[Path, typer.Option(file_okay=False, help="The folder for the plan, its record and its review.")],
    gate: Annotated[
        list[Gate] | None,
        typer.Option(envvar="GATES", help="What stops the plan unless acknowledged; can be repeated."),
    ] = None,
    acknowledgements: Annotated[
        str,
        typer.Option(
            envvar="ACKNOWLEDGEMENTS",
            metavar="TEXT",
            help="Text with lines `Acknowledge: ACTION ADDRESS`; others are ignored.",
        ),
    ] = "",
    labels: Annotated[str, typer.Option(envvar="LABELS", metavar="JSON", help="A list of further such lines.")] = "[]",
) -> None:
    """Plan STACK for review, upload the plan for its apply, and print `review=` and `stopped=`, true or false."""
    from wealist.operations.pipeline import jobs  # noqa: PLC0415

    # Labels come first: an unclosed `<!--` in the description must not hide them.
    lines = "\n".join([*_parse_list("--labels", labels), acknowledgements])
    _print(jobs.plan(stack, out, gates=gate or [], acknowledgements=lines))


@app.command()
def comment(
    *,
    pull_request: Annotated[int, typer.Option(help="The number of the pull request.")],
    changed: Annotated[str, typer.Option(metavar="JSON", help="The list of changed stacks.")],
) -> None:
    """Update the comments of a pull request, one for each stack, from the plans of this run."""
    from wealist.operations.pipeline import jobs  # noqa: PLC0415

    jobs.comment(pull_request, _parse_list("--changed", changed))


@app.command()
def drift() -> None:
    """Open, update or close the issue of each stack that this run planned."""
    from wealist.operations.pipeline import jobs  # noqa: PLC0415

    jobs.drift()


@app.command()
def reminders() -> None:
    """Open, update or close the issues of waivers, certificates and versions that have expired or soon expire."""
    from wealist.operations.pipeline import jobs  # noqa: PLC0415

    jobs.remind()


@app.command(name="reviewed")
def find_reviewed(
    *,
    base: Annotated[Path | None, Base] = None,
    commit: Annotated[str | None, typer.Option(help="The commit on main, whose pull request planned it.")] = None,
    stack: Annotated[str | None, typer.Option(help="A stack that this run has planned; replaces both others.")] = None,
) -> None:
    """Print the plans to apply as two lists: `account=[…]`, which is applied first, and `environments=[…]`."""
    from wealist.operations.pipeline import jobs  # noqa: PLC0415

    if stack and not base and not commit:
        _print(jobs.plans_of_run(stack))
    elif base and commit and not stack:
        _print(jobs.plans_of_merge(commit, base))
    else:
        raise OperatorError(
            "the options select neither the plan of a stack nor the plans of a commit",
            remedy="give either --stack STACK, or --base FOLDER and --commit SHA",
            exit_code=BAD_INPUT,
        )


@app.command()
def apply(
    stack: Stack,
    *,
    plan: Annotated[str, typer.Option(metavar="SHA256", help="Digest of the reviewed plan.")],
    configuration: Annotated[str, typer.Option(metavar="SHA256", help="Digest of the stack that was planned.")],
    terraform: Annotated[str, typer.Option(metavar="VERSION", help="Version of the Terraform that planned.")],
) -> None:
    """Apply the reviewed plan of STACK and no other. Fails if its GitHub environment requires no reviewers."""
    from wealist.operations.pipeline import jobs  # noqa: PLC0415

    jobs.apply(record_from_options(stack=stack, plan=plan, configuration=configuration, terraform=terraform))


def _print(outputs: Mapping[str, object]) -> None:
    for name, value in outputs.items():
        typer.echo(f"{name}={json.dumps(value)}")


def _parse_list(option: str, text: str) -> list[str]:
    try:
        return TypeAdapter(list[str]).validate_json(text)
    except ValidationError:
        raise OperatorError(
            f"{option} {text!r} is not a JSON list of strings",
            remedy='give JSON, as `wealist pipeline changed` prints it: ["dev", "prod"]',
            exit_code=BAD_INPUT,
        ) from None

"""`python -m wealist pipeline …`: what the workflows in `.github/workflows` run.

What the next job needs is printed as `name=value` lines, for `>> "$GITHUB_OUTPUT"`; everything else goes to stderr.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from wealist import project
from wealist.command_line import Commands
from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations.pipeline import record
from wealist.operations.pipeline.configuration import changed as changed_stacks
from wealist.operations.pipeline.configuration import configurations, removed
from wealist.progress import note
from wealist.review.options import Gate

app: Final = Commands("What the GitHub workflows run.")

Stack = Annotated[str, typer.Argument(metavar="STACK", help="A stack: account, dev, prod, …")]
Base = typer.Option(help="A synthesis of the commit before. Where it is missing, every stack counts as changed.")


@app.command()
def stacks() -> None:
    """Print every stack that is synthesized: `stacks=[…]`."""
    _print({"stacks": list(configurations(project.synthesized_folder()))})


@app.command()
def changed(*, base: Annotated[Path, Base]) -> None:
    """Print the stacks that are synthesized otherwise than in a base: `stacks=[…]`."""
    for stack in removed(base, project.synthesized_folder()):
        note(f"{stack} is no stack any more; what it made stays in AWS, unless it was destroyed before")
    _print({"stacks": list(changed_stacks(base, project.synthesized_folder()))})


@app.command()
def plan(
    stack: Stack,
    *,
    out: Annotated[Path, typer.Option(file_okay=False, help="The folder for the plan, its record and its review.")],
    gate: Annotated[
        list[Gate] | None,
        typer.Option(envvar="GATES", help="What stops the plan, unless acknowledged; can be repeated."),
    ] = None,
    acknowledgements: Annotated[
        str,
        typer.Option(
            envvar="ACKNOWLEDGEMENTS", metavar="TEXT", help="Lines `Acknowledge: ACTION ADDRESS`, among others."
        ),
    ] = "",
    labels: Annotated[str, typer.Option(envvar="LABELS", metavar="JSON", help="A list of further such lines.")] = "[]",
) -> None:
    """Plan STACK for review, keep the plan for its apply, and print `review=` and `stopped=`, true or false."""
    from wealist.operations.pipeline import jobs  # noqa: PLC0415 -- it loads what only the workflows need

    # What a description leaves open, as `<!--` does, must not swallow the labels.
    lines = "\n".join([*_list_given("--labels", labels), acknowledgements])
    _print(jobs.plan(stack, out, gates=gate or [], acknowledgements=lines))


@app.command()
def comment(
    *,
    pull_request: Annotated[int, typer.Option(help="Its number.")],
    changed: Annotated[str, typer.Option(metavar="JSON", help="The list of stacks that should have been planned.")],
) -> None:
    """Bring the comments of a pull request up to date: one for each stack, by what the jobs of this run planned."""
    from wealist.operations.pipeline import jobs  # noqa: PLC0415 -- the same

    jobs.comment(pull_request, _list_given("--changed", changed))


@app.command()
def drift() -> None:
    """Open, update or close the issue of each stack that the jobs of this run planned."""
    from wealist.operations.pipeline import jobs  # noqa: PLC0415 -- the same

    jobs.drift()


@app.command()
def reminders() -> None:
    """Open, update or close the issues of waivers, certificates and versions that have ended, or soon end."""
    from wealist.operations.pipeline import jobs  # noqa: PLC0415 -- the same

    jobs.remind()


@app.command(name="reviewed")
def find_reviewed(
    *,
    base: Annotated[Path | None, Base] = None,
    commit: Annotated[str | None, typer.Option(help="The commit on main, whose pull request planned it.")] = None,
    stack: Annotated[str | None, typer.Option(help="Instead of both: a stack that this run has planned.")] = None,
) -> None:
    """Print the plans that may be applied, as two lists: `account=[…]`, which comes first, and `environments=[…]`."""
    from wealist.operations.pipeline import jobs  # noqa: PLC0415 -- the same

    if stack and not base and not commit:
        _print(jobs.plans_of_run(stack))
    elif base and commit and not stack:
        _print(jobs.plans_of_merge(commit, base))
    else:
        raise OperatorError(
            "neither a plan nor all plans are asked for",
            remedy="give either --stack STACK, or --base FOLDER and --commit SHA",
            exit_code=BAD_INPUT,
        )


@app.command()
def apply(
    stack: Stack,
    *,
    plan: Annotated[str, typer.Option(metavar="SHA256", help="Of the plan that was reviewed.")],
    configuration: Annotated[str, typer.Option(metavar="SHA256", help="Of the synthesized stack that was planned.")],
    terraform: Annotated[str, typer.Option(metavar="VERSION", help="Of the Terraform that planned.")],
) -> None:
    """Apply the plan of STACK that was reviewed, and no other; GitHub must have asked its reviewers."""
    from wealist.operations.pipeline import jobs  # noqa: PLC0415 -- the same

    made = record.given(stack=stack, plan=plan, configuration=configuration, terraform=terraform)
    jobs.apply(made)


def _print(outputs: Mapping[str, object]) -> None:
    for name, value in outputs.items():
        typer.echo(f"{name}={json.dumps(value)}")


def _list_given(option: str, text: str) -> list[str]:
    try:
        given = json.loads(text)
    except json.JSONDecodeError:
        given = None
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise OperatorError(
            f"{option} {text!r} is no list of strings",
            remedy='give JSON, as `wealist pipeline changed` prints it: ["dev", "prod"]',
            exit_code=BAD_INPUT,
        )
    return given

"""`python -m wealist`: what operators run. Reads files and starts programs; never imports cdktf."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from wealist import progress
from wealist.errors import FAILURE, OperatorError, ToolFailedError
from wealist.operations import emulated as emulated_life
from wealist.operations.clock import today
from wealist.operations.pipeline.commands import app as pipeline
from wealist.operations.plan import plan as plan_stack
from wealist.review.options import Format, Gate

Env = Annotated[str, typer.Argument(metavar="ENV", help="A stack: bootstrap, account, dev, prod, …")]
Keep = Annotated[
    bool, typer.Option("--keep", help="Leave the embedded AWS up until Ctrl-C, for the AWS CLI and other commands.")
]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.add_typer(pipeline, name="pipeline")
types = typer.Typer(help="The types of AWS that stacks may hold: wealist/model/types.toml.")
app.add_typer(types, name="types")


@app.callback(invoke_without_command=True)
def wealist(context: typer.Context) -> None:
    """Wealist's infrastructure: plan an environment against AWS, or against an AWS on this machine."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def plan(
    env: Env,
    *,
    emulated: Annotated[
        bool, typer.Option("--emulated", help="Plan against the embedded AWS: needs no account and changes nothing.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, help="Where to put the plan's files. [default: below .wealist/]"),
    ] = None,
) -> None:
    """Synthesize ENV, plan it with Terraform, review it, and keep the plan as a file and as JSON."""
    files = plan_stack(env, emulated=emulated, out=out)
    from wealist.review.command import show  # noqa: PLC0415 -- only two commands review plans

    show(files.json, stack=env)
    typer.echo(f"\nplan: {_shown(files.plan)}\njson: {_shown(files.json)}")


@app.command(name="review")
def review_plan(
    plan_json: Annotated[Path, typer.Argument(metavar="PLAN.json", help="What `terraform show -json FILE` printed.")],
    *,
    stack: Annotated[
        str | None,
        typer.Option(
            metavar="STACK",
            help="Whose plan it is: refused if it is another's. Without it, whose environment it names.",
        ),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to show it.")] = Format.TERMINAL,
    fail_on: Annotated[
        list[Gate] | None,
        typer.Option(
            help="What stops the plan, unless acknowledged; can be repeated. `stateful`: what holds data is destroyed"
            " or replaced.",
        ),
    ] = None,
    acknowledgements: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="A file with a line `Acknowledge: ACTION ADDRESS`, or with its short form, for each change that may"
            " pass a gate: a pull request's description, or labels. `-` is stdin.",
        ),
    ] = None,
    artifact_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where the comment says that the whole review lies.")
    ] = None,
) -> None:
    r"""Tell what a plan would do, the dangerous first.

    \b
    Exit codes:
      0  reviewed, and nothing stops it
      1  something that --fail-on names is not acknowledged
      2  a wrong argument, or a file that cannot be read
      3  not the JSON of a plan
      4  a plan of an unknown format version
      5  a file that is cut off
      6  a plan that ended with errors
      7  a partial plan (-target, -exclude, deferred changes)
      8  reviewed: no changes
    """
    from wealist.review.command import review  # noqa: PLC0415 -- only two commands review plans

    code = review(
        plan_json,
        stack=stack,
        form=form,
        gates=fail_on or [],
        acknowledgements=acknowledgements,
        artifact_url=artifact_url,
    )
    raise typer.Exit(code)


@app.command()
def apply(
    env: Env,
    *,
    emulated: Annotated[bool, typer.Option("--emulated", help="Apply to the embedded AWS: needs no account.")] = False,
    keep: Keep = False,
) -> None:
    """Apply ENV to an AWS embedded here, and what it rests on before it; a real AWS is for plain Terraform."""
    if not emulated:
        emulated_life.refuse_real("apply", env)
    emulated_life.apply(env, keep=keep)


@app.command()
def destroy(
    env: Env,
    *,
    emulated: Annotated[
        bool, typer.Option("--emulated", help="Destroy in the embedded AWS: needs no account.")
    ] = False,
) -> None:
    """Destroy ENV in an AWS embedded here, after applying it where it is not there; prod refuses."""
    if not emulated:
        emulated_life.refuse_real("destroy", env)
    emulated_life.destroy(env)


@app.command()
def check(
    env: Annotated[str | None, typer.Argument(metavar="[ENV]", help="An environment: dev, prod, …")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every environment, and the stacks they rest on.")] = False,
    controls: Annotated[bool, typer.Option("--controls", help="Show each control, and how it came out where.")] = False,
    drill: Annotated[bool, typer.Option("--drill", help="Show what still works when something is lost.")] = False,
    rights: Annotated[bool, typer.Option("--rights", help="Show what each role may do, and why.")] = False,
    skip: Annotated[
        list[str] | None,
        typer.Option(metavar="CONTROL", help="Leave out controls that begin so: inventory, EC2. Can be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print findings, waived ones and notes as JSON.")] = False,
) -> None:
    """Check what `main.py` wrote: who reaches whom, IAM, rules, secrets, and that the inventory is current.

    Exit code 1 where something is found; 2 where nothing can be read.
    """
    from wealist.checks.report import report  # noqa: PLC0415 -- the guards are many

    is_proven = report(
        env,
        every=every,
        controls=controls,
        drill=drill,
        today=today(),
        rights=rights,
        skip=skip or [],
        as_json=as_json,
    )
    if not is_proven:
        raise typer.Exit(FAILURE)


@app.command()
def orphans(
    plan_json: Annotated[
        Path, typer.Argument(metavar="PLAN.json", help="A plan made after the kill: `wealist plan` says where it lies.")
    ],
    *,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE", dir_okay=False, help="Where the blocks go: imports.tf.json in the stack's folder."
        ),
    ],
) -> None:
    """After a killed apply: write `import` blocks for what AWS holds, the state does not, and the plan makes again."""
    from wealist.operations.orphans import write_imports  # noqa: PLC0415 -- only this command asks AWS itself

    progress.note(f"{write_imports(plan_json, os.environ, out)} things to take in: {_shown(out)}")


@app.command()
def bundle(
    environment: Annotated[str, typer.Argument(metavar="ENV", help="An environment: dev, prod, …")],
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="One of its services: user-service, …")],
    *,
    image_tag: Annotated[
        str,
        typer.Option(
            metavar="TAG", help="The image to deploy. A tag of its own, such as a commit's id, can be rolled back to."
        ),
    ] = "latest",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Where to write the zip. [default: below .wealist/bundles]"),
    ] = None,
) -> None:
    """Write the deployment bundle of SERVICE, and print the commands that deploy it: a script for `sh`."""
    from wealist.operations.bundle.write import LATEST, write_bundle  # noqa: PLC0415 -- only it and the demo read environments

    written = write_bundle(environment, service, image_tag=image_tag, out=out)
    progress.note(f"bundle: {_shown(written.path)}")
    if image_tag == LATEST:
        progress.note("a rollback to this bundle pulls whatever is 'latest' by then; --image-tag names one image")
    typer.echo(written.commands, nl=False)


@app.command()
def database(
    env: Annotated[str, typer.Argument(metavar="ENV", help="An environment: dev, prod, …")],
    *,
    passwords: Annotated[
        bool,
        typer.Option(
            "--passwords", help="Set the owners' passwords, too: verifiers of those that SSM holds. Needs credentials."
        ),
    ] = False,
) -> None:
    """Print the SQL that makes the databases of ENV and their owners, for psql; it can be run again."""
    from wealist.operations.database.script import script  # noqa: PLC0415 -- only some commands read environments
    from wealist.operations.environment import named  # noqa: PLC0415 -- the same

    config, found = named(env), None
    if passwords:
        from wealist.operations.database.passwords import read_passwords  # noqa: PLC0415 -- only this asks AWS itself

        found = read_passwords(config, os.environ)
    typer.echo(script(config, found), nl=False)


@app.command()
def accept() -> None:
    """Synthesize, and bring the committed inventory up to date; what holds data leaves it only by a release."""
    from wealist.operations.accept import accept as accept_inventory  # noqa: PLC0415 -- only this command writes it

    for line in accept_inventory():
        typer.echo(line)


@types.command(name="add")
def add_type(
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="A type of the AWS provider: aws_kinesis_stream, …")],
) -> None:
    """Write the row of TYPE into wealist/model/types.toml, and say what is left to decide about it."""
    from wealist.model.new_row import add  # noqa: PLC0415 -- only this command reads the provider's arguments
    from wealist.model.types import SHOWN  # noqa: PLC0415 -- the same

    undecided = add(kind)
    progress.note(f"[{kind}] is in {SHOWN}; complete these columns, and take them out of `undecided`:")
    typer.echo("\n".join(undecided))


@app.command()
def demo(*, keep: Keep = False) -> None:
    """Show the whole life of the system: apply everything, change it, destroy dev, and check each claim."""
    from wealist.operations.demo import demo as run_demo  # noqa: PLC0415 -- only this command reads the environments

    run_demo(keep=keep)


def main() -> None:
    """Run a command; show what an operator can act on as two lines, and end with its exit code."""
    try:
        app()
    except OperatorError as error:
        progress.stderr.print(f"[bold red]error:[/] {escape(error.message)}\n[bold]remedy:[/] {escape(error.remedy)}")
        sys.exit(error.exit_code)
    except ToolFailedError as failure:
        sys.exit(failure.exit_code)


def _shown(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path

"""`python -m wealist`: what operators run. Reads files and starts programs; never imports cdktf."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from wealist.operations import emulated as emulated_life
from wealist.operations import progress
from wealist.operations.errors import OperatorError, ToolFailedError
from wealist.operations.plan import plan as plan_stack

Env = Annotated[str, typer.Argument(metavar="ENV", help="A stack: bootstrap, account, dev, prod, …")]
Keep = Annotated[
    bool, typer.Option("--keep", help="Leave the embedded AWS up until Ctrl-C, for the AWS CLI and other commands.")
]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


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
    """Synthesize ENV, plan it with Terraform, and keep the plan as a file and as JSON."""
    files = plan_stack(env, emulated=emulated, out=out)
    typer.echo(f"\nplan: {_shown(files.plan)}\njson: {_shown(files.json)}")


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

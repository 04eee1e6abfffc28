"""`wealist`: the operators' commands. They read files and start programs, and never import cdktf."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from wealist import progress
from wealist.command_line import Commands, environments, print_json, services, stacks, version
from wealist.errors import FAILURE
from wealist.operations import emulated as in_emulator
from wealist.operations.clock import today
from wealist.operations.pipeline.commands import app as pipeline
from wealist.operations.plan import plan as plan_stack
from wealist.project import display_path, load_environment
from wealist.review.options import Format, Gate
from wealist.start import refuse_bad_temporary_folder, replace_unencodable_characters

Stack = Annotated[
    str, typer.Argument(metavar="ENV", help="A stack: bootstrap, account, dev, prod, …", autocompletion=stacks)
]
Environment = Annotated[
    str, typer.Argument(metavar="ENV", help="An environment: dev, prod, …", autocompletion=environments)
]
Keep = Annotated[
    bool, typer.Option("--keep", help="Keep the embedded AWS running until Ctrl-C, for the AWS CLI and other commands.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
REVIEW_CODES: Final = """\b
Exit codes:
  0  reviewed: no gate fails
  1  reviewed: a change that --fail-on names is not acknowledged
  2  an invalid argument, or an unreadable file
  3  not the JSON of a plan
  4  a plan of an unknown format version
  5  a truncated file
  6  a plan that ended with errors
  7  a partial plan (-target, -exclude, deferred changes)
  8  reviewed: no changes"""
PREFLIGHT_CODES: Final = """\b
Exit codes:
  0  every check succeeded
  1  a check failed
  2  no check failed, but some could not be made; or an invalid argument"""

app = Commands("Plan, check and operate Wealist's infrastructure, in AWS or in an embedded AWS on this machine.")
app.add_typer(pipeline, name="pipeline")
types = Commands("The resource types of wealist/model/types.toml.")
app.add_typer(types, name="types")


@app.callback(invoke_without_command=True)
def wealist(
    context: typer.Context,
    *,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Plan, check and operate Wealist's infrastructure, in AWS or in an embedded AWS on this machine."""
    if show_version:
        typer.echo(f"wealist {version()}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def plan(
    env: Stack,
    *,
    emulated: Annotated[
        bool, typer.Option("--emulated", help="Plan against the embedded AWS. Needs no account.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", file_okay=False, help="Folder for the plan's files.", show_default="in .wealist/plans"
        ),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Print Terraform's output before the review.")] = False,
) -> None:
    """Plan ENV with Terraform, and review the plan.

    Synthesizes first. Writes the plan as a file for `terraform apply`, as JSON, and as Terraform's output.
    """
    files = plan_stack(env, emulated=emulated, out=out)
    from wealist.review.command import show_review  # noqa: PLC0415 -- only two commands review plans

    if full:
        typer.echo(files.text.read_text(encoding="utf-8"))
    show_review(files.json, stack=env, files=(f"plan: {display_path(files.plan)}", f"json: {display_path(files.json)}"))


@app.command(name="review", epilog=REVIEW_CODES)
def review_plan(
    plan_json: Annotated[Path, typer.Argument(metavar="PLAN.json", help="Output of `terraform show -json FILE`.")],
    *,
    stack: Annotated[
        str | None,
        typer.Option(
            metavar="STACK",
            help="Stack of the plan. A plan of another stack is refused.",
            show_default="the environment that the plan names",
        ),
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="Output format. html is a page with drawings.")
    ] = Format.TERMINAL,
    fail_on: Annotated[
        list[Gate] | None,
        typer.Option(
            help="Fail on these changes unless they are acknowledged; can be repeated. `stateful`: data is destroyed or"
            " replaced.",
        ),
    ] = None,
    acknowledgements: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="File with a line `Acknowledge: ACTION ADDRESS`, or its short form, for each change that may pass a"
            " gate: a pull request's description, or labels. `-` is stdin.",
        ),
    ] = None,
    artifact_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Address of the complete review, for the comment.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Write the review to a file.", show_default="print it"),
    ] = None,
) -> None:
    """Review a plan: show its changes by severity."""
    from wealist.review.command import review  # noqa: PLC0415 -- only two commands review plans

    code = review(
        plan_json,
        stack=stack,
        form=form,
        gates=fail_on or [],
        acknowledgements=acknowledgements,
        artifact_url=artifact_url,
        out=out,
    )
    raise typer.Exit(code)


@app.command()
def apply(
    env: Stack,
    *,
    emulated: Annotated[bool, typer.Option("--emulated", help="Apply to the embedded AWS. Needs no account.")] = False,
    keep: Keep = False,
) -> None:
    """Apply ENV to an embedded AWS on this machine.

    Applies the stacks that it requires first. For AWS itself, use plain Terraform.
    """
    if not emulated:
        in_emulator.refuse_real("apply", env)
    in_emulator.apply(env, keep=keep)


@app.command()
def destroy(
    env: Stack,
    *,
    emulated: Annotated[
        bool, typer.Option("--emulated", help="Destroy in the embedded AWS. Needs no account.")
    ] = False,
) -> None:
    """Destroy ENV in an embedded AWS on this machine.

    Applies it first if needed. Refuses protected environments.
    """
    in_emulator.refuse_protected(env)
    if not emulated:
        in_emulator.refuse_real("destroy", env)
    in_emulator.destroy(env)


@app.command()
def check(
    env: Annotated[
        str | None, typer.Argument(metavar="ENV", help="An environment: dev, prod, …", autocompletion=environments)
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every environment, and the stacks that they require.")] = False,
    controls: Annotated[bool, typer.Option("--controls", help="Show each control's result in each stack.")] = False,
    drill: Annotated[bool, typer.Option("--drill", help="Show which functions remain available after a loss.")] = False,
    rights: Annotated[bool, typer.Option("--rights", help="Show what each role may do, and why.")] = False,
    skip: Annotated[
        list[str] | None,
        typer.Option(metavar="CONTROL", help="Skip controls with this prefix: inventory, EC2. Can be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check the synthesized stacks and the inventory.

    Checks reachability, IAM, rules, secrets, and that the inventory is current.
    Exit code 1 if there are findings, 2 if the stacks cannot be read.
    """
    from wealist.checks.report import report  # noqa: PLC0415 -- only this command runs the checks
    from wealist.docs.write import outdated  # noqa: PLC0415 -- the same

    is_proven = report(
        env,
        every=every,
        controls=controls,
        drill=drill,
        today=today(),
        rights=rights,
        skip=skip or [],
        as_json=as_json,
        records=outdated,
    )
    if not is_proven:
        raise typer.Exit(FAILURE)


@app.command()
def costs(
    env: Annotated[str | None, typer.Argument(metavar="ENV", help="A stack.", autocompletion=stacks)] = None,
    *,
    assume: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Assume another amount. Can be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Estimate the monthly costs of the synthesized stacks, by section and resource.

    Uses the list prices of wealist/costs/prices.toml. Names resources without a price, and does not count them.
    """
    from wealist.costs.report import report  # noqa: PLC0415 -- only this command prices stacks

    report(env, assume or [], as_json=as_json)


@app.command()
def prices(
    *,
    refresh: Annotated[bool, typer.Option("--refresh", help="Update the table from AWS first.")] = False,
    as_json: Json = False,
) -> None:
    """Show the list prices that cost estimates use, with source and day."""
    from wealist.operations.prices import prices as show_prices  # noqa: PLC0415 -- only this command asks for prices

    show_prices(refreshed=refresh, as_json=as_json)


@app.command(epilog=PREFLIGHT_CODES)
def preflight(
    env: Environment,
    *,
    emulated: Annotated[
        bool, typer.Option("--emulated", help="Check the embedded AWS only. Needs no account.")
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Also write the newest pull request's run as GitHub reports it, for `pipeline reviewed`.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare ENV with the real account and repository.

    Reads only. Needs AWS credentials (docs/preflight.md has the policy), and a GitHub token in GH_TOKEN.
    """
    from wealist.operations.preflight.command import preflight as look  # noqa: PLC0415 -- only this command needs it

    raise typer.Exit(look(env, emulated=emulated, as_json=as_json, record=record))


@app.command()
def orphans(
    plan_json: Annotated[
        Path, typer.Argument(metavar="PLAN.json", help="A plan made after the kill; `wealist plan` prints its path.")
    ],
    *,
    out: Annotated[
        Path,
        typer.Option(metavar="FILE", dir_okay=False, help="File to write: imports.tf.json in the stack's folder."),
    ],
    as_json: Json = False,
) -> None:
    """Write `import` blocks for the orphans of a killed apply.

    Orphans are objects that AWS has, the state does not, and the plan would create again.
    """
    from wealist.operations.orphans import write_imports  # noqa: PLC0415 -- only this command calls AWS

    orphans = write_imports(plan_json, os.environ, out)
    progress.note(f"{len(orphans)} objects to import: {display_path(out)}")
    if as_json:
        print_json([asdict(orphan) for orphan in orphans])


@app.command()
def bundle(
    environment: Environment,
    service: Annotated[
        str,
        typer.Argument(metavar="SERVICE", help="One of its services: user-service, …", autocompletion=services),
    ],
    *,
    image_tag: Annotated[
        str,
        typer.Option(
            metavar="TAG", help="Tag of the image to deploy. A rollback needs a unique tag, such as a commit's id."
        ),
    ] = "latest",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Zip to write.", show_default="in .wealist/bundles"),
    ] = None,
) -> None:
    """Write the deployment bundle of SERVICE.

    Prints the commands that deploy it, as a script for `sh`.
    """
    from wealist.operations.bundle.write import LATEST, write_bundle  # noqa: PLC0415 -- only this command needs it

    written = write_bundle(environment, service, image_tag=image_tag, out=out)
    progress.note(f"bundle: {display_path(written.path)}")
    if image_tag == LATEST:
        progress.note("a rollback to this bundle deploys the 'latest' image of that time; --image-tag names one image")
    typer.echo(written.commands, nl=False)


@app.command()
def database(
    env: Environment,
    *,
    passwords: Annotated[
        bool,
        typer.Option(
            "--passwords", help="Also set the owners' passwords to those in SSM, as verifiers. Needs AWS credentials."
        ),
    ] = False,
) -> None:
    """Print the SQL that creates the databases of ENV and their owners.

    The SQL is for psql, and can be run again.
    """
    from wealist.operations.database.script import read_passwords, script  # noqa: PLC0415 -- only this command needs it

    config = load_environment(env)
    typer.echo(script(config, read_passwords(config, os.environ) if passwords else None), nl=False)


@app.command()
def accept(*, as_json: Json = False) -> None:
    """Update the committed inventory and docs/architecture.

    Synthesizes first, and prints the inventory's difference. Refuses to remove resources with data without a release.
    """
    from wealist.docs.write import write  # noqa: PLC0415 -- only two commands write pages
    from wealist.operations.accept import accept as accept_inventory  # noqa: PLC0415 -- only this command writes it

    pages: list[str] = []
    difference = accept_inventory(lambda synthesis: pages.extend(write(synthesis)))
    if pages:
        progress.note(f"updated {len(pages)} pages of docs/architecture")
    if as_json:
        print_json({"changed": bool(difference or pages), "difference": difference, "pages": pages})
    else:
        typer.echo("".join(f"{line}\n" for line in difference), nl=False)


@app.command()
def docs(
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the site.", show_default="in .wealist/site"),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(metavar="LANGUAGE", help="Languages of the site: ko, en. Can be repeated.", show_default="all"),
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Serve the site on this machine until Ctrl-C.")] = False,
) -> None:
    """Generate docs/architecture, and a site, from the synthesized stacks.

    Browsers open the site from disk. It loads nothing from the network.
    """
    from wealist.docs.command import docs as describe  # noqa: PLC0415 -- only two commands write pages

    describe(out, languages=language, serve=serve)


@types.command(name="add")
def add_type(
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="A type of the AWS provider: aws_kinesis_stream, …")],
) -> None:
    """Add a row for TYPE to wealist/model/types.toml.

    Prints the columns to complete.
    """
    from wealist.model.new_type import add_type  # noqa: PLC0415 -- only this command reads the provider's arguments
    from wealist.model.types import SHOWN  # noqa: PLC0415 -- the same

    undecided = add_type(kind)
    progress.note(f"[{kind}] is in {SHOWN}; complete these columns, and remove them from `undecided`:")
    typer.echo("\n".join(undecided))


@app.command()
def demo(*, keep: Keep = False) -> None:
    """Demonstrate the system in an embedded AWS on this machine.

    Applies all stacks, changes and destroys dev, and checks a claim at each step.
    """
    from wealist.operations.demo import demo as run_demo  # noqa: PLC0415 -- only this command reads the environments

    run_demo(keep=keep)


def main() -> None:
    """Run a command, and exit with its exit code. Print an `OperatorError` as two lines."""
    replace_unencodable_characters()
    progress.run_program(_run)


def _run() -> None:
    refuse_bad_temporary_folder()
    app(prog_name="wealist")

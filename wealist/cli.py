"""`wealist`: what operators run. Reads files and starts programs; never imports cdktf."""

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
from wealist.project import display_path
from wealist.review.options import Format, Gate
from wealist.start import refuse_bad_temporary_folder, replace_unencodable_characters

Stack = Annotated[
    str, typer.Argument(metavar="ENV", help="A stack: bootstrap, account, dev, prod, …", autocompletion=stacks)
]
Environment = Annotated[
    str, typer.Argument(metavar="ENV", help="An environment: dev, prod, …", autocompletion=environments)
]
Keep = Annotated[
    bool, typer.Option("--keep", help="Leave the embedded AWS up until Ctrl-C, for the AWS CLI and other commands.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
REVIEW_CODES: Final = """\b
Exit codes:
  0  reviewed, and nothing stops it
  1  something that --fail-on names is not acknowledged
  2  a wrong argument, or a file that cannot be read
  3  not the JSON of a plan
  4  a plan of an unknown format version
  5  a file that is cut off
  6  a plan that ended with errors
  7  a partial plan (-target, -exclude, deferred changes)
  8  reviewed: no changes"""
PREFLIGHT_CODES: Final = """\b
Exit codes:
  0  all is as expected
  1  something is wrong
  2  nothing is wrong, and something could not be looked at; or a wrong argument"""

app = Commands("Plan, check and operate Wealist's infrastructure, in AWS or in an AWS on this machine.")
app.add_typer(pipeline, name="pipeline")
types = Commands("The types of AWS that stacks may hold: wealist/model/types.toml.")
app.add_typer(types, name="types")


@app.callback(invoke_without_command=True)
def wealist(
    context: typer.Context,
    *,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Plan, check and operate Wealist's infrastructure, in AWS or in an AWS on this machine."""
    if show_version:
        typer.echo(f"wealist {version()}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def plan(
    env: Stack,
    *,
    emulated: Annotated[
        bool, typer.Option("--emulated", help="Plan against the embedded AWS: needs no account and changes nothing.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", file_okay=False, help="Folder for the plan's files.", show_default="below .wealist/plans"
        ),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Print Terraform's own text before the review.")] = False,
) -> None:
    """Plan ENV with Terraform, and review the plan.

    Synthesizes first. The plan is kept as a file for `terraform apply`, as JSON, and as Terraform's own text.
    """
    files = plan_stack(env, emulated=emulated, out=out)
    from wealist.review.command import show_review  # noqa: PLC0415 -- only two commands review plans

    if full:
        typer.echo(files.text.read_text(encoding="utf-8"))
    show_review(files.json, stack=env, files=(f"plan: {display_path(files.plan)}", f"json: {display_path(files.json)}"))


@app.command(name="review", epilog=REVIEW_CODES)
def review_plan(
    plan_json: Annotated[Path, typer.Argument(metavar="PLAN.json", help="What `terraform show -json FILE` printed.")],
    *,
    stack: Annotated[
        str | None,
        typer.Option(
            metavar="STACK",
            help="Whose plan it is; the plan of another stack is refused.",
            show_default="the environment that the plan names",
        ),
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="How to show it; html is a page with drawings.")
    ] = Format.TERMINAL,
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
        str | None, typer.Option(metavar="URL", help="Address of the whole review, for the comment.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Write the review to a file.", show_default="print it"),
    ] = None,
) -> None:
    """Show what a plan would do, the dangerous first."""
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
    emulated: Annotated[bool, typer.Option("--emulated", help="Apply to the embedded AWS: needs no account.")] = False,
    keep: Keep = False,
) -> None:
    """Apply ENV to an AWS on this machine.

    The stacks that it rests on are applied before it. For AWS itself, use plain Terraform.
    """
    if not emulated:
        in_emulator.refuse_real("apply", env)
    in_emulator.apply(env, keep=keep)


@app.command()
def destroy(
    env: Stack,
    *,
    emulated: Annotated[
        bool, typer.Option("--emulated", help="Destroy in the embedded AWS: needs no account.")
    ] = False,
) -> None:
    """Destroy ENV in an AWS on this machine.

    Applies it first where it is not there. Protected environments are refused.
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
    every: Annotated[bool, typer.Option("--all", help="Every environment, and the stacks they rest on.")] = False,
    controls: Annotated[bool, typer.Option("--controls", help="Show each control, and how it came out where.")] = False,
    drill: Annotated[bool, typer.Option("--drill", help="Show what still works when something is lost.")] = False,
    rights: Annotated[bool, typer.Option("--rights", help="Show what each role may do, and why.")] = False,
    skip: Annotated[
        list[str] | None,
        typer.Option(metavar="CONTROL", help="Leave out controls that begin so: inventory, EC2. Can be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check every synthesized stack, and the inventory.

    Who reaches whom, IAM, rules, secrets, and whether the inventory is current, of what `main.py` wrote.
    Exit code 1 where something is found; 2 where nothing can be read.
    """
    from wealist.checks.report import report  # noqa: PLC0415 -- the guards are many
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
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Assume another GB or number, repeatedly.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what was synthesized costs a month, by section and resource.

    At the list prices of wealist/costs/prices.toml. What has no price is named, and not counted.
    """
    from wealist.costs.report import report  # noqa: PLC0415 -- only this command prices stacks

    report(env, assume or [], as_json=as_json)


@app.command()
def prices(
    *,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask AWS, and write the table again.")] = False,
    as_json: Json = False,
) -> None:
    """Show the list prices that costs are computed from, with source and day."""
    from wealist.operations.prices import prices as show_prices  # noqa: PLC0415 -- only this command asks for prices

    show_prices(refreshed=refresh, as_json=as_json)


@app.command(epilog=PREFLIGHT_CODES)
def preflight(
    env: Environment,
    *,
    emulated: Annotated[
        bool, typer.Option("--emulated", help="Look into the embedded AWS, and nowhere else: needs no account.")
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Also write what GitHub says of the newest pull request's run, which `pipeline reviewed` judges.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare ENV with the real account and repository.

    Reads only. Needs credentials that may (docs/preflight.md has the policy), and a token for GitHub in GH_TOKEN.
    """
    from wealist.operations.preflight.command import preflight as look  # noqa: PLC0415 -- only this command asks so much

    raise typer.Exit(look(env, emulated=emulated, as_json=as_json, record=record))


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
    as_json: Json = False,
) -> None:
    """Write `import` blocks for what a killed apply left.

    That is what AWS holds, the state does not, and the plan would make again.
    """
    from wealist.operations.orphans import write_imports  # noqa: PLC0415 -- only this command asks AWS itself

    orphans = write_imports(plan_json, os.environ, out)
    progress.note(f"{len(orphans)} things to take in: {display_path(out)}")
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
            metavar="TAG", help="The image to deploy. A tag of its own, such as a commit's id, can be rolled back to."
        ),
    ] = "latest",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="The zip to write.", show_default="below .wealist/bundles"),
    ] = None,
) -> None:
    """Write the deployment bundle of SERVICE.

    Prints the commands that deploy it: a script for `sh`.
    """
    from wealist.operations.bundle.write import LATEST, write_bundle  # noqa: PLC0415 -- only it and the demo read environments

    written = write_bundle(environment, service, image_tag=image_tag, out=out)
    progress.note(f"bundle: {display_path(written.path)}")
    if image_tag == LATEST:
        progress.note("a rollback to this bundle pulls whatever is 'latest' by then; --image-tag names one image")
    typer.echo(written.commands, nl=False)


@app.command()
def database(
    env: Environment,
    *,
    passwords: Annotated[
        bool,
        typer.Option(
            "--passwords", help="Set the owners' passwords, too: verifiers of those that SSM holds. Needs credentials."
        ),
    ] = False,
) -> None:
    """Print the SQL that makes the databases of ENV.

    It is for psql, makes the databases' owners, too, and can be run again.
    """
    from wealist.operations.database.script import script  # noqa: PLC0415 -- only some commands read environments
    from wealist.project import load_environment  # noqa: PLC0415 -- the same

    config, found = load_environment(env), None
    if passwords:
        from wealist.operations.database.script import read_passwords  # noqa: PLC0415 -- only this asks AWS itself

        found = read_passwords(config, os.environ)
    typer.echo(script(config, found), nl=False)


@app.command()
def accept(*, as_json: Json = False) -> None:
    """Bring the committed inventory and docs/architecture up to date.

    Synthesizes first, and prints the inventory's difference. What holds data leaves the inventory only by a release.
    """
    from wealist.docs.write import write  # noqa: PLC0415 -- only some commands describe what was synthesized
    from wealist.operations.accept import accept as accept_inventory  # noqa: PLC0415 -- only this command writes it

    pages: list[str] = []
    difference = accept_inventory(lambda synthesis: pages.extend(write(synthesis)))
    if pages:
        progress.note(f"brought up to date: {len(pages)} pages of docs/architecture")
    if as_json:
        print_json({"changed": bool(difference or pages), "difference": difference, "pages": pages})
    else:
        typer.echo("".join(f"{line}\n" for line in difference), nl=False)


@app.command()
def docs(
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the site.", show_default="below .wealist/site"),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(metavar="LANGUAGE", help="Languages of the site: ko, en. Can be repeated.", show_default="all"),
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Serve the site on this machine until Ctrl-C.")] = False,
) -> None:
    """Describe what was synthesized: docs/architecture, and a site.

    Reads what `main.py` wrote. A browser opens the site from disk; it loads nothing from the network.
    """
    from wealist.docs.command import docs as describe  # noqa: PLC0415 -- only some commands describe what was synthesized

    describe(out, languages=language, serve=serve)


@types.command(name="add")
def add_type(
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="A type of the AWS provider: aws_kinesis_stream, …")],
) -> None:
    """Write the row of TYPE into wealist/model/types.toml.

    Prints the columns that are left to decide.
    """
    from wealist.model.new_type import add_type  # noqa: PLC0415 -- only this command reads the provider's arguments
    from wealist.model.types import SHOWN  # noqa: PLC0415 -- the same

    undecided = add_type(kind)
    progress.note(f"[{kind}] is in {SHOWN}; complete these columns, and take them out of `undecided`:")
    typer.echo("\n".join(undecided))


@app.command()
def demo(*, keep: Keep = False) -> None:
    """Show the whole life of the system, in an AWS on this machine.

    Applies everything, changes it, destroys dev, and checks each claim.
    """
    from wealist.operations.demo import demo as run_demo  # noqa: PLC0415 -- only this command reads the environments

    run_demo(keep=keep)


def main() -> None:
    """Run a command; show what an operator can act on as two lines, and end with its exit code."""
    replace_unencodable_characters()
    progress.run_program(_run)


def _run() -> None:
    refuse_bad_temporary_folder()
    app(prog_name="wealist")

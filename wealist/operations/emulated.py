"""`apply` and `destroy` against the embedded AWS: the commands of an operator, without an account.

a kept embedded AWS runs ──→ work in that one; it stays
none runs ──→ a new, empty one ──→ bootstrap → account → the stack ──→ gone, or kept up with --keep
"""

import json
import shlex
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import typer

from wealist import progress, project
from wealist.emulator.server import EmulatedAws
from wealist.emulator.shared import publish, refuse_second, shared_environment
from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations.environment import named
from wealist.operations.life import Life, together
from wealist.progress import step
from wealist.spec.account import SHARED_STACKS, STATE_BUCKET
from wealist.spec.environments import names

SHOWN: Final = (
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
)
"""What a shell must export to look around in the embedded AWS. Version 1 of the AWS CLI reads the last one only."""

LOOK_AROUND: Final = (
    "aws elbv2 describe-load-balancers",
    "aws ssm get-parameters-by-path --path /wealist --recursive",
    f"aws s3 ls {STATE_BUCKET} --recursive",
)


def apply(stack: str, *, keep: bool) -> None:
    """Apply a stack, and before it what it rests on.

    Args:
        stack: Its name.
        keep: Leave the embedded AWS up until Ctrl-C. Other commands wait until the stack is applied.
    """
    project.refuse_unknown(stack)
    with ExitStack() as opened:
        with project.exclusive(f"life-{stack}"):
            life, ready = opened.enter_context(_life(stack, keep=keep))
            life.reach(stack)
            life.apply(stack)
            for name, value in life.outputs(stack).items():
                typer.echo(f"{name} = {json.dumps(value)}")
        if keep:
            ready()
            wait(life)


@contextmanager
def everything_applied() -> Iterator[Life]:
    """Every stack in the kept embedded AWS, each applied where it is not there yet, or in a new one."""
    with project.exclusive("life-everything"), _life("everything", keep=False) as (life, _):
        for stack in SHARED_STACKS:
            if not life.has(stack):
                life.apply(stack)
        together(life.apply, [name for name in names() if not life.has(name)])
        yield life


def destroy(stack: str) -> None:
    """Destroy a stack, which is applied first where it is not there yet."""
    refuse_protected(stack)
    with project.exclusive(f"life-{stack}"), _life(stack, keep=False) as (life, _):
        if not life.has(stack):
            progress.note(f"{stack} is not in this embedded AWS yet: applying it first")
            life.reach(stack)
            life.apply(stack)
        life.destroy(stack)


def refuse_protected(stack: str) -> None:
    """Refuse to destroy a stack that Terraform would refuse to destroy, after minutes of work.

    Raises:
        OperatorError: it is protected, or there is no such stack.
    """
    project.refuse_unknown(stack)
    if stack in SHARED_STACKS:
        raise OperatorError(
            f"{stack} is never destroyed: every environment rests on it",
            remedy="destroy an environment that may be destroyed: `wealist destroy dev --emulated`",
            exit_code=BAD_INPUT,
        )
    if not named(stack).may_be_destroyed:
        raise OperatorError(
            f"{stack} is protected, so nothing destroys it: may_be_destroyed=False in "
            f"wealist/spec/environments/{stack}.py",
            remedy="leave it; README, Day-2 work, has the two changes by which an environment is given up",
            exit_code=BAD_INPUT,
        )


def refuse_real(command: str, stack: str) -> None:
    """Say how a stack is applied or destroyed in AWS: with plain Terraform."""
    raise OperatorError(
        f"wealist {command} works on the embedded AWS only",
        remedy=f"add --emulated; for AWS itself, `wealist plan {stack}` looks at the state first, and then: "
        f"cd cdktf.out/stacks/{stack} && terraform init && terraform {command}",
        exit_code=BAD_INPUT,
    )


def wait(life: Life) -> None:
    """Say how to reach the embedded AWS, and keep it up until Ctrl-C."""
    environ = life.environment()
    exports = "\n".join(f"  export {name}={shlex.quote(environ[name])}" for name in SHOWN)
    examples = "\n".join(f"  {example}" for example in LOOK_AROUND)
    progress.stderr.print(
        f"\nThe embedded AWS is ready, and stays up until Ctrl-C. In another shell:\n{exports}\n{examples}\n"
        "  .venv/bin/wealist plan|apply|destroy ENV --emulated",
        markup=False,
    )
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        progress.note("the embedded AWS is gone")


@contextmanager
def _life(stack: str, *, keep: bool) -> Iterator[tuple[Life, Callable[[], None]]]:
    """The stacks' life in the kept embedded AWS, or in a new one; and what to call when it is ready for others."""
    base = project.WORK / "lives" / stack
    if keep:
        refuse_second()
    environ = shared_environment()
    if environ:
        progress.note(f"working in the embedded AWS that is kept up at {environ['AWS_ENDPOINT_URL']}")
        yield Life(environ, stacks=synthesized_for(base) / "stacks", base=base), lambda: None
        return
    with EmulatedAws(seeds=(), log=base / "aws.log") as aws, ExitStack() as opened:
        ready = opened.enter_context(publish(aws)) if keep else lambda: None
        yield Life(aws.environment(), stacks=synthesized_for(base) / "stacks", base=base), ready


def synthesized_for(base: Path) -> Path:
    """Everything, freshly synthesized into a folder of its own, which no other command rewrites meanwhile."""
    with step("synthesize"):
        project.synthesize(base / "synthesized")
    return base / "synthesized"

"""Commands of the embedded AWS: `wealist apply` and `wealist destroy` with `--emulated`.

another command keeps an embedded AWS ──→ use it; it stays
none is running ──→ start an empty one ──→ bootstrap → account → the stack ──→ stop it, or keep it with --keep
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
from wealist.operations.emulated_stacks import EmulatedStacks, run_concurrently
from wealist.progress import step
from wealist.spec.account import SHARED_STACKS, STATE_BUCKET
from wealist.spec.environments import names

EXPORTED: Final = (
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
)
"""Variables that the AWS CLI needs for the embedded AWS. Its version 1 reads AWS_DEFAULT_REGION only."""

EXAMPLES: Final = (
    "aws elbv2 describe-load-balancers",
    "aws ssm get-parameters-by-path --path /wealist --recursive",
    f"aws s3 ls {STATE_BUCKET} --recursive",
)


def apply(stack: str, *, keep: bool) -> None:
    """Apply a stack, and the stacks that it requires. Print the stack's outputs.

    Args:
        stack: The stack.
        keep: Keep the embedded AWS running until Ctrl-C. Other commands wait until the stack is applied.
    """
    project.refuse_unknown_stack(stack)
    with ExitStack() as opened:
        with project.exclusive_lock(f"life-{stack}"):
            stacks, announce_ready = opened.enter_context(_emulated_stacks(stack, keep=keep))
            stacks.apply_required(stack)
            stacks.apply(stack)
            for name, value in stacks.outputs(stack).items():
                typer.echo(f"{name} = {json.dumps(value)}")
        if keep:
            announce_ready()
            wait_for_interrupt(stacks)


@contextmanager
def everything_applied() -> Iterator[EmulatedStacks]:
    """Apply every stack that is not applied yet, in the kept embedded AWS or in a new one."""
    with project.exclusive_lock("life-everything"), _emulated_stacks("everything", keep=False) as (stacks, _):
        for stack in SHARED_STACKS:
            if not stacks.has(stack):
                stacks.apply(stack)
        run_concurrently(stacks.apply, [name for name in names() if not stacks.has(name)])
        yield stacks


def destroy(stack: str) -> None:
    """Destroy a stack. Apply it first if it is not applied."""
    refuse_protected(stack)
    with project.exclusive_lock(f"life-{stack}"), _emulated_stacks(stack, keep=False) as (stacks, _):
        if not stacks.has(stack):
            progress.note(f"{stack} is not in this embedded AWS yet: applying it first")
            stacks.apply_required(stack)
            stacks.apply(stack)
        stacks.destroy(stack)


def refuse_protected(stack: str) -> None:
    """Refuse to destroy a protected stack. Terraform would refuse it after minutes.

    Raises:
        OperatorError: The stack is protected, shared or unknown; exit code 2.
    """
    project.refuse_unknown_stack(stack)
    if stack in SHARED_STACKS:
        raise OperatorError(
            f"{stack} cannot be destroyed: every environment requires it",
            remedy="destroy an environment that may be destroyed: `wealist destroy dev --emulated`",
            exit_code=BAD_INPUT,
        )
    if not project.load_environment(stack).may_be_destroyed:
        raise OperatorError(
            f"{stack} is protected and cannot be destroyed: may_be_destroyed=False in "
            f"wealist/spec/environments/{stack}.py",
            remedy="leave it; README, Day-2 work, describes the two changes that retire an environment",
            exit_code=BAD_INPUT,
        )


def refuse_real(command: str, stack: str) -> None:
    """Refuse a command without `--emulated`: in AWS, stacks are applied and destroyed with plain Terraform."""
    raise OperatorError(
        f"wealist {command} works on the embedded AWS only",
        remedy=f"add --emulated; for AWS itself, `wealist plan {stack}` checks the state first, and then: "
        f"cd cdktf.out/stacks/{stack} && terraform init && terraform {command}",
        exit_code=BAD_INPUT,
    )


def wait_for_interrupt(stacks: EmulatedStacks) -> None:
    """Print how to use the embedded AWS, and wait for Ctrl-C."""
    environ = stacks.environment()
    exports = "\n".join(f"  export {name}={shlex.quote(environ[name])}" for name in EXPORTED)
    examples = "\n".join(f"  {example}" for example in EXAMPLES)
    progress.stderr.print(
        f"\nThe embedded AWS is ready, and stays up until Ctrl-C. In another shell:\n{exports}\n{examples}\n"
        "  .venv/bin/wealist plan|apply|destroy ENV --emulated",
        markup=False,
    )
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        progress.note("the embedded AWS has stopped")


@contextmanager
def _emulated_stacks(name: str, *, keep: bool) -> Iterator[tuple[EmulatedStacks, Callable[[], None]]]:
    """Return the stacks in the kept embedded AWS or in a new one, and a function that lets other commands use it."""
    base = project.WORK / "applied" / name
    if keep:
        refuse_second()
    environ = shared_environment()
    if environ:
        progress.note(f"using the embedded AWS at {environ['AWS_ENDPOINT_URL']}, which another command keeps")
        yield EmulatedStacks(environ, stacks=synthesize_into(base) / "stacks", base=base), lambda: None
        return
    with EmulatedAws(seeds=(), log=base / "aws.log") as aws, ExitStack() as opened:
        announce_ready = opened.enter_context(publish(aws)) if keep else lambda: None
        yield EmulatedStacks(aws.environment(), stacks=synthesize_into(base) / "stacks", base=base), announce_ready


def synthesize_into(base: Path) -> Path:
    """Synthesize every stack into a folder that no other command writes. Return the folder."""
    with step("synthesize"):
        project.synthesize(base / "synthesized")
    return base / "synthesized"

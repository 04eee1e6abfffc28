"""`apply` and `destroy` against the embedded AWS: the commands of an operator, without an account.

a kept embedded AWS runs ──→ work in that one; it stays
none runs ──→ a new, empty one ──→ bootstrap → account → the stack ──→ gone, or kept up with --keep
"""

import shlex
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from wealist import progress, project
from wealist.emulator.kept import announced, kept_environment, refuse_another
from wealist.emulator.server import EmulatedAws
from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations.life import Life
from wealist.progress import step
from wealist.project import exclusive

SHOWN: Final = (
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
)
"""What a shell must export to look around in the embedded AWS."""

LOOK_AROUND: Final = (
    "aws elbv2 describe-load-balancers",
    "aws ssm get-parameters-by-path --path /wealist --recursive",
    "aws s3 ls wealist-tfstate-bucket --recursive",
)


def apply(stack: str, *, keep: bool) -> None:
    """Apply a stack, and before it what it rests on.

    Args:
        stack: Its name.
        keep: Leave the embedded AWS up until Ctrl-C.
    """
    with ExitStack() as opened:
        with exclusive(f"life-{stack}"):
            life = opened.enter_context(_life(stack, keep=keep))
            life.reach(stack)
            life.apply(stack, quiet=False)
        if keep:
            wait(life)


def destroy(stack: str) -> None:
    """Destroy a stack, which is applied first where it is not there yet."""
    with exclusive(f"life-{stack}"), _life(stack, keep=False) as life:
        if not life.has(stack):
            progress.note(f"{stack} is not in this embedded AWS yet: applying it first")
            life.reach(stack)
            life.apply(stack)
        life.destroy(stack, quiet=False)


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
        f"\nThe embedded AWS stays up until Ctrl-C. In another shell:\n{exports}\n{examples}\n"
        "  python -m wealist plan|apply|destroy ENV --emulated",
        markup=False,
    )
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        progress.note("the embedded AWS is gone")


@contextmanager
def _life(stack: str, *, keep: bool) -> Iterator[Life]:
    """The stacks' life in the kept embedded AWS, or in a new one."""
    project.refuse_unknown(stack)
    base = project.WORK / "lives" / stack
    stacks = project.stack_folder(stack, synthesized_for(base)).parent
    if keep:
        refuse_another()
    environ = kept_environment()
    if environ:
        progress.note(f"working in the embedded AWS that is kept up at {environ['AWS_ENDPOINT_URL']}")
        yield Life(environ, stacks=stacks, base=base)
        return
    with EmulatedAws(seeds=(), log=base / "aws.log") as aws, ExitStack() as opened:
        if keep:
            opened.enter_context(announced(aws))
        yield Life(aws.environment(), stacks=stacks, base=base)


def synthesized_for(base: Path) -> Path:
    """Everything, freshly synthesized into a folder of its own, which no other command rewrites meanwhile."""
    with step("synthesize"):
        project.synthesize(base / "synthesized")
    return base / "synthesized"

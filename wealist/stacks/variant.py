"""Synthesizes environments with other values than those committed, such as one with Multi-AZ turned on.

    python -m wealist.stacks.variant OUTDIR ... < environments.jsonl

Each line on stdin is `Environment.model_dump_json()`, and is checked by the rules of the committed environments. A
program of its own, because its callers must not import cdktf.
"""

import sys
from pathlib import Path

from cdktf import App

from wealist.spec.environment import Environment
from wealist.spec.environments import load
from wealist.spec.problems import SpecError
from wealist.spec.rules import check
from wealist.stacks.environment import EnvironmentStack
from wealist.toolkit.synthesis import synthesize


def main(outdir: Path, values: str) -> int:
    """Synthesize an environment. Returns the exit code: 0, or 2 if its values break a rule."""
    variant = Environment.model_validate_json(values)
    others = [environment for environment in load() if environment.name != variant.name]
    if problems := check([*others, variant]):
        print(f"error: {SpecError(problems)}", file=sys.stderr)
        return 2

    def build(app: App) -> None:
        EnvironmentStack(app, variant)

    synthesize(build, outdir)
    return 0


if __name__ == "__main__":
    pairs = zip(sys.argv[1:], sys.stdin.read().splitlines(), strict=True)
    sys.exit(max(main(Path(outdir), values) for outdir, values in pairs))

"""Environments as they might be: their values come on stdin, a line each, and no committed file is touched.

    python -m wealist.stacks.variant OUTDIR ... < environments.jsonl

For asking what a change would do (a plan with Multi-AZ on), by whoever must not import cdktf: each line is
`Environment.model_dump_json()`. All are held to the same rules as the committed environments.
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
    """Synthesizes the environment. Returns the exit code: 0, or 2 when its values break a rule."""
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

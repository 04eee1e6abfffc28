"""The picture and the table of stacks in the README, between two comments.

The picture shows the protected environment, or the last environment by name if none is protected.
"""

import re
from collections.abc import Iterator
from typing import Final

from wealist.checks.finding import Synthesis
from wealist.docs.messages import Messages
from wealist.docs.sections.network import forwarded
from wealist.docs.view import View, each_of
from wealist.spec.account import SHARED_STACKS, STATE_BUCKET, state_key
from wealist.spec.environment import Environment
from wealist.spec.services import POSTGRESQL_PORT, REDIS_PORT

PATH: Final = "README.md"
_BLOCK: Final = re.compile(r"(<!-- what is built: written by `wealist accept` -->\n).*?(<!-- end -->\n)", re.DOTALL)
_INSIDE: Final = 80
"""Characters between the left and right side of the VPC."""
_RISER: Final = 59
"""Column of the line that leads up to the NAT gateway."""
_CONTENTS: Final = {
    "bootstrap": "the state bucket",
    "account": "hosted zone, GitHub's identity provider, the Terraform pipeline's roles and the plans that wait for"
    " their apply",
}


def readme(text: str, synthesis: Synthesis) -> str:
    """Return the README with an updated picture and table, or unchanged if it lacks the comments."""
    block = "\n".join(
        ["", "```", *picture(synthesis, environment_to_draw(synthesis)), "```", "", *_stacks(synthesis), "", ""]
    )
    return _BLOCK.sub(lambda found: f"{found[1]}{block}{found[2]}", text)


def environment_to_draw(synthesis: Synthesis) -> Environment:
    """Return the environment that the picture shows."""
    environments = [each for _, each in sorted(synthesis.environments.items())]
    return next((each for each in environments if not each.may_be_destroyed), environments[-1])


def picture(synthesis: Synthesis, environment: Environment) -> Iterator[str]:
    """Yield the lines of the picture."""
    view = View(synthesis, environment, Messages("en"), {})
    zones = ", ".join(sorted({subnet.zone[-1] for subnet in view.topology.subnets.values()}))
    yield f" users ──► {_plain(environment.site.domain)} ──► CloudFront ──► S3 (React)"
    yield f" users ──► {_plain(environment.api.domain)}"
    yield f"{'│':>16}"
    yield (
        f" ┌─────────────┼──── {environment.names('vpc')} {view.topology.block}, zones {zones} ".ljust(_INSIDE + 2, "─")
        + "┐"
    )
    yield _line("            ▼")
    yield _line("public    load balancer                              NAT gateway ──► internet")
    yield _line("            ├─ internal paths → 404", "▲")
    routes = [
        (_plain(path), _plain(target.get("port"))) for rule, target in forwarded(view) for path in each_of(rule, _PATHS)
    ]
    longest = max((len(path) for path, _ in routes), default=0)
    line = ""
    for number, (path, port) in enumerate(routes, start=1):
        corner, end = "└" if number == len(routes) else "├", "┐" if number == 1 else "┤"
        line = f"            {corner}─ {path:<{longest}}  → {port} ─{end}"
        yield _line(line, "│")
    yield _line("▼".rjust(len(line)), "│")
    yield _line("private   instances: backend (Auto Scaling), monitoring ──┴──► AWS's endpoints")
    yield _line("            │")
    yield _line(f"            └──► PostgreSQL {POSTGRESQL_PORT}, Redis {REDIS_PORT}")
    yield f" └{'─' * _INSIDE}┘"
    yield " GitHub Actions ── OIDC ──► ECR, S3 ──► CodeDeploy ──► instances"


_PATHS: Final = "condition.path_pattern.values"


def _plain(value: object) -> str:
    """Return a value that cannot end the code block around it."""
    return " ".join(str(value).replace("`", "'").split())


def _line(text: str, riser: str = "") -> str:
    inside = f" {text}"
    if riser:
        inside = inside.ljust(_RISER) + riser
    return f" │{inside.ljust(_INSIDE)}│"


def _stacks(synthesis: Synthesis) -> Iterator[str]:
    yield f"| stack | holds | state in `{STATE_BUCKET}` |"
    yield "|---|---|---|"
    for name in SHARED_STACKS:
        yield f"| `{name}` | {_CONTENTS[name]} | `{state_key(name)}` |"
    names = sorted(synthesis.environments)
    keys = ", ".join(f"`{state_key(name)}`" for name in names)
    yield f"| {', '.join(f'`{name}`' for name in names)} | one whole environment each | {keys} |"

"""What AWS's own policies grant, as far as that is more than harmless.

`managed_policies.json` is an extract of moto's copy of them. `python -m tests.managed_policies` writes it, and a test
holds it against the library.
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Final

from wealist.model.iam.evaluate import Grant

PATH: Final = Path(__file__).with_name("managed_policies.json")
_ARN: Final = re.compile(r"arn:aws[\w-]*:iam::aws:policy/(?P<name>.+)")


def furthest(arn: str) -> tuple[Grant, ...] | None:
    """The grant of a policy of AWS that reaches furthest; none where all are harmless, None where it is not known."""
    match = _ARN.fullmatch(arn)
    grant = _policies().get(match["name"]) if match else None
    return None if grant is None else (Grant(*grant),) if grant else ()


@cache
def _policies() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(PATH.read_text(encoding="utf-8"))
    return found

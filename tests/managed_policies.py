"""Write `wealist/model/iam/managed_policies.json`: `python -m tests.managed_policies`.

The file lists the widest grant of each AWS managed policy, by the severity that a review gives it. The source is moto's
copy of the policies, whose 5 MB take longer to load than a review.
"""

import json
from typing import Any

from wealist.model.iam.classification import MANAGED_POLICIES
from wealist.model.iam.evaluate import Grant
from wealist.review.changes import Plan
from wealist.review.finding import Severity
from wealist.review.risks.grant_severity import judge_grant
from wealist.review.risks.grants import ALLOW, grants
from wealist.review.values import JsonText

_ANY: Plan = Plan(environment=None, account=None, changes=())


def extract() -> dict[str, list[str]]:
    """Map the path and name of each policy to action, resource and condition of its widest grant; empty if harmless."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data  # noqa: PLC0415  loads all of moto

    library: dict[str, Any] = json.loads(aws_managed_policies_data)
    found = {f"{each['Path'].lstrip('/')}{name}": _widest_grant(each["Document"]) for name, each in library.items()}
    return dict(sorted(found.items()))


def _widest_grant(document: dict[str, Any]) -> list[str]:
    allowed = [grant for grant in grants(JsonText(document)) if grant.effect == ALLOW]
    worst = max(allowed, key=_severity, default=None)
    if worst is None or _severity(worst) is Severity.NOTE:
        return []
    return [worst.action, worst.resource, *([worst.condition] if worst.condition else [])]


def _severity(grant: Grant) -> Severity:
    return judge_grant(grant, _ANY)[0]


def text() -> str:
    """Return the file's text, with one policy a line."""
    lines = (f"{json.dumps(name)}: {json.dumps(grant)}" for name, grant in extract().items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    MANAGED_POLICIES.write_text(text(), encoding="utf-8")

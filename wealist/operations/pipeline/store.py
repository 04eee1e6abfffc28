"""Where plans lie between review and apply: an S3 bucket that nobody but the pipeline's roles and operators reads.

wealist-terraform-plans/prod/<SHA-256 of the plan file>.tfplan   for Terraform
                                                        .json    the same plan as data, for operators
"""

import hashlib
from pathlib import Path
from typing import Any, Final

from wealist.errors import OperatorError
from wealist.spec.account import PLANS_BUCKET

_PLAN, _JSON = ".tfplan", ".json"
_MANUAL: Final = "plan it anew on main: gh workflow run apply.yml --ref main -f stack={stack}"


def by_hand(stack: str) -> str:
    """The remedy for a plan that cannot be applied: a new one, which the environment's reviewers see first."""
    return _MANUAL.format(stack=stack)


class PlanStore:
    """Plans by their digest."""

    def __init__(self, s3: Any) -> None:  # noqa: ANN401  boto3 builds its clients at run time
        """Take a client.

        Args:
            s3: boto3's, with the rights of the pipeline's plan role or its apply role.
        """
        self._s3 = s3

    def keep(self, stack: str, plan: Path, as_json: Path) -> str:
        """Put a plan file and its JSON, and return the plan file's SHA-256."""
        content = plan.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        for suffix, body in ((_PLAN, content), (_JSON, as_json.read_bytes())):
            self._s3.put_object(Bucket=PLANS_BUCKET, Key=f"{stack}/{digest}{suffix}", Body=body)
        return digest

    def fetch(self, stack: str, digest: str, into: Path) -> None:
        """Get a plan file into an existing private file; one whose content is not its digest's is refused."""
        key = f"{stack}/{digest}{_PLAN}"
        try:
            content = self._s3.get_object(Bucket=PLANS_BUCKET, Key=key)["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            raise OperatorError(
                f"the reviewed plan of {stack} is no longer there: s3://{PLANS_BUCKET}/{key} (plans expire)",
                remedy=by_hand(stack),
            ) from None
        found = hashlib.sha256(content).hexdigest()
        if found != digest:
            raise OperatorError(
                f"s3://{PLANS_BUCKET}/{key} is not the plan that was reviewed: its SHA-256 is {found}",
                remedy=f"find out who wrote it (the object's versions say when), then {by_hand(stack)}",
            )
        into.write_bytes(content)

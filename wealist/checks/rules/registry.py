"""Image repositories, parameters, keys and logs.

https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html
https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html
https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from wealist.checks.hardening.rule import Rule, Scope, said, unlike
from wealist.model.stack import Resource

_SECRET: Final = re.compile(r"pass|(?:^|_)pwd?$|secret|token|client_id|credential|(?:private|signing|api|access)_key")
_UNTAGGED_DAYS: Final = 7
_KEPT_IMAGES: Final = 30


def images_are_scanned(repository: Resource, _: Scope) -> str | None:
    """Known vulnerabilities are told as soon as an image comes."""
    found = repository.block("image_scanning_configuration").get("scan_on_push")
    return None if found is True else said("scan_on_push", found)


def tags_stay_where_they_are(repository: Resource, _: Scope) -> str | None:
    """What was tested is what runs."""
    return unlike(repository, "image_tag_mutability", accepts=("IMMUTABLE",))


def old_images_go(repository: Resource, scope: Scope) -> str | None:
    """A lifecycle policy is of this repository."""
    policies = scope.pointing_at(repository, "aws_ecr_lifecycle_policy", "repository")
    return None if policies else "no aws_ecr_lifecycle_policy is of this repository"


def images_that_run_stay(lifecycle: Resource, _: Scope) -> str | None:
    """Untagged ones go after a week, and of all others the newest stay, to which a deployment can go back."""
    rules = json.loads(lifecycle.get("policy"))["rules"]
    wrong = [selection for rule in rules if not _keeps(selection := rule["selection"])]
    return said("selection", wrong[0]) if wrong else None


def _keeps(selection: Mapping[str, object]) -> bool:
    number = selection.get("countNumber")
    if not isinstance(number, int):
        return False
    if selection.get("countType") == "imageCountMoreThan":
        return number >= _KEPT_IMAGES
    return selection.get("tagStatus") == "untagged" and number >= _UNTAGGED_DAYS


def secrets_are_encrypted_with_the_own_key(parameter: Resource, scope: Scope) -> str | None:
    """Who reads it needs the key, too, and AWS's own is everybody's."""
    if (wrong := unlike(parameter, "type", accepts=("SecureString",))) is not None:
        return wrong
    key = scope.stack.target(parameter.get("key_id"))
    return None if key is not None and key.type == "aws_kms_key" else said("key_id", parameter.get("key_id"))


def the_key_rotates(key: Resource, _: Scope) -> str | None:
    """AWS makes new material every year, and keeps the old."""
    return unlike(key, "enable_key_rotation", accepts=(True,))


def the_key_is_on(key: Resource, _: Scope) -> str | None:
    """What it has encrypted can be read."""
    return unlike(key, "is_enabled", accepts=(None, True))


def logs_end(group: Resource, _: Scope) -> str | None:
    """Somebody has chosen how long they are kept; unasked, it is for good."""
    days = group.get("retention_in_days")
    return None if isinstance(days, int) and days > 0 else said("retention_in_days", days)


def _is_secret(parameter: Resource, _: Scope) -> bool:
    last = str(parameter.get("name")).rpartition("/")[2]
    return parameter.get("type") == "SecureString" or _SECRET.search(last.lower()) is not None


_REPOSITORY: Final = ("aws_ecr_repository",)
RULES: Final = (
    Rule("ECR.1", _REPOSITORY, images_are_scanned, "set image_scanning_configuration.scan_on_push to true"),
    Rule("ECR.2", _REPOSITORY, tags_stay_where_they_are, "set image_tag_mutability to IMMUTABLE"),
    Rule("ECR.3", _REPOSITORY, old_images_go, "add an aws_ecr_lifecycle_policy"),
    Rule(
        "ecr.kept_images",
        ("aws_ecr_lifecycle_policy",),
        images_that_run_stay,
        f"keep the newest {_KEPT_IMAGES} images, and untagged ones for {_UNTAGGED_DAYS} days",
    ),
    Rule(
        "ssm.secure_string",
        ("aws_ssm_parameter",),
        secrets_are_encrypted_with_the_own_key,
        "make it a SecureString with the environment's key",
        _is_secret,
    ),
    Rule("KMS.4", ("aws_kms_key",), the_key_rotates, "set enable_key_rotation to true"),
    Rule("kms.enabled", ("aws_kms_key",), the_key_is_on, "set is_enabled to true"),
    Rule("CloudWatch.16", ("aws_cloudwatch_log_group",), logs_end, "set retention_in_days"),
)

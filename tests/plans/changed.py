"""What is planned: dev with one thing changed, as in a pull request.

Most changes are a value of the environment. What no value can do (a rule opened, a role widened) is done to the
synthesized JSON, as a change of a construct would.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from wealist.spec.environment import Environment, ManagedDatabase
from wealist.spec.services import BOARD_SERVICE, USER_SERVICE

Values = dict[str, Any]
Edit = Callable[[dict[str, Any]], None]
"""Changes the `resource` part of a stack's JSON in place: type → name → arguments."""

REDIS_RULE: Final = "firewall_ec2_to_redis_6379_ingress"


def values(dev: Environment) -> dict[str, Values]:
    """Name of a plan → the values that dev has in it."""
    larger = dev.backend.model_copy(update={"instance_type": "t3.medium"})
    moved = BOARD_SERVICE.model_copy(update={"port": 8001})
    newer = ManagedDatabase(engine_version="18", instance_class="db.t3.medium", backup_retention_days=1)
    return {
        "multi-az": {"enable_multi_az": True},
        "instance-type": {"backend": larger},
        "target-group": {"services": (USER_SERVICE, moved)},
        "database-upgrade": {"database": newer},
        "operating-system": {"operating_system": "al2023"},
    }


def open_redis(resources: dict[str, Any]) -> None:
    """Redis' rule takes the whole internet in the place of the instances."""
    rule = resources["aws_vpc_security_group_ingress_rule"][REDIS_RULE]
    del rule["referenced_security_group_id"]
    rule["cidr_ipv4"] = "0.0.0.0/0"


def widen_role(resources: dict[str, Any]) -> None:
    """The instances may do everything in S3, and no longer list."""
    policy = resources["aws_iam_policy"]["identity_ec2_s3_policy"]
    document = json.loads(policy["policy"])
    document["Statement"] = [
        statement for statement in document["Statement"] if "s3:ListBucket" not in statement["Action"]
    ]
    document["Statement"].append({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    policy["policy"] = json.dumps(document)


def move_database(resources: dict[str, Any]) -> None:
    """The database goes to another zone, which makes a new one where the zone is not ignored (ADR 37)."""
    database = resources["aws_db_instance"]["database_instance"]
    database["lifecycle"]["ignore_changes"].remove("availability_zone")
    database["availability_zone"] = "ap-northeast-2c"


EDITS: Final[dict[str, Edit]] = {
    "security-group-opened": open_redis,
    "role-widened": widen_role,
    "database-replaced": move_database,
}
"""Name of a plan → what is done to dev's JSON for it."""


def edited(committed: Path, edit: Edit, into: Path) -> Path:
    """A copy of a stack's synthesized folder, edited."""
    folder = into / committed.name
    shutil.copytree(committed, folder, ignore=shutil.ignore_patterns(".terraform*"))
    configuration = json.loads((folder / "cdk.tf.json").read_text())
    edit(configuration["resource"])
    (folder / "cdk.tf.json").write_text(json.dumps(configuration))
    return folder

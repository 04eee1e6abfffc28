"""Changes of dev that are planned, as in pull requests.

Most of them change a value of the environment. Others (an opened rule, a wider role) edit the synthesized JSON, as a
change of a construct would.
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
    """Return plan name → changed values of dev."""
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
    """Let the rule of Redis allow the internet instead of the instances."""
    rule = resources["aws_vpc_security_group_ingress_rule"][REDIS_RULE]
    del rule["referenced_security_group_id"]
    rule["cidr_ipv4"] = "0.0.0.0/0"


def widen_role(resources: dict[str, Any]) -> None:
    """Allow the instances all S3 actions, and remove the statement with `s3:ListBucket`."""
    policy = resources["aws_iam_policy"]["identity_ec2_s3_policy"]
    document = json.loads(policy["policy"])
    document["Statement"] = [
        statement for statement in document["Statement"] if "s3:ListBucket" not in statement["Action"]
    ]
    document["Statement"].append({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    policy["policy"] = json.dumps(document)


def move_database(resources: dict[str, Any]) -> None:
    """Move the database to another zone without ignoring the zone (ADR 37), which replaces it."""
    database = resources["aws_db_instance"]["database_instance"]
    database["lifecycle"]["ignore_changes"].remove("availability_zone")
    database["availability_zone"] = "ap-northeast-2c"


EDITS: Final[dict[str, Edit]] = {
    "security-group-opened": open_redis,
    "role-widened": widen_role,
    "database-replaced": move_database,
}
"""Plan name → edit of dev's JSON."""


def edited(committed: Path, edit: Edit, into: Path) -> Path:
    """Return an edited copy of a stack's synthesized folder."""
    folder = into / committed.name
    shutil.copytree(committed, folder, ignore=shutil.ignore_patterns(".terraform*"))
    configuration = json.loads((folder / "cdk.tf.json").read_text())
    edit(configuration["resource"])
    (folder / "cdk.tf.json").write_text(json.dumps(configuration))
    return folder

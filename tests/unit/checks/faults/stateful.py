"""What lasts, made passing or taken away: the stateful guard must notice each."""

from typing import Any, Final

from tests.guarded import Edit, faults
from tests.unit.checks.faults.edits import add, drop, put

_REDIS: Final = "aws_elasticache_replication_group.cache_replication_group"
_KEPT: Final = {"prevent_destroy": True}
_DATABASE: Final = {
    "lifecycle": _KEPT,
    "deletion_protection": True,
    "skip_final_snapshot": False,
    "final_snapshot_identifier": "wealist-prod-rds-final",
    "delete_automated_backups": False,
}


def _may_go(path: str) -> Edit:
    return put(f"{path}.lifecycle", to={})


def _database(**changes: object) -> Edit:
    return add("aws_db_instance", **(_DATABASE | changes))


def _module_is_gone(document: dict[str, Any]) -> None:
    del document["module"]["state_backend"]


def _module_is_another(document: dict[str, Any]) -> None:
    document["module"]["state_backend"]["source"] = "./modules/instance_bootstrap"


FAULTS: Final = [
    *faults(
        "stateful.prevent_destroy",
        {
            "the key may be destroyed": _may_go("aws_kms_key.encryption_key"),
            "a bucket may be destroyed": _may_go("aws_s3_bucket.frontend_site_bucket"),
            "Redis may be destroyed": _may_go(_REDIS),
            "images may be destroyed": _may_go("aws_ecr_repository.artifacts_user_service_repository"),
            "a generated password may be destroyed": _may_go("aws_ssm_parameter.parameters_jwt_jwt_secret"),
            "what an operator wrote may be destroyed": _may_go("aws_ssm_parameter.parameters_db_endpoint"),
            "a queue may be destroyed": add("aws_sqs_queue", name="wealist-prod-mail"),
            "flow logs may be destroyed": _may_go("aws_cloudwatch_log_group.flow_logs_log_group"),
            "the key's protection is a word": put(
                "aws_kms_key.encryption_key.lifecycle", to={"prevent_destroy": "false"}
            ),
        },
    ),
    *faults(
        "stateful.prevent_destroy",
        {
            "the zone may be destroyed": _may_go("aws_route53_zone.zone"),
            "GitHub's provider may be destroyed": _may_go("aws_iam_openid_connect_provider.github"),
        },
        stack="account",
    ),
    *faults(
        "stateful.deletion_protection",
        {
            "a database that AWS deletes": _database(deletion_protection=False),
            "a database that leaves no snapshot": _database(skip_final_snapshot=True),
            "a snapshot without a name": _database(final_snapshot_identifier=None),
            "backups that go with the database": _database(delete_automated_backups=True),
            "a cluster that AWS deletes": add("aws_rds_cluster", lifecycle=_KEPT),
            "Redis leaves no snapshot": put(f"{_REDIS}.final_snapshot_identifier", to=None),
            "a full bucket is emptied": put("aws_s3_bucket.frontend_site_bucket.force_destroy", to=True),
            "images are deleted unasked": put(
                "aws_ecr_repository.artifacts_user_service_repository.force_delete", to=True
            ),
            "the key goes in a week": put("aws_kms_key.encryption_key.deletion_window_in_days", to=7),
        },
    ),
    *faults(
        "stateful.deletion_protection",
        {
            "the zone is emptied": put("aws_route53_zone.zone.force_destroy", to=True),
        },
        stack="account",
    ),
    *faults(
        "stateful.removed",
        {
            "Redis is taken out": drop("aws_elasticache_replication_group", "cache_replication_group"),
            "the key is taken out": drop("aws_kms_key", "encryption_key"),
            "a password is taken out": drop("aws_ssm_parameter", "parameters_db_user_db_password"),
        },
    ),
    *faults(
        "stateful.removed",
        {
            "the zone is taken out": drop("aws_route53_zone", "zone"),
        },
        stack="account",
    ),
    *faults(
        "stateful.removed",
        {
            "the state bucket is taken out": _module_is_gone,
            "the state bucket is another module": _module_is_another,
        },
        stack="bootstrap",
    ),
]

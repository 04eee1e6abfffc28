"""The database, Redis and buckets, softened: each rule of theirs must notice its own."""

from typing import Final

from tests.guarded import Edit, faults
from tests.unit.checks.faults.edits import add, drop, put
from tests.unit.checks.faults.rows import ABSENT, written

_DATABASE: Final = "aws_db_instance.database_instance"
_REDIS: Final = "aws_elasticache_replication_group.cache_replication_group"
_BUCKET: Final = "artifacts_app_resources"
_POLICY: Final = f"aws_s3_bucket_policy {_BUCKET}_policy policy 0"


def _without(path: str) -> Edit:
    return put(path, to=None)


def _of_bucket(what: str, path: str, value: object) -> Edit:
    return put(f"aws_s3_bucket_{what}.{_BUCKET}_{path}", to=value)


DATA: Final = [
    *faults(
        "RDS.3",
        {
            "a plain database": put(f"{_DATABASE}.storage_encrypted", to=False),
        },
        stack="dev",
    ),
    *faults(
        "RDS.2",
        {
            "a public database": put(f"{_DATABASE}.publicly_accessible", to=True),
        },
        stack="dev",
    ),
    *faults(
        "RDS.8",
        {
            "a database that can be deleted": add("aws_db_instance", skip_final_snapshot=False),
        },
    ),
    *faults(
        "rds.final_snapshot",
        {
            "a database that leaves nothing": add("aws_db_instance", deletion_protection=True),
        },
    ),
    *faults(
        "RDS.11",
        {
            "no backups": put(f"{_DATABASE}.backup_retention_period", to=0),
        },
        stack="dev",
    ),
    *faults(
        "RDS.11",
        {
            "backups of a week": add("aws_db_instance", backup_retention_period=7),
        },
    ),
    *faults(
        "RDS.38",
        {
            "clients without TLS": put("aws_db_parameter_group.database_parameter_group.parameter", to=[]),
            "the default parameters": put(f"{_DATABASE}.parameter_group_name", to="default.postgres17"),
        },
        stack="dev",
    ),
    *faults(
        "RDS.36",
        {
            "logs go with the database": put(f"{_DATABASE}.enabled_cloudwatch_logs_exports", to=["upgrade"]),
        },
        stack="dev",
    ),
    *faults(
        "rds.performance_insights",
        {
            "nobody knows the query": _without(f"{_DATABASE}.performance_insights_enabled"),
        },
        stack="dev",
    ),
    *faults(
        "RDS.13",
        {
            "old PostgreSQL": put(f"{_DATABASE}.auto_minor_version_upgrade", to=False),
        },
        stack="dev",
    ),
    *faults(
        "RDS.17",
        {
            "snapshots of nobody": put(f"{_DATABASE}.copy_tags_to_snapshot", to=False),
        },
        stack="dev",
    ),
    *faults(
        "rds.master_password",
        {
            "a password in the code": put(f"{_DATABASE}.password", to="hunter2"),
        },
        stack="dev",
    ),
    *faults(
        "ElastiCache.4",
        {
            "plain sessions": put(f"{_REDIS}.at_rest_encryption_enabled", to="false"),
        },
    ),
    *faults(
        "ElastiCache.5",
        {
            "Redis takes plain connections": put(f"{_REDIS}.transit_encryption_mode", to="preferred"),
            "Redis without TLS": put(f"{_REDIS}.transit_encryption_enabled", to=False),
        },
    ),
    *faults(
        "ElastiCache.6",
        {
            "Redis asks for nothing": _without(f"{_REDIS}.auth_token"),
            "a token in the code": put(f"{_REDIS}.auth_token", to="hunter2hunter2hunter2"),
        },
    ),
    *faults(
        "ElastiCache.1",
        {
            "no snapshots of sessions": put(f"{_REDIS}.snapshot_retention_limit", to=0),
        },
    ),
    *faults(
        "ElastiCache.2",
        {
            "old Redis": put(f"{_REDIS}.auto_minor_version_upgrade", to="false"),
        },
    ),
    *faults(
        "elasticache.failover",
        {
            "failover by chance": _without(f"{_REDIS}.multi_az_enabled"),
            "failover without a second zone": put(f"{_REDIS}.automatic_failover_enabled", to=True),
        },
    ),
    *faults(
        "S3.8",
        {
            "a bucket may become public": _of_bucket(
                "public_access_block", "public_access_block.block_public_policy", value=False
            ),
            "nothing blocks the public": drop("aws_s3_bucket_public_access_block", f"{_BUCKET}_public_access_block"),
        },
    ),
    *faults(
        "S3.12",
        {
            "grants by ACL": _of_bucket("ownership_controls", "ownership.rule.object_ownership", value="ObjectWriter"),
        },
    ),
    *faults(
        "S3.5",
        {
            "a bucket without a policy": drop("aws_s3_bucket_policy", f"{_BUCKET}_policy"),
            "TLS is what is denied": written({f"{_POLICY} Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
            "the bucket itself answers plain HTTP": written({f"{_POLICY} Resource 0": ABSENT}),
        },
    ),
    *faults(
        "s3.encryption",
        {
            "plain objects": _of_bucket("server_side_encryption_configuration", "encryption.rule", value=[]),
        },
    ),
    *faults(
        "S3.13",
        {
            "nothing is cleaned up": _of_bucket("lifecycle_configuration", "lifecycle.rule.0.status", value="Disabled"),
        },
    ),
    *faults(
        "s3.unfinished_uploads",
        {
            "unfinished uploads stay": _of_bucket(
                "lifecycle_configuration", "lifecycle.rule.0.abort_incomplete_multipart_upload", value=[]
            ),
        },
    ),
    *faults(
        "S3.14",
        {
            "overwritten is gone": _of_bucket(
                "versioning", "versioning.versioning_configuration.status", value="Suspended"
            ),
        },
    ),
    *faults(
        "s3.bucket",
        {
            "a second block by the bucket's name": add(
                "aws_s3_bucket_public_access_block", bucket="wealist-frontend", block_public_acls=False
            ),
            "the state bucket keeps no versions": add(
                "aws_s3_bucket_versioning",
                bucket="wealist-tfstate-bucket",
                versioning_configuration={"status": "Suspended"},
            ),
            "a block that is never the bucket's": _of_bucket(
                "public_access_block",
                "public_access_block.bucket",
                value=f'${{false ? aws_s3_bucket.{_BUCKET}_bucket.id : "theirs"}}',
            ),
            "a state is written by hand": add("aws_s3_object", bucket="wealist-tfstate-bucket", key="prod/x"),
        },
    ),
    *faults(
        "s3.force_destroy",
        {
            "a full bucket can be destroyed": put(f"aws_s3_bucket.{_BUCKET}_bucket.force_destroy", to=True),
        },
    ),
]

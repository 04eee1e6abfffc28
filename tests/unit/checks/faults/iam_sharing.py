"""Ways to share, to export and to delete a backup, opened: one fault each."""

from typing import Final

from tests.guarded import Edit, Fault, faults
from tests.unit.checks.faults.edits import both, drop
from tests.unit.checks.faults.iam_edits import (
    ACCOUNT,
    BUCKETS,
    DENIALS,
    HERE,
    INSTANCES,
    READ,
    WRITE,
    WRITE_2,
    Statement,
    allow,
    change,
    without,
    without_condition,
)


def _open(sid: str, action: str) -> Edit:
    """Takes an action out of a refusal, and allows it."""
    return both(change(DENIALS, sid, lambda statement: statement["Action"].remove(action)), allow(WRITE, action))


def _narrow(sid: str, resource: str, action: str) -> Edit:
    """Refuses on one resource alone, and allows an action of the refusal."""
    return both(change(DENIALS, sid, lambda each: each.update(Resource=[resource])), allow(WRITE, action))


def empty(*buckets: str) -> Edit:
    """Lets more buckets be emptied."""
    arns = [f"arn:aws:s3:::{bucket}/*" for bucket in buckets]
    return change(BUCKETS, "EmptyDestroyableBuckets", lambda each: each["Resource"].extend(arns))


def _under_a_condition(statement: Statement) -> None:
    statement["Condition"] = {"StringEquals": {"aws:ResourceTag/Environment": "prod"}}


FAULTS: Final[list[Fault]] = [
    *faults(
        "iam.sharing",
        {
            "applies share whatever they like": both(without(DENIALS, "ShareNothing"), allow(WRITE, "ec2:Modify*")),
            "applies export whatever they like": both(without(DENIALS, "ExportNothing"), allow(WRITE, "ec2:Create*")),
            "the refusals are attached to nobody": both(
                drop("aws_iam_role_policy_attachment", "pipeline_apply_denials_attachment"),
                allow(WRITE, "rds:Modify*"),
            ),
            "applies share images": _open("ShareNothing", "ec2:ModifyImageAttribute"),
            "applies share snapshots of volumes": _open("ShareNothing", "ec2:ModifySnapshotAttribute"),
            "applies share snapshots of databases": _open("ShareNothing", "rds:*SnapshotAttribute"),
            "applies peer with another account's network": _open("ShareNothing", "ec2:CreateVpcPeeringConnection"),
            "applies offer an endpoint to other accounts": _open("ShareNothing", "ec2:ModifyVpcEndpointService*"),
            "applies let other accounts deliver logs": _open("ShareNothing", "logs:*DeliveryDestinationPolicy"),
            "applies make repositories that others pull from": _open(
                "ShareNothing", "ecr:CreateRepositoryCreationTemplate"
            ),
            "applies make a bucket a web site": _open("ShareNothing", "s3:PutBucketWebsite"),
            "applies store images in any bucket": _open("ExportNothing", "ec2:CreateStoreImageTask"),
            "applies export instances": _open("ExportNothing", "ec2:CreateInstanceExportTask"),
            "applies mirror traffic": _open("ExportNothing", "ec2:CreateTrafficMirror*"),
            "applies export logs": _open("ExportNothing", "logs:CreateExportTask"),
            "applies write flow logs into any bucket": _open("ExportNothing", "logs:CreateLogDelivery"),
            "applies copy a database into a warehouse": _open("ExportNothing", "rds:CreateIntegration"),
            "applies stream requests to anybody": _open("ExportNothing", "cloudfront:CreateRealtimeLogConfig"),
            "only one image is kept from sharing": _narrow(
                "ShareNothing", f"arn:aws:ec2:ap-northeast-2::image/{ACCOUNT}", "ec2:ModifyImageAttribute"
            ),
            "sharing is refused under a condition": both(
                change(DENIALS, "ShareNothing", _under_a_condition), allow(WRITE, "ec2:ModifyImageAttribute")
            ),
            "applies subscribe anybody to logs": allow(WRITE, "logs:PutSubscriptionFilter"),
            "applies copy snapshots of Redis to a bucket": allow(WRITE, "elasticache:CopySnapshot"),
            "applies copy snapshots elsewhere": allow(WRITE, "rds:Copy*"),
            "applies replicate images": allow(WRITE, "ecr:PutReplicationConfiguration"),
            "applies replicate buckets": allow(BUCKETS, "s3:PutReplicationConfiguration", "arn:aws:s3:::wealist-*"),
            "applies grant the use of keys to anybody": change(WRITE_2, "LetServicesUseKeys", without_condition),
            "applies grant the use of keys as they please": allow(WRITE, "kms:Create*"),
            "plans export certificates": allow(READ, "acm:Export*"),
        },
        stack="account",
    ),
    *faults(
        "iam.sharing",
        {
            "instances share a snapshot": allow(
                INSTANCES, "ec2:ModifySnapshotAttribute", f"arn:aws:ec2:{HERE}:snapshot/*"
            )
        },
    ),
    *faults(
        "iam.backups",
        {
            "applies delete whatever backup they like": both(
                without(DENIALS, "KeepBackups"), allow(WRITE, "rds:Delete*")
            ),
            "applies delete snapshots of databases": _open("KeepBackups", "rds:DeleteDBSnapshot"),
            "applies delete snapshots of clusters": _open("KeepBackups", "rds:DeleteDBClusterSnapshot"),
            "applies delete automated backups": _open("KeepBackups", "rds:DeleteDBInstanceAutomatedBackup"),
            "applies delete snapshots of volumes": _open("KeepBackups", "ec2:DeleteSnapshot"),
            "applies put snapshots into an archive that expires": _open("KeepBackups", "ec2:ModifySnapshotTier"),
            "applies delete snapshots of Redis": _open("KeepBackups", "elasticache:DeleteSnapshot"),
            "backups are kept under a condition": both(
                change(DENIALS, "KeepBackups", _under_a_condition), allow(WRITE, "rds:Delete*")
            ),
            "backups of one name are kept": _narrow(
                "KeepBackups", f"arn:aws:rds:{HERE}:snapshot:wealist-prod-rds-final", "rds:DeleteDBSnapshot"
            ),
            "applies deregister images": allow(WRITE, "ec2:DeregisterImage"),
            "applies empty every bucket of ours": empty("wealist-*"),
            "applies empty a bucket of prod": empty("wealist-frontend"),
            "applies empty the bucket of plans": empty("wealist-terraform-plans"),
            "applies delete scripts beside their files": change(
                BUCKETS, "DeleteFiles", lambda each: each.update(Resource=["arn:aws:s3:::wealist-deploy-scripts/*"])
            ),
        },
        stack="account",
    ),
]

"""What the role that applies is refused, although a beginning of an action in `pipeline_policies.py` would bring it.

    share, export   on everything: no stack shares anything with another account
    backups         on everything: Terraform makes final snapshots and never deletes one

AWS asks for neither when an environment is destroyed: RDS deletes an instance's automated backups with the instance, by
the right to delete the instance (ADR 0047).
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html
"""

from collections.abc import Mapping
from typing import Final

from wealist.toolkit.policy import Statement

_SHARING: Final = {
    "cloudfront": "DeleteResourcePolicy",
    "ec2": "AssociateCapacityReservationBillingOwner AttachAppliance* AttachResources* CreateTransitGateway* "
    "CreateVpcEndpointService* CreateVpcPeeringConnection DeleteResourcePolicy DetachAppliance* DetachResources* "
    "ModifyFpgaImageAttribute ModifyImageAttribute ModifySnapshotAttribute ModifyTransitGateway* "
    "ModifyVerifiedAccess*Policy ModifyVpcEndpointService* ModifyVpcPeeringConnectionOptions *OdbNetworkPeering "
    "*Permission *Permissions",
    "ecr": "CreateRepositoryCreationTemplate DeleteRepositoryPolicy",
    "logs": "*DeliveryDestinationPolicy DeleteResourcePolicy",
    "rds": "*SnapshotAttribute",
    "s3": "PutBucketAcl PutBucketWebsite",
}
"""Service → actions that let another account, or everybody, use what is ours."""
_EXPORTS: Final = {
    "cloudfront": "CreateRealtimeLogConfig UpdateRealtimeLogConfig",
    "ec2": "AssociateEnclaveCertificateIamRole CreateCapacityManagerDataExport CreateFpgaImage "
    "CreateInstanceExportTask CreateSpotDatafeedSubscription CreateStoreImageTask CreateTrafficMirror* "
    "ModifyTrafficMirror* ModifyVerifiedAccessInstanceLoggingConfiguration",
    "logs": "CreateExportTask CreateLogDelivery CreateScheduledQuery",
    "rds": "CreateIntegration ModifyActivityStream ModifyIntegration",
    "s3": "PutBucketNotification",
}
"""Service → actions that put data, or a copy of it, where their caller wants it."""
_BACKUPS: Final = {
    "ec2": "DeleteSnapshot ModifySnapshotTier",
    "elasticache": "DeleteServerlessCacheSnapshot DeleteSnapshot",
    "rds": "DeleteDBClusterAutomatedBackup DeleteDBClusterSnapshot DeleteDBInstanceAutomatedBackup DeleteDBSnapshot",
}
"""Service → actions that delete a backup. A snapshot bears no name of ours, and its tags can be changed."""


def denials() -> list[Statement]:
    """The refusals."""
    return [
        _deny("ShareNothing", "no stack shares anything with another account (ADR 0047)", _SHARING),
        _deny("ExportNothing", "no stack writes data where another account reads it (ADR 0047)", _EXPORTS),
        _deny("KeepBackups", "Terraform makes final snapshots and deletes none (ADR 0047)", _BACKUPS),
    ]


def _deny(sid: str, why: str, verbs: Mapping[str, str]) -> Statement:
    actions = [f"{service}:{verb}" for service, words in verbs.items() for verb in words.split()]
    return Statement(sid=sid, why=why, effect="Deny", actions=actions, resources=["*"])

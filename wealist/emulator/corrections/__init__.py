"""Where moto 5.2 answers differently from AWS, and what the right answer is.

Every correction is one function with its reason and AWS's page. It gets a `Replace`, which works like `setattr`,
and refuses a moto that it does not fit: the server applies all of them for good, a test applies one of them for as long
as the test lasts.
"""

from wealist.emulator.corrections import (
    account,
    alerts,
    autoscaling,
    backup,
    cloudfront,
    cloudtrail,
    codedeploy,
    ec2,
    ec2_filters,
    elasticache,
    elasticache_replicas,
    elbv2,
    rds,
    s3,
    vpc,
)
from wealist.emulator.corrections.replace import Correction, replace

CORRECTIONS: tuple[Correction, ...] = (
    *account.CORRECTIONS,
    *alerts.CORRECTIONS,
    *autoscaling.CORRECTIONS,
    *backup.CORRECTIONS,
    *cloudfront.CORRECTIONS,
    *cloudtrail.CORRECTIONS,
    *codedeploy.CORRECTIONS,
    *ec2.CORRECTIONS,
    *ec2_filters.CORRECTIONS,
    *elasticache.CORRECTIONS,
    *elasticache_replicas.CORRECTIONS,
    *elbv2.CORRECTIONS,
    *rds.CORRECTIONS,
    *s3.CORRECTIONS,
    *vpc.CORRECTIONS,
)


def correct() -> None:
    """Apply every correction to this process."""
    for correction in CORRECTIONS:
        correction(replace)

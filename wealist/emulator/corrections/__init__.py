"""Corrections of moto 5.2 where it answers differently from AWS.

Every correction is a function that documents AWS's behaviour, moto's behaviour, and AWS's page about it. It receives a
`Replace` function, which works like `setattr`. The server applies all corrections for good. A test applies one of them
and undoes it afterwards.
"""

from typing import Final

from wealist.emulator.corrections import (
    account,
    autoscaling,
    backup,
    cloudfront,
    codedeploy,
    ec2,
    ec2_filters,
    elasticache,
    rds,
    s3,
)
from wealist.emulator.corrections.replace import Correction, replace

_MODULES: Final = (account, autoscaling, backup, cloudfront, codedeploy, ec2, ec2_filters, elasticache, rds, s3)
CORRECTIONS: tuple[Correction, ...] = tuple(each for module in _MODULES for each in module.CORRECTIONS)


def correct() -> None:
    """Apply every correction to this process."""
    for correction in CORRECTIONS:
        correction(replace)

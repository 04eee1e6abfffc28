"""ARNs that several needs name."""

from typing import Final

from wealist.spec.account import ACCOUNT_ID, REGION

HERE: Final = f"{REGION}:{ACCOUNT_ID}"
OWN_KEY: Final = f"arn:aws:kms:{HERE}:key/aws_kms_key.*"
"""A key that the stack itself makes, as `documents.py` writes a reference to one."""
INSTANCES: Final = f"arn:aws:ec2:{HERE}:instance/*"


def objects(bucket: str) -> str:
    """Every object of a bucket."""
    return f"arn:aws:s3:::{bucket}/*"

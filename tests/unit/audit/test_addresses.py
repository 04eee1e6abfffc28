"""What an audit names by its ARN is found at Terraform's address, and what no stack holds says so."""

from typing import Any

import pytest

from wealist.operations.audit.addresses import UNMANAGED, addresses

KEY = "arn:aws:kms:ap-northeast-2:1:key/k"
LOGS = "arn:aws:logs:ap-northeast-2:1:log-group:/wealist/dev"


def resource(kind: str, name: str, arn: str | None, **more: Any) -> dict[str, Any]:
    return {"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": {"arn": arn}}]} | more


STATES = {
    "dev": {
        "resources": [
            resource("aws_kms_key", "encryption_key", KEY),
            resource("aws_cloudwatch_log_group", "logs", f"{LOGS}:*"),
            resource("aws_route", "way_out", None),
            resource("aws_kms_alias", "theirs", "arn:of-data", mode="data"),
        ]
    },
    "bootstrap": {
        "resources": [resource("aws_s3_bucket", "state", "arn:aws:s3:::state", module="module.state_backend")]
    },
}


@pytest.mark.parametrize(
    ("arn", "place"),
    [
        (KEY, ("dev", "aws_kms_key.encryption_key")),
        (LOGS, ("dev", "aws_cloudwatch_log_group.logs")),
        (f"{LOGS}:*", ("dev", "aws_cloudwatch_log_group.logs")),
        ("arn:aws:s3:::state", ("bootstrap", "module.state_backend.aws_s3_bucket.state")),
        ("arn:of-data", (UNMANAGED, "arn:of-data")),
        (f"{KEY}2", (UNMANAGED, f"{KEY}2")),
        ("", (UNMANAGED, "")),
    ],
)
def test_an_arn_is_found_at_its_address(arn: str, place: tuple[str, str]) -> None:
    assert addresses(STATES).of(arn) == place

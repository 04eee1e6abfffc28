"""Types that nobody has described: each must be noticed, and so must a type that the pipeline cannot create."""

from typing import Final

from tests.guarded import Edit, faults
from tests.unit.checks.faults.edits import add

_STRANGER: Final = "arn:aws:iam::111111111111:role/theirs"


def _data(section: str = "data", **kinds: object) -> Edit:
    return lambda document: document[section].update({kind: {"mistake": values} for kind, values in kinds.items()})


FAULTS: Final = [
    *faults(
        "types.row",
        {
            "a stream of which nobody knows": add("aws_kinesis_stream", name="wealist-prod-clicks"),
            "a plan reads a secret": _data(aws_secretsmanager_secret_version={"secret_id": "theirs"}),
            "an apply borrows a token": _data("ephemeral", aws_eks_cluster_auth={"name": "theirs"}),
            "a bucket is copied to a stranger": add("aws_s3_bucket_replication_configuration", role=_STRANGER),
            "a bucket is a web site": add("aws_s3_bucket_website_configuration"),
            "instances wait for a stranger": add("aws_autoscaling_lifecycle_hook", role_arn=_STRANGER),
            "answers have other headers": add("aws_cloudfront_response_headers_policy"),
        },
    ),
]

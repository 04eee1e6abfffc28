"""What the account holds before Terraform first looks at it."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from wealist.spec.account import DOMAIN, OIDC_AUDIENCE, OIDC_URL, REGION, STATE_BUCKET

Clients = Callable[[str], Any]


class Seed(StrEnum):
    """A thing that an earlier stack, or a person, has already made."""

    STATE_BUCKET = "state-bucket"
    """Made by the `bootstrap` stack."""
    HOSTED_ZONE = "hosted-zone"
    """Made by the `account` stack."""
    GITHUB_OIDC = "github-oidc"
    """Made by the `account` stack."""


def seed(endpoint: str, seeds: Iterable[Seed]) -> None:
    """Put things into the account that answers at an endpoint.

    Runs in the server's process, whose environment has the dummy credentials.
    """
    import boto3  # noqa: PLC0415 -- the operators' commands read only the names above, and start in milliseconds

    def client(service: str) -> Any:  # noqa: ANN401 -- boto3 builds its clients at run time
        return boto3.client(service, endpoint_url=endpoint, region_name=REGION)

    for item in seeds:
        SEEDERS[item](client)


def _state_bucket(client: Clients) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket=STATE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=STATE_BUCKET, VersioningConfiguration={"Status": "Enabled"})


def _hosted_zone(client: Clients) -> None:
    client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="seed")


def _github_oidc(client: Clients) -> None:
    """The provider that GitHub's workflows come in by.

    https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
    """
    client("iam").create_open_id_connect_provider(Url=OIDC_URL, ClientIDList=[OIDC_AUDIENCE])


SEEDERS: dict[Seed, Callable[[Clients], None]] = {
    Seed.STATE_BUCKET: _state_bucket,
    Seed.HOSTED_ZONE: _hosted_zone,
    Seed.GITHUB_OIDC: _github_oidc,
}

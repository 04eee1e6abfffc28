"""Checks of globally unique names: buckets, the hosted zone and its delegation, and certificates."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from wealist.operations.aws import Clients, items
from wealist.operations.preflight.check import Answer, Check, Subject, right, wrong
from wealist.operations.web import session
from wealist.spec.account import ACCOUNT_ID, DOMAIN
from wealist.spec.environment import CERTIFICATE_REGIONS, Endpoint

RESOLVER: Final = "https://dns.google/resolve"
"""A public resolver, by HTTPS. https://developers.google.com/speed/public-dns/docs/doh/json"""
_NS_RECORD: Final = 2
_NOT_FOUND, _FORBIDDEN, _MOVED = 404, 403, 301
_USABLE: Final = frozenset({"ISSUED", "PENDING_VALIDATION"})


def buckets(subject: Subject) -> Iterator[Check]:
    """Check that each bucket of the stacks belongs to the account, or that its name is free."""
    names = {str(each.get("bucket")) for stack in subject.stacks.values() for each in stack.all("aws_s3_bucket")}
    for name in sorted(names):
        remedy = "choose another name in wealist/spec/naming.py or account.py: bucket names are globally unique"
        yield Check(f"bucket {name}", "free, or ours", remedy, partial(_bucket, subject.client("s3"), name))


def _bucket(s3: Any, name: str) -> Answer:  # noqa: ANN401  a boto3 client
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=ACCOUNT_ID)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == _NOT_FOUND:
            return right("free")
        if status not in {_FORBIDDEN, _MOVED}:
            raise
        # 403 also means that the caller may not ask: then the account's own list contains the bucket.
        if any(each["Name"] == name for each in items(s3, "list_buckets", "Buckets")):
            raise
        return wrong("owned by another account")
    return right("ours")


def zone(subject: Subject) -> Iterator[Check]:
    """Check that the domain has exactly one public hosted zone."""
    remedy = "apply the account stack (README, First deployment); if several zones have the name, delete the others"
    yield Check(f"hosted zone {DOMAIN}", "one public zone", remedy, partial(_zone, subject.client))


def delegation(subject: Subject) -> Iterator[Check]:
    """Check that the domain is delegated to the name servers of its hosted zone."""
    remedy = f"give the name servers of the zone to the registrar of {DOMAIN}: output name_servers of the account stack"
    yield Check(f"delegation of {DOMAIN}", "the zone's name servers", remedy, partial(_delegation, subject.client))


def _zones(client: Clients) -> list[dict[str, Any]]:
    zones = items(client("route53"), "list_hosted_zones", "HostedZones")
    return [each for each in zones if each["Name"] == f"{DOMAIN}." and not each.get("Config", {}).get("PrivateZone")]


def _zone(client: Clients) -> Answer:
    zones = _zones(client)
    return Answer(len(zones) == 1, ", ".join(each["Id"].rpartition("/")[2] for each in zones) or "none")


def _delegation(client: Clients) -> Answer:
    expected = {server for zone in _zones(client) for server in _name_servers(client, zone["Id"])}
    response = session().get(RESOLVER, params={"name": DOMAIN, "type": "NS"})
    response.raise_for_status()
    records = response.json().get("Answer", [])
    servers = {each["data"].rstrip(".").lower() for each in records if each["type"] == _NS_RECORD}
    return Answer(bool(servers) and servers == expected, ", ".join(sorted(servers)) or "no name servers")


def _name_servers(client: Clients, zone_id: str) -> list[str]:
    servers: list[str] = client("route53").get_hosted_zone(Id=zone_id)["DelegationSet"]["NameServers"]
    return [server.rstrip(".").lower() for server in servers]


def certificates(subject: Subject) -> Iterator[Check]:
    """Check the certificate of each endpoint: the configured one, or else existing ones for its domain."""
    environment = subject.environment
    for name, endpoint in (("site", environment.site), ("api", environment.api)):
        region = CERTIFICATE_REGIONS[name]
        acm = subject.client("acm", region)
        if endpoint.certificate_arn:
            expected = f"issued, in {region}, for {endpoint.domain}"
            file = f"wealist/spec/environments/{environment.name}.py"
            remedy = f"correct {name}.certificate_arn in {file}, or leave it out: then one is made"
            look = partial(_configured, acm, endpoint)
        else:
            expected = "none, or one that is issued or awaits its validation"
            remedy = f"see in ACM ({region}) why the certificate of {endpoint.domain} failed, and delete it"
            look = partial(_existing, acm, endpoint)
        yield Check(f"certificate of the {name}", expected, remedy, look)


def _configured(acm: Any, endpoint: Endpoint) -> Answer:  # noqa: ANN401  a boto3 client
    try:
        certificate = acm.describe_certificate(CertificateArn=endpoint.certificate_arn)["Certificate"]
    except acm.exceptions.ResourceNotFoundException:
        return wrong("missing")
    names = certificate.get("SubjectAlternativeNames", [certificate["DomainName"]])
    wildcard = f"*.{endpoint.domain.partition('.')[2]}"
    is_valid = certificate["Status"] == "ISSUED" and bool({endpoint.domain, wildcard} & set(names))
    return Answer(is_valid, f"{certificate['Status']}, for {', '.join(names)}")


def _existing(acm: Any, endpoint: Endpoint) -> Answer:  # noqa: ANN401  a boto3 client
    statuses = ["PENDING_VALIDATION", "ISSUED", "INACTIVE", "EXPIRED", "VALIDATION_TIMED_OUT", "REVOKED", "FAILED"]
    summaries = items(acm, "list_certificates", "CertificateSummaryList", CertificateStatuses=statuses)
    arns = [each["CertificateArn"] for each in summaries if each["DomainName"] == endpoint.domain]
    found = [acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] for arn in arns]
    return Answer(set(found) <= _USABLE, ", ".join(found) or "none: the apply makes one")

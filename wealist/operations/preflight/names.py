"""Names that the whole world shares: buckets, the hosted zone and its delegation, certificates."""

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
"""DNS by HTTPS, as an outsider asks it. https://developers.google.com/speed/public-dns/docs/doh/json"""
_NS: Final = 2
"""The type of a record that names a name server."""
_FREE, _TAKEN, _MOVED = 404, 403, 301
_USABLE: Final = frozenset({"ISSUED", "PENDING_VALIDATION"})


def buckets(subject: Subject) -> Iterator[Check]:
    """Each bucket of the stacks: its name is free, or the bucket is ours."""
    found = {str(each.get("bucket")) for stack in subject.stacks.values() for each in stack.all("aws_s3_bucket")}
    for name in sorted(found):
        remedy = "choose another name in wealist/spec/naming.py or account.py: bucket names are globally unique"
        yield Check(f"bucket {name}", "free, or ours", remedy, partial(_bucket, subject.client("s3"), name))


def _bucket(s3: Any, name: str) -> Answer:  # noqa: ANN401  a boto3 client
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=ACCOUNT_ID)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == _FREE:
            return right("free")
        if status not in {_TAKEN, _MOVED}:
            raise
        # 403 is also the answer to who may not ask; then the bucket is among those of the account.
        if any(each["Name"] == name for each in items(s3, "list_buckets", "Buckets")):
            raise
        return wrong("somebody else's")
    return right("ours")


def zone(subject: Subject) -> Iterator[Check]:
    """There is one hosted zone of the domain."""
    remedy = "apply the account stack (README, First deployment); of several zones of the name, delete the others"
    yield Check(f"hosted zone {DOMAIN}", "one public zone", remedy, partial(_zone, subject.client))


def delegation(subject: Subject) -> Iterator[Check]:
    """The domain is delegated to the zone."""
    remedy = f"give the name servers of the zone to the registrar of {DOMAIN}: output name_servers of the account stack"
    yield Check(f"delegation of {DOMAIN}", "the zone's name servers", remedy, partial(_delegation, subject.client))


def _zones(client: Clients) -> list[dict[str, Any]]:
    listed = items(client("route53"), "list_hosted_zones", "HostedZones")
    return [each for each in listed if each["Name"] == f"{DOMAIN}." and not each.get("Config", {}).get("PrivateZone")]


def _zone(client: Clients) -> Answer:
    found = _zones(client)
    return Answer(len(found) == 1, ", ".join(each["Id"].rpartition("/")[2] for each in found) or "none")


def _delegation(client: Clients) -> Answer:
    wanted = {server for zone in _zones(client) for server in _servers_of(client, zone["Id"])}
    answer = session().get(RESOLVER, params={"name": DOMAIN, "type": "NS"})
    answer.raise_for_status()
    records = answer.json().get("Answer", [])
    found = {each["data"].rstrip(".").lower() for each in records if each["type"] == _NS}
    return Answer(bool(found) and found == wanted, ", ".join(sorted(found)) or "nobody answers for the domain")


def _servers_of(client: Clients, zone_id: str) -> list[str]:
    found: list[str] = client("route53").get_hosted_zone(Id=zone_id)["DelegationSet"]["NameServers"]
    return [server.rstrip(".").lower() for server in found]


def certificates(subject: Subject) -> Iterator[Check]:
    """The certificate of each endpoint: the one that the settings name, or those of its domain that exist."""
    environment = subject.environment
    for name, endpoint in (("site", environment.site), ("api", environment.api)):
        region = CERTIFICATE_REGIONS[name]
        acm = subject.client("acm", region)
        file = f"wealist/spec/environments/{environment.name}.py"
        if endpoint.certificate_arn:
            expected = f"issued, in {region}, for {endpoint.domain}"
            remedy = f"correct {name}.certificate_arn in {file}, or leave it out: then one is made"
            yield Check(f"certificate of the {name}", expected, remedy, partial(_named, acm, endpoint))
        else:
            remedy = f"see in ACM ({region}) why the certificate of {endpoint.domain} failed, and delete it"
            expected = "none, or one that is issued or awaits its validation"
            yield Check(f"certificate of the {name}", expected, remedy, partial(_existing, acm, endpoint))


def _named(acm: Any, endpoint: Endpoint) -> Answer:  # noqa: ANN401  a boto3 client
    try:
        found = acm.describe_certificate(CertificateArn=endpoint.certificate_arn)["Certificate"]
    except acm.exceptions.ResourceNotFoundException:
        return wrong("there is no such certificate")
    names = found.get("SubjectAlternativeNames", [found["DomainName"]])
    parent = f"*.{endpoint.domain.partition('.')[2]}"
    fits = found["Status"] == "ISSUED" and bool({endpoint.domain, parent} & set(names))
    return Answer(fits, f"{found['Status']}, for {', '.join(names)}")


def _existing(acm: Any, endpoint: Endpoint) -> Answer:  # noqa: ANN401  a boto3 client
    statuses = ["PENDING_VALIDATION", "ISSUED", "INACTIVE", "EXPIRED", "VALIDATION_TIMED_OUT", "REVOKED", "FAILED"]
    listed = items(acm, "list_certificates", "CertificateSummaryList", CertificateStatuses=statuses)
    arns = [each["CertificateArn"] for each in listed if each["DomainName"] == endpoint.domain]
    found = [acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] for arn in arns]
    return Answer(set(found) <= _USABLE, ", ".join(found) or "none: the apply makes one")

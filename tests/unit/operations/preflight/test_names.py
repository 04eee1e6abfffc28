"""The checks of buckets, the hosted zone, its delegation and certificates."""

import json
from typing import Any

import pytest

from tests.loopback import Answer, Request, serving
from tests.recorded_aws import DENIED, RecordedAws, refusal
from tests.synthesized import API_CERTIFICATE, SITE_CERTIFICATE, environment
from tests.unit.operations.preflight.conftest import outcomes, results, rows, subject
from wealist.operations.preflight import names
from wealist.operations.preflight.check import Outcome, Row
from wealist.operations.preflight.names import buckets, certificates, delegation, zone
from wealist.spec.environment import Endpoint

HEAD, LIST = "s3.head_bucket", "s3.list_buckets"


@pytest.mark.parametrize(("answer", "found"), [({}, "ours"), (refusal("404", 404), "free")])
def test_an_own_or_free_bucket_name_is_right(answer: Any, found: str) -> None:
    made = results(buckets, {HEAD: answer})
    assert {row.found for row in made.values()} == {found}
    assert outcomes(made) == {Outcome.RIGHT}
    # The buckets of the shared stacks are included.
    assert {"bucket wealist-frontend-dev", "bucket wealist-terraform-plans", "bucket wealist-tfstate-bucket"} <= set(
        made
    )


@pytest.mark.parametrize("status", [403, 301])
def test_a_bucket_of_another_account_is_wrong(status: int) -> None:
    made = results(buckets, {HEAD: refusal(str(status), status), LIST: {"Buckets": [{"Name": "another"}]}})
    assert outcomes(made) == {Outcome.WRONG}
    assert {row.found for row in made.values()} == {"owned by another account"}


def test_an_own_bucket_without_read_access_is_denied() -> None:
    held = {"Buckets": [{"Name": check.what.removeprefix("bucket ")} for check in buckets(subject())]}
    assert outcomes(results(buckets, {HEAD: refusal("403", 403), LIST: held})) == {Outcome.DENIED}
    assert outcomes(results(buckets, {HEAD: refusal("403", 403), LIST: DENIED})) == {Outcome.DENIED}


def test_the_expected_owner_of_buckets_is_the_account() -> None:
    recorded = RecordedAws({HEAD: {}})
    rows(buckets, subject(client=recorded))
    assert {call["ExpectedBucketOwner"] for _, call in recorded.asked} == {"290008131187"}


# --- the zone and its delegation -------------------------------------------------------------------------------------


def hosted(*found: tuple[str, bool]) -> dict[str, Any]:
    zones = [
        {"Id": f"/hostedzone/Z{number}", "Name": name, "CallerReference": "x", "Config": {"PrivateZone": private}}
        for number, (name, private) in enumerate(found)
    ]
    return {"route53.list_hosted_zones": {"HostedZones": zones, "Marker": "", "IsTruncated": False, "MaxItems": "100"}}


OURS = ("wealist.co.kr.", False)


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        ([OURS], Outcome.RIGHT),
        ([OURS, ("wealist.co.kr.", True), ("dev.wealist.co.kr.", False)], Outcome.RIGHT),
        ([], Outcome.WRONG),
        ([("wealist.co.kr.", True)], Outcome.WRONG),
        ([OURS, OURS], Outcome.WRONG),
    ],
)
def test_the_domain_needs_exactly_one_public_zone(found: list[tuple[str, bool]], outcome: Outcome) -> None:
    assert outcomes(results(zone, hosted(*found))) == {outcome}


SERVERS = ["ns-1.awsdns-01.org", "ns-2.awsdns-02.co.uk"]


def delegated(monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], status: int = 200) -> Row:
    """The row for an answer of the public resolver."""
    asked: list[Request] = []

    def reply(request: Request) -> Answer:
        asked.append(request)
        return Answer(json.dumps(answer).encode(), status, {"Content-Type": "application/json"})

    zone_of = {
        "HostedZone": {"Id": "Z0", "Name": "wealist.co.kr.", "CallerReference": "x"},
        "DelegationSet": {"NameServers": SERVERS},
    }
    with serving(reply) as address:
        monkeypatch.setattr(names, "RESOLVER", address)
        (row,) = results(delegation, hosted(OURS) | {"route53.get_hosted_zone": zone_of}).values()
    assert asked[0].query == {"name": "wealist.co.kr", "type": "NS"}
    return row


def servers(*found: str) -> dict[str, Any]:
    records = [{"name": "wealist.co.kr.", "type": 2, "TTL": 300, "data": f"{each}."} for each in found]
    return {"Status": 0, "Answer": records}


def test_a_domain_delegated_to_the_zones_name_servers_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    assert delegated(monkeypatch, servers(*reversed(SERVERS))).outcome == Outcome.RIGHT
    assert delegated(monkeypatch, servers(*(each.upper() for each in SERVERS))).outcome == Outcome.RIGHT


@pytest.mark.parametrize(
    "answer",
    [servers(), servers(SERVERS[0]), servers(*SERVERS, "ns.gabia.co.kr"), {"Status": 3}, servers("ns.gabia.net")],
)
def test_a_domain_delegated_to_other_servers_is_wrong(monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]) -> None:
    row = delegated(monkeypatch, answer)
    assert row.outcome == Outcome.WRONG
    assert "registrar" in row.remedy


def test_a_failing_resolver_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert delegated(monkeypatch, {}, 403).outcome == Outcome.UNREACHABLE


# --- certificates ----------------------------------------------------------------------------------------------------

CERTIFICATES, CERTIFICATE = "acm.list_certificates", "acm.describe_certificate"


def existing(domain: str, status: str) -> dict[str, Any]:
    return {
        CERTIFICATES: {"CertificateSummaryList": [{"CertificateArn": API_CERTIFICATE, "DomainName": domain}]},
        CERTIFICATE: {"Certificate": {"Status": status}},
    }


def test_a_missing_certificate_is_right_because_the_apply_makes_one() -> None:
    found = results(certificates, {CERTIFICATES: {"CertificateSummaryList": []}})
    assert list(found) == ["certificate of the site", "certificate of the api"]
    assert outcomes(found) == {Outcome.RIGHT}


@pytest.mark.parametrize(
    ("domain", "status", "outcome"),
    [
        ("api.dev.wealist.co.kr", "ISSUED", Outcome.RIGHT),
        ("api.dev.wealist.co.kr", "PENDING_VALIDATION", Outcome.RIGHT),
        ("api.dev.wealist.co.kr", "FAILED", Outcome.WRONG),
        ("api.dev.wealist.co.kr", "EXPIRED", Outcome.WRONG),
        ("api.wealist.co.kr", "FAILED", Outcome.RIGHT),
    ],
)
def test_a_failed_certificate_of_the_domain_is_wrong(domain: str, status: str, outcome: Outcome) -> None:
    assert results(certificates, existing(domain, status))["certificate of the api"].outcome == outcome


@pytest.mark.parametrize(
    ("certificate", "outcome"),
    [
        ({"Status": "ISSUED", "DomainName": "dev.wealist.co.kr"}, Outcome.RIGHT),
        ({"Status": "ISSUED", "DomainName": "x", "SubjectAlternativeNames": ["x", "*.wealist.co.kr"]}, Outcome.RIGHT),
        (
            {"Status": "ISSUED", "DomainName": "x", "SubjectAlternativeNames": ["x", "*.dev.wealist.co.kr"]},
            Outcome.WRONG,
        ),
        ({"Status": "EXPIRED", "DomainName": "dev.wealist.co.kr"}, Outcome.WRONG),
        (None, Outcome.WRONG),
    ],
)
def test_a_configured_certificate_must_be_issued_for_the_domain(certificate: Any, outcome: Outcome) -> None:
    site = Endpoint(domain="dev.wealist.co.kr", certificate_arn=SITE_CERTIFICATE)
    answer = {"Certificate": certificate} if certificate else refusal("ResourceNotFoundException")
    answers: dict[str, Any] = {CERTIFICATE: answer, CERTIFICATES: {"CertificateSummaryList": []}}
    found = results(certificates, answers, config=environment("dev", site=site))
    assert found["certificate of the site"].outcome == outcome

"""Names that the whole world shares are ours, or free."""

import json
from typing import Any

import pytest

from tests.loopback import Answer, Request, serving
from tests.recorded_aws import DENIED, RecordedAws, refusal
from tests.synthesized import API_CERTIFICATE, SITE_CERTIFICATE, environment
from tests.unit.operations.preflight.conftest import looked, outcomes, rows, subject
from wealist.operations.preflight import names
from wealist.operations.preflight.check import Outcome, Row
from wealist.operations.preflight.names import buckets, certificates, delegation, zone
from wealist.spec.environment import Endpoint

HEAD, LIST = "s3.head_bucket", "s3.list_buckets"


@pytest.mark.parametrize(("answer", "found"), [({}, "ours"), (refusal("404", 404), "free")])
def test_a_bucket_that_is_ours_or_that_nobody_has_is_right(answer: Any, found: str) -> None:
    made = looked(buckets, {HEAD: answer})
    assert {row.found for row in made.values()} == {found}
    assert outcomes(made) == {Outcome.RIGHT}
    # Those of the stacks that the environment rests on are asked for, too.
    assert {"bucket wealist-frontend-dev", "bucket wealist-terraform-plans", "bucket wealist-tfstate-bucket"} <= set(
        made
    )


@pytest.mark.parametrize("status", [403, 301])
def test_a_name_that_somebody_else_has_is_wrong(status: int) -> None:
    made = looked(buckets, {HEAD: refusal(str(status), status), LIST: {"Buckets": [{"Name": "another"}]}})
    assert outcomes(made) == {Outcome.WRONG}
    assert {row.found for row in made.values()} == {"somebody else's"}


def test_a_bucket_of_ours_that_may_not_be_asked_about_is_not_taken_for_another_ones() -> None:
    held = {"Buckets": [{"Name": check.what.removeprefix("bucket ")} for check in buckets(subject())]}
    assert outcomes(looked(buckets, {HEAD: refusal("403", 403), LIST: held})) == {Outcome.DENIED}
    assert outcomes(looked(buckets, {HEAD: refusal("403", 403), LIST: DENIED})) == {Outcome.DENIED}


def test_a_bucket_is_asked_for_as_one_of_our_account() -> None:
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
def test_there_is_one_public_zone_of_the_domain(found: list[tuple[str, bool]], outcome: Outcome) -> None:
    assert outcomes(looked(zone, hosted(*found))) == {outcome}


SERVERS = ["ns-1.awsdns-01.org", "ns-2.awsdns-02.co.uk"]


def delegated(monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], status: int = 200) -> Row:
    """The row where a resolver of the world answers so."""
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
        (row,) = looked(delegation, hosted(OURS) | {"route53.get_hosted_zone": zone_of}).values()
    assert asked[0].query == {"name": "wealist.co.kr", "type": "NS"}
    return row


def servers(*found: str) -> dict[str, Any]:
    records = [{"name": "wealist.co.kr.", "type": 2, "TTL": 300, "data": f"{each}."} for each in found]
    return {"Status": 0, "Answer": records}


def test_a_domain_whose_name_servers_are_the_zones_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    assert delegated(monkeypatch, servers(*reversed(SERVERS))).outcome == Outcome.RIGHT
    assert delegated(monkeypatch, servers(*(each.upper() for each in SERVERS))).outcome == Outcome.RIGHT


@pytest.mark.parametrize(
    "answer",
    [servers(), servers(SERVERS[0]), servers(*SERVERS, "ns.gabia.co.kr"), {"Status": 3}, servers("ns.gabia.net")],
)
def test_a_domain_that_other_servers_answer_for_is_wrong(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    row = delegated(monkeypatch, answer)
    assert row.outcome == Outcome.WRONG
    assert "registrar" in row.remedy


def test_a_resolver_that_does_not_answer_says_nothing_about_the_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    assert delegated(monkeypatch, {}, 403).outcome == Outcome.UNREACHABLE


# --- certificates ----------------------------------------------------------------------------------------------------

CERTIFICATES, CERTIFICATE = "acm.list_certificates", "acm.describe_certificate"


def existing(domain: str, status: str) -> dict[str, Any]:
    return {
        CERTIFICATES: {"CertificateSummaryList": [{"CertificateArn": API_CERTIFICATE, "DomainName": domain}]},
        CERTIFICATE: {"Certificate": {"Status": status}},
    }


def test_without_a_certificate_the_apply_makes_one() -> None:
    found = looked(certificates, {CERTIFICATES: {"CertificateSummaryList": []}})
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
def test_a_certificate_of_the_domain_that_failed_is_wrong(domain: str, status: str, outcome: Outcome) -> None:
    assert looked(certificates, existing(domain, status))["certificate of the api"].outcome == outcome


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
def test_the_certificate_that_the_settings_name_is_issued_for_the_domain(certificate: Any, outcome: Outcome) -> None:
    site = Endpoint(domain="dev.wealist.co.kr", certificate_arn=SITE_CERTIFICATE)
    answer = {"Certificate": certificate} if certificate else refusal("ResourceNotFoundException")
    answers: dict[str, Any] = {CERTIFICATE: answer, CERTIFICATES: {"CertificateSummaryList": []}}
    found = looked(certificates, answers, config=environment("dev", site=site))
    assert found["certificate of the site"].outcome == outcome

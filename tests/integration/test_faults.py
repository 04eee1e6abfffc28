"""Temporary errors of AWS are retried; other errors are reported, and the next apply completes the rest."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import pytest

from tests.integration.between import Answer, Between, Forward, Request, Rule, concerns, error
from tests.synthesized import Stack
from wealist.emulator.server import EmulatedAws, Seed
from wealist.operations.emulated_stacks import ACCOUNT, EmulatedStacks, planned_changes
from wealist.operations.terraform import Terraform
from wealist.spec.account import STATE_BUCKET

pytestmark = pytest.mark.integration

FAILURES = ((400, "Throttling"), (503, "ServiceUnavailable"), (500, "InternalFailure"))
"""Temporary errors of AWS."""
FAILURES_OF_S3 = ((503, "SlowDown"), (500, "InternalError"))
"""S3 does not throttle with 400: a response to HEAD has no body, so that the status must be retryable.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""

REFUSED = ("CreateOpenIDConnectProvider", "CreatePolicy")
NOT_CREATED = {
    "aws_iam_openid_connect_provider.github",
    "aws_iam_policy.pipeline_apply_write_policy",
    "aws_iam_role.pipeline_apply_role",
    *(f"aws_iam_role.pipeline_plan_{stack}_role" for stack in ("account", "bootstrap", "dev", "prod")),
}
"""The rejected resources and their dependents, without attachments of policies."""


class FailsAtFirst:
    """Fails the first request of every operation, with alternating errors."""

    def __init__(self) -> None:
        self.failed: dict[str, str] = {}
        self._of_s3, self._of_others = cycle(FAILURES_OF_S3), cycle(FAILURES)

    def __call__(self, request: Request, _forward: Forward) -> Answer | None:
        if request.operation in self.failed:
            return None
        status, code = next(self._of_s3 if request.service == "s3" else self._of_others)
        self.failed[request.operation] = code
        return error(request, status, code)


def refuses(operation: str, about: str, status: int, code: str) -> Rule:
    def refuse(request: Request, _forward: Forward) -> Answer | None:
        return error(request, status, code) if concerns(request, operation, about) else None

    return refuse


@dataclass
class FaultyApply:
    """An account, applied with errors of AWS, then without."""

    life: EmulatedStacks
    busy: FailsAtFirst = field(default_factory=FailsAtFirst)
    asked: Counter[str] = field(default_factory=Counter)
    refused: str = ""
    held: set[str] = field(default_factory=set)
    """The resources in the state after the errors."""
    completed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def faulty(synthesized: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyApply]:
    base = tmp_path_factory.mktemp("faults")
    with EmulatedAws(seeds={Seed.STATE_BUCKET}, log=base / "aws.log") as aws:
        life = EmulatedStacks(aws.environment(), stacks=synthesized / "stacks", base=base)
        result = FaultyApply(life)
        rules = (
            refuses("CreateOpenIDConnectProvider", "", 403, "AccessDenied"),
            refuses("CreatePolicy", "wealist-terraform-apply-write-policy", 409, "LimitExceeded"),
            result.busy,
        )
        ready = life.terraform(ACCOUNT)
        with Between(aws.environment(), *rules) as between:
            terraform = Terraform(ready.workdir, env=between.environment(), executable=ready.executable)
            result.refused = terraform.run("apply", "-auto-approve", capture=True, check=False).stderr
        result.asked = Counter(request.operation for request in between.asked)
        result.held = resources(ready)
        result.completed = planned_changes(life.apply(ACCOUNT))
        yield result


def resources(terraform: Terraform) -> set[str]:
    held = terraform.state()["resources"]
    managed = [each for each in held if each["mode"] == "managed" and each["instances"]]
    return {f"{each['type']}.{each['name']}" for each in managed}


def test_provider_and_backend_retry_throttling_and_server_errors(faulty: FaultyApply) -> None:
    assert {"GetUser", "CreatePolicy", "GetPolicy", "PUT /wealist-tfstate-bucket/wealist/account.tfstate"} <= (
        faulty.busy.failed.keys()
    )
    codes = {code for _, code in (*FAILURES, *FAILURES_OF_S3)}
    assert set(faulty.busy.failed.values()) == codes
    assert [code for code in codes if code in faulty.refused] == []


def test_other_errors_fail_the_apply_with_awss_message(faulty: FaultyApply) -> None:
    assert "api error AccessDenied: AccessDenied, says the test" in " ".join(faulty.refused.split())
    assert "LimitExceeded" in faulty.refused
    assert faulty.refused.count("Error: creating") == len(REFUSED)


@pytest.fixture(scope="module")
def not_created(account: Stack) -> set[str]:
    return NOT_CREATED | {each.address for each in account.all("aws_iam_role_policy_attachment")}


def test_other_resources_are_created_and_in_the_state(faulty: FaultyApply, not_created: set[str]) -> None:
    assert faulty.held.isdisjoint(not_created)
    assert "aws_route53_zone.zone" in faulty.held
    assert "aws_iam_policy.pipeline_plan_prod_read_policy" in faulty.held


def test_the_next_apply_creates_only_missing_resources(faulty: FaultyApply, not_created: set[str]) -> None:
    assert faulty.completed == dict.fromkeys(not_created, ("create",))


def test_every_object_exists_once(faulty: FaultyApply, account: Stack) -> None:
    iam, dns = faulty.life.client("iam"), faulty.life.client("route53")
    assert planned_changes(faulty.life.plan(ACCOUNT)) == {}
    assert len(dns.list_hosted_zones()["HostedZones"]) == 1
    assert len(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]) == 1
    assert len(iam.list_policies(Scope="Local")["Policies"]) == len(account.all("aws_iam_policy"))
    assert len(iam.list_roles()["Roles"]) == len(account.all("aws_iam_role"))


def test_a_failed_apply_releases_the_lock(faulty: FaultyApply) -> None:
    listed = faulty.life.client("s3").list_objects_v2(Bucket=STATE_BUCKET)["Contents"]
    assert [item["Key"] for item in listed] == ["wealist/account.tfstate"]

"""AWS failing for a while: what passes is ridden out; what does not is said, kept account of, and made good later."""

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
"""What AWS says while it is busy, or broken."""
FAILURES_OF_S3 = ((503, "SlowDown"), (500, "InternalError"))
"""S3 never throttles with 400: an answer to HEAD has no body, and its status alone must tell that it is worth a retry.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""

REFUSED = ("CreateOpenIDConnectProvider", "CreatePolicy")
NOT_MADE = {
    "aws_iam_openid_connect_provider.github",
    "aws_iam_policy.pipeline_apply_write_policy",
    "aws_iam_role.pipeline_apply_role",
    *(f"aws_iam_role.pipeline_plan_{stack}_role" for stack in ("account", "bootstrap", "dev", "prod")),
}
"""What was refused, and what rests on it, the attachments of policies apart."""


class FailsAtFirst:
    """Fails the first request of every operation, each time in another way."""

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
class Story:
    """An account applied in bad times, then in good ones."""

    life: EmulatedStacks
    busy: FailsAtFirst = field(default_factory=FailsAtFirst)
    asked: Counter[str] = field(default_factory=Counter)
    refused: str = ""
    held: set[str] = field(default_factory=set)
    """What was in the state after the refusals."""
    made_good: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def story(synthesized: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    base = tmp_path_factory.mktemp("faults")
    with EmulatedAws(seeds={Seed.STATE_BUCKET}, log=base / "aws.log") as aws:
        life = EmulatedStacks(aws.environment(), stacks=synthesized / "stacks", base=base)
        told = Story(life)
        rules = (
            refuses("CreateOpenIDConnectProvider", "", 403, "AccessDenied"),
            refuses("CreatePolicy", "wealist-terraform-apply-write-policy", 409, "LimitExceeded"),
            told.busy,
        )
        ready = life.terraform(ACCOUNT)
        with Between(aws.environment(), *rules) as between:
            terraform = Terraform(ready.workdir, env=between.environment(), executable=ready.executable)
            told.refused = terraform.run("apply", "-auto-approve", capture=True, check=False).stderr
        told.asked = Counter(request.operation for request in between.asked)
        told.held = resources(ready)
        told.made_good = planned_changes(life.apply(ACCOUNT))
        yield told


def resources(terraform: Terraform) -> set[str]:
    held = terraform.state()["resources"]
    managed = [each for each in held if each["mode"] == "managed" and each["instances"]]
    return {f"{each['type']}.{each['name']}" for each in managed}


def test_throttling_and_server_errors_are_ridden_out_by_provider_and_backend(story: Story) -> None:
    assert {"GetUser", "CreatePolicy", "GetPolicy", "PUT /wealist-tfstate-bucket/wealist/account.tfstate"} <= (
        story.busy.failed.keys()
    )
    codes = {code for _, code in (*FAILURES, *FAILURES_OF_S3)}
    assert set(story.busy.failed.values()) == codes
    assert [code for code in codes if code in story.refused] == []


def test_a_refused_resource_fails_the_apply_with_aws_own_words(story: Story) -> None:
    assert "api error AccessDenied: AccessDenied, says the test" in " ".join(story.refused.split())
    assert "LimitExceeded" in story.refused
    assert story.refused.count("Error: creating") == len(REFUSED)


@pytest.fixture(scope="module")
def not_made(account: Stack) -> set[str]:
    return NOT_MADE | {each.address for each in account.all("aws_iam_role_policy_attachment")}


def test_what_was_not_refused_is_made_and_in_the_state(story: Story, not_made: set[str]) -> None:
    assert story.held.isdisjoint(not_made)
    assert "aws_route53_zone.zone" in story.held
    assert "aws_iam_policy.pipeline_plan_prod_read_policy" in story.held


def test_the_next_apply_makes_what_is_missing_and_nothing_else(story: Story, not_made: set[str]) -> None:
    assert story.made_good == dict.fromkeys(not_made, ("create",))


def test_in_the_end_nothing_is_missing_and_nothing_was_made_twice(story: Story, account: Stack) -> None:
    iam, dns = story.life.client("iam"), story.life.client("route53")
    assert planned_changes(story.life.plan(ACCOUNT)) == {}
    assert len(dns.list_hosted_zones()["HostedZones"]) == 1
    assert len(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]) == 1
    assert len(iam.list_policies(Scope="Local")["Policies"]) == len(account.all("aws_iam_policy"))
    assert len(iam.list_roles()["Roles"]) == len(account.all("aws_iam_role"))


def test_the_lock_is_released_by_a_failed_apply(story: Story) -> None:
    listed = story.life.client("s3").list_objects_v2(Bucket=STATE_BUCKET)["Contents"]
    assert [item["Key"] for item in listed] == ["wealist/account.tfstate"]

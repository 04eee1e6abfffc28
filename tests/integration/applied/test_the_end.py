"""The end of dev: changed and destroyed by an operator's commands. Nothing of it is left, and no secret was shown.

Every other test of this folder needs dev, so that this file must be the last of it: by its name, since pytest collects
files by their names and one worker runs them all in that order (`tests/conftest.py`). Dev stays destroyed.

What is searched for secrets is all that Terraform printed for any test of this folder, from the first apply on, and all
that the commands of this file printed and wrote.
"""

import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.integration.applied.commands import Commands
from tests.integration.applied.everything import Applied
from tests.integration.between import Between, Request
from tests.integration.calls import authorized
from tests.leaks import PLACEHOLDER, found_in, secrets_in_state, without_sensitive
from tests.policies import allows, allows_somewhere, grants_of
from tests.synthesized import stacks
from wealist.operations import object_counts
from wealist.operations.emulated_stacks import ACCOUNT, BOOTSTRAP, planned_changes, run_concurrently
from wealist.spec.account import ACCOUNT_ID, BOUNDARY_ARN, STATE_BUCKET

pytestmark = pytest.mark.integration

OTHERS = (BOOTSTRAP, ACCOUNT, "prod")
TOKENS = ("/wealist/dev/cache/redis_auth_token", "/wealist/prod/cache/redis_auth_token")
OPERATORS = "anOperatorsOwnTokenOf36CharactersXYZ"
BUCKET = "wealist-frontend-dev"
APPLY = "wealist-terraform-apply-role"
OF_A_ROLE = f"arn:aws:iam::{ACCOUNT_ID}:policy/wealist-dev-ec2-policy"
REDIS = "aws_elasticache_replication_group.cache_replication_group"


@dataclass
class End:
    """What was done with dev, and what had been secret until then."""

    applied: Applied
    commands: Commands
    second: dict[str, Any]
    """Dev's second plan."""
    followed: dict[str, Any]
    """Dev's plan after an operator gave Redis another token."""
    before: object_counts.ObjectCounts
    """What AWS held before dev was destroyed."""
    after: object_counts.ObjectCounts
    asked: Sequence[Request]
    """What the destroy asked AWS for."""
    in_ssm: dict[str, set[str]]
    """Secret parameter → every value that it ever had."""
    in_states: set[str]
    """What any version of any state marks as sensitive."""

    @property
    def tokens(self) -> set[str]:
        return {value for name in TOKENS for value in self.in_ssm[name]}

    @property
    def secrets(self) -> set[str]:
        return {value for values in self.in_ssm.values() for value in values} | self.in_states

    @property
    def plan_file(self) -> Path:
        return self.commands.work / "plans" / "emulated" / "dev" / "plan.tfplan"

    @property
    def plan_json(self) -> Path:
        return self.plan_file.with_suffix(".json")


@pytest.fixture(scope="module")
def end(request: pytest.FixtureRequest, applied: Applied, tmp_path_factory: pytest.TempPathFactory) -> End:
    """Dev, planned again, given another token for Redis, and destroyed. Nothing that a test may still need is."""
    sharing = [item for item in request.session.items if item.path.parent == Path(__file__).parent]
    assert sharing[-1].path == Path(__file__), f"{sharing[-1].nodeid} would find dev destroyed"
    commands = Commands(applied, tmp_path_factory.mktemp("work"))

    def plan() -> dict[str, Any]:
        commands.run("plan", "dev", "--emulated")
        written: dict[str, Any] = json.loads((commands.work / "plans" / "emulated" / "dev" / "plan.json").read_text())
        return written

    second = plan()
    give(applied, TOKENS[0], OPERATORS)
    followed = plan()
    plan_json = str(commands.work / "plans" / "emulated" / "dev" / "plan.json")
    for form in ("terminal", "markdown", "json"):
        commands.run("review", plan_json, "--stack", "dev", "--format", form)
    commands.run("orphans", plan_json, "--out", str(commands.work / "imports.tf.json"))
    commands.run("bundle", "dev", "user-service", "--image-tag", "v1")
    commands.run("database", "dev", "--passwords")
    commands.run("apply", "dev", "--emulated")
    in_ssm = secret_parameters(applied)
    applied.client("s3").put_object(Bucket=BUCKET, Key="index.html", Body=b"of a build")
    destroy = partial(commands.run, "destroy", "dev", "--emulated")
    with Between(applied.environment()) as between:
        commands.lead_to(between.environment())
        before, after = object_counts.count_before_and_after(applied.client, "dev", destroy)
    in_states = {secret for state in states(applied) for secret in secrets_in_state(state)}
    return End(applied, commands, second, followed, before, after, between.asked, in_ssm, in_states)


def give(applied: Applied, name: str, value: str) -> None:
    """What an operator does, with the key that the parameter has."""
    ssm = applied.client("ssm")
    (found,) = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [name]}])["Parameters"]
    ssm.put_parameter(Name=name, Value=value, Type=found["Type"], KeyId=found["KeyId"], Overwrite=True)


def secret_parameters(applied: Applied) -> dict[str, set[str]]:
    ssm = applied.client("ssm")
    pages = ssm.get_paginator("describe_parameters").paginate()
    names = [each["Name"] for page in pages for each in page["Parameters"] if each["Type"] == "SecureString"]
    return {name: set(values(ssm, name)) - {PLACEHOLDER} for name in names}


def values(ssm: Any, name: str) -> Iterator[str]:
    for page in ssm.get_paginator("get_parameter_history").paginate(Name=name, WithDecryption=True):
        for version in page["Parameters"]:
            yield version["Value"]


def states(applied: Applied) -> Iterator[dict[str, Any]]:
    """Every version of every state."""
    s3 = applied.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=STATE_BUCKET):
        for version in page["Versions"]:
            if version["Key"].endswith(".tfstate"):
                found = s3.get_object(Bucket=STATE_BUCKET, Key=version["Key"], VersionId=version["VersionId"])
                with suppress(ValueError):  # one that a test of recovery cut off
                    yield json.loads(found["Body"].read())


def test_dev_can_be_destroyed_wholly_and_leaves_nothing_behind(end: End) -> None:
    assert end.before.own.total() > 100
    assert dict(end.after.own) == {}
    assert end.after.others == end.before.others
    assert end.applied.state("dev")["resources"] == []
    again = run_concurrently(end.applied.plan, OTHERS)
    assert {stack: planned_changes(again[stack]) for stack in OTHERS} == {stack: {} for stack in OTHERS}


WHO_AM_I = {("sts:GetCallerIdentity", "*"), ("iam:GetUser", "*")}
"""The provider asks IAM for its account first, and STS, which everybody may, where it is refused."""


def test_the_pipeline_may_do_all_that_the_destroy_asked_for(end: End) -> None:
    """The embedded AWS asks IAM nothing, so the calls are held against the policies of the role that applies."""
    given = grants_of(stacks()["account"], APPLY)
    asked = {call for request in end.asked for call in authorized(request)} - WHO_AM_I
    assert {action for action, _ in asked} >= {
        "ec2:DeleteVolume", "ec2:DeleteVpc", "elasticache:DeleteReplicationGroup", "iam:DeleteRole",
        "kms:ScheduleKeyDeletion", "rds:DeleteDBInstance", "s3:DeleteObject", "s3:DeleteObjectVersion",
        "ssm:DeleteParameter",
    }  # fmt: skip
    context = {"PermissionsBoundary": BOUNDARY_ARN, "PolicyARN": OF_A_ROLE}
    refused = {
        (action, arn)
        for action, arn in asked
        if not (allows(given, action, arn, **context) or (arn == "*" and allows_somewhere(given, action, **context)))
    }
    assert refused == set()


def test_the_instances_go_before_anything_that_they_need(end: End) -> None:
    calls = [call for request in end.asked for call in authorized(request)]
    gone = max(place for place, (action, _) in enumerate(calls) if action == "autoscaling:DeleteAutoScalingGroup")
    needed = {
        "ec2:DeleteNatGateway", "ec2:DeleteRoute", "ec2:DeleteVpcEndpoints", "ec2:DeleteVolume",
        "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress", "elasticache:DeleteReplicationGroup",
        "rds:DeleteDBInstance", "ssm:DeleteParameter",
    }  # fmt: skip
    rights = ("iam:DetachRolePolicy", f"arn:aws:iam::{ACCOUNT_ID}:role/wealist-dev-ec2-role")
    assert needed <= {action for action, _ in calls[gone:]}
    assert rights in calls[gone:]
    assert [call for call in calls[:gone] if call[0] in needed or call == rights] == []


def test_an_operators_token_reaches_redis_at_the_next_apply_and_nothing_else_changes(end: End) -> None:
    assert planned_changes(end.second) == {}
    assert planned_changes(end.followed) == {REDIS: ("update",)}
    assert OPERATORS in end.in_states


def test_the_secrets_of_both_environments_are_known_to_the_search(end: End) -> None:
    generated = ("cache/redis_auth_token", "db/board_db_password", "db/user_db_password", "jwt/jwt_secret")
    assert {name for name, found in end.in_ssm.items() if found} >= {
        f"/wealist/{name}/{path}" for name in ("dev", "prod") for path in generated
    }
    assert min(map(len, end.secrets)) >= 16
    assert end.tokens <= end.in_states


def test_no_secret_was_printed_from_the_first_apply_to_the_destruction(end: End) -> None:
    printed = [*end.applied.printed, *end.commands.printed]
    for said in ("destroyed)", "No changes.", "Modifications complete", "Read complete"):
        assert any(said in text for text in printed), said
    for command in ("plan", "apply"):
        for stack in ("dev", "prod"):
            searched = [text for text in printed if text.startswith(f"terraform {command} ")]
            assert any(f"/wealist/{stack}/cache/redis_auth_token" in text for text in searched), (command, stack)
    assert {text.partition("\n")[0] for text in printed if found_in(text, end.secrets)} == set()


def test_no_secret_is_left_in_a_file_but_in_plans_where_terraform_marks_it_as_sensitive(end: End) -> None:
    left = [path for folder in (end.commands.work, end.applied.base) for path in files_below(folder)]
    assert {path.name for path in left} >= {"cdk.tf.json", "imports.tf.json", "plan.json", "plan.tfplan", "aws.log"}
    searched = {path: text(path) for path in left if path.suffix != ".tfplan"}
    assert any(path.suffix == ".zip" for path in searched)
    assert {path for path, found in searched.items() if found_in(found, end.secrets)} == set()


def test_a_plans_files_hold_the_tokens_of_redis_and_are_for_their_owner_alone(end: End) -> None:
    (old,) = end.in_ssm[TOKENS[0]] - {OPERATORS}
    for path, content in ((end.plan_file, inside(end.plan_file)), (end.plan_json, end.plan_json.read_text())):
        assert found_in(content, end.secrets) == {old, OPERATORS}, path
        assert path.stat().st_mode & 0o077 == 0, path


def test_of_all_secrets_the_states_hold_only_the_tokens_of_redis(end: End) -> None:
    assert end.in_states == end.tokens
    everything = "".join(json.dumps(state) for state in states(end.applied))
    assert found_in(everything, end.secrets) == end.tokens


def files_below(folder: Path) -> Iterator[Path]:
    """Every file that is left there, but for the providers that Terraform installs."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "providers" not in path.parts:
            yield path


def text(path: Path) -> str:
    """What a file says: a bundle with all that is in it, and a plan's JSON without what it marks as sensitive."""
    if path.suffix == ".zip":
        return inside(path)
    content = path.read_text(errors="replace")
    return json.dumps(without_sensitive(json.loads(content))) if path.name == "plan.json" else content


def inside(archive: Path) -> str:
    with zipfile.ZipFile(archive) as opened:
        return "\n".join(opened.read(name).decode(errors="replace") for name in opened.namelist())

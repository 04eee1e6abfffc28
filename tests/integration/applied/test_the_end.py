"""Dev is changed and destroyed by operators' commands: nothing is left, and no secret was printed.

The other tests of this folder need dev, so that this file must run last. pytest collects files by name, and one worker
runs them in that order (`tests/conftest.py`).

The tests search for secrets in Terraform's output since the first apply, and in the output and files of the commands
in this file.
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
ROLE_POLICY = f"arn:aws:iam::{ACCOUNT_ID}:policy/wealist-dev-ec2-policy"
REDIS = "aws_elasticache_replication_group.cache_replication_group"


@dataclass
class End:
    """The plans, objects and secrets of dev, before and after its destruction."""

    applied: Applied
    commands: Commands
    second: dict[str, Any]
    """Dev's second plan."""
    followed: dict[str, Any]
    """Dev's plan after an operator changed the token of Redis."""
    before: object_counts.ObjectCounts
    """The objects in AWS before the destruction."""
    after: object_counts.ObjectCounts
    asked: Sequence[Request]
    """The requests of the destruction."""
    in_ssm: dict[str, set[str]]
    """Secret parameter → all its values."""
    in_states: set[str]
    """The sensitive values in all versions of all states."""

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
    """Dev, planned, changed and destroyed."""
    sharing = [item for item in request.session.items if item.path.parent == Path(__file__).parent]
    assert sharing[-1].path == Path(__file__), f"{sharing[-1].nodeid} would run after the destruction of dev"
    commands = Commands(applied, tmp_path_factory.mktemp("work"))

    def plan() -> dict[str, Any]:
        commands.run("plan", "dev", "--emulated")
        written: dict[str, Any] = json.loads((commands.work / "plans" / "emulated" / "dev" / "plan.json").read_text())
        return written

    second = plan()
    put_parameter(applied, TOKENS[0], OPERATORS)
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
        commands.use(between.environment())
        before, after = object_counts.count_before_and_after(applied.client, "dev", destroy)
    in_states = {secret for state in states(applied) for secret in secrets_in_state(state)}
    return End(applied, commands, second, followed, before, after, between.asked, in_ssm, in_states)


def put_parameter(applied: Applied, name: str, value: str) -> None:
    """Change a parameter as an operator does, with its current key."""
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
    """Iterate over all versions of all states."""
    s3 = applied.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=STATE_BUCKET):
        for version in page["Versions"]:
            if version["Key"].endswith(".tfstate"):
                found = s3.get_object(Bucket=STATE_BUCKET, Key=version["Key"], VersionId=version["VersionId"])
                with suppress(ValueError):  # truncated by a test of recovery
                    yield json.loads(found["Body"].read())


def test_dev_is_destroyed_completely_and_other_stacks_are_unchanged(end: End) -> None:
    assert end.before.own.total() > 100
    assert dict(end.after.own) == {}
    assert end.after.others == end.before.others
    assert end.applied.state("dev")["resources"] == []
    again = run_concurrently(end.applied.plan, OTHERS)
    assert {stack: planned_changes(again[stack]) for stack in OTHERS} == {stack: {} for stack in OTHERS}


WHO_AM_I = {("sts:GetCallerIdentity", "*"), ("iam:GetUser", "*")}
"""The provider requests its account from IAM, and if denied from STS, which needs no rights."""


def test_the_apply_role_allows_every_request_of_the_destruction(end: End) -> None:
    """The embedded AWS does not check IAM; compare the requests with the policies of the apply role."""
    given = grants_of(stacks()["account"], APPLY)
    asked = {call for request in end.asked for call in authorized(request)} - WHO_AM_I
    assert {action for action, _ in asked} >= {
        "ec2:DeleteVolume", "ec2:DeleteVpc", "elasticache:DeleteReplicationGroup", "iam:DeleteRole",
        "kms:ScheduleKeyDeletion", "rds:DeleteDBInstance", "s3:DeleteObject", "s3:DeleteObjectVersion",
        "ssm:DeleteParameter",
    }  # fmt: skip
    context = {"PermissionsBoundary": BOUNDARY_ARN, "PolicyARN": ROLE_POLICY}
    refused = {
        (action, arn)
        for action, arn in asked
        if not (allows(given, action, arn, **context) or (arn == "*" and allows_somewhere(given, action, **context)))
    }
    assert refused == set()


def test_instances_are_terminated_before_their_dependencies_are_deleted(end: End) -> None:
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


def test_the_next_apply_changes_only_redis_to_the_operators_token(end: End) -> None:
    assert planned_changes(end.second) == {}
    assert planned_changes(end.followed) == {REDIS: ("update",)}
    assert OPERATORS in end.in_states


def test_the_search_knows_the_secrets_of_both_environments(end: End) -> None:
    generated = ("cache/redis_auth_token", "db/board_db_password", "db/user_db_password", "jwt/jwt_secret")
    assert {name for name, found in end.in_ssm.items() if found} >= {
        f"/wealist/{name}/{path}" for name in ("dev", "prod") for path in generated
    }
    assert min(map(len, end.secrets)) >= 16
    assert end.tokens <= end.in_states


def test_no_secret_was_printed(end: End) -> None:
    printed = [*end.applied.printed, *end.commands.printed]
    for words in ("destroyed)", "No changes.", "Modifications complete", "Read complete"):
        assert any(words in text for text in printed), words
    for command in ("plan", "apply"):
        for stack in ("dev", "prod"):
            searched = [text for text in printed if text.startswith(f"terraform {command} ")]
            assert any(f"/wealist/{stack}/cache/redis_auth_token" in text for text in searched), (command, stack)
    assert {text.partition("\n")[0] for text in printed if found_in(text, end.secrets)} == set()


def test_files_contain_secrets_only_as_sensitive_values_of_plans(end: End) -> None:
    left = [path for folder in (end.commands.work, end.applied.base) for path in files_below(folder)]
    assert {path.name for path in left} >= {"cdk.tf.json", "imports.tf.json", "plan.json", "plan.tfplan", "aws.log"}
    searched = {path: text(path) for path in left if path.suffix != ".tfplan"}
    assert any(path.suffix == ".zip" for path in searched)
    assert {path for path, found in searched.items() if found_in(found, end.secrets)} == set()


def test_plan_files_contain_the_tokens_of_redis_and_are_readable_by_their_owner_only(end: End) -> None:
    (old,) = end.in_ssm[TOKENS[0]] - {OPERATORS}
    for path, content in ((end.plan_file, inside(end.plan_file)), (end.plan_json, end.plan_json.read_text())):
        assert found_in(content, end.secrets) == {old, OPERATORS}, path
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_only_secrets_in_states_are_the_tokens_of_redis(end: End) -> None:
    assert end.in_states == end.tokens
    everything = "".join(json.dumps(state) for state in states(end.applied))
    assert found_in(everything, end.secrets) == end.tokens


def files_below(folder: Path) -> Iterator[Path]:
    """Iterate over the files in a folder, without providers."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "providers" not in path.parts:
            yield path


def text(path: Path) -> str:
    """Return a file's text: of a zip, its entries; of a plan's JSON, all but sensitive values."""
    if path.suffix == ".zip":
        return inside(path)
    content = path.read_text(errors="replace")
    return json.dumps(without_sensitive(json.loads(content))) if path.name == "plan.json" else content


def inside(archive: Path) -> str:
    with zipfile.ZipFile(archive) as opened:
        return "\n".join(opened.read(name).decode(errors="replace") for name in opened.namelist())

"""`wealist preflight` on the embedded AWS, with an account as the stacks expect it and with other ones."""

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from tests.preflight import rights_for
from tests.states import HCL, state
from tests.synthesized import environment
from wealist import project
from wealist.emulator.server import EmulatedAws
from wealist.errors import OperatorError
from wealist.model.stack import read
from wealist.operations.aws import Clients, clients
from wealist.operations.pipeline.github import GitHub
from wealist.operations.preflight.check import Outcome, Row, Subject
from wealist.operations.preflight.command import cached_clients, limits, policy, run_checks
from wealist.spec.account import SHARED_STACKS, STATE_BUCKET

pytestmark = pytest.mark.integration
BEFORE_ANY_END = dt.date(2026, 1, 1)
UNSUPPORTED = {
    "cache node type cache.t3.micro",
    "database class db.t3.micro postgres 17",
    "quota: Auto Scaling groups in the region",
    "quota: Elastic IP addresses in the region",
    "quota: buckets of the account",
    "rights of wealist-terraform-apply-role",
    "rights of wealist-terraform-plan-dev-role",
}
"""Checks whose calls the embedded AWS does not support."""
Results = Callable[[Clients], dict[str, Row]]


def no_github() -> GitHub:
    raise OperatorError("GitHub is not asked", remedy="none")


@pytest.fixture
def results(stacks: Mapping[str, Path]) -> Results:
    """Return the rows of dev by subject, for the account of the clients."""

    def rows(client: Clients) -> dict[str, Row]:
        found = {name: read(stacks[name] / "cdk.tf.json") for name in (*SHARED_STACKS, "dev")}
        of = Subject(environment("dev"), found, cached_clients(client), no_github, BEFORE_ANY_END)
        return {row.what: row for row in run_checks(of, ())}

    return rows


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Clients]:
    with EmulatedAws(log=tmp_path / "aws.log") as running:
        yield clients(running.environment(), limits())


def subjects(found: Mapping[str, Row], outcome: Outcome) -> set[str]:
    return {what for what, row in found.items() if row.outcome == outcome}


def test_an_account_with_the_shared_stacks_is_right(aws: Clients, results: Results) -> None:
    found = results(aws)
    assert subjects(found, Outcome.WRONG) == subjects(found, Outcome.DENIED) == set()
    assert subjects(found, Outcome.UNREACHABLE) == UNSUPPORTED
    assert all("not in the embedded AWS: " in found[what].found for what in UNSUPPORTED)


def test_an_empty_account_lacks_the_shared_stacks(tmp_path: Path, results: Results) -> None:
    with EmulatedAws(seeds=(), log=tmp_path / "aws.log") as running:
        found = results(clients(running.environment()))
    assert subjects(found, Outcome.WRONG) == {
        "hosted zone wealist.co.kr",
        "identity provider token.actions.githubusercontent.com",
        f"state bucket {STATE_BUCKET}",
    }
    assert found[f"bucket {STATE_BUCKET}"].found == "free"


def test_resources_that_contradict_the_stacks_are_wrong(aws: Clients, results: Results) -> None:
    aws("route53").create_hosted_zone(Name="wealist.co.kr", CallerReference="another")
    aws("s3").put_bucket_versioning(Bucket=STATE_BUCKET, VersioningConfiguration={"Status": "Suspended"})
    foreign = json.dumps(state(HCL["hcl-dev"])).encode()
    aws("s3").put_object(Bucket=STATE_BUCKET, Key="wealist/dev.tfstate", Body=foreign)
    aws("s3").put_object(Bucket=STATE_BUCKET, Key="wealist/account.tfstate.tflock", Body=b'{"Who": "kim"}')
    for number in range(4):
        aws("ec2").create_vpc(CidrBlock=f"10.{100 + number}.0.0/16")
    aws("ssm").put_parameter(Name="/wealist/dev/oauth/google_client_id", Value="unset", Type="String")
    found = results(aws)
    assert subjects(found, Outcome.WRONG) == {
        "hosted zone wealist.co.kr",
        f"state bucket {STATE_BUCKET}",
        "state of dev",
        "lock of the state of account",
        "quota: VPCs in the region",
        "parameter /wealist/dev/oauth/google_client_id",
    }
    # A parameter that an operator has set is right.
    aws("ssm").put_parameter(Name="/wealist/dev/oauth/google_client_id", Value="1", Type="String", Overwrite=True)
    assert "parameter /wealist/dev/oauth/google_client_id" in subjects(results(aws), Outcome.RIGHT)


def test_the_documented_policy_allows_every_call(aws: Clients, results: Results) -> None:
    called: set[str] = set()

    def note(model: Any, **_: object) -> None:
        called.add(f"{model.service_model.service_name}.{xform_name(model.name)}")

    def noting(service: str, region: str | None = None) -> Any:
        client = aws(service, region)
        client.meta.events.register("before-call", note)
        return client

    results(noting)
    listed = (statement["Action"] for statement in policy()["Statement"])
    allowed = {action for each in listed for action in (each if isinstance(each, list) else [each])}
    assert rights_for(called) <= allowed
    assert len(called) > 15


def test_the_command_prints_rows_for_the_embedded_aws_as_json(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wealist", "preflight", "prod", "--emulated", "--json"],
        cwd=project.ROOT,
        env=os.environ | {"WEALIST_WORK": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    rows = json.loads(done.stdout)
    wrong = [row for row in rows if row["outcome"] == "wrong"]
    assert done.returncode == (1 if wrong else 2), done.stderr
    assert {row["what"] for row in rows} >= {"account", "state of prod", "instance type t3.small"}
    # With --emulated, no other server is asked.
    assert not [row for row in rows if row["what"].startswith(("GitHub", "delegation", "download", "image"))]

"""Plan for review and apply the reviewed plan, with the real Terraform and the embedded AWS's S3."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wealist.emulator.server import EmulatedAws, Seed
from wealist.errors import OperatorError
from wealist.operations.emulated_stacks import ACCOUNT, EmulatedStacks, planned_changes
from wealist.operations.pipeline.plan_and_apply import apply_reviewed, plan_for_review
from wealist.operations.pipeline.plans import Record, store_plan
from wealist.operations.plan import Target
from wealist.spec.account import PLANS_BUCKET, STATE_BUCKET

ZONE = "aws_route53_zone.zone"
NEW = "A comment that a pull request changes"


@dataclass(frozen=True)
class Planned:
    """A plan for review, and the content of the state bucket before and after."""

    record: Record
    folder: Path
    before: list[str]
    after: list[str]


@pytest.fixture(scope="module")
def emulated(synthesized: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedStacks]:
    """An applied account stack, without environments."""
    base = tmp_path_factory.mktemp("pipeline")
    with EmulatedAws(seeds={Seed.STATE_BUCKET}, log=base / "aws.log") as aws:
        stacks = EmulatedStacks(aws.environment(), stacks=synthesized / "stacks", base=base)
        stacks.apply(ACCOUNT)
        yield stacks


@pytest.fixture(scope="module")
def s3(emulated: EmulatedStacks) -> Any:
    return emulated.client("s3")


@pytest.fixture(scope="module")
def target(emulated: EmulatedStacks) -> Target:
    """The account stack of a pull request: the hosted zone has another comment."""
    folder = emulated.terraform(ACCOUNT).workdir
    document = json.loads((folder / "cdk.tf.json").read_text())
    document["resource"]["aws_route53_zone"]["zone"]["comment"] = NEW
    (folder / "cdk.tf.json").write_text(json.dumps(document))
    return Target(folder, emulated.environment(), is_emulated=True)


@pytest.fixture(scope="module")
def planned(emulated: EmulatedStacks, target: Target, s3: Any, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    folder, before = tmp_path_factory.mktemp("review"), written(emulated)
    record = plan_for_review(ACCOUNT, target, folder, s3)
    return Planned(record, folder, before, written(emulated))


def comment(emulated: EmulatedStacks) -> str:
    route53 = emulated.client("route53")
    (zone,) = route53.list_hosted_zones()["HostedZones"]
    return str(route53.get_hosted_zone(Id=zone["Id"])["HostedZone"]["Config"]["Comment"])


def written(emulated: EmulatedStacks) -> list[str]:
    """Every object version and delete marker in the state bucket, locks included."""
    listed = emulated.client("s3").list_object_versions(Bucket=STATE_BUCKET)
    return sorted(f"{each['Key']} {each['VersionId']}" for each in [*listed["Versions"], *listed["DeleteMarkers"]])


def test_planning_for_review_writes_nothing_to_the_state_bucket(emulated: EmulatedStacks, planned: Planned) -> None:
    assert planned.after == planned.before
    assert comment(emulated) != NEW
    shown: dict[str, Any] = json.loads((planned.folder / "plan.json").read_text())
    assert planned_changes(shown) == {ZONE: ("update",)}
    assert planned.record.by_hand == ""


def test_the_plan_and_its_json_are_stored_in_the_bucket_of_plans(emulated: EmulatedStacks, planned: Planned) -> None:
    prefix = f"{ACCOUNT}/{planned.record.plan}"
    listed = emulated.client("s3").list_objects_v2(Bucket=PLANS_BUCKET, Prefix=prefix)["Contents"]
    assert [item["Key"].rpartition(".")[2] for item in listed] == ["json", "tfplan"]


def test_a_replaced_or_missing_plan_is_refused(
    emulated: EmulatedStacks, planned: Planned, target: Target, s3: Any
) -> None:
    key = f"{ACCOUNT}/{planned.record.plan}.tfplan"
    s3.put_object(Bucket=PLANS_BUCKET, Key=key, Body=b"another plan")
    with pytest.raises(OperatorError, match="is not the plan that was reviewed"):
        apply_reviewed(target, planned.record, s3)
    s3.delete_object(Bucket=PLANS_BUCKET, Key=key)
    with pytest.raises(OperatorError, match="no longer exists"):
        apply_reviewed(target, planned.record, s3)
    assert comment(emulated) != NEW
    store_plan(s3, ACCOUNT, planned.folder / "plan.tfplan", planned.folder / "plan.json")


def test_the_reviewed_plan_is_applied_once_and_is_stale_afterwards(
    emulated: EmulatedStacks, planned: Planned, target: Target, s3: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    apply_reviewed(target, planned.record, s3)
    assert comment(emulated) == NEW
    before = written(emulated)
    with pytest.raises(OperatorError, match="was not applied") as error:
        apply_reviewed(target, planned.record, s3)
    assert "Saved plan is stale" in capfd.readouterr().err
    assert "gh workflow run apply.yml --ref main -f stack=account" in error.value.remedy
    assert [each for each in written(emulated) if each not in before and ".tflock" not in each] == []


def test_no_plan_is_stored_without_changes_and_only_operators_change_the_pipelines_rights(
    emulated: EmulatedStacks, target: Target, s3: Any, tmp_path: Path
) -> None:
    emulated.apply(ACCOUNT)
    assert plan_for_review(ACCOUNT, target, tmp_path / "nothing", s3).plan is None
    emulated.client("iam").untag_role(RoleName="wealist-terraform-plan-prod-role", TagKeys=["ManagedBy"])
    record = plan_for_review(ACCOUNT, target, tmp_path / "rights", s3)
    assert record.plan
    assert record.by_hand == "the pipeline may not change its own rights"

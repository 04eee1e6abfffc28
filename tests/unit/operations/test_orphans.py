"""Which objects are orphans, and the `import` blocks that the command writes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from tests.killed import kind, plan_json, planned
from tests.synthesized import stacks
from wealist import cli
from wealist.errors import OperatorError, UnreadablePlan
from wealist.model.types import rows
from wealist.operations import orphans
from wealist.operations.lookup import CONNECTING_TYPES, LOOKUP_FUNCTIONS, AwsObject, NetworkObject, lookup_of
from wealist.operations.orphans import Orphan

if TYPE_CHECKING:
    from tests.synthesized import Stack

runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})
LOOKED_UP = {kind for kind in rows() if lookup_of(kind)}
BY_ID = sorted(kind for kind in LOOKED_UP - LOOKUP_FUNCTIONS.keys() - CONNECTING_TYPES.keys())
"""Types that are found by one name or tag, and imported by an id."""
ONLY_TAGGED = {"aws_acm_certificate", "aws_kms_key", "aws_ebs_volume", "aws_eip", "aws_route_table", "aws_vpc"}
"""Types whose objects have no other name than the tag `Name`."""
SHARED = {
    "aws_s3_bucket": (
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
    ),
    "aws_cloudwatch_log_group": ("aws_cloudwatch_log_delivery_source",),
    "aws_ecr_repository": ("aws_ecr_lifecycle_policy",),
    "aws_iam_policy": ("aws_iam_role_policy_attachment",),
    "aws_iam_role": ("aws_iam_instance_profile", "aws_iam_role_policy"),
    "aws_lb": ("aws_lb_listener",),
    "aws_lb_target_group": ("aws_lb_listener_rule",),
    "aws_route_table": ("aws_route", "aws_route_table_association"),
    "aws_security_group": (
        "aws_default_security_group",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
    ),
}
"""Type → types whose objects may have the same id."""


def built() -> set[str]:
    """Return every type in the tests' stacks."""
    return {kind for stack in stacks().values() for kind in stack.document.get("resource", {})}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "imports.tf.json"


@pytest.fixture
def plan_file(out: Path) -> Path:
    """A plan that creates no resources."""
    out.with_name("plan.json").write_text(json.dumps(plan_json({})))
    return out.with_name("plan.json")


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Orphan]:
    """The orphans that the command finds, regardless of the plan."""
    matches: list[Orphan] = []
    monkeypatch.setattr(orphans, "find_orphans", lambda *_arguments: matches)
    return matches


@pytest.fixture
def in_aws(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """Objects in AWS: type, name and id. Those of EC2 have the environment's tag."""
    held: list[tuple[str, str, str]] = []

    def objects(_client: Any, wanted: str) -> Iterator[AwsObject]:
        return (AwsObject(*each) for each in held if each[0] == wanted)

    def network_objects(_ec2: Any, wanted: str) -> Iterator[NetworkObject]:
        return (NetworkObject(id_, "test", name, "vpc-1", name) for type_, name, id_ in held if type_ == wanted)

    monkeypatch.setattr(orphans, "find_objects", objects)
    monkeypatch.setattr(orphans, "network_objects", network_objects)
    return held


def find(plan: dict[str, Any]) -> list[Orphan]:
    return orphans.find_orphans(planned(plan), lambda *_arguments: None)


def named(type_: str, name: str) -> dict[str, Any]:
    """Return the arguments that identify a resource of a type."""
    lookup = lookup_of(type_)
    return {str(lookup.by if lookup else None): name, "tags": {"Name": name}}


def test_every_type_in_the_stacks_has_a_lookup_or_an_import_form() -> None:
    assert {type_ for type_ in built() if not rows()[type_].lookup} == set()


def test_types_with_code_in_their_row_have_a_lookup_function() -> None:
    assert {
        type_ for type_ in LOOKED_UP if (lookup := lookup_of(type_)) and lookup.code
    } == LOOKUP_FUNCTIONS.keys() | CONNECTING_TYPES.keys()


@pytest.mark.parametrize("stack", ["dev", "prod", "account"])
def test_resources_of_looked_up_types_have_a_name_or_tag(stack: str, request: pytest.FixtureRequest) -> None:
    synthesized: Stack = request.getfixturevalue(stack)
    looked_up = [each for each in synthesized.resources.values() if kind(each.address) in LOOKED_UP]
    unnamed = [each for each in looked_up if not orphans.object_names(kind(each.address), each.get)]
    assert {kind(each.address) for each in unnamed} <= ONLY_TAGGED
    assert [each.address for each in unnamed if not each["tags"]["Name"]] == []
    assert len({kind(each.address) for each in looked_up}) > 3


@pytest.mark.parametrize(("type_", "part"), [(type_, part) for type_, parts in SHARED.items() for part in parts])
def test_a_part_in_the_state_does_not_hide_the_orphan_with_the_same_id(
    in_aws: list[tuple[str, str, str]], type_: str, part: str
) -> None:
    in_aws.append((type_, "name", "id"))
    plan = plan_json({f"{type_}.lost": named(type_, "name")}, held={f"{part}.kept": {"id": "id", "arn": "id"}})
    assert find(plan) == [Orphan(f"{type_}.lost", "id")]


@pytest.mark.parametrize("type_", BY_ID)
def test_objects_in_the_state_are_no_orphans(in_aws: list[tuple[str, str, str]], type_: str) -> None:
    in_aws.append((type_, "name", "id"))
    created = {f"{type_}.renamed": named(type_, "name")}
    assert find(plan_json(created)) == [Orphan(f"{type_}.renamed", "id")]
    for attribute in ("id", "arn"):
        assert find(plan_json(created, held={f"{type_}.before": {attribute: "id"}})) == []


def test_deposed_objects_are_no_orphans(in_aws: list[tuple[str, str, str]]) -> None:
    in_aws += [("aws_s3_bucket", "a", "a"), ("aws_s3_bucket", "b", "b")]
    plan = plan_json({"aws_s3_bucket.a": {"bucket": "a"}}, held={"aws_s3_bucket.b": {"id": "b"}})
    held = plan["prior_state"]["values"]["root_module"]["resources"]
    held.append(held[0] | {"values": {"id": "a"}, "deposed_key": "1"})
    assert find(plan) == []


def test_data_sources_do_not_hide_orphans(in_aws: list[tuple[str, str, str]]) -> None:
    in_aws.append(("aws_ssm_parameter", "/x", "/x"))
    plan = plan_json({"aws_ssm_parameter.x": {"name": "/x"}}, read={"data.aws_ssm_parameter.x": {"id": "/x"}})
    assert find(plan) == [Orphan("aws_ssm_parameter.x", "/x")]


@pytest.mark.parametrize(
    ("type_", "values", "id_"),
    [
        ("aws_codedeploy_app", {"name": "app"}, "app"),
        ("aws_codedeploy_deployment_group", {"app_name": "app", "deployment_group_name": "group"}, "app:group"),
    ],
)
def test_objects_whose_import_id_is_not_in_the_state_are_recognized_by_name(
    in_aws: list[tuple[str, str, str]], type_: str, values: dict[str, str], id_: str
) -> None:
    in_aws.append((type_, id_, id_))
    assert find(plan_json({f"{type_}.renamed": values})) == [Orphan(f"{type_}.renamed", id_)]
    before = {f"{type_}.before": values | {"id": "0123-4567"}}
    assert find(plan_json({f"{type_}.renamed": values}, held=before)) == []


def test_two_objects_for_one_address_are_both_reported(in_aws: list[tuple[str, str, str]]) -> None:
    in_aws += [("aws_vpc", "main", "vpc-1"), ("aws_vpc", "main", "vpc-2")]
    plan = plan_json({"aws_vpc.main": {"tags": {"Name": "main"}}})
    assert [orphan.id for orphan in find(plan)] == ["vpc-1", "vpc-2"]


def test_orphans_are_written_as_import_blocks(found: list[Orphan], plan_file: Path, out: Path) -> None:
    found.append(Orphan("aws_vpc.network_vpc", "vpc-1"))
    result = runner.invoke(cli.app, ["orphans", str(plan_file), "--out", str(out)])
    assert result.exit_code == 0
    assert json.loads(out.read_text()) == {"import": [{"to": "aws_vpc.network_vpc", "id": "vpc-1"}]}
    assert result.stdout == ""
    assert "1 objects to import" in result.stderr
    assert sorted(path.name for path in out.parent.iterdir()) == ["imports.tf.json", "plan.json"]


@pytest.mark.usefixtures("found")
def test_the_file_is_an_empty_object_without_orphans(plan_file: Path, out: Path) -> None:
    assert orphans.write_imports(plan_file, {}, out) == []
    assert json.loads(out.read_text()) == {}


@pytest.mark.usefixtures("found")
def test_partial_plans_are_accepted(plan_file: Path, out: Path) -> None:
    plan_file.write_text(json.dumps(plan_json({}) | {"complete": False}))
    assert orphans.write_imports(plan_file, {}, out) == []


@pytest.mark.parametrize("text", ["", "[]", "{}"])
def test_an_invalid_plan_leaves_the_file_unchanged(out: Path, text: str) -> None:
    (plan_file := out.with_name("plan.json")).write_text(text)
    with pytest.raises(OperatorError, match=r"plan\.json is (empty|not the JSON of a plan)") as refused:
        orphans.write_imports(plan_file, {}, out)
    assert refused.value.exit_code in set(UnreadablePlan)
    assert not out.exists()
    out.write_text("before")
    with pytest.raises(OperatorError):
        orphans.write_imports(plan_file, {}, out)
    assert out.read_text() == "before"
    assert sorted(path.name for path in out.parent.iterdir()) == ["imports.tf.json", "plan.json"]


@pytest.mark.usefixtures("found")
def test_a_file_in_a_missing_folder_is_refused(plan_file: Path, out: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be written: No such file"):
        orphans.write_imports(plan_file, {}, out.parent / "missing" / out.name)

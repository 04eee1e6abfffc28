"""The matrix: the packages of columns, differences of their JSON, and arguments that their schema rejects."""

import io
import json
import tarfile
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.matrix import differences
from tests.matrix.columns import Column, columns
from tests.matrix.differences import Difference, find_differences, listed
from tests.matrix.schema import Schema, findings
from wealist.library import DEFAULT, LIBRARIES
from wealist.model.provider import version

DEFAULT_STACK = {"resource": {"aws_vpc": {"vpc": {"cidr_block": "10.0.0.0/16", "tags": ["a", "b"]}}}}


def test_the_default_column_is_first_and_uses_the_projects_virtualenv() -> None:
    first, *others = columns()
    assert (first.library, first.packages) == (DEFAULT, ())
    assert all(column.packages for column in others)


def test_columns_pin_exactly_the_versions_that_were_tried() -> None:
    pinned = {line.partition(" ")[0] for column in columns() for line in column.requirements()}
    tried = {
        f"{package.replace('_', '-')}=={of}"
        for each in LIBRARIES.values()
        for package, versions in each.tested_versions.items()
        for of in versions
    }
    libraries = tuple(
        f"{package.replace('_', '-')}==" for each in LIBRARIES.values() for package in each.tested_versions
    )
    assert {pin for pin in pinned if pin.startswith(libraries)} == tried


def test_packages_of_a_column_replace_those_of_the_lock() -> None:
    column = Column("new", "cdktn", "6.69.1", ("constructs==10.7.2 --hash=sha256:1",), ("cdktf",))
    lines = column.requirements()
    assert [line for line in lines if line.startswith(("constructs==", "cdktf=="))] == [
        "constructs==10.7.2 --hash=sha256:1"
    ]
    assert [line for line in lines if "--hash=" not in line] == []


def test_a_column_has_the_provider_version_of_the_installed_bindings() -> None:
    assert version() in {column.provider for column in columns()}


def test_every_listed_difference_has_a_reason_and_a_column() -> None:
    names = {column.name for column in columns()}
    lists = tomllib.loads(differences.LIST.read_text(encoding="utf-8"))
    assert lists.keys() <= names
    assert all(len(reason) > 20 for name in names for reason in listed(name).values())


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        ({"cidr_block": "10.1.0.0/16"}, Difference("resource.aws_vpc.vpc.cidr_block", "10.0.0.0/16", "10.1.0.0/16")),
        ({"region": "us-east-1"}, Difference("resource.aws_vpc.vpc.region", None, "us-east-1")),
        ({"tags": ["a", "c"]}, Difference("resource.aws_vpc.vpc.tags.1", "b", "c")),
        ({"tags": ["a"]}, Difference("resource.aws_vpc.vpc.tags", "['a', 'b']", "['a']")),
    ],
)
def test_a_different_value_is_found_with_its_path_and_stacks(changed: dict[str, Any], difference: Difference) -> None:
    vpc = {**DEFAULT_STACK["resource"]["aws_vpc"]["vpc"], **changed}
    column = {"resource": {"aws_vpc": {"vpc": vpc}}}
    default = {"dev": DEFAULT_STACK, "prod": DEFAULT_STACK}
    assert find_differences(default, {"dev": column, "prod": column}) == {difference: ["dev", "prod"]}
    assert find_differences(default, {"dev": column, "prod": DEFAULT_STACK}) == {difference: ["dev"]}
    assert find_differences(default, default) == {}


def test_a_missing_stack_is_one_difference() -> None:
    assert [each.path for each in find_differences({"dev": DEFAULT_STACK}, {})] == ["resource"]


LISTED = Difference("terraform.required_providers.aws.version", "5.100.0", "6.25.0")


def test_an_unlisted_difference_is_shown_with_both_values() -> None:
    assert differences.problems({LISTED: ["dev"]}, {LISTED: "the bindings' version"}) == []
    assert differences.problems({LISTED: ["dev", "prod"]}, {}) == [
        "dev, prod: terraform.required_providers.aws.version is '6.25.0', not '5.100.0'; list it with its reason"
    ]


def test_a_listed_difference_that_no_longer_occurs_is_reported() -> None:
    (problem,) = differences.problems({}, {LISTED: "the bindings' version"})
    assert problem.endswith("delete its entry")


# --- schema -----------------------------------------------------------------------------------------------------------

BINDINGS = "@example/aws"
LINK = "{@link https://registry.example/docs/resources/x#%s Thing#%s}."


def property_(argument: str, type_: dict[str, Any], *, optional: bool = True, **docs: str) -> dict[str, Any]:
    return {"type": type_, "optional": optional, "docs": {"summary": LINK % (argument, argument), **docs}}


STRING = {"primitive": "string"}
LISTENERS = {"collection": {"kind": "array", "elementtype": {"fqn": f"{BINDINGS}.lb.LbListener"}}}
TYPES = {
    f"{BINDINGS}.lb.LbConfig": {
        "interfaces": ["example.TerraformMetaArguments"],
        "properties": [
            property_("name", STRING, optional=False),
            property_("idle_timeout", STRING, deprecated="use timeouts"),
            property_("listener", {"union": {"types": [{"fqn": "example.IResolvable"}, LISTENERS]}}),
        ],
    },
    f"{BINDINGS}.lb.LbListener": {"properties": [property_("port", STRING, optional=False)]},
    f"{BINDINGS}.provider.AwsProviderConfig": {"properties": [property_("region", STRING), property_("alias", STRING)]},
}
SUBMODULES = {
    f"{BINDINGS}.lb": {"readme": {"markdown": "# `aws_lb`\n"}},
    f"{BINDINGS}.provider": {"readme": {"markdown": "# `provider`\n"}},
}


@pytest.fixture
def schema(tmp_path: Path) -> Schema:
    text = json.dumps({"types": TYPES, "submodules": SUBMODULES}).encode()
    described = tarfile.TarInfo("package/.jsii")
    described.size = len(text)
    with tarfile.open(tmp_path / "aws.tgz", "w:gz") as archive:
        archive.addfile(described, io.BytesIO(text))
    return Schema(tmp_path / "aws.tgz")


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({"name": "api", "lifecycle": {}, "provider": "aws.cdn"}, []),
        ({"name": "api", "listener": [{"port": 443}]}, []),
        ({"name": "api", "listener": "${local.listeners}"}, []),
        ({"name": "api", "nam": "api"}, ["nam: no such argument"]),
        ({}, ["name: required, but missing"]),
        (
            {"name": "api", "listener": [{"prt": 443}]},
            ["listener.prt: no such argument", "listener.port: required, but missing"],
        ),
        ({"name": "api", "listener": ["443"]}, ["listener: must be a block, but is '443'"]),
        ({"name": "api", "idle_timeout": 1}, ["idle_timeout: deprecated, use timeouts"]),
    ],
)
def test_arguments_are_checked_against_the_schema(schema: Schema, values: dict[str, Any], problems: list[str]) -> None:
    assert list(schema.problems("aws_lb", values)) == problems


def test_resources_data_sources_and_providers_are_checked(schema: Schema) -> None:
    document = {
        "//": {"metadata": {"stackName": "prod"}},
        "terraform": {},
        "provider": {"aws": [{"region": "x"}, {"alias": "cdn", "regio": "x"}]},
        "resource": {"aws_lb": {"api": {"nam": "x"}}},
        "data": {"aws_ami": {"linux": {}}},
    }
    assert findings({"prod": document}, schema) == [
        "prod aws_lb.api: nam: no such argument",
        "prod aws_lb.api: name: required, but missing",
        "prod provider.cdn: regio: no such argument",
    ]
    assert schema.uncovered == {"data.aws_ami"}

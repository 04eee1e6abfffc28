"""The inventory is readable, shows differences of environments, and reads back exactly."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from wealist.checks.inventory import ENVIRONMENTS, digest, files, is_current, parse, read
from wealist.errors import BAD_INPUT, OperatorError
from wealist.model.stack import holdings

FILE = f"{ENVIRONMENTS}.yaml"
NAMES = ["dev", "prod", "qa"]

# Words of our own mixed with whatever else can stand in a value.
texts = st.one_of(
    st.sampled_from(
        ["dev", "prod", "wealist-dev-alb", "wealist-prod-alb", "/dev/xvda", "<env>", "<<env>>", "a\nb\n", "'", "~"]
    ),
    st.text("ab1 <>{}[]$:,'\"#&*!|>%@`~é한\n\t-", max_size=8),
    st.sampled_from(['{"Version": "2012-10-17", "Statement": []}', '{"b": 1, "a": "dev"}', '{"a":1}', "{", "[1]"]),
)
keys = st.sampled_from([*NAMES, "policy", "name", "lifecycle", "aws:ResourceTag/Role", "true", "1"])
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=6,
)
stacks = st.dictionaries(
    st.sampled_from(NAMES),
    st.dictionaries(
        st.sampled_from(["aws_vpc.a", "aws_vpc.b", "module.c", "terraform"]),
        st.dictionaries(keys, values, max_size=4),
        max_size=3,
    ),
    min_size=1,
)


def written(**environments: Any) -> str:
    return files(environments, environments)[FILE]


def body(**environments: Any) -> Any:
    return yaml.safe_load(written(**environments))


@given(stacks)
def test_the_inventory_reads_back_to_exactly_what_was_synthesized(held: dict[str, Any]) -> None:
    assert parse(files(held, held)[FILE], FILE) == held


@given(st.dictionaries(st.just("aws_vpc.a"), values, max_size=1))
def test_a_stack_with_a_file_of_its_own_reads_back_exactly(held: dict[str, Any]) -> None:
    assert parse(files({"account": held}, [])["account.yaml"], "account.yaml") == {"account": held}


@given(stacks)
def test_the_inventory_is_plain_yaml(held: dict[str, Any]) -> None:
    assert yaml.safe_load(files(held, held)[FILE])[ENVIRONMENTS] == sorted(held)


def test_values_that_differ_only_in_the_environments_name_are_written_once() -> None:
    found = body(dev={"aws_lb.alb": {"name": "wealist-dev-alb"}}, prod={"aws_lb.alb": {"name": "wealist-prod-alb"}})
    assert found["aws_lb.alb"] == {"name": "wealist-<env>-alb"}


def test_different_values_of_environments_are_written_side_by_side() -> None:
    text = written(dev={"aws_autoscaling_group.a": {"max_size": 2}}, prod={"aws_autoscaling_group.a": {"max_size": 6}})
    assert "  max_size: {dev: 2, prod: 6}\n" in text


def test_an_argument_of_one_environment_names_it() -> None:
    found = body(dev={"aws_kms_key.a": {}}, prod={"aws_kms_key.a": {"lifecycle": {"prevent_destroy": True}}})
    assert found["aws_kms_key.a"] == {"lifecycle": {"prod": {"prevent_destroy": True}}}


def test_an_address_of_one_environment_names_it() -> None:
    found = body(dev={"aws_db_instance.a": {"port": 5432}}, prod={})
    assert found["aws_db_instance.a (dev)"] == {"port": 5432}


def test_a_policy_is_written_as_parsed_json() -> None:
    policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"]}]}'
    found = body(dev={"aws_iam_policy.a": {"policy": policy}})
    assert found["aws_iam_policy.a"]["policy (json)"]["Statement"] == [{"Effect": "Allow", "Action": ["s3:GetObject"]}]


def test_adding_an_equal_environment_changes_no_other_line() -> None:
    one = {"aws_lb.alb": {"name": "wealist-dev-alb", "idle_timeout": 60}}
    other = {"aws_lb.alb": {"name": "wealist-qa-alb", "idle_timeout": 60}}
    prod = {"aws_lb.alb": {"name": "wealist-prod-alb", "idle_timeout": 60}}
    before, after = body(dev=one, prod=prod), body(dev=one, prod=prod, qa=other)
    assert before.pop(ENVIRONMENTS) != after.pop(ENVIRONMENTS)
    assert before == after


def test_comments_of_cdktf_are_omitted() -> None:
    document = {
        "//": {"metadata": {}},
        "resource": {"aws_vpc": {"a": {"//": {"metadata": {}}, "cidr_block": "10.0.0.0/16"}}},
    }
    assert holdings(document) == {"aws_vpc.a": {"cidr_block": "10.0.0.0/16"}}


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (lambda text: text.replace("max_size: 2", "max_size: 3"), "does not match its digest"),
        (lambda text: text.replace("  max_size: 2\n", ""), "does not match its digest"),
        (lambda text: text.replace("  max_size", "<<<<<<< ours\n  max_size"), "is not valid YAML"),
        (lambda text: text.split("\n", 1)[1], "does not begin with the line"),
        (lambda _: "", "does not begin with the line"),
        (lambda text: text.split("\n", 1)[0] + "\n- a\n", "does not begin with the line"),
        (lambda text: text.replace("environments: [dev]\n", ""), "does not have the structure of an inventory"),
    ],
    ids=["value changed", "line deleted", "conflict marker", "no header", "empty", "a list", "no environments"],
)
def test_an_edited_inventory_file_is_rejected(tmp_path: Any, edit: Any, problem: str) -> None:
    text = written(dev={"aws_autoscaling_group.a": {"max_size": 2}})
    (tmp_path / FILE).write_text(edit(text))
    with pytest.raises(OperatorError, match=f"environments.yaml {problem}") as refused:
        read(tmp_path, [])
    assert refused.value.exit_code == BAD_INPUT
    assert "wealist accept" in refused.value.remedy


def test_missing_and_unknown_files_are_reported_together(tmp_path: Any) -> None:
    (tmp_path / FILE).write_text(written(dev={}))
    (tmp_path / "legacy.yaml").write_text("")
    with pytest.raises(OperatorError, match=r"account.yaml is missing; legacy.yaml describes no stack"):
        read(tmp_path, ["account"])


def test_the_digest_shows_whether_the_files_are_current(tmp_path: Any) -> None:
    held: dict[str, Any] = {"account": {"aws_vpc.a": {"x": 1}}, "dev": {"aws_vpc.b": {"y": [1, True]}}}
    for name, text in files(held, ["dev"]).items():
        (tmp_path / name).write_text(text)
    assert is_current(tmp_path, held, ["dev"])
    assert not is_current(tmp_path, held | {"dev": {"aws_vpc.b": {"y": [True, True]}}}, ["dev"])
    assert not is_current(tmp_path, held | {"qa": {}}, ["dev", "qa"])
    assert digest(held) == digest({name: held[name] for name in reversed(held)})

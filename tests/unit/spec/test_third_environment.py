"""A new environment needs one file and no other change."""

import json
from typing import Any

import pytest

from tests.unit.copies import bytes_below, copy_project, run_python
from tests.unit.spec.builders import QA
from wealist.spec.environments import names

COMMITTED = names()


@pytest.fixture(scope="module")
def with_a_third(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The stacks of a project with one new file."""
    project = copy_project(tmp_path_factory.mktemp("third") / "project")
    (project / "wealist/spec/environments/qa.py").write_text(QA, encoding="utf-8")
    done = run_python("main.py", cwd=project)
    assert done.returncode == 0, done.stderr
    written = bytes_below(project / "cdktf.out")
    return {path: json.loads(text) for path, text in written.items() if path.endswith("cdk.tf.json")}


@pytest.mark.integration
def test_a_third_environment_has_its_own_stack(with_a_third: dict[str, Any]) -> None:
    assert set(with_a_third) == {f"stacks/{name}/cdk.tf.json" for name in ("account", "bootstrap", *COMMITTED, "qa")}


@pytest.mark.integration
def test_a_third_environment_has_its_own_state(with_a_third: dict[str, Any]) -> None:
    keys = [document["terraform"]["backend"]["s3"]["key"] for document in with_a_third.values()]
    assert with_a_third["stacks/qa/cdk.tf.json"]["terraform"]["backend"]["s3"]["key"] == "wealist/qa.tfstate"
    assert len(set(keys)) == len(keys)


@pytest.mark.integration
def test_names_and_tags_of_a_third_environment_contain_only_its_name(with_a_third: dict[str, Any]) -> None:
    stack = with_a_third["stacks/qa/cdk.tf.json"]
    (vpc,) = stack["resource"]["aws_vpc"].values()
    assert (vpc["cidr_block"], vpc["tags"]["Name"]) == ("10.7.0.0/16", "wealist-qa-vpc")
    tags = [provider["default_tags"][0]["tags"] for provider in stack["provider"]["aws"]]
    assert tags == [{"Project": "wealist", "Environment": "qa", "ManagedBy": "terraform"}] * 2
    assert not [name for name in COMMITTED if f"wealist-{name}" in json.dumps(stack)]


@pytest.mark.integration
def test_a_third_environment_has_the_addresses_of_dev(with_a_third: dict[str, Any]) -> None:
    def addresses(name: str) -> set[tuple[str, str]]:
        resources = with_a_third[f"stacks/{name}/cdk.tf.json"]["resource"]
        return {(kind, address) for kind, named in resources.items() for address in named}

    assert addresses("qa") == addresses("dev")


@pytest.mark.integration
def test_the_pipeline_may_apply_a_third_environment(with_a_third: dict[str, Any]) -> None:
    roles = with_a_third["stacks/account/cdk.tf.json"]["resource"]["aws_iam_role"]
    trust = json.loads(roles["pipeline_apply_role"]["assume_role_policy"])
    subjects = trust["Statement"][0]["Condition"]["StringLike"]["token.actions.githubusercontent.com:sub"]
    assert {subject for subject in subjects if subject.endswith(":environment:qa")} == {
        "repo:OrangesCloud/wealist-infrastructure:environment:qa",
        "repo:OrangesCloud@*/wealist-infrastructure@*:environment:qa",
    }

"""Finding and reading environments: which there are, what is wrong with them, and what a new one takes."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.copies import bytes_below, copy_project, run_python
from wealist.spec import environments
from wealist.spec.environments import load, names
from wealist.spec.problems import Problem, SpecError

QA = """
from wealist.spec.environment import Backend, Endpoint, Environment, ManagedDatabase, Network

ENVIRONMENT = Environment(
    name="qa",
    may_be_destroyed=True,
    enable_multi_az=False,
    network=Network(cidr="10.7.0.0/16"),
    site=Endpoint(domain="qa.wealist.co.kr"),
    api=Endpoint(domain="api.qa.wealist.co.kr"),
    backend=Backend(min_size=1, max_size=2, desired_capacity=1),
    database=ManagedDatabase(),
)
"""
Add = Callable[[str, str], None]


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Add]:
    """Adds a file of an environment, by name and text, to those that are found."""
    monkeypatch.setattr(environments, "__path__", [*environments.__path__, str(tmp_path)])
    before = set(sys.modules)

    def write(name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")

    yield write
    for module in set(sys.modules) - before:
        if module.startswith(environments.__name__):
            del sys.modules[module]


def problems_of(*wanted: str) -> tuple[Problem, ...]:
    with pytest.raises(SpecError) as caught:
        load(wanted or None)
    return caught.value.problems


def test_the_committed_environments_are_dev_and_prod() -> None:
    assert names() == ["dev", "prod"]
    assert [environment.name for environment in load()] == ["dev", "prod"]


def test_only_the_environments_asked_for_are_read() -> None:
    assert [environment.name for environment in load(["prod"])] == ["prod"]
    assert load([]) == []


def test_an_unknown_name_is_answered_with_the_nearest_and_all_known() -> None:
    (problem,) = problems_of("prd")
    assert str(problem) == "prd: name = 'prd' is not an environment; did you mean 'prod'? known are: dev, prod"


def test_an_unknown_name_like_no_other_is_answered_with_all_known() -> None:
    (problem,) = problems_of("xyz")
    assert problem.remedy == "known are: dev, prod"


def test_every_unknown_name_is_reported() -> None:
    assert {problem.value for problem in problems_of("prd", "prod", "devv")} == {"prd", "devv"}


def test_a_file_more_is_an_environment_more(add: Add) -> None:
    add("qa", QA)
    assert names() == ["dev", "prod", "qa"]
    assert [environment.name for environment in load()] == ["dev", "prod", "qa"]


def test_values_of_the_wrong_type_are_reported_with_the_problems_of_other_environments(add: Add) -> None:
    add("qa", QA.replace("min_size=1, max_size=2", 'min_size="one", max_size="two"'))
    add("stage", QA.replace('"qa"', '"stage"').replace("10.7.0.0/16", "10.1.0.0/16"))
    found = {(problem.environment, problem.field, problem.value) for problem in problems_of()}
    assert found == {
        ("qa", "Backend.min_size", "one"),
        ("qa", "Backend.max_size", "two"),
        ("stage", "network.cidr", "10.1.0.0/16"),
    }


def test_an_environment_beside_one_it_collides_with_is_valid_alone(add: Add) -> None:
    add("qa", QA.replace("10.7.0.0/16", "10.1.0.0/16"))
    assert [environment.name for environment in load(["qa"])] == ["qa"]
    assert [problem.message for problem in problems_of()] == ["overlaps prod's 10.1.0.0/16"]


def test_a_file_whose_environment_has_another_name_is_reported(add: Add) -> None:
    add("stage", QA)
    (problem,) = problems_of()
    assert (problem.environment, problem.field, problem.value) == ("stage", "name", "qa")


def test_a_file_without_an_environment_is_reported(add: Add) -> None:
    add("qa", "ENVIROMENT = 1\n")
    (problem,) = problems_of()
    assert (problem.environment, problem.field) == ("qa", "ENVIRONMENT")


@pytest.fixture(scope="module")
def with_a_third(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is synthesized after one new file, and no other change."""
    project = copy_project(tmp_path_factory.mktemp("third") / "project")
    (project / "wealist/spec/environments/qa.py").write_text(QA, encoding="utf-8")
    done = run_python("main.py", cwd=project)
    assert done.returncode == 0, done.stderr
    written = bytes_below(project / "cdktf.out")
    return {path: json.loads(text) for path, text in written.items() if path.endswith("cdk.tf.json")}


@pytest.mark.integration
def test_a_third_environment_has_a_stack_of_its_own_beside_the_others(with_a_third: dict[str, Any]) -> None:
    assert set(with_a_third) == {f"stacks/{name}/cdk.tf.json" for name in ("account", "bootstrap", "dev", "prod", "qa")}


@pytest.mark.integration
def test_a_third_environment_has_a_state_of_its_own(with_a_third: dict[str, Any]) -> None:
    keys = [document["terraform"]["backend"]["s3"]["key"] for document in with_a_third.values()]
    assert with_a_third["stacks/qa/cdk.tf.json"]["terraform"]["backend"]["s3"]["key"] == "qa/network.tfstate"
    assert len(set(keys)) == 5


@pytest.mark.integration
def test_a_third_environments_names_and_tags_carry_its_name_and_no_other(with_a_third: dict[str, Any]) -> None:
    stack = with_a_third["stacks/qa/cdk.tf.json"]
    (vpc,) = stack["resource"]["aws_vpc"].values()
    assert (vpc["cidr_block"], vpc["tags"]["Name"]) == ("10.7.0.0/16", "wealist-qa-vpc")
    tags = [provider["default_tags"][0]["tags"] for provider in stack["provider"]["aws"]]
    assert tags == [{"Project": "wealist", "Environment": "qa", "ManagedBy": "terraform"}] * 2
    assert "wealist-prod" not in json.dumps(stack)
    assert "wealist-dev" not in json.dumps(stack)


@pytest.mark.integration
def test_a_third_environments_addresses_are_those_of_dev(with_a_third: dict[str, Any]) -> None:
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

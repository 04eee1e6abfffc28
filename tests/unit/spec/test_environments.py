"""Reading environments, and the problems of their files."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.unit.copies import copy_project, run_python
from tests.unit.spec.builders import QA, STAGE
from wealist.spec import environments
from wealist.spec.environment import Backend
from wealist.spec.environments import load, names
from wealist.spec.problems import Problem, SpecError

COMMITTED = names()
KNOWN = ", ".join(COMMITTED)
Add = Callable[[str, str], None]


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Add]:
    """Return a function that adds the file of an environment, by name and text."""
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


def test_every_committed_environment_is_loaded_by_default() -> None:
    assert set(COMMITTED) >= {"dev", "prod"}
    assert [environment.name for environment in load()] == COMMITTED


def test_only_the_requested_environments_are_read() -> None:
    assert [environment.name for environment in load(["prod"])] == ["prod"]
    assert load([]) == []


def test_an_unknown_name_is_reported_with_the_nearest_and_all_known_names() -> None:
    (problem,) = problems_of("prd")
    assert str(problem) == f"prd: name = 'prd' is not an environment; did you mean 'prod'? known are: {KNOWN}"


def test_an_unknown_name_without_similar_ones_is_reported_with_all_known_names() -> None:
    (problem,) = problems_of("xyz")
    assert problem.remedy == f"known are: {KNOWN}"


def test_every_unknown_name_is_reported() -> None:
    assert {problem.value for problem in problems_of("prd", "prod", "devv")} == {"prd", "devv"}


def test_a_new_file_is_a_new_environment(add: Add) -> None:
    add("qa", QA)
    assert names() == sorted([*COMMITTED, "qa"])
    assert [environment.name for environment in load()] == names()


def lines_of(*wanted: str) -> list[str]:
    return [str(problem) for problem in problems_of(*wanted)]


def fields_of(*wanted: str) -> list[tuple[str, str, object]]:
    return [(problem.owner, problem.field, problem.value) for problem in problems_of(*wanted)]


def test_values_of_the_wrong_type_in_several_groups_are_all_reported(add: Add) -> None:
    text = QA.replace('cidr="10.7.0.0/16"', 'cidr=10, nat="x"').replace("min_size=1", 'min_size="2"')
    add("qa", text.replace('name="qa"', "name=5"))
    assert fields_of() == [
        ("qa", "network.cidr", 10),
        ("qa", "network.nat", "x"),
        ("qa", "backend.min_size", "2"),
        ("qa", "name", 5),
    ]
    assert lines_of()[2] == (
        "qa: backend.min_size = '2' is not valid (Input should be a valid integer); "
        "give it a value of the type that wealist/spec/environment.py declares"
    )


def test_values_of_the_wrong_type_do_not_hide_problems_of_other_environments(add: Add) -> None:
    add("qa", QA.replace("min_size=1, max_size=2", 'min_size="one", max_size="two"'))
    add("stage", STAGE.replace("10.8.0.0/16", "10.1.0.0/16"))
    assert fields_of() == [
        ("qa", "backend.min_size", "one"),
        ("qa", "backend.max_size", "two"),
        ("stage", "network.cidr", "10.1.0.0/16"),
    ]


def test_values_of_the_wrong_type_do_not_stop_rules_that_do_not_read_them(add: Add) -> None:
    add("qa", QA.replace("min_size=1", 'min_size="2", cpu_target=500').replace("10.7.0.0/16", "10.1.0.0/16"))
    assert fields_of() == [
        ("qa", "backend.min_size", "2"),
        ("qa", "backend.cpu_target", 500),
        ("qa", "network.cidr", "10.1.0.0/16"),
    ]


def test_an_environment_with_an_invalid_name_is_reported_under_the_name_of_its_file(add: Add) -> None:
    add("qa", QA.replace('name="qa"', "name=5, log_retention_days=31"))
    assert fields_of() == [("qa", "name", 5), ("qa", "log_retention_days", 31)]


def test_two_groups_of_one_class_are_reported_by_their_paths(add: Add) -> None:
    text = QA.replace('"qa.wealist.co.kr"', "1").replace('"api.qa.wealist.co.kr"', "2")
    services = """
    services=(
        USER_SERVICE,
        Service(
            name="chat", port="9000", path_pattern="/api/chats/*", priority=40, health_path="/api/chats/health",
            metrics_path="/api/chats/metrics", database_name="chat", database_user="chat",
        ),
    ),
    grafana=Route(name="monitoring", port=3001, path_pattern="/monitoring/*", priority="first", health_path="/x"),
)
"""
    imports = "from wealist.spec.services import USER_SERVICE, Route, Service\n"
    add("qa", imports + text.rstrip().removesuffix(")") + services)
    assert fields_of() == [
        ("qa", "site.domain", 1),
        ("qa", "api.domain", 2),
        ("qa", "services[chat].port", "9000"),
        ("qa", "grafana.priority", "first"),
        ("qa", "grafana.health_path", "/x"),
    ]
    assert problems_of()[2].remedy == "give it a value of the type that wealist/spec/services.py declares"


def test_an_invalid_value_of_a_database_is_reported_once(add: Add) -> None:
    add("qa", QA.replace("ManagedDatabase()", "ManagedDatabase(allocated_storage_gib='20')"))
    assert fields_of() == [("qa", "database.allocated_storage_gib", "20")]


def test_an_invalid_value_of_custom_subnets_is_reported_with_its_zone(add: Add) -> None:
    layout = "custom_subnets=SubnetLayout(public={'a': 10}, private={})"
    text = QA.replace('cidr="10.7.0.0/16"', f'cidr="10.7.0.0/16", {layout}')
    add("qa", "from wealist.spec.subnets import SubnetLayout\n" + text)
    assert ("qa", "network.custom_subnets.public.a", 10) in fields_of()


def test_a_missing_value_is_reported_without_a_value(add: Add) -> None:
    add("qa", QA.replace("max_size=2, ", "").replace("    may_be_destroyed=True,\n", ""))
    assert lines_of() == [
        "qa: backend.max_size is missing; wealist/spec/environment.py describes it",
        "qa: may_be_destroyed is missing; wealist/spec/environment.py describes it",
    ]


def test_a_second_load_reports_the_same_problems(add: Add) -> None:
    add("qa", QA.replace("min_size=1", 'min_size="2"'))
    assert lines_of() == lines_of()


def test_a_value_of_the_wrong_type_raises_at_once_outside_of_files() -> None:
    with pytest.raises(ValidationError, match="min_size"):
        Backend(min_size="2", max_size=2, desired_capacity=2)  # type: ignore[arg-type]  # what the test is about


@pytest.mark.parametrize(
    ("right", "wrong", "line", "says"),
    [
        ("import Backend", "import Bakend", 2, "ImportError: cannot import name 'Bakend'"),
        ("Backend(min", "Bakcend(min", 11, "NameError: name 'Bakcend' is not defined"),
        ('qa.wealist.co.kr")', 'qa.wealist.co.kr"', 4, "SyntaxError: '(' was never closed"),
        ("10.7.0.0/16", '" 1', 8, "SyntaxError: "),
        ("ENVIRONMENT =", "ENVIRONMENT = 1 / 0 or", 4, "ZeroDivisionError: division by zero"),
    ],
    ids=["import", "name", "bracket", "text", "anything else"],
)
def test_a_file_with_a_python_error_is_reported_with_its_line(
    add: Add, right: str, wrong: str, line: int, says: str
) -> None:
    assert right in QA
    add("qa", QA.replace(right, wrong, 1))
    add("stage", STAGE.replace("10.8.0.0/16", "10.1.0.0/16"))
    unreadable, overlaps = lines_of()
    assert unreadable.startswith(f"qa: line {line} of qa.py cannot be read ({says}")
    assert unreadable.endswith("); correct it")
    assert overlaps.startswith("stage: network.cidr = '10.1.0.0/16' overlaps prod's")


def test_invalid_values_before_a_python_error_are_reported_too(add: Add) -> None:
    add("qa", QA.replace('10.7.0.0/16"', '10.7.0.0/16", nat="x"').replace("Backend(min", "Bakcend(min"))
    assert [problem.field for problem in problems_of()] == ["line 11 of qa.py", "Network.nat"]


@pytest.mark.integration
def test_a_file_with_a_python_error_ends_the_synthesis_like_an_invalid_one(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    (project / "wealist/spec/environments/qa.py").write_text(QA.replace("import Backend", "import Bakend"))
    (project / "wealist/spec/environments/stage.py").write_text(STAGE.replace("min_size=1", 'min_size="1"'))
    done = run_python("main.py", cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: 2 problems in the settings of wealist/spec:\n")
    assert "Traceback" not in done.stderr
    assert not (project / "cdktf.out").exists()


def test_conflicts_with_environments_that_are_not_requested_are_not_reported(add: Add) -> None:
    add("qa", QA.replace("10.7.0.0/16", "10.1.0.0/16"))
    assert [environment.name for environment in load(["qa"])] == ["qa"]
    assert [problem.message for problem in problems_of()] == ["overlaps prod's 10.1.0.0/16"]


def test_an_environment_with_another_name_than_its_file_is_reported(add: Add) -> None:
    add("stage", QA)
    (problem,) = problems_of()
    assert (problem.owner, problem.field, problem.value) == ("stage", "name", "qa")


def test_a_file_without_an_environment_is_reported(add: Add) -> None:
    add("qa", "ENVIROMENT = 1\n")
    (problem,) = problems_of()
    assert (problem.owner, problem.field) == ("qa", "ENVIRONMENT")

import pytest

from wealist.errors import OperatorError
from wealist.operations import environment
from wealist.operations.environment import named
from wealist.spec.problems import Problem, SpecError


def test_a_committed_environment_is_found() -> None:
    assert named("prod").name == "prod"


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("prd", "did you mean 'prod'? Known environments: dev, prod"), ("account", "Known environments: dev, prod")],
)
def test_an_unknown_environment_is_refused_with_the_known_ones(name: str, remedy: str) -> None:
    with pytest.raises(OperatorError) as refused:
        named(name)
    assert (refused.value.message, refused.value.remedy, refused.value.exit_code) == (
        f"there is no environment {name!r}",
        remedy,
        2,
    )


def test_an_environment_that_breaks_a_rule_is_refused_with_all_its_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Problem("prod", field, 0, "is wrong", "write 1") for field in ("one", "two")]

    def load(only: list[str]) -> None:
        assert only == ["prod"]
        raise SpecError(found)

    monkeypatch.setattr(environment, "load", load)
    with pytest.raises(OperatorError) as refused:
        named("prod")
    assert all(str(problem) in refused.value.message for problem in found)
    assert refused.value.remedy == "correct wealist/spec/environments/prod.py"
    assert refused.value.exit_code == 2

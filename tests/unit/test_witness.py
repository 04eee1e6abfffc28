"""Results of the witness are compared with the committed lists."""

import pytest

from tests.witness import corrections, gaps
from tests.witness.corrections import CONFIRMED, CONTRADICTED, NOT_COVERED, verdicts
from tests.witness.gaps import Gap
from tests.witness.stacks import Observation

NAME = "rds.instances_keep_performance_insights"
ENDPOINT = Observation("change", "dev", "aws_vpc_endpoint.endpoints_s3", "update")
GAP = Gap(r"change \w+ aws_vpc_endpoint\.\w+: update$", "it forgets the policy")


def test_an_observation_with_an_entry_is_not_a_problem() -> None:
    assert gaps.problems([ENDPOINT], [GAP]) == []


def test_an_observation_without_an_entry_is_a_problem() -> None:
    other = Observation("read", "prod", "aws_lb.api", "AccessDenied")
    assert gaps.problems([ENDPOINT, other], [GAP]) == ["read prod aws_lb.api: AccessDenied"]
    more = Observation("change", "dev", "aws_vpc_endpoint.endpoints_s3", "replace")
    assert gaps.problems([ENDPOINT, more], [GAP]) == [str(more)]


def test_an_entry_without_an_observation_is_a_problem() -> None:
    (problem,) = gaps.problems([], [GAP])
    assert problem.endswith("the gap has closed; delete its entry")


def test_every_committed_gap_has_a_reason() -> None:
    assert gaps.gaps()
    assert all(len(gap.reason) > 10 for gap in gaps.gaps())


def result(*called: str, passed: bool = True, lacks: bool = False, module: str = "rds") -> dict[str, object]:
    return {"corrections": list(called), "passed": passed, "lacks": lacks, "module": module}


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ([result(NAME), result(NAME)], CONFIRMED),
        ([result(NAME), result(NAME, passed=False)], CONTRADICTED),
        ([result(NAME), result(NAME, passed=False, lacks=True)], NOT_COVERED),
        ([], NOT_COVERED),
        ([result(NAME), result("rds.another", passed=False)], CONFIRMED),
        ([result(passed=False)], CONTRADICTED),
        ([result(passed=False, module="s3")], NOT_COVERED),
    ],
)
def test_a_correction_is_judged_by_the_tests_that_request_it(results: list[dict[str, object]], verdict: str) -> None:
    assert verdicts([NAME], results) == {NAME: verdict}


def test_a_verdict_other_than_the_committed_one_is_a_problem() -> None:
    committed = {NAME: (CONTRADICTED, "it forgets the key")}
    assert corrections.problems({NAME: CONTRADICTED}, committed) == []
    assert corrections.problems({NAME: CONFIRMED}, committed) == [
        f"{NAME} is confirmed, and corrections.toml says contradicted"
    ]
    assert corrections.problems({}, committed) == [f"{NAME} is not a correction; delete its entry"]

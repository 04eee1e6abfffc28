"""Unexpected JSON in a stack causes a finding or an error for operators, never a traceback."""

import copy
import random
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.syntheses import mutated, synthesis
from tests.unit.checks.faults.tables import edit_from
from wealist.checks.check import GUARDS, findings
from wealist.checks.finding import Finding, Synthesis
from wealist.errors import BAD_INPUT, OperatorError
from wealist.model.stack import parse

_ODD: Final[tuple[object, ...]] = (None, 5, True, "x", "${x}", [], {}, [5], [None], [["x"]], {"a": 5})
_TRIES: Final = 60


@pytest.fixture(scope="module")
def committed() -> Synthesis:
    return synthesis()


def _places(value: object, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return ([way] if way else []) + [place for key, item in inside for place in _places(item, (*way, key))]


def _put(document: dict[str, Any], way: tuple[Any, ...], odd: object) -> None:
    place: Any = document
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = odd


@pytest.mark.exhaustive  # seconds of every guard
def test_unexpected_values_in_a_stack_cause_no_traceback(committed: Synthesis) -> None:
    chosen = random.Random(4)  # noqa: S311  the same values each time
    prod = dict(committed.stacks["prod"].document)
    places = _places(prod)
    for _ in range(_TRIES):
        document, way, odd = copy.deepcopy(prod), chosen.choice(places), chosen.choice(_ODD)
        _put(document, way, odd)
        error = _refused(document, committed)
        assert error is None or (error.exit_code == BAD_INPUT and "prod" in error.message), (way, odd)


def _refused(document: dict[str, Any], committed: Synthesis) -> OperatorError | None:
    """Return the error for a stack that a guard cannot read; None if all guards read it."""
    try:
        changed = parse(document, Path("prod", "cdk.tf.json"))
        findings(Synthesis({"prod": changed}, {"prod": committed.environments["prod"]}))
    except OperatorError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"resource": []}, "holds a list at resource"),
        ({"provider": None}, "holds a NoneType at provider"),
        ({"resource": {"aws_vpc": {"x": [{}]}}}, "holds a list at aws_vpc.x"),
        ({"resource": {"aws_vpc": {"x": {"lifecycle": [{}]}}}}, "holds a list at aws_vpc.x.lifecycle"),
        ({"module": {"x": {"lifecycle": "x"}}}, "holds a str at module.x.lifecycle"),
    ],
)
def test_a_value_in_place_of_an_object_is_reported_with_its_location(more: dict[str, Any], message: str) -> None:
    whole = {"//": {"metadata": {"stackName": "prod"}}, "terraform": {}, **more}
    with pytest.raises(OperatorError, match=message):
        parse(whole, Path("cdk.tf.json"))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("aws_lb_listener.load_balancer_http default_action", "x"),
        ("aws_launch_template.backend_fleet_launch_template network_interfaces", [5]),
        ("aws_autoscaling_group.backend_fleet_asg tag", ["x"]),
    ],
)
def test_a_value_in_place_of_a_block_is_reported_with_its_guard_and_stack(
    committed: Synthesis, monkeypatch: pytest.MonkeyPatch, path: str, value: object
) -> None:
    monkeypatch.setattr("wealist.checks.check.GUARDS", {name: GUARDS[name] for name in ("reachability", "stack")})
    with pytest.raises(OperatorError) as caught:
        findings(mutated(committed, "prod", edit_from({path: value})))
    address, argument = path.split()
    message = rf"the guard (?:reachability|stack) cannot read the stack prod: \w+: {argument}(\.[\w.]+)? of {address}"
    assert re.search(message, caught.value.message), value
    assert (caught.value.exit_code, "teach the guard" in caught.value.remedy) == (BAD_INPUT, True)


def test_all_stacks_are_named_if_each_one_alone_can_be_read(
    committed: Synthesis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reads_single_stacks(asked: Synthesis) -> list[Finding]:
        return [] if len(asked.stacks) == 1 else [asked.stacks["nobody"]]  # type: ignore[list-item]

    monkeypatch.setattr("wealist.checks.check.GUARDS", {"inventory": reads_single_stacks})
    with pytest.raises(OperatorError, match="the guard inventory cannot read the stack bootstrap and account and dev"):
        findings(committed)

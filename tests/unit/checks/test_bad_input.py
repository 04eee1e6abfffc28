"""Whatever a stack's JSON holds, the answer is a finding or an error for operators, and never a traceback."""

import copy
import json
import random
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.syntheses import mutated, synthesis
from tests.unit.checks.faults.tables import edit_from
from wealist.checks.check import GUARDS, findings, read_synthesis
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
    """How a stack is refused that is no more what cdktf writes; None where every guard can read it."""
    try:
        changed = parse(document, Path("prod", "cdk.tf.json"))
        findings(Synthesis({"prod": changed}, {"prod": committed.environments["prod"]}))
    except OperatorError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"provider": None}, "holds a NoneType at provider"),
        ({"resource": {"aws_vpc": {"x": [{}]}}}, "holds a list at aws_vpc.x"),
        ({"resource": {"aws_vpc": {"x": {"lifecycle": [{}]}}}}, "holds a list at aws_vpc.x.lifecycle"),
        ({"module": {"x": {"lifecycle": "x"}}}, "holds a str at module.x.lifecycle"),
    ],
)
def test_a_value_in_place_of_an_object_is_reported_with_its_location(more: dict[str, Any], told: str) -> None:
    whole = {"//": {"metadata": {"stackName": "prod"}}, "terraform": {}, **more}
    with pytest.raises(OperatorError, match=told):
        parse(whole, Path("cdk.tf.json"))


@pytest.mark.parametrize("stacks", ["[1]", '"prod"', "null", "[]"])
def test_a_manifest_without_stacks_is_rejected(tmp_path: Path, stacks: str) -> None:
    (tmp_path / "manifest.json").write_text(f'{{"stacks": {stacks}}}')
    with pytest.raises(OperatorError, match="holds no synthesis") as caught:
        read_synthesis(tmp_path, [])
    assert caught.value.exit_code == BAD_INPUT


def test_a_stack_in_the_folder_of_another_is_rejected(tmp_path: Path, committed: Synthesis) -> None:
    (tmp_path / "stacks" / "prod").mkdir(parents=True)
    (tmp_path / "manifest.json").write_text('{"stacks": {"prod": {}}}')
    (tmp_path / "stacks" / "prod" / "cdk.tf.json").write_text(json.dumps(dict(committed.stacks["dev"].document)))
    with pytest.raises(OperatorError, match="is the stack dev, not prod"):
        read_synthesis(tmp_path, [])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("aws_lb_listener.load_balancer_http default_action", "x"),
        ("aws_launch_template.backend_fleet_launch_template network_interfaces", [5]),
        ("aws_autoscaling_group.backend_fleet_asg tag", ["x"]),
    ],
)
def test_a_value_in_place_of_a_block_is_reported_with_its_guard_and_stack(
    committed: Synthesis, path: str, value: object
) -> None:
    with pytest.raises(OperatorError) as caught:
        findings(mutated(committed, "prod", edit_from({path: value})))
    address, argument = path.split()
    told = rf"the guard (?:reachability|stack) cannot read the stack prod: \w+: {argument}(\.[\w.]+)? of {address}"
    assert re.search(told, caught.value.message), value
    assert (caught.value.exit_code, "teach the guard" in caught.value.remedy) == (BAD_INPUT, True)


def test_all_stacks_are_named_if_each_one_alone_can_be_read(
    committed: Synthesis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def several(asked: Synthesis) -> list[Finding]:
        return [] if len(asked.stacks) == 1 else [asked.stacks["nobody"]]  # type: ignore[list-item]

    monkeypatch.setitem(GUARDS, "inventory", several)
    with pytest.raises(OperatorError, match="the guard inventory cannot read the stack bootstrap and account and dev"):
        findings(committed)

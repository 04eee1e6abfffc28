from pathlib import Path

import pytest

from tests.unit.operations.review.builders import change, planned, review_of
from wealist.operations.review.gates import acknowledged, passage
from wealist.operations.review.options import Gate

DATABASE = change("aws_db_instance.database_instance", "delete", before={})
ADDRESS = DATABASE["address"]
BUCKET = change('module.a["x"].aws_s3_bucket.b[0]', "delete", "create", before={}, after={})
RULE = change("aws_lb_listener_rule.a", "delete", before={})
GROUP = change("aws_lb_target_group.a", "delete", "create", before={}, after={})
UPDATE = change("aws_vpc.a", "update", before={"a": 1}, after={"a": 2})
EVERYTHING = (DATABASE, BUCKET, RULE, GROUP, UPDATE)


def stopped(*gates: Gate, acknowledge: str = "") -> list[str]:
    found = passage(planned(*EVERYTHING), frozenset(gates), acknowledged(acknowledge))
    return [each.address for each, _ in found.stopped]


@pytest.mark.parametrize(
    ("gate", "addresses"),
    [
        (Gate.DESTROY, [ADDRESS, RULE["address"]]),
        (Gate.REPLACE, [GROUP["address"], BUCKET["address"]]),
        (Gate.STATEFUL, [ADDRESS, BUCKET["address"]]),
        (Gate.NONE, []),
    ],
)
def test_a_gate_stops_what_it_names(gate: Gate, addresses: list[str]) -> None:
    assert stopped(gate) == addresses


def test_gates_can_be_combined() -> None:
    assert len(stopped(Gate.DESTROY, Gate.REPLACE)) == 4


def test_an_acknowledged_address_passes_and_no_other() -> None:
    assert stopped(Gate.STATEFUL, acknowledge=f"Some words.\n\nAcknowledge: {ADDRESS}\n") == [BUCKET["address"]]


@pytest.mark.parametrize(
    "line",
    [
        "Acknowledge: {}",
        "acknowledge: {}",
        "  - Acknowledge: `{}`  ",
        "> Acknowledge:{}",
        "Acknowledge: {}\r",
    ],
)
def test_an_acknowledgement_is_a_line_as_people_write_it(line: str) -> None:
    address = BUCKET["address"]
    assert acknowledged(f"before\n{line.format(address)}\nafter") == {address}


@pytest.mark.parametrize(
    "text",
    [
        "Acknowledge: aws_db_instance.database",
        "Acknowledge: aws_db_instance.*",
        "Acknowledge: *",
        f"We do not Acknowledge: {ADDRESS}",
        f"Acknowledge:\n{ADDRESS}",
        f"Acknowledge: {ADDRESS} and more",
    ],
)
def test_nothing_but_the_whole_address_acknowledges(text: str) -> None:
    assert ADDRESS in stopped(Gate.STATEFUL, acknowledge=text)


def test_an_acknowledgement_that_lets_nothing_pass_is_told(tmp_path: Path) -> None:
    review = review_of(tmp_path, DATABASE, gates=(Gate.STATEFUL,), acknowledge="Acknowledge: aws_db_instance.misspelt")
    assert review.passage.idle == ("aws_db_instance.misspelt",)
    assert review.passage.acknowledged == frozenset()


def test_what_is_left_over_from_an_earlier_replacement_is_no_loss_of_data() -> None:
    plan = planned(change("aws_db_instance.a", "delete", before={}, of_deposed="abcd1234"))
    assert not passage(plan, frozenset({Gate.STATEFUL}), frozenset()).stopped

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.synthesized import stacks
from tests.unit.review.builders import change, planned, review_of
from wealist.checks.accepted import stateful
from wealist.checks.inventory import holdings
from wealist.review.gates import acknowledged, gate_result, short
from wealist.review.markdown import comment
from wealist.review.options import Gate

DATABASE = change("aws_db_instance.database_instance", "delete", before={})
ADDRESS = DATABASE["address"]
BUCKET = change('module.a["x"].aws_s3_bucket.b[0]', "delete", "create", before={}, after={})
RULE = change("aws_lb_listener_rule.a", "delete", before={})
GROUP = change("aws_lb_target_group.a", "delete", "create", before={}, after={})
UPDATE = change("aws_vpc.a", "update", before={"a": 1}, after={"a": 2})
LABEL_LIMIT = 50
"""Characters of a label's name, as GitHub counts them."""
EVERYTHING = (DATABASE, BUCKET, RULE, GROUP, UPDATE)


def stopped(*gates: Gate, acknowledge: str = "") -> list[str]:
    found = gate_result(planned(*EVERYTHING), frozenset(gates), acknowledged(acknowledge))
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
        f"Acknowledge: {short(ADDRESS)[:-1]}",
        f"Acknowledge: {short(BUCKET['address'])}",
    ],
)
def test_nothing_but_the_whole_address_acknowledges(text: str) -> None:
    assert ADDRESS in stopped(Gate.STATEFUL, acknowledge=text)


@pytest.mark.parametrize(
    "text",
    [
        f"<!-- Acknowledge: {ADDRESS} -->",
        f"<!--\nAcknowledge: {ADDRESS}\n-->",
        f"Seen.<!-- a\n\nb --> <!--\r\nAcknowledge: {ADDRESS}\r\n\r\n-->",
        f"<!-- never closed\nAcknowledge: {ADDRESS}",
    ],
)
def test_what_a_reader_of_the_description_does_not_see_acknowledges_nothing(text: str) -> None:
    assert ADDRESS in stopped(Gate.STATEFUL, acknowledge=text)


def test_a_line_between_comments_acknowledges() -> None:
    text = f"<!-- template -->\nAcknowledge: {ADDRESS}\n<!-- template -->"
    assert acknowledged(text) == {ADDRESS}


@pytest.mark.parametrize("part", ["\n", " ", ">", "Acknowledge: ", "Acknowledge: a ", "`", "<!--", "<!-- -->", "--"])
def test_a_long_text_is_read_in_no_time(part: str) -> None:
    begun = time.process_time()
    acknowledged(f"Acknowledge: a{part * 300_000}x")
    assert time.process_time() - begun < 2


@pytest.fixture(scope="module")
def held() -> list[Mapping[str, Any]]:
    return [holdings(stack.document) for stack in stacks().values()]


def test_whatever_is_stateful_can_be_acknowledged_in_each_way_that_the_comment_names(
    tmp_path: Path, held: list[Mapping[str, Any]]
) -> None:
    addresses = {address for each in held for address in stateful(each)}
    assert len(addresses) > 10
    for each in addresses:
        address = f"{each}.aws_s3_bucket.state" if each.startswith("module.") else each
        gone = change(address, "delete", before={})
        text = comment(review_of(tmp_path, gone, gates=(Gate.DESTROY,)), artifact_url=None)
        (line,) = re.findall(r"\n```text\n(.*)\n```\n", text)
        (label,) = re.findall(r"\n- `(.*)` for `", text)
        assert len(label) <= LABEL_LIMIT
        for acknowledgement in (line, label):
            found = gate_result(planned(gone), frozenset({Gate.DESTROY}), acknowledged(acknowledgement))
            assert not found.stopped, acknowledgement
            assert found.acknowledged == {address}
            assert not found.idle


def test_no_two_addresses_have_the_same_short_form(held: list[Mapping[str, Any]]) -> None:
    everything = {address for each in held for address in each}
    assert len({short(address) for address in everything}) == len(everything) > 100


def test_an_acknowledgement_that_lets_nothing_pass_is_told(tmp_path: Path) -> None:
    review = review_of(tmp_path, DATABASE, gates=(Gate.STATEFUL,), acknowledge="Acknowledge: aws_db_instance.misspelt")
    assert review.gate_result.idle == ("aws_db_instance.misspelt",)
    assert review.gate_result.acknowledged == frozenset()


def test_what_is_left_over_from_an_earlier_replacement_still_holds_its_data() -> None:
    plan = planned(change("aws_db_instance.a", "delete", before={}, of_deposed="abcd1234"))
    assert len(gate_result(plan, frozenset({Gate.STATEFUL}), frozenset()).stopped) == 1

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.synthesized import stacks
from tests.unit.review.builders import Json, change, planned, review_of
from wealist.checks.accepted import stateful
from wealist.model.stack import holdings
from wealist.review.gates import GateResult, evaluate_gates, parse_acknowledgements, short_form
from wealist.review.markdown import comment
from wealist.review.options import Gate
from wealist.review.risks import findings

DATABASE = change("aws_db_instance.database_instance", "delete", before={})
ADDRESS = DATABASE["address"]
BUCKET = change('module.a["x"].aws_s3_bucket.b[0]', "delete", "create", before={}, after={})
RULE = change("aws_lb_listener_rule.a", "delete", before={})
GROUP = change("aws_lb_target_group.a", "delete", "create", before={}, after={})
LEFTOVER = change("aws_db_instance.a", "delete", before={}, of_deposed="abcd1234")
UPDATE = change("aws_vpc.a", "update", before={"a": 1}, after={"a": 2})
LABEL_LIMIT = 50
"""Characters of a label's name, as GitHub counts them."""
EVERYTHING = (DATABASE, BUCKET, RULE, GROUP, UPDATE)
NAME = f"destroy {ADDRESS}"
BUCKET_NAME = f"replace {BUCKET['address']}"


def stopped(*gates: Gate, acknowledge: str = "") -> list[str]:
    return [stop.change.address for stop in judged(*EVERYTHING, gates=gates, acknowledge=acknowledge).stopped]


def judged(
    *changes: Json, gates: tuple[Gate, ...] = (Gate.STATEFUL,), acknowledge: str = "", **parts: Any
) -> GateResult:
    plan = planned(*changes, **parts)
    return evaluate_gates(plan, findings(plan), frozenset(gates), parse_acknowledgements(acknowledge))


@pytest.mark.parametrize(
    ("gate", "addresses"),
    [
        (Gate.DESTROY, [ADDRESS, RULE["address"]]),
        (Gate.REPLACE, [BUCKET["address"], GROUP["address"]]),
        (Gate.STATEFUL, [ADDRESS, BUCKET["address"]]),
        (Gate.NONE, []),
    ],
)
def test_a_gate_stops_what_it_names(gate: Gate, addresses: list[str]) -> None:
    assert stopped(gate) == addresses


def test_gates_can_be_combined() -> None:
    assert len(stopped(Gate.DESTROY, Gate.REPLACE)) == 4


def test_only_the_acknowledged_change_passes() -> None:
    assert stopped(Gate.STATEFUL, acknowledge=f"Some words.\n\nAcknowledge: {NAME}\n") == [BUCKET["address"]]


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
def test_acknowledgements_may_be_list_items_or_quotes(line: str) -> None:
    assert parse_acknowledgements(f"before\n{line.format(BUCKET_NAME)}\nafter") == {BUCKET_NAME}


@pytest.mark.parametrize(
    "text",
    [
        "Acknowledge: destroy aws_db_instance.database",
        "Acknowledge: destroy aws_db_instance.*",
        "Acknowledge: *",
        f"Acknowledge: {ADDRESS}",
        f"Acknowledge: replace {ADDRESS}",
        f"Acknowledge: {NAME} deposed 0a1b2c3d",
        f"We do not Acknowledge: {NAME}",
        f"Acknowledge:\n{NAME}",
        f"Acknowledge: {NAME} and more",
        f"Acknowledge: {short_form(NAME)[:-1]}",
        f"Acknowledge: {short_form(ADDRESS)}",
        f"Acknowledge: {short_form(BUCKET_NAME)}",
    ],
)
def test_acknowledgements_must_match_exactly(text: str) -> None:
    assert ADDRESS in stopped(Gate.STATEFUL, acknowledge=text)


@pytest.mark.parametrize(
    "text",
    [
        f"<!-- Acknowledge: {NAME} -->",
        f"<!--\nAcknowledge: {NAME}\n-->",
        f"Seen.<!-- a\n\nb --> <!--\r\nAcknowledge: {NAME}\r\n\r\n-->",
        f"<!-- never closed\nAcknowledge: {NAME}",
    ],
)
def test_acknowledgements_in_html_comments_are_ignored(text: str) -> None:
    assert ADDRESS in stopped(Gate.STATEFUL, acknowledge=text)


def test_acknowledgements_between_html_comments_count() -> None:
    text = f"<!-- template -->\nAcknowledge: {NAME}\n<!-- template -->"
    assert parse_acknowledgements(text) == {NAME}


@pytest.mark.parametrize("part", ["\n", " ", ">", "Acknowledge: ", "Acknowledge: a ", "`", "<!--", "<!-- -->", "--"])
def test_long_descriptions_are_parsed_in_linear_time(part: str) -> None:
    begun = time.process_time()
    parse_acknowledgements(f"Acknowledge: a{part * 300_000}x")
    assert time.process_time() - begun < 2


@pytest.fixture(scope="module")
def held() -> list[Mapping[str, Any]]:
    return [holdings(stack.document) for stack in stacks().values()]


def test_every_stateful_resource_can_be_acknowledged_by_line_and_label(
    tmp_path: Path, held: list[Mapping[str, Any]]
) -> None:
    addresses = {address for each in held for address in stateful(each)}
    assert len(addresses) > 10
    for each in addresses:
        address = f"{each}.aws_s3_bucket.state" if each.startswith("module.") else each
        gone = change(address, "delete", before={})
        text = comment(review_of(tmp_path, gone, gates=(Gate.DESTROY,)), artifact_url=None)
        (line,) = re.findall(r"\n```text\n(.*)\n```\n", text)
        (label,) = re.findall(r"or the label `(.*)`", text)
        assert len(label) <= LABEL_LIMIT
        for acknowledgement in (line, label):
            found = judged(gone, gates=(Gate.DESTROY,), acknowledge=acknowledgement)
            assert not found.stopped, acknowledgement
            assert [stop.name for stop in found.acknowledged] == [f"destroy {address}"]
            assert not found.unused


def test_no_two_addresses_have_the_same_short_form(held: list[Mapping[str, Any]]) -> None:
    everything = {address for each in held for address in each}
    assert len({short_form(address) for address in everything}) == len(everything) > 100


def test_unused_acknowledgements_are_reported(tmp_path: Path) -> None:
    misspelt = "Acknowledge: destroy aws_db_instance.misspelt"
    review = review_of(tmp_path, DATABASE, gates=(Gate.STATEFUL,), acknowledge=misspelt)
    assert review.gate_result.unused == ("destroy aws_db_instance.misspelt",)
    assert review.gate_result.acknowledged == ()


@pytest.mark.parametrize(
    ("acknowledge", "passing"),
    [
        ("destroy aws_db_instance.a deposed abcd1234", ["destroy aws_db_instance.a deposed abcd1234"]),
        ("replace aws_db_instance.a", ["replace aws_db_instance.a"]),
        ("destroy aws_db_instance.a", []),
        ("aws_db_instance.a", []),
    ],
)
@pytest.mark.parametrize("form", [str, short_form])
def test_acknowledgements_distinguish_deposed_objects_from_the_resource(
    acknowledge: str, passing: list[str], form: Callable[[str], str]
) -> None:
    replaced = change("aws_db_instance.a", "delete", "create", before={}, after={})
    result = judged(LEFTOVER, replaced, acknowledge=f"Acknowledge: {form(acknowledge)}")
    assert [stop.name for stop in result.acknowledged] == passing
    assert len(result.stopped) == 2 - len(passing)


@pytest.mark.parametrize("kind", ["aws_db_instance", "aws_s3_bucket", "aws_quantum_ledger"])
def test_recreating_a_stateful_resource_deleted_in_aws_is_stopped(kind: str) -> None:
    gone = change(f"{kind}.a", "delete", before={"bucket": "a"})
    empty = change(f"{kind}.a", "create", after={"bucket": "a"})
    assert [stop.name for stop in judged(empty, resource_drift=[gone]).stopped] == [f"create {kind}.a"]
    assert not judged(empty, resource_drift=[gone], acknowledge=f"Acknowledge: create {kind}.a").stopped
    assert judged(empty, resource_drift=[gone], acknowledge=f"Acknowledge: destroy {kind}.a").stopped


def test_recreating_a_stateless_resource_deleted_in_aws_passes() -> None:
    gone, anew = change("aws_vpc.a", "delete", before={}), change("aws_vpc.a", "create", after={})
    assert not judged(anew, resource_drift=[gone]).stopped


def test_the_worst_stop_comes_first() -> None:
    alarms = [change(f"aws_cloudwatch_metric_alarm.a{number}", "delete", before={}) for number in range(30)]
    stops = judged(*alarms, DATABASE, gates=(Gate.DESTROY, Gate.STATEFUL)).stopped
    assert stops[0].name == NAME
    assert stops[0].gates == (Gate.DESTROY, Gate.STATEFUL)

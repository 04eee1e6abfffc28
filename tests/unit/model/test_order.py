"""What Terraform creates before a resource: by references, by `depends_on`, and by what these wait for."""

from pathlib import Path
from typing import Any

import pytest

from wealist.model.order import predecessors
from wealist.model.stack import parse


def before(thing: dict[str, Any], **others: dict[str, Any]) -> set[str]:
    """What comes before `aws_a.thing`, among it and other resources `aws_b.NAME`."""
    document = {
        "//": {"metadata": {"stackName": "some"}},
        "terraform": {},
        "resource": {"aws_a": {"thing": thing}, "aws_b": others},
        "data": {"aws_c": {"read": {"name": "${aws_b.one.name}"}}},
        "module": {"called": {"source": "./elsewhere", "value": "${aws_b.two.id}"}},
    }
    return set(predecessors(parse(document, Path("cdk.tf.json")), "aws_a.thing"))


@pytest.mark.parametrize(
    "value",
    [
        "${aws_b.one.id}",
        "s3://${aws_b.one.id}/x",
        ["literal", "${aws_b.one.arn}"],
        {"block": [{"deep": "${aws_b.one.id}"}]},
        '${join(",", [aws_b.one.id, "x"])}',
        '{"Resource": ["${aws_b.one.arn}"]}',
        "${aws_b.one[0].id}",
    ],
)
def test_a_reference_comes_before_wherever_it_stands(value: object) -> None:
    assert before({"argument": value}, one={}, two={}) == {"aws_b.one"}


def test_what_is_depended_on_comes_before_without_a_reference() -> None:
    assert before({"depends_on": ["aws_b.one", "data.aws_c.read"]}, one={}) == {"aws_b.one", "data.aws_c.read"}


def test_what_comes_before_is_followed_to_its_end() -> None:
    chain: dict[str, dict[str, Any]] = {
        "one": {"x": "${aws_b.two.id}"},
        "two": {"depends_on": ["aws_b.three"]},
        "three": {},
        "other": {},
    }
    assert before({"x": "${aws_b.one.id}"}, **chain) == {"aws_b.one", "aws_b.two", "aws_b.three"}
    assert before({"x": "${data.aws_c.read.id}"}, **chain) >= {"data.aws_c.read", "aws_b.one", "aws_b.three"}


def test_an_output_of_a_module_waits_for_what_the_call_is_given() -> None:
    assert before({"x": "${module.called.output}"}, two={}) == {"module.called", "aws_b.two"}


@pytest.mark.parametrize("value", ["aws_b.one", "$${aws_b.one.id}", "aws_b.one.id is a word", "${aws_b.gone.id}"])
def test_what_is_no_reference_comes_in_any_order(value: str) -> None:
    assert before({"argument": value}, one={}) == set()


def test_references_in_a_ring_end() -> None:
    assert before({"x": "${aws_b.one.id}"}, one={"x": "${aws_b.two.id}"}, two={"x": "${aws_b.one.id}"}) == {
        "aws_b.one",
        "aws_b.two",
    }

"""The bucket of the states is ours, nobody holds a lock, and each state is the stack's own."""

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.recorded_aws import DENIED, RecordedAws, refusal
from tests.states import HCL, state
from tests.unit.operations.preflight.conftest import looked, outcomes, rows, subject
from wealist.operations.preflight.check import Outcome, Row
from wealist.operations.preflight.states import state_bucket, states

VERSIONING, OBJECT = "s3.get_bucket_versioning", "s3.get_object"
ABSENT = refusal("NoSuchKey", 404)
LOCK = {"ID": "3c1", "Operation": "OperationTypeApply", "Who": "kim@laptop", "Created": "2026-11-28T01:02:03Z"}
KEY = "wealist/dev.tfstate"


@pytest.mark.parametrize(
    ("answer", "outcome", "found"),
    [
        ({"Status": "Enabled"}, Outcome.RIGHT, "ours, versioning Enabled"),
        ({"Status": "Suspended"}, Outcome.WRONG, "ours, versioning Suspended"),
        ({}, Outcome.WRONG, "ours, versioning never"),
        (refusal("NoSuchBucket", 404), Outcome.WRONG, "there is none"),
        (DENIED, Outcome.DENIED, "GetBucketVersioning: AccessDenied"),
    ],
)
def test_the_bucket_of_the_states_is_ours_and_keeps_versions(answer: Any, outcome: Outcome, found: str) -> None:
    recorded = RecordedAws({VERSIONING: answer})
    (row,) = rows(state_bucket, subject(client=recorded))
    assert (row.outcome, row.found) == (outcome, found)
    assert recorded.asked == [(VERSIONING, {"Bucket": "wealist-tfstate-bucket", "ExpectedBucketOwner": "290008131187"})]


def objects(held: Mapping[str, Any]) -> dict[str, Any]:
    """The objects of the bucket: key → text, or JSON."""

    def answer(parameters: Mapping[str, Any]) -> Any:
        content = held.get(parameters["Key"])
        if content is None:
            return ABSENT
        return {"Body": io.BytesIO((content if isinstance(content, str) else json.dumps(content)).encode())}

    return {OBJECT: answer}


def row(what: str, held: Mapping[str, Any]) -> Row:
    return looked(states, objects(held))[what]


@pytest.mark.parametrize("absent", [ABSENT, refusal("NoSuchBucket", 404)])
def test_before_the_first_apply_no_state_and_no_lock_is_there(absent: Any) -> None:
    found = looked(states, {OBJECT: absent})
    assert outcomes(found) == {Outcome.RIGHT}
    assert set(found) == {f"{what} of {each}" for each in ("bootstrap", "account", "dev")
                          for what in ("lock of the state", "state")}  # fmt: skip


def test_a_lock_that_somebody_holds_is_wrong_and_says_who() -> None:
    found = row("lock of the state of dev", {f"{KEY}.tflock": LOCK})
    assert (found.outcome, found.found) == (Outcome.WRONG, "held by kim@laptop since 2026-11-28T01:02:03Z, ID 3c1")
    assert "terraform force-unlock" in found.remedy
    assert row("lock of the state of account", {f"{KEY}.tflock": LOCK}).outcome == Outcome.RIGHT


def test_a_lock_of_another_form_is_a_lock_all_the_same() -> None:
    assert row("lock of the state of dev", {f"{KEY}.tflock": "[]"}).outcome == Outcome.WRONG


def test_a_state_of_the_stacks_own_resources_is_right() -> None:
    own = state(["aws_vpc.network_vpc", "data.aws_route53_zone.dns_zone"])
    found = row("state of dev", {KEY: own})
    assert (found.outcome, found.found) == (Outcome.RIGHT, "the stack's own, serial 7")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (state(HCL["hcl-prod"]), "holds what neither stack nor inventory knows"),
        (state(["aws_vpc.network_vpc", "aws_instance.of_somebody"]), "aws_instance.of_somebody"),
        (state(["aws_vpc.network_vpc"], lineage=None), "no lineage"),
        ("{", "damaged"),
        ("[]", "damaged"),
        ({"version": 3, "modules": []}, "damaged"),
    ],
)
def test_a_state_of_somebody_else_or_a_damaged_one_is_wrong(content: Any, told: str) -> None:
    found = row("state of dev", {KEY: content})
    assert found.outcome == Outcome.WRONG
    assert told in found.found
    assert len(found.found) < 200
    assert found.remedy.startswith("apply nothing")


def test_whoever_may_not_read_the_states_is_told_so() -> None:
    assert outcomes(looked(states, {OBJECT: DENIED})) == {Outcome.DENIED}

"""Unexpected backends, providers, moved and removed blocks and meta-arguments are reported."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from tests.syntheses import mutated, synthesis
from tests.unit.checks.faults.tables import edit_from
from wealist.checks.accepted import Accepted, Release
from wealist.checks.finding import Synthesis
from wealist.checks.stack import prove


@pytest.fixture(scope="module")
def committed() -> Synthesis:
    return synthesis()


def test_wrong_arguments_of_a_backend_are_reported(committed: Synthesis) -> None:
    def edit(document: dict[str, Any]) -> None:
        document["terraform"]["backend"]["s3"] |= {"bucket": "theirs", "endpoints": {}}
        del document["terraform"]["backend"]["s3"]["use_lockfile"]

    (finding,) = prove(mutated(committed, "prod", edit))
    assert finding.problem == "keeps its state with bucket = 'theirs', endpoints = {}, no use_lockfile"


def test_a_stack_without_a_provider_is_reported(committed: Synthesis) -> None:
    (finding,) = prove(mutated(committed, "account", lambda document: document.pop("provider")))
    assert (finding.control, finding.problem) == ("stack.provider", "is not the only configured provider: none is")


@pytest.mark.parametrize(
    ("address", "block", "told"),
    [
        ("aws_kms_key.encryption_key", {"lifecycle": {"destroy": True}}, True),
        ("aws_kms_key.encryption_key", {"lifecycle": {}}, True),
        ("aws_kms_key.encryption_key", {"lifecycle": {"destroy": False}}, False),
        ("module.state_backend", {}, True),
        ("aws_sqs_queue.mail", {}, True),
        ("aws_route.network_old_route", {}, False),
    ],
    ids=[
        "destroyed",
        "destroyed unasked",
        "forgotten",
        "a module",
        "a type that nobody knows",
        "what an apply makes again",
    ],
)
def test_removed_blocks_may_not_destroy_data(
    committed: Synthesis, address: str, block: dict[str, object], *, told: bool
) -> None:
    removed = [{"from": address, **block}]
    found = list(prove(mutated(committed, "prod", lambda document: document.update(removed=removed))))
    assert [finding.address for finding in found] == [address] * told


def test_removed_blocks_may_destroy_released_resources(committed: Synthesis) -> None:
    removed = [{"from": "aws_kms_key.encryption_key", "lifecycle": {"destroy": True}}]
    gone = mutated(committed, "prod", lambda document: document.update(removed=removed))
    release = Release("prod", "aws_kms_key.encryption_key", dt.date(2026, 11, 22), "its data went to another key")
    assert list(prove(replace(gone, accepted=Accepted(releases=(release,))))) == []


def test_moved_blocks_and_outputs_are_accepted(committed: Synthesis) -> None:
    def edit(document: dict[str, Any]) -> None:
        document["moved"] = [{"from": "aws_vpc.main", "to": "aws_vpc.network_vpc"}]
        document["output"]["more"] = {"value": "${aws_vpc.network_vpc.id}"}

    assert list(prove(mutated(committed, "prod", edit))) == []


def test_only_listed_arguments_may_be_ignored(committed: Synthesis) -> None:
    path = "aws_ssm_parameter.parameters_jwt_jwt_secret lifecycle"
    usual = {"prevent_destroy": True, "ignore_changes": "all"}
    assert list(prove(mutated(committed, "prod", edit_from({path: usual})))) == []
    (finding,) = prove(mutated(committed, "prod", edit_from({path: usual | {"ignore_changes": ["key_id"]}})))
    assert finding.problem == "has lifecycle.ignore_changes = ['key_id']"

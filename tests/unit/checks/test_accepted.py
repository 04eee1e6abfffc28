"""`wealist accept` writes the inventory; stateful resources leave it only with a release."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from wealist.checks.accepted import RELEASED, REMOVED, Accepted, Release, accept, load
from wealist.errors import OperatorError

KEY = {"aws_kms_key.a": {"lifecycle": {"prevent_destroy": True}}}
DAY = dt.date(2026, 11, 22)


def accepted(folder: Path, before: dict[str, Any], **now: Any) -> Accepted:
    """Accept `before` and then `now`, and return what is read back."""
    environments = {"dev", "prod", "qa"}
    accept(folder, before, before.keys() & environments, before=Accepted(), destroyable=["dev"])
    found = load(folder, before.keys() - environments)
    accept(folder, now, now.keys() & environments, before=found, destroyable=["dev"])
    return load(folder, now.keys() - environments)


def test_what_was_accepted_is_read_back(tmp_path: Path) -> None:
    now = {"account": {"aws_vpc.a": {}}, "prod": {**KEY, "module.b": {"source": "./modules/state_backend"}}}
    assert accepted(tmp_path, {}, **now).holdings == now


def test_a_missing_inventory_is_empty(tmp_path: Path) -> None:
    assert load(tmp_path / "nowhere", ["account"]) == Accepted()


@pytest.mark.parametrize(
    "now",
    [
        {"prod": {}},
        {"prod": {"aws_kms_key.a": {}}},
        {"prod": {"aws_kms_key.b": {"lifecycle": {"prevent_destroy": True}}}},
        {"dev": {}},
    ],
    ids=["gone", "unprotected", "renamed", "its environment gone"],
)
def test_stateful_resources_leave_the_inventory_only_with_a_release(tmp_path: Path, now: dict[str, Any]) -> None:
    with pytest.raises(OperatorError, match=r"would leave the inventory: prod: aws_kms_key\.a") as refused:
        accepted(tmp_path, {"prod": KEY}, **now)
    assert "[[released]]" in refused.value.remedy
    assert load(tmp_path, []).holdings == {"prod": KEY}, "something was written"


@pytest.mark.parametrize(
    ("stack", "pattern", "now"),
    [
        ("prod", "aws_kms_key.a", {"prod": {}}),
        ("prod", "aws_kms_key.*", {"prod": {}}),
        ("prod", "*", {"dev": {}}),
    ],
    ids=["by address", "by pattern", "with its environment"],
)
def test_a_release_allows_a_stateful_resource_to_leave(
    tmp_path: Path, stack: str, pattern: str, now: dict[str, Any]
) -> None:
    (tmp_path / RELEASED).write_text(
        f'[[released]]\nstack = "{stack}"\naddress = "{pattern}"\ndate = 2026-11-22\n'
        'reason = "its data went elsewhere"\n'
    )
    assert accepted(tmp_path, {"prod": KEY}, **now).holdings == now


def test_a_release_of_a_whole_stack_needs_the_stack_to_be_gone(tmp_path: Path) -> None:
    (tmp_path / RELEASED).write_text(
        '[[released]]\nstack = "prod"\naddress = "*"\ndate = 2026-11-22\nreason = "prod is retired, data archived"\n'
    )
    with pytest.raises(OperatorError, match=r"prod: aws_kms_key\.a"):
        accepted(tmp_path, {"prod": KEY}, prod={})


def test_removed_addresses_are_recorded_until_they_return(tmp_path: Path) -> None:
    before = {"prod": {"aws_eip.a": {}, "data.aws_ami.b": {}, "output.c": {}, "module.d": {"source": "./m"}}}
    after = accepted(tmp_path, before, prod={})
    assert after.removed == {"prod": {"aws_eip.a", "module.d"}}
    assert after.knows("prod", "aws_eip.a")
    again = {"prod": {"aws_eip.a": {}, "module.d": {"source": "./m"}}}
    accept(tmp_path, again, ["prod"], before=after, destroyable=[])
    assert not (tmp_path / REMOVED).exists()


def test_the_file_of_a_removed_stack_is_deleted(tmp_path: Path) -> None:
    accepted(tmp_path, {"account": {"aws_vpc.a": {}}, "dev": {}}, dev={})
    assert [path.name for path in tmp_path.iterdir()] == ["environments.yaml"]


def test_a_release_applies_to_one_stack() -> None:
    release = Release("prod", "aws_kms_key.a", DAY, "its data went elsewhere")
    assert Accepted(releases=(release,)).is_released("prod", "aws_kms_key.a")
    assert not Accepted(releases=(release,)).is_released("dev", "aws_kms_key.a")

import threading
from pathlib import Path

import pytest

from wealist.operations.emulated_stacks import EmulatedStacks, planned_changes, run_concurrently


def change(address: str, *actions: str, mode: str = "managed") -> dict[str, object]:
    return {"address": address, "mode": mode, "change": {"actions": list(actions)}}


def test_what_stays_and_what_is_only_read_is_no_change() -> None:
    plan = {
        "resource_changes": [
            change("aws_vpc.a", "no-op"),
            change("aws_vpc.b", "update"),
            change("aws_vpc.c", "delete", "create"),
            change("data.aws_vpc.d", "read", mode="data"),
        ]
    }
    assert planned_changes(plan) == {"aws_vpc.b": ("update",), "aws_vpc.c": ("delete", "create")}


def test_an_empty_plan_has_no_changes() -> None:
    assert planned_changes({}) == {}


def test_together_is_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=10)
    assert run_concurrently(lambda stack: meeting.wait() >= 0 and stack, ["dev", "prod"]) == {
        "dev": "dev",
        "prod": "prod",
    }


def test_when_one_fails_the_others_are_still_waited_for() -> None:
    done = []

    def action(stack: str) -> None:
        if stack == "dev":
            raise RuntimeError(stack)
        done.append(stack)

    with pytest.raises(RuntimeError, match="dev"):
        run_concurrently(action, ["dev", "prod"])
    assert done == ["prod"]


@pytest.mark.parametrize(
    ("stack", "there", "applied"),
    [
        ("prod", set(), ["bootstrap", "account"]),
        ("prod", {"bootstrap"}, ["account"]),
        ("prod", {"bootstrap", "account"}, []),
        ("account", set(), ["bootstrap"]),
        ("bootstrap", set(), []),
    ],
)
def test_a_stack_is_reached_by_applying_what_is_missing_below_it(
    stack: str, there: set[str], applied: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(EmulatedStacks, "has", lambda _self, name: name in there)
    monkeypatch.setattr(EmulatedStacks, "apply", lambda _self, name: done.append(name))
    EmulatedStacks({}, stacks=tmp_path, base=tmp_path).apply_required(stack)
    assert done == applied

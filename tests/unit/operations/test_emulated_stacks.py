import threading
from pathlib import Path

import pytest

from wealist.operations.emulated_stacks import EmulatedStacks, planned_changes, run_concurrently


def change(address: str, *actions: str, mode: str = "managed") -> dict[str, object]:
    return {"address": address, "mode": mode, "change": {"actions": list(actions)}}


def test_unchanged_resources_and_data_sources_are_no_changes() -> None:
    plan = {
        "resource_changes": [
            change("aws_vpc.a", "no-op"),
            change("aws_vpc.b", "update"),
            change("aws_vpc.c", "delete", "create"),
            change("data.aws_vpc.d", "read", mode="data"),
        ]
    }
    assert planned_changes(plan) == {"aws_vpc.b": ("update",), "aws_vpc.c": ("delete", "create")}

    assert planned_changes({}) == {}


def test_stacks_run_concurrently() -> None:
    barrier = threading.Barrier(2, timeout=10)
    assert run_concurrently(lambda stack: barrier.wait() >= 0 and stack, ["dev", "prod"]) == {
        "dev": "dev",
        "prod": "prod",
    }


def test_a_failed_stack_does_not_cancel_the_others() -> None:
    done = []

    def action(stack: str) -> None:
        if stack == "dev":
            raise RuntimeError(stack)
        done.append(stack)

    with pytest.raises(RuntimeError, match="dev"):
        run_concurrently(action, ["dev", "prod"])
    assert done == ["prod"]


@pytest.mark.parametrize(
    ("stack", "applied", "missing"),
    [
        ("prod", set(), ["bootstrap", "account"]),
        ("prod", {"bootstrap"}, ["account"]),
        ("prod", {"bootstrap", "account"}, []),
        ("account", set(), ["bootstrap"]),
        ("bootstrap", set(), []),
    ],
)
def test_only_missing_required_stacks_are_applied(
    stack: str, applied: set[str], missing: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(EmulatedStacks, "has", lambda _self, name: name in applied)
    monkeypatch.setattr(EmulatedStacks, "apply", lambda _self, name: done.append(name))
    EmulatedStacks({}, stacks=tmp_path, base=tmp_path).apply_required(stack)
    assert done == missing

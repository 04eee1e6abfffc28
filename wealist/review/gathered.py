"""Every secret that a plan holds, wherever it may stand, and where the configuration passes on the small ones.

Most secrets are searched for in every value. A switch, a short number or a short word stands anywhere by chance, so it
is masked in its own place, and in an argument or output whose expression refers to that place:

    admin { pin = 4815 }, sensitive   ─ output pin = nonsensitive(aws_admin.a.pin)        masked
                                      ─ any other 4815                                    shown

Values that pass through a local value are not followed: a plan does not say what that refers to.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final, NamedTuple

from wealist.checks.secrets.names import is_secret_name
from wealist.model.plan import PlanDocument
from wealist.model.plan_values import NESTED, Value, elements
from wealist.model.stack import without_index
from wealist.review.configuration import block, references
from wealist.review.masking import is_plain_name, marked, name_of, union
from wealist.review.secrets import Known, is_small

OUTPUT: Final = "output."
"""What the address of an output begins with."""


class _Holder(NamedTuple):
    """What has arguments, some of which are secrets: a resource, or a data source that was read."""

    address: str
    sides: tuple[Value, ...]
    marks: Value


class Gathered:
    """What must not be shown of a plan.

    Attributes:
        known: The secrets that are searched for.
    """

    def __init__(self, document: PlanDocument) -> None:
        secrets: set[str] = set(_elsewhere(document))
        places: defaultdict[str, set[str]] = defaultdict(set)
        for place, secret in chain(_of_arguments(document), _of_variables(document)):
            secrets.add(secret)
            if is_small(secret):
                places[place].add(secret)
        self.known = Known(secrets)
        self._passed_on: defaultdict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        if places:
            for address, argument, small in _passed_on(document.configuration.get("root_module"), "", places):
                self._passed_on[address][argument] = frozenset(small)

    def passed_to(self, address: str) -> dict[str, frozenset[str]]:
        """Return the small secrets that a resource's arguments refer to; those of an output under the name ``."""
        return self._passed_on.get(without_index(address), {})


def _holders(document: PlanDocument) -> Iterator[_Holder]:
    for change in chain(document.resource_changes, document.resource_drift):
        body = change.change
        sides = (body.before,) if body.before == body.after else (body.before, body.after)
        yield _Holder(change.address, sides, union(body.before_sensitive, body.after_sensitive))
    for source in document.data_sources:
        yield _Holder(source.address, (source.values,), source.sensitive_values)


def _of_arguments(document: PlanDocument) -> Iterator[tuple[str, str]]:
    """Return each secret of a resource with the place that an expression would name: `aws_admin.a.pin`."""
    for address, sides, marks in _holders(document):
        whole, parts = without_index(address), block(marks)
        for side in sides:
            if not isinstance(side, dict):
                yield from ((whole, secret) for secret in marked(side, marks))
                continue
            for name, value in side.items():
                mark = marks is True or parts.get(name)
                if not mark and not isinstance(value, NESTED) and is_plain_name(name):
                    continue
                named = name_of(side, name)
                if mark is True or isinstance(value, NESTED) or is_secret_name(named):
                    yield from ((f"{whole}.{name}", secret) for secret in marked(value, mark, named))


def _of_variables(document: PlanDocument) -> Iterator[tuple[str, str]]:
    declared = block(block(document.configuration.get("root_module")).get("variables"))
    for name, variable in document.variables.items():
        mark = block(declared.get(name)).get("sensitive")
        yield from ((f"var.{name}", secret) for secret in marked(variable.value, mark, name))


def _elsewhere(document: PlanDocument) -> Iterator[str]:
    """Return the secrets of what no expression of the configuration can name."""
    for name, body in document.output_changes.items():
        for value in (body.before, body.after):
            yield from marked(value, union(body.before_sensitive, body.after_sensitive), name)
    for invocation in document.action_invocations:
        yield from marked(invocation.config_values, invocation.config_sensitive)


def _passed_on(module: Any, prefix: str, places: dict[str, set[str]]) -> Iterator[tuple[str, str, set[str]]]:  # noqa: ANN401 -- JSON
    """Return address, argument and secrets, and enter what variables and outputs of modules pass on as well."""
    for name, call in block(block(module).get("module_calls")).items():
        inner = f"{prefix}module.{name}."
        for argument, expression in block(block(call).get("expressions")).items():
            if secrets := _referred(expression, prefix, places):
                places[f"{inner}var.{argument}"] |= secrets
        yield from _passed_on(block(call).get("module"), inner, places)
    for resource in map(block, elements(block(module).get("resources"))):
        for argument, expression in block(resource.get("expressions")).items():
            if secrets := _referred(expression, prefix, places):
                yield f"{prefix}{resource.get('address')}", argument, secrets
    for name, output in block(block(module).get("outputs")).items():
        if secrets := _referred(block(output).get("expression"), prefix, places):
            places[f"{prefix}{name}"] |= secrets
            if not prefix:
                yield f"{OUTPUT}{name}", "", secrets


def _referred(expression: Any, prefix: str, places: dict[str, set[str]]) -> set[str]:  # noqa: ANN401 -- JSON
    """Return the small secrets in the places that an expression names."""
    names = (f"{prefix}{without_index(name)}" for name in references(expression))
    return set().union(*(places[name] for name in names if name in places))

"""Collect every secret that a plan holds, and follow short secrets through the configuration.

Most secrets are searched for in every value. A boolean, a short number or a short word occurs elsewhere by chance.
It is masked only in its own place, and in arguments and outputs whose expression refers to that place:

    admin { pin = 4815 }, sensitive   ─ output pin = nonsensitive(aws_admin.a.pin)        masked
                                      ─ any other 4815                                    shown

Local values are not followed: a plan does not contain what they refer to.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from wealist.checks.secrets.names import is_secret_name
from wealist.model.plan import PlanDocument
from wealist.model.stack import without_index
from wealist.model.values import NESTED, Value, elements
from wealist.review.configuration import block, references
from wealist.review.masking import effective_name, is_plain_name, merge_marks, secret_texts
from wealist.review.secrets import SecretIndex, is_small

OUTPUT: Final = "output."
"""Prefix of the address of an output."""


class PlanSecrets:
    """The secrets of a plan.

    Attributes:
        index: The secrets that are searched for in every value.
    """

    def __init__(self, document: PlanDocument) -> None:
        secrets: set[str] = set(_unreferenced_secrets(document))
        places: defaultdict[str, set[str]] = defaultdict(set)
        for place, secret in chain(_argument_secrets(document), _variable_secrets(document)):
            secrets.add(secret)
            if is_small(secret):
                places[place].add(secret)
        self.index = SecretIndex(secrets)
        self._passed_on: defaultdict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        if places:
            for address, argument, small in _passed_on(document.configuration.get("root_module"), "", places):
                self._passed_on[address][argument] = frozenset(small)

    def passed_to(self, address: str) -> dict[str, frozenset[str]]:
        """Return argument → the short secrets that its expression refers to; an output has the argument ``."""
        return self._passed_on.get(without_index(address), {})


def _holders(document: PlanDocument) -> Iterator[tuple[str, tuple[Value, ...], Value]]:
    """Yield the address, values and sensitive marks of each resource, and of each data source that was read."""
    for change in chain(document.resource_changes, document.resource_drift):
        body = change.change
        sides = (body.before,) if body.before == body.after else (body.before, body.after)
        yield change.address, sides, merge_marks(body.before_sensitive, body.after_sensitive)
    for source in document.data_sources:
        yield source.address, (source.values,), source.sensitive_values


def _argument_secrets(document: PlanDocument) -> Iterator[tuple[str, str]]:
    """Yield each secret of a resource with the reference that an expression uses for it: `aws_admin.a.pin`."""
    for address, sides, marks in _holders(document):
        whole, parts = without_index(address), block(marks)
        for side in sides:
            if not isinstance(side, dict):
                yield from ((whole, secret) for secret in secret_texts(side, marks))
                continue
            for name, value in side.items():
                mark = marks is True or parts.get(name)
                if not mark and not isinstance(value, NESTED) and is_plain_name(name):
                    continue
                named = effective_name(side, name)
                if mark is True or isinstance(value, NESTED) or is_secret_name(named):
                    yield from ((f"{whole}.{name}", secret) for secret in secret_texts(value, mark, named))


def _variable_secrets(document: PlanDocument) -> Iterator[tuple[str, str]]:
    declared = block(block(document.configuration.get("root_module")).get("variables"))
    for name, variable in document.variables.items():
        mark = block(declared.get(name)).get("sensitive")
        yield from ((f"var.{name}", secret) for secret in secret_texts(variable.value, mark, name))


def _unreferenced_secrets(document: PlanDocument) -> Iterator[str]:
    """Yield the secrets of outputs and provider actions, which no expression can refer to."""
    for name, body in document.output_changes.items():
        for value in (body.before, body.after):
            yield from secret_texts(value, merge_marks(body.before_sensitive, body.after_sensitive), name)
    for invocation in document.action_invocations:
        yield from secret_texts(invocation.config_values, invocation.config_sensitive)


def _passed_on(module: Any, prefix: str, places: dict[str, set[str]]) -> Iterator[tuple[str, str, set[str]]]:  # noqa: ANN401 -- JSON
    """Yield address, argument and secrets; add the variables and outputs of modules that pass secrets to `places`."""
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
    """Return the short secrets in the places that an expression refers to."""
    names = (f"{prefix}{without_index(name)}" for name in references(expression))
    return set().union(*(places[name] for name in names if name in places))

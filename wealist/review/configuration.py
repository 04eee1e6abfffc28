"""Read the configuration in a plan: its account, its environment, and the references of each resource.

https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from wealist.model.plan import PlanDocument
from wealist.model.values import elements

_ARN: Final = re.compile(r"arn:aws[\w-]*:[^:]*:[^:]*:(\d{12}):.*", re.DOTALL)


def aws_provider(configuration: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of the default AWS provider, or of the first provider if there is none."""
    providers = block(configuration.get("provider_config"))
    return block(block(providers.get("aws") or next(iter(providers.values()), None)).get("expressions"))


def constant(expression: Any, at: str | int) -> str | None:  # noqa: ANN401 -- JSON
    """Return one entry of a literal value of the configuration, or None."""
    literal: Any = block(expression).get("constant_value")
    try:
        return str(literal[at])
    except (KeyError, IndexError, TypeError):
        return None


def arguments(module: Any, prefix: str = "") -> Iterator[tuple[str, dict[str, tuple[str, ...]]]]:  # noqa: ANN401 -- JSON
    """Yield the address of each resource block, with argument → references for the arguments that are set."""
    for resource in elements(block(module).get("resources")):
        expressions = block(block(resource).get("expressions"))
        named = {name: tuple(references(each)) for name, each in expressions.items()}
        yield f"{prefix}{block(resource).get('address')}", named
    for name, call in block(block(module).get("module_calls")).items():
        yield from arguments(block(call).get("module"), f"{prefix}module.{name}.")


def references(expression: Any) -> Iterator[str]:  # noqa: ANN401 -- JSON
    """Yield the references of an expression, or of the expressions in a block."""
    if isinstance(expression, list):
        for each in expression:
            yield from references(each)
    elif isinstance(expression, dict):
        yield from _words(expression.get("references"))
        for name, each in expression.items():
            if name not in {"references", "constant_value"}:
                yield from references(each)


def environment_of(document: PlanDocument) -> str | None:
    """Return the tag `Environment` among the provider's default tags, or None."""
    return constant(block(aws_provider(document.configuration).get("default_tags")).get("tags"), "Environment")


def account_of(document: PlanDocument) -> str | None:
    """Return the plan's account: the provider's allowed one, that of the credentials, or that of most resources."""
    allowed = aws_provider(document.configuration).get("allowed_account_ids")
    variables = (document.variables.get(each.removeprefix("var.")) for each in _words(block(allowed).get("references")))
    named = constant(allowed, 0) or next((str(_first(each.value)) for each in variables if each), None)
    arns = (_ARN.fullmatch(str(block(change.change.before).get("arn"))) for change in document.resource_changes)
    owners = Counter(arn[1] for arn in arns if arn)
    return named or document.caller or next((account for account, _ in owners.most_common(1)), None)


def _first(value: Any) -> Any:  # noqa: ANN401 -- JSON
    return value[0] if isinstance(value, list) and value else value


def _words(value: Any) -> list[str]:  # noqa: ANN401 -- JSON
    return [each for each in elements(value) if isinstance(each, str)]


def block(value: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Return a block of the configuration: an object, or the first of a list; {} for anything else."""
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, dict) else {}

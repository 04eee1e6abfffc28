"""What the configuration inside a plan tells: which account it is for, and which resource names which.

https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

from collections.abc import Iterator
from typing import Any


def aws_provider(configuration: dict[str, Any]) -> dict[str, Any]:
    """The settings of the AWS provider without an alias; of any other, where there is none."""
    providers = block(configuration.get("provider_config"))
    return block(block(providers.get("aws") or next(iter(providers.values()), None)).get("expressions"))


def constant(expression: Any, at: str | int) -> str | None:  # noqa: ANN401 -- JSON
    """One entry of a value that stands in the configuration literally."""
    literal: Any = block(expression).get("constant_value")
    try:
        return str(literal[at])
    except (KeyError, IndexError, TypeError):
        return None


def references(module: Any, prefix: str = "") -> Iterator[tuple[str, dict[str, tuple[str, ...]]]]:  # noqa: ANN401 -- JSON
    """Of each resource, the resources that its arguments name. An instance of a module or count has no entry."""
    resources = block(module).get("resources")
    for resource in resources if isinstance(resources, list) else []:
        arguments = block(block(resource).get("expressions"))
        named = {name: tuple(_words(block(each).get("references"))) for name, each in arguments.items()}
        yield f"{prefix}{block(resource).get('address')}", {name: each for name, each in named.items() if each}
    for name, call in block(block(module).get("module_calls")).items():
        yield from references(block(call).get("module"), f"{prefix}module.{name}.")


def _words(value: Any) -> list[str]:  # noqa: ANN401 -- JSON
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def block(value: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """A block of the configuration: an object, or a list of one."""
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, dict) else {}

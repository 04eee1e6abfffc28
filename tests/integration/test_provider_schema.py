"""The bindings and the list of sensitive arguments agree with the schema of the provider."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import provider_schema
from wealist.model import provider
from wealist.model.types import known_types

pytestmark = pytest.mark.integration


def settable(block: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, attribute in block.get("attributes", {}).items():
        if attribute.get("optional") or attribute.get("required"):
            yield f"{path}{name}"
    for name, nested in block.get("block_types", {}).items():
        yield f"{path}{name}"
        yield from settable(nested["block"], f"{path}{name}.")


def test_the_list_of_sensitive_arguments_is_current() -> None:
    remedy = "`python -m tests.provider_schema` writes it anew"
    assert provider.SENSITIVE.read_text(encoding="utf-8") == provider_schema.written(provider_schema.sensitive()), (
        remedy
    )


def test_the_bindings_have_the_types_of_the_provider() -> None:
    assert provider.known_types() == sorted(provider_schema.resource_schemas())


def test_the_bindings_have_every_argument_of_the_types_with_a_row() -> None:
    """Statements of web ACLs are recursive, so the bindings type them as JSON."""
    kinds = {kind for kind in known_types() if kind.startswith("aws_")} - {"aws_wafv2_web_acl"}
    missing = {
        (kind, path)
        for kind in kinds
        for path in settable(provider_schema.resource_schemas()[kind]["block"])
        if path not in (provider.arguments(kind) or {})
    }
    assert missing == set()

"""The arguments of types are read from the provider's bindings."""

from pathlib import Path

import pytest

from tests.synthesized import stacks
from tests.unit.copies import run_python
from wealist import library
from wealist.errors import OperatorError
from wealist.model.provider import arguments, known_types, sensitive, version


def test_arguments_have_terraforms_names_and_include_nested_ones() -> None:
    function = arguments("aws_lambda_function") or {}
    assert function["function_name"].required
    assert not function["vpc_config"].required
    assert function["vpc_config"].block
    assert function["vpc_config.subnet_ids"].required
    assert "depends_on" not in function


def test_blocks_with_one_argument_are_read() -> None:
    bucket = arguments("aws_s3_bucket") or {}
    assert bucket["replication_configuration.rules.destination.access_control_translation.owner"].required


def test_recursive_blocks_are_read_once() -> None:
    firewall = arguments("aws_wafv2_web_acl") or {}
    assert "default_action.block.custom_response.response_header.value" in firewall


def test_data_sources_have_arguments_and_unknown_types_have_none() -> None:
    assert "zone_id" in (arguments("data.aws_route53_zone") or {})
    assert arguments("aws_sqs_quue") is None
    assert arguments("null_resource") is None


def test_types_with_unusual_binding_names_have_arguments() -> None:
    assert "web_acl_arn" in (arguments("aws_wafv2_web_acl_association") or {})  # its struct bears another name


def test_resource_types_have_terraforms_names() -> None:
    assert {"aws_sqs_queue", "aws_lexv2models_bot", "aws_route53domains_domain"} <= set(known_types())
    assert not [kind for kind in known_types() if not kind.startswith("aws_")]


def test_every_sensitive_argument_is_an_argument_of_the_provider() -> None:
    """Recursive blocks are not followed to the end."""
    missing = {
        (kind, path) for kind, paths in sensitive().items() for path in paths if path not in (arguments(kind) or {})
    }
    assert missing == set()


@pytest.mark.exhaustive  # synthesizes every stack
def test_every_stack_requires_the_provider_version_of_the_bindings() -> None:
    required = {stack.document["terraform"]["required_providers"]["aws"]["version"] for stack in stacks().values()}
    assert required == {version()}


def test_bindings_without_a_version_are_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "provider").mkdir()
    (tmp_path / "provider" / "__init__.py").write_text("# `provider`\n")
    monkeypatch.setattr(library, "package_folder", lambda _: tmp_path)
    with pytest.raises(OperatorError, match=rf"^{tmp_path}/provider/__init__.py does not contain .* AWS provider"):
        version.__wrapped__()


READS = """
import sys
from wealist.model.provider import arguments, version
assert arguments("aws_vpc") and version()[0].isdigit()
print([name for name in sys.modules if name.startswith(("cdktf", "cdktn", "jsii"))])
"""


def test_the_bindings_are_not_imported() -> None:
    done = run_python("-c", READS)
    assert done.stdout.strip() == "[]", done.stderr

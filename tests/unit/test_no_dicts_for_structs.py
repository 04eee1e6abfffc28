"""No dict stands where the bindings have a struct: cdktf drops keys of more than one word from it, silently."""

import ast
import functools
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.copies import ROOT
from wealist.library import LIBRARIES

pytestmark = pytest.mark.exhaustive

BINDINGS = {package for each in LIBRARIES.values() for package in each.tested_versions}
FILES = sorted((*(ROOT / "wealist/constructs").glob("*.py"), *(ROOT / "wealist/stacks").glob("*.py")))
SEEN_THROUGH = (ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp, ast.IfExp, ast.BoolOp, ast.Starred)


def dicts_for_structs(source: str) -> list[str]:
    """Where a source gives a binding's class a dict that is not a map, as `line: Class(parameter=…)`."""
    tree = ast.parse(source)
    classes = dict(_bindings(tree))
    return [
        f"{call.lineno}: {ast.unparse(call.func)}({keyword.arg}=…)"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in classes
        for keyword in call.keywords
        if keyword.arg and _holds_dict(keyword.value) and not _is_map(classes[ast.unparse(call.func)], keyword.arg)
    ]


def _bindings(tree: ast.Module) -> Iterator[tuple[str, type]]:
    """The classes of the bindings that a file imports, by the name it gives them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in BINDINGS:
            module = importlib.import_module(node.module)
            for alias in node.names:
                if inspect.isclass(found := getattr(module, alias.name)):
                    yield alias.asname or alias.name, found


def _holds_dict(value: ast.expr) -> bool:
    """Whether a dict is written in a value: itself, in a list, or as one outcome of a condition."""
    if isinstance(value, ast.Dict | ast.DictComp):
        return True
    if isinstance(value, ast.Call):  # the arguments of another class are looked at where it is called
        return ast.unparse(value.func) == "dict"
    return isinstance(value, SEEN_THROUGH) and any(
        _holds_dict(inner) for inner in ast.iter_child_nodes(value) if isinstance(inner, ast.expr)
    )


def _is_map(binding: type, parameter: str) -> bool:
    """The bindings' source annotates a map as Mapping, a struct as itself or Dict. As imported, they tell neither."""
    declared = rf"^class {binding.__name__}\b.*?^    def __init__\(.*?\s{parameter}: ([^\n]*)"
    found = re.search(declared, _source(binding.__module__), re.DOTALL | re.MULTILINE)
    return found is not None and "Mapping" in found[1]


@functools.cache
def _source(module: str) -> str:
    return Path(str(sys.modules[module].__file__)).read_text(encoding="utf-8")


def test_constructs_and_stacks_are_found() -> None:
    assert {"network.py", "firewall.py", "environment.py"} <= {path.name for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_struct_is_written_as_a_dict(path: Path) -> None:
    assert dicts_for_structs(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "call",
    [
        "SecurityGroup(s, 'x', ingress=[{'from_port': 80}])",
        "SecurityGroup(s, 'x', ingress=[{'from_port': port} for port in (80, 443)])",
        "SecurityGroup(s, 'x', ingress=[*({'from_port': 80},)])",
        "SecurityGroup(s, 'x', timeouts={'create': '1m'})",
        "SecurityGroup(s, 'x', timeouts=dict(create='1m'))",
        "SecurityGroup(s, 'x', lifecycle={'prevent_destroy': True} if s else None)",
        "Renamed(s, 'x', default_tags=[{'tags': {}}])",
    ],
)
def test_a_dict_for_a_struct_is_found(call: str) -> None:
    source = f"""
        from cdktf_cdktf_provider_aws.security_group import SecurityGroup
        from cdktf_cdktf_provider_aws.provider import AwsProvider as Renamed
        {call}
    """
    (found,) = dicts_for_structs(textwrap.dedent(source))
    assert found.startswith("4: ")


@pytest.mark.parametrize(
    "call",
    [
        "SecurityGroup(s, 'x', tags={'Name': 'x'})",
        "SecurityGroup(s, 'x', ingress=[SecurityGroupIngress(from_port=80)])",
        "AwsProvider(s, 'x', default_tags=[AwsProviderDefaultTags(tags={'a': 'b'})])",
        "Statement(conditions={'a': {}})",
    ],
)
def test_a_dict_for_a_map_is_allowed(call: str) -> None:
    source = f"""
        from cdktf_cdktf_provider_aws.security_group import SecurityGroup, SecurityGroupIngress
        from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
        from wealist.toolkit.policy import Statement
        {call}
    """
    assert dicts_for_structs(textwrap.dedent(source)) == []

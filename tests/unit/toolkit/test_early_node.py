"""Requests to the Node that started early, and the streams that it writes to."""

import base64
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from cdktf import App, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from jsii._kernel.providers import ProcessProvider
from jsii._runtime import kernel

import wealist.toolkit
from wealist import library
from wealist.toolkit import loading
from wealist.toolkit.stack import ReadableStack

RUNTIME = Path(wealist.toolkit.__file__).with_name("fast_runtime.cjs")
PROGRAM = """
const fs = require("node:fs");
console.log("for the terminal");
console.error("for the terminal, too");
const question = Buffer.alloc(100);
const length = fs.readSync(3, question, 0, 100, null);
fs.writeSync(3, `received: ${question.subarray(0, length)}`);
"""


@pytest.fixture
def vpc() -> Vpc:
    return Vpc(ReadableStack(App(), "stack"), "vpc", cidr_block="10.0.0.0/16")


@pytest.fixture
def requested(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The properties requested from Node since the test began."""
    properties: list[str] = []
    original = ProcessProvider.get

    def get(provider: ProcessProvider, request: object) -> object:
        properties.append(request.property)  # type: ignore[attr-defined]
        return original(provider, request)  # type: ignore[arg-type]

    monkeypatch.setattr(ProcessProvider, "get", get)
    return properties


def test_a_reference_is_requested_from_node_once(vpc: Vpc, requested: list[str]) -> None:
    assert vpc.id == vpc.id
    assert requested == ["id"]


def test_two_resources_have_different_references(vpc: Vpc) -> None:
    other = Vpc(ReadableStack(App(), "stack"), "vpc", cidr_block="10.0.0.0/16")
    assert vpc.id != other.id


def test_an_input_is_requested_each_time(vpc: Vpc, requested: list[str]) -> None:
    assert vpc.cidr_block_input == "10.0.0.0/16"
    vpc.cidr_block = "10.1.0.0/16"
    assert vpc.cidr_block_input == "10.1.0.0/16"
    assert requested == ["cidrBlockInput"] * 2


def test_an_input_that_is_a_reference_is_requested_each_time(vpc: Vpc) -> None:
    stack = TerraformStack.of(vpc)
    other = Vpc(stack, "other", cidr_block="10.1.0.0/16")
    subnet = Subnet(stack, "subnet", vpc_id=vpc.id)
    assert subnet.vpc_id_input == vpc.id
    subnet.vpc_id = other.id
    assert subnet.vpc_id_input == other.id


def test_every_python_module_of_the_provider_has_an_export_of_its_name_in_node() -> None:
    chosen = library.selected_library()
    installed = library.package_version(chosen.bindings)
    (index,) = loading.package_cache().glob(f"{chosen.bindings_npm}/{installed}/*/lib/index.js")
    written = r"^exports\.(\w+) = (?:__importStar\()?require"
    exported = {name.lower() for name in re.findall(written, index.read_text(), re.MULTILINE)}
    modules = {path.parent.name for path in library.package_folder(chosen.bindings).glob("[a-z]*/__init__.py")}
    assert len(modules) > 1000
    assert [module for module in modules if module.replace("_", "") not in exported] == []


def test_an_error_in_node_is_raised_by_the_call_that_caused_it(vpc: Vpc) -> None:
    with pytest.raises(RuntimeError, match="already a Construct with name 'vpc'"):
        TerraformOutput(TerraformStack.of(vpc), "vpc", value="1")


def test_requests_go_to_the_node_that_started_early() -> None:
    assert type(kernel.provider).__name__ == "EarlyNode"


@pytest.mark.integration  # a whole program
def test_output_of_node_reaches_the_terminal_and_is_not_read_as_a_response(tmp_path: Path) -> None:
    program = tmp_path / "program.js"
    program.write_text(PROGRAM)
    names = {"core": "cdktf", "bindings": "@cdktf/provider-aws", "modules": []}
    done = subprocess.run(
        [os.environ["JSII_NODE"], RUNTIME, program],
        input=b"question",
        env=os.environ | {loading.NODE_SETTING: json.dumps(names)},
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"received: question"
    printed = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(*line, base64.b64decode(*line.values()).decode()) for line in printed] == [
        ("stdout", "for the terminal\n"),
        ("stderr", "for the terminal, too\n"),
    ]

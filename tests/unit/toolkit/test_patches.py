"""A patch that does not fit the installed package ends with an error that names the versions it was written for."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from jsii._kernel.providers import ProcessProvider
from jsii._kernel.providers.process import _NodeProcess

from tests.unit.copies import copy_project, run_python
from wealist import library
from wealist.errors import OperatorError
from wealist.toolkit import early_node, loading, patches
from wealist.toolkit.lean_bindings import without_checks

TOOLKIT = Path(loading.__file__).parent
CORE = {
    "lib/index.js": 'for (const name of ["fs", "trace", "stack"]) require(`./${name}`);',
    "lib/fs.js": 'require("./private/fs"); ',
    "lib/private/fs.js": 'const archiver = require("archiver");\nexports.made = () => archiver("zip");',
    "lib/trace.js": 'exports.trace = require("./tokens/private/stack-trace");',
    "lib/tokens/private/stack-trace.js": "function captureStackTrace(below) {\n  return [below];\n}",
    "lib/stack.js": 'exports.stack = require("./terraform-stack");',
    "lib/terraform-stack.js": "exports.TerraformStack = class { allocateLogicalId() {} };",
}
BINDINGS = {
    "lib/vpc/index.js": 'console.log("loaded vpc");',
    "lib/subnet/index.js": 'console.log("loaded subnet");',
}
OLDER = 'exports.vpc = exports.subnet = void 0;\nexports.vpc = require("./vpc");\nexports.subnet = require("./subnet");'
NEWER = """
var __importStar = (module) => module;
exports.vpc = exports.subnet = void 0;
exports.vpc = __importStar(require("./vpc/index"));
exports.subnet = __importStar(require("./subnet/index"));
"""
LOADS = 'require("example"); require("@example/aws"); console.log("all loaded");'


def loaded(folder: Path, core: Mapping[str, str] = CORE, index: str = OLDER) -> str:
    """Load example packages in Node with every patch. Returns the output."""
    for package, files in (("example", core), ("@example/aws", BINDINGS | {"lib/index.js": index})):
        for name, source in ({"package.json": '{"main": "lib/index.js"}'} | dict(files)).items():
            path = folder / "node_modules" / package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
    program = folder / "program.js"
    program.write_text(LOADS)
    required = [word for name in ("readable_addresses", "fast_loading") for word in ("-r", f"{TOOLKIT}/{name}.cjs")]
    names = '{"core": "example", "bindings": "@example/aws", "modules": ["sub_net"]}'
    done = subprocess.run(
        [loading.find_node(), *required, program],
        env={"WEALIST_NODE": names},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.integration  # a whole program
@pytest.mark.parametrize("index", [OLDER, NEWER], ids=["require", "__importStar"])
def test_bindings_of_either_form_load_only_the_modules_in_use(tmp_path: Path, index: str) -> None:
    assert loaded(tmp_path, index=index).splitlines() == ["loaded subnet", "all loaded"]


@pytest.mark.integration  # a whole program
@pytest.mark.parametrize(
    "index",
    ["exports.vpc = lazily('./vpc');", NEWER + 'exports.more = wrapped(require("./vpc"));'],
    ids=["none", "one"],
)
def test_bindings_with_exports_of_another_form_are_rejected(tmp_path: Path, index: str) -> None:
    output = loaded(tmp_path, index=f"const lazily = () => {{}}, wrapped = lazily;\n{index}")
    assert "patch failed: wealist/toolkit/fast_loading.cjs was written for @cdktf/provider-aws 20.1" in output
    assert "@example/aws/lib/index.js has nothing to change" in output


@pytest.mark.integration  # a whole program
@pytest.mark.parametrize(
    ("file", "source", "patch"),
    [
        ("lib/private/fs.js", 'const zip = require("another");', "fast_loading.cjs"),
        ("lib/tokens/private/stack-trace.js", "function captureStack() {}", "fast_loading.cjs"),
        ("lib/terraform-stack.js", "exports.TerraformStack = class { nameOf() {} };", "readable_addresses.cjs"),
        ("lib/terraform-stack.js", "exports.Stack = class { allocateLogicalId() {} };", "readable_addresses.cjs"),
    ],
)
def test_a_library_without_the_patched_code_is_rejected(tmp_path: Path, file: str, source: str, patch: str) -> None:
    output = loaded(tmp_path, CORE | {file: source})
    assert (
        f"patch failed: wealist/toolkit/{patch} was written for cdktf 0.21, cdktn 0.24: example/{file} has nothing"
        in output
    )
    assert "all loaded" not in output


@pytest.mark.integration  # a whole program
@pytest.mark.parametrize("file", ["lib/fs.js", "lib/trace.js", "lib/stack.js"])
def test_a_library_that_never_loads_a_patched_file_is_rejected(tmp_path: Path, file: str) -> None:
    output = loaded(tmp_path, CORE | {file: ""})
    assert "patch failed: wealist/toolkit/" in output
    assert "all loaded" not in output


def test_a_patch_error_in_node_becomes_an_operator_error() -> None:
    message = "wealist/toolkit/a.cjs was written for cdktf 0.21: cdktf/lib/b.js has nothing to change"
    error = patches.patch_error_in_node(RuntimeError(f"patch failed: {message}\n  at Module"))
    assert isinstance(error, OperatorError)
    assert error.message == message
    assert error.remedy == "install a version that it was written for, or adapt wealist/toolkit/a.cjs"
    assert patches.patch_error_in_node(RuntimeError("already a Construct with name 'vpc'")) is None


@pytest.mark.integration  # a whole program
@pytest.mark.parametrize("script", ["fast_loading", "readable_addresses"])
def test_a_patch_error_ends_the_synthesis_with_one_line_and_its_remedy(tmp_path: Path, script: str) -> None:
    project = copy_project(tmp_path / "project")
    path = project / "wealist" / "toolkit" / f"{script}.cjs"
    path.write_text(path.read_text().replace("lib/t", "lib/gone/t"))
    done = run_python("main.py", cwd=project)
    assert done.returncode == 2
    error, remedy = done.stderr.splitlines()
    assert error.startswith(f"error: wealist/toolkit/{script}.cjs was written for cdktf 0.21, cdktn 0.24: ")
    assert remedy == f"remedy: install a version that it was written for, or adapt wealist/toolkit/{script}.cjs"
    assert not (project / "cdktf.out").exists()


@pytest.mark.parametrize(("owner", "name"), [(ProcessProvider, "get"), (_NodeProcess, "handshake")])
def test_a_jsii_without_a_replaced_member_is_rejected(owner: type, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(owner, name)
    with pytest.raises(OperatorError, match=rf"early_node.py was written for jsii 1.142: it has no .*{name}"):
        early_node.adopt(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("program", ["", 'new Worker("another.js")'])
def test_a_jsii_program_that_starts_another_worker_is_rejected(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded = tmp_path / "_embedded" / "jsii"
    embedded.mkdir(parents=True)
    (embedded / "lib__program.js").write_text(program)
    (embedded / "lib__runtime-index-worker.js").touch()
    monkeypatch.setattr(library, "package_folder", lambda _: tmp_path)
    with pytest.raises(OperatorError, match=r"fast_runtime.cjs was written for jsii 1.142: .* runtime-index-worker.js"):
        loading.embedded_program()


CHECKED_OTHERWISE = """
import jsii

class Vpc(metaclass=jsii.JSIIMeta, jsii_type="@example/aws.vpc.Vpc"):
    @jsii.checked
    def tag(self, value: str) -> None:
        jsii.set(self, "tag", value)
"""


def test_a_generated_module_with_other_checks_is_rejected() -> None:
    with pytest.raises(OperatorError, match=r"lean_bindings.py was written for .*jsii-pacmak.*: vpc.py has no checks"):
        without_checks(CHECKED_OTHERWISE, "vpc.py")


def test_a_module_without_classes_needs_no_checks() -> None:
    without_checks("import jsii\nloaded = jsii.JSIIAssembly\n", "_jsii.py")


def test_the_installed_bindings_have_the_known_checks() -> None:
    chosen = library.selected_library()
    path = library.package_folder(chosen.bindings) / "vpc" / "__init__.py"
    without_checks(path.read_text(encoding="utf-8"), str(path))

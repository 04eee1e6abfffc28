"""Synthesis writes every stack or nothing, and keeps Terraform's own files."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cdktf import App, TerraformOutput
from cdktf_cdktf_provider_aws.vpc import Vpc

from tests.unit.copies import bytes_below, copy_project, run_python
from wealist import library
from wealist.errors import FAILURE, OperatorError
from wealist.toolkit import provider_lock
from wealist.toolkit.hcl_module import HclModule
from wealist.toolkit.stack import ReadableStack
from wealist.toolkit.synthesis import output_folder, synthesize

OF_TERRAFORM = (".terraform/providers/aws", "terraform.tfstate", "tfplan")
BUCKET = {"bucket_name": "wealist-tfstate-bucket"}


def test_code_that_imports_another_library_than_the_chosen_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = library.selected_library().core
    (other,) = set(library.LIBRARIES) - {imported}
    monkeypatch.setenv(library.SETTING, other)
    with pytest.raises(OperatorError) as refused:
        synthesize(stacks("one"), tmp_path / "out")
    assert refused.value.message == f"the code imports {imported}, but WEALIST_LIBRARY chooses {other}"
    assert refused.value.remedy == "rename the imports as docs/moving-to-cdktn.md says, or unset WEALIST_LIBRARY"
    assert not (tmp_path / "out").exists()


def stacks(*names: str, value: str = "1") -> Callable[[App], None]:
    """Return a function that builds one stack with one output for each name."""

    def build(app: App) -> None:
        for name in names:
            TerraformOutput(ReadableStack(app, name), "answer", value=value)

    return build


def fails_while_building(app: App) -> None:
    stacks("one", value="half-written")(app)
    raise ValueError("no further")


def fails_while_validating(app: App) -> None:
    stacks("one", value="half-written")(app)
    Vpc(ReadableStack(app, "two"), "vpc", cidr_block="10.0.0.0/16")  # without a provider


def fails_while_copying_a_module(app: App) -> None:
    stacks("one", value="half-written")(app)
    stack = ReadableStack(app, "two")
    stack.modules["gone"] = Path("/missing/module")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The output of an earlier synthesis, with files of Terraform."""
    folder = tmp_path / "out"
    synthesize(stacks("one", "two"), folder)
    for kept in OF_TERRAFORM:
        path = folder / "stacks" / "one" / kept
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(kept)
    return folder


def test_the_paths_of_the_stacks_are_returned_by_name(tmp_path: Path) -> None:
    found = synthesize(stacks("two", "one"), tmp_path / "deep" / "out")
    assert found == [tmp_path / "deep" / "out" / "stacks" / name / "cdk.tf.json" for name in ("one", "two")]
    assert all(path.is_file() for path in found)


@pytest.mark.parametrize("build", [fails_while_building, fails_while_validating, fails_while_copying_a_module])
def test_an_error_leaves_the_output_unchanged_and_no_temporary_folder(build: Callable[[App], None], out: Path) -> None:
    before = bytes_below(out)
    with pytest.raises((ValueError, OperatorError, OSError)):
        synthesize(build, out)
    assert bytes_below(out) == before
    assert list(out.parent.iterdir()) == [out]


def test_an_error_creates_no_output(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no further"):
        synthesize(fails_while_building, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_success_leaves_no_temporary_folder(out: Path) -> None:
    assert list(out.parent.iterdir()) == [out]


def test_files_of_terraform_in_a_stacks_folder_are_kept(out: Path) -> None:
    synthesize(stacks("one", value="2"), out)
    files = bytes_below(out / "stacks" / "one")
    files.pop(provider_lock.NAME, None)
    assert b'"2"' in files.pop("cdk.tf.json")
    assert {path: content.decode() for path, content in files.items()} == {kept: kept for kept in OF_TERRAFORM}


def test_the_json_of_a_removed_stack_is_deleted_and_its_state_is_kept(out: Path) -> None:
    assert [path.parent.name for path in synthesize(stacks("two"), out)] == ["two"]
    assert not (out / "stacks" / "one" / "cdk.tf.json").exists()
    assert (out / "stacks" / "one" / "terraform.tfstate").exists()


def test_a_second_synthesis_changes_nothing(out: Path) -> None:
    before = bytes_below(out)
    synthesize(stacks("one", "two"), out)
    assert bytes_below(out) == before


def test_a_called_module_is_copied_beside_the_json_without_its_tests(tmp_path: Path) -> None:
    def build(app: App) -> None:
        HclModule(ReadableStack(app, "one"), "state", module="state_backend", variables=BUCKET)

    (path,) = synthesize(build, tmp_path / "out")
    assert b'"source": "./modules/state_backend"' in path.read_bytes()
    copied = set(bytes_below(path.parent / "modules" / "state_backend"))
    assert {"main.tf", "variables.tf", "outputs.tf", "versions.tf"} <= copied
    assert not [name for name in copied if name.startswith("tests/") or not name.endswith((".tf", ".tftpl"))]


def test_a_removed_file_of_a_module_is_deleted(tmp_path: Path) -> None:
    def build(app: App) -> None:
        HclModule(ReadableStack(app, "one"), "state", module="state_backend", variables=BUCKET)

    (path,) = synthesize(build, tmp_path / "out")
    stale = path.parent / "modules" / "state_backend" / "removed.tf"
    stale.write_text("# of an earlier version\n")
    synthesize(build, tmp_path / "out")
    assert not stale.exists()


def test_an_unwritable_output_is_reported_before_the_build(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(OperatorError, match="out cannot be written: Not a directory") as caught:
        synthesize(fails_while_building, tmp_path / "out")
    assert "CDKTF_OUTDIR" in caught.value.remedy


def test_a_full_disk_while_node_writes_is_an_operator_error(tmp_path: Path) -> None:
    def onto_a_full_disk(app: App) -> None:
        stacks("one")(app)
        Path(app.outdir, "manifest.json").symlink_to("/dev/full")

    with pytest.raises(OperatorError, match="out cannot be written: No space left on device") as caught:
        synthesize(onto_a_full_disk, tmp_path / "out")
    assert caught.value.exit_code == FAILURE
    assert list(tmp_path.iterdir()) == []


@pytest.mark.integration
def test_an_interrupted_synthesis_exits_with_130_and_writes_nothing(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    interrupted = "lambda *_, **__: exec('raise KeyboardInterrupt')"
    app = f"type('App', (), {{'__module__': s.App.__module__, '__init__': {interrupted}}})"
    script = f"import main, wealist.toolkit.synthesis as s; s.App = {app}"
    done = run_python("-c", f"import sys; {script}; sys.exit(main.main())", cwd=project)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "interrupted\n"
    assert [path for path in project.iterdir() if "cdktf.out" in path.name] == []


def test_the_output_folder_is_cdktf_out_or_that_of_the_cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CDKTF_OUTDIR", raising=False)
    assert output_folder() == Path("cdktf.out")
    monkeypatch.setenv("CDKTF_OUTDIR", "")
    assert output_folder() == Path("cdktf.out")
    monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "elsewhere"))
    assert output_folder() == tmp_path / "elsewhere"


@pytest.mark.integration
def test_an_invalid_environment_exits_with_2_and_leaves_the_output_unchanged(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    shutil.copytree(project / "modules", tmp_path / "elsewhere" / "stacks" / "prod")
    before = bytes_below(tmp_path / "elsewhere")
    values = project / "wealist" / "spec" / "environments" / "prod.py"
    broken = values.read_text().replace("10.1.0.0/16", "10.0.0.0/16").replace("max_size=6", "max_size=1")
    values.write_text(broken)
    done = run_python("main.py", cwd=project, environment={"CDKTF_OUTDIR": str(tmp_path / "elsewhere")})
    assert done.returncode == 2
    assert done.stdout == ""
    first, *problems = done.stderr.splitlines()
    assert first == "error: 3 problems in the settings of wealist/spec:"
    assert {problem.split(" = ")[0].strip() for problem in problems} == {
        "prod: backend.min_size",
        "prod: backend.desired_capacity",
        "prod: network.cidr",
    }
    assert bytes_below(tmp_path / "elsewhere") == before
    assert not (project / "cdktf.out").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "project"]


@pytest.mark.integration
def test_an_invalid_environment_is_reported_before_constructs_are_imported(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    values = project / "wealist" / "spec" / "environments" / "prod.py"
    values.write_text(values.read_text().replace("max_size=6", "max_size=1"))
    done = run_python("-X", "importtime", "main.py", cwd=project)
    assert done.returncode == 2
    assert "wealist.spec.rules.capacity" in done.stderr
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert [module for module in imported if module.startswith(("wealist.constructs", "wealist.stacks"))] == []

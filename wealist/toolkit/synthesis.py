"""Writes every stack's Terraform JSON, or nothing when anything is wrong.

    build(app) → a temporary folder beside the output → verify → replaces the output, file by file

What Terraform keeps in a stack's folder (`.terraform`, a local state, a plan) stays where it is; its lock file is ours.
"""

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from cdktf import App

from wealist import library
from wealist.errors import BAD_INPUT, OperatorError, of_system, reported_by
from wealist.toolkit import provider_lock
from wealist.toolkit.stack import ReadableStack

DEFAULT_OUTDIR: Final = "cdktf.out"
_INVALID: Final = re.compile(r"Validation failed with the following errors:\n(.*?)(\n\n|$)", re.DOTALL)
_TESTS_OF_A_MODULE: Final = shutil.ignore_patterns("tests", "README.md", ".terraform", provider_lock.NAME)


def output_folder() -> Path:
    """Where the output goes: `CDKTF_OUTDIR`, which the cdktf CLI sets, else `cdktf.out`."""
    return Path(os.environ.get("CDKTF_OUTDIR") or DEFAULT_OUTDIR)


def synthesize(build: Callable[[App], None], outdir: Path, verify: Callable[[Path], None] | None = None) -> list[Path]:
    """Builds an app and writes its stacks.

    Args:
        build: adds the stacks, each a `ReadableStack`, to the app it is given.
        outdir: is made if missing; untouched when anything fails.
        verify: is given the folder with everything before any of it is written to `outdir`; raises to refuse it.

    Returns:
        The `cdk.tf.json` of each stack, by stack name.

    Raises:
        OperatorError: what cdktf's validations found: two constructs of a stack have one address, say. Or the output
            cannot be written, or the code imports another library than the one that is chosen.
    """
    _refuse_another_library()
    outdir = outdir.absolute()
    with ExitStack() as opened:
        with _writing_to(outdir):
            outdir.parent.mkdir(parents=True, exist_ok=True)
            if outdir.exists() and not outdir.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            fresh = Path(opened.enter_context(TemporaryDirectory(prefix=f".{outdir.name}-", dir=outdir.parent)))
        app = App(outdir=str(fresh), stack_traces=False, context=_context())
        build(app)
        with _writing_to(outdir):
            _synth(app)
        _add_files(app, fresh)
        if verify:
            verify(fresh)
        with _writing_to(outdir):
            _publish(fresh, outdir)
    return sorted(outdir.glob("stacks/*/cdk.tf.json"))


def _context() -> dict[str, Any] | None:
    targets = library.chosen().target_versions
    return {"targetVersions": dict(targets)} if targets else None


def _refuse_another_library() -> None:
    """Refuse the library that the code imports where another one is chosen: its addresses would have hashes."""
    chosen = library.chosen()
    imported = App.__module__.partition(".")[0]
    if imported != chosen.core:
        raise OperatorError(
            f"the code imports {imported}, but {library.SETTING} chooses {chosen.core}",
            remedy=f"rename the imports as docs/moving-to-cdktn.md says, or unset {library.SETTING}",
            exit_code=BAD_INPUT,
        )


def _synth(app: App) -> None:
    try:
        app.synth()
    except RuntimeError as error:  # of any error in Node, jsii passes on nothing but the text
        if refused := reported_by(str(error)):
            raise refused from error
        found = _INVALID.search(str(error))
        if found is None:
            raise
        raise OperatorError(
            found[1].strip(), remedy="change the constructs that are named", exit_code=BAD_INPUT
        ) from error


def _add_files(app: App, fresh: Path) -> None:
    """Place beside each stack's JSON the modules that it calls, and the hashes of its provider."""
    for stack in app.node.children:
        if isinstance(stack, ReadableStack):
            beside = fresh / "stacks" / stack.node.id
            provider_lock.place(beside)
            for name, folder in stack.modules.items():
                shutil.copytree(folder, beside / "modules" / name, ignore=_TESTS_OF_A_MODULE)


@contextmanager
def _writing_to(outdir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OperatorError(
            f"{outdir} cannot be written: {error.strerror}",
            remedy="let CDKTF_OUTDIR name a folder with free space that can be, or remove what is in its way",
            exit_code=of_system(OSError(error.errno, error.strerror, str(outdir))).exit_code,
        ) from error


def _publish(fresh: Path, outdir: Path) -> None:
    stale = list(_stale(fresh, outdir))
    for source in (path for path in sorted(fresh.rglob("*")) if path.is_file()):
        target = outdir / source.relative_to(fresh)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    for path in stale:
        path.unlink(missing_ok=True)  # another synthesis may be at it, too


def _stale(fresh: Path, outdir: Path) -> Iterator[Path]:
    """What an earlier synthesis wrote and this one does not: files of stacks that are gone, of modules, hashes."""
    written_by_us = ("cdk.tf.json", provider_lock.NAME, "modules/**/*")
    for written in (path for each in written_by_us for path in outdir.glob(f"stacks/*/{each}")):
        if written.is_file() and not (fresh / written.relative_to(outdir)).exists():
            yield written

"""Writes every stack's Terraform JSON; writes nothing if a step fails.

    build(app) → a temporary folder beside the output → verify → replaces the output, file by file

Terraform's own files in a stack's folder (`.terraform`, a local state, a plan) are kept, except its lock file.
"""

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from cdktf import App

from wealist import library
from wealist.errors import BAD_INPUT, OperatorError, from_os_error, os_error_in
from wealist.toolkit import provider_lock
from wealist.toolkit.stack import ReadableStack

DEFAULT_OUTDIR: Final = "cdktf.out"
_INVALID: Final = re.compile(r"Validation failed with the following errors:\n(.*?)(\n\n|$)", re.DOTALL)
_NOT_COPIED: Final = shutil.ignore_patterns("tests", "README.md", ".terraform", provider_lock.NAME)


def output_folder() -> Path:
    """Return the folder of the output: `CDKTF_OUTDIR`, which the cdktf CLI sets, else `cdktf.out`."""
    return Path(os.environ.get("CDKTF_OUTDIR") or DEFAULT_OUTDIR)


def synthesize(build: Callable[[App], None], outdir: Path, verify: Callable[[Path], None] | None = None) -> list[Path]:
    """Build an app and write its stacks.

    Args:
        build: Adds the stacks, each a `ReadableStack`, to an app.
        outdir: Created if missing. Unchanged after an error.
        verify: Called with the temporary folder before its files replace those of `outdir`. Raises to reject them.

    Returns:
        The path of each stack's `cdk.tf.json`, sorted by stack name.

    Raises:
        OperatorError: cdktf's validations found a problem, such as two constructs with one address; the output cannot
            be written; or the code imports another library than the chosen one.
    """
    _refuse_another_library()
    outdir = outdir.absolute()
    with ExitStack() as stack:
        with _writing_to(outdir):
            outdir.parent.mkdir(parents=True, exist_ok=True)
            if outdir.exists() and not outdir.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            fresh = Path(stack.enter_context(TemporaryDirectory(prefix=f".{outdir.name}-", dir=outdir.parent)))
        targets = library.selected_library().target_versions
        context = {"targetVersions": dict(targets)} if targets else None
        app = App(outdir=str(fresh), stack_traces=False, context=context)
        build(app)
        with _writing_to(outdir):
            _synth(app)
        _add_files(app, fresh)
        if verify:
            verify(fresh)
        with _writing_to(outdir):
            _publish(fresh, outdir)
    return sorted(outdir.glob("stacks/*/cdk.tf.json"))


def _refuse_another_library() -> None:
    """Reject a library that is not the chosen one: the addresses of its stacks would have hashes."""
    chosen = library.selected_library()
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
    except RuntimeError as error:  # jsii passes on only the text of an error in Node
        if os_error := os_error_in(str(error)):
            raise os_error from error
        invalid = _INVALID.search(str(error))
        if invalid is None:
            raise
        raise OperatorError(invalid[1].strip(), remedy="change the named constructs", exit_code=BAD_INPUT) from error


def _add_files(app: App, fresh: Path) -> None:
    """Copy the modules that a stack calls, and the hashes of its provider, beside its JSON."""
    for stack in app.node.children:
        if isinstance(stack, ReadableStack):
            beside = fresh / "stacks" / stack.node.id
            provider_lock.place(beside)
            for name, folder in stack.modules.items():
                shutil.copytree(folder, beside / "modules" / name, ignore=_NOT_COPIED)


@contextmanager
def _writing_to(outdir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OperatorError(
            f"{outdir} cannot be written: {error.strerror}",
            remedy="set CDKTF_OUTDIR to a writable folder on a disk with free space, or remove a file of its name",
            exit_code=from_os_error(OSError(error.errno, error.strerror, str(outdir))).exit_code,
        ) from error


def _publish(fresh: Path, outdir: Path) -> None:
    stale = list(_stale(fresh, outdir))
    for source in (path for path in sorted(fresh.rglob("*")) if path.is_file()):
        target = outdir / source.relative_to(fresh)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    for path in stale:
        path.unlink(missing_ok=True)  # another synthesis may have removed it


def _stale(fresh: Path, outdir: Path) -> Iterator[Path]:
    """Yield files of earlier syntheses that this one did not write: of removed stacks and modules, and hashes."""
    patterns = ("cdk.tf.json", provider_lock.NAME, "modules/**/*")
    for written in (path for each in patterns for path in outdir.glob(f"stacks/*/{each}")):
        if written.is_file() and not (fresh / written.relative_to(outdir)).exists():
            yield written

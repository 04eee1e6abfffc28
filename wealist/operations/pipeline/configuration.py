"""What Terraform is given for a stack, as one digest, and which stacks differ between two syntheses."""

import hashlib
from pathlib import Path
from typing import Final

from wealist import project
from wealist.spec.account import SHARED_STACKS

_TERRAFORMS_OWN: Final = (".terraform", ".terraform.lock.hcl")


def digest(folder: Path) -> str:
    """The SHA-256 of a stack's synthesized files: their paths and contents, modules included.

    Two commits that synthesize a stack alike give it the same digest, whatever else differs between them.
    """
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        relative = path.relative_to(folder)
        if relative.parts[0] not in _TERRAFORMS_OWN:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            found.update(f"{relative.as_posix()}\0{content}\n".encode())
    return found.hexdigest()


def configurations(root: Path) -> dict[str, str]:
    """Every stack of a synthesis and its digest, in the order of applies: what the others rest on comes first."""
    names = sorted(
        project.stack_names(root), key=lambda name: (name not in SHARED_STACKS, name != SHARED_STACKS[0], name)
    )
    return {name: digest(project.stack_folder(name, root)) for name in names}


def changed(base: Path, head: Path) -> dict[str, str]:
    """The stacks of `head` that `base` lacks or synthesizes otherwise, with their digests, in the order of applies.

    A base that could not be synthesized has no manifest: then every stack counts as changed.
    """
    before = _configurations_if_any(base)
    return {name: found for name, found in configurations(head).items() if before.get(name) != found}


def removed(base: Path, head: Path) -> list[str]:
    """The stacks that only `base` has: their code is gone, what they made in AWS is not."""
    return sorted(_configurations_if_any(base).keys() - configurations(head).keys())


def _configurations_if_any(root: Path) -> dict[str, str]:
    return configurations(root) if (root / "manifest.json").is_file() else {}

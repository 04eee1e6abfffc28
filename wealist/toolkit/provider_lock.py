"""The committed hashes of the AWS provider, which synthesis copies beside each stack.

provider.lock.hcl ─ same version as the installed bindings? ─► stacks/<stack>/.terraform.lock.hcl

`terraform init` rejects a provider with another hash, and leaves the file unchanged. docs/pipeline.md describes how to
write the file for another version.
https://developer.hashicorp.com/terraform/language/files/dependency-lock
"""

import re
import shutil
from pathlib import Path
from typing import Final

from wealist.model import provider

COMMITTED: Final = Path(__file__).with_name("provider.lock.hcl")
NAME: Final = ".terraform.lock.hcl"
_VERSION: Final = re.compile(r'^  version += "(.+)"$', re.MULTILINE)


def committed_version() -> str:
    """Return the provider version of the committed hashes."""
    (version,) = _VERSION.findall(COMMITTED.read_text(encoding="utf-8"))
    return str(version)


def place(folder: Path) -> None:
    """Copy the hashes into a stack's folder, unless the stack requires another version."""
    if committed_version() == provider.version():
        shutil.copyfile(COMMITTED, folder / NAME)


def warnings() -> list[str]:
    """Return a warning if the hashes are of another version and therefore not copied."""
    committed, required = committed_version(), provider.version()
    if committed == required:
        return []
    consequence = "so Terraform accepts any provider of that version"
    remedy = f"write {COMMITTED.name} as docs/pipeline.md describes"
    return [f"no hash of the AWS provider {required} is committed, only of {committed}, {consequence}; {remedy}"]

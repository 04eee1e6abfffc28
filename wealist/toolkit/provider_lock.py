"""The committed hashes of the AWS provider, which synthesis places beside each stack.

provider.lock.hcl ─ of the version of the installed bindings? ─► stacks/<stack>/.terraform.lock.hcl

`terraform init` refuses a provider with another hash, and leaves the file as it is: every later synthesis writes the
same bytes. docs/pipeline.md says how to write it for another version.
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
    """Return the version of the provider that the committed hashes are of."""
    (version,) = _VERSION.findall(COMMITTED.read_text(encoding="utf-8"))
    return str(version)


def place(folder: Path) -> None:
    """Place the hashes in a stack's folder; none where they are of another version than the stack requires."""
    if committed_version() == provider.version():
        shutil.copyfile(COMMITTED, folder / NAME)


def warnings() -> list[str]:
    """Return a warning where the hashes are of another version, so that none is placed."""
    committed, required = committed_version(), provider.version()
    if committed == required:
        return []
    consequence = "so that Terraform runs whatever it finds"
    remedy = f"write {COMMITTED.name} as docs/pipeline.md says"
    return [f"no hash of the AWS provider {required} is committed, only of {committed}, {consequence}; {remedy}"]

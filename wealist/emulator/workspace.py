"""Prepare the work folder of a stack for the embedded AWS, beside what operators apply.

    .wealist/emulated/prod/  cdk.tf.json           as synthesized, without the types that moto cannot create
                             modules/              as synthesized
                             .terraform.lock.hcl   as synthesized
                             aws_override.tf.json  settings of providers and backend for the embedded AWS
                             .terraform/           reused, so that init takes a second

Terraform merges the override file into the configuration. The synthesized stack itself needs no such settings.
https://developer.hashicorp.com/terraform/language/files/override
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from wealist.project import WORK

OVERRIDE: Final = "aws_override.tf.json"
"""Override files are merged in the order of their names, so an operator's `backend_override.tf.json` has precedence."""
_KEPT: Final = (".terraform", ".terraform.lock.hcl")

PROVIDER_SETTINGS: Final = {
    "skip_credentials_validation": True,
    "skip_metadata_api_check": True,
    "s3_use_path_style": True,
}
"""The account id is still requested, so that `allowed_account_ids` is checked as in AWS."""

BACKEND_SETTINGS: Final = {
    "skip_credentials_validation": True,
    "skip_metadata_api_check": True,
    "skip_requesting_account_id": True,
    "use_path_style": True,
}
"""Virtual-hosted buckets would need DNS. https://developer.hashicorp.com/terraform/language/backend/s3"""


LEFT_OUT: Final[Mapping[str, str]] = {
    "aws_accessanalyzer_analyzer": "moto has no IAM Access Analyzer",
}
"""Types that are left out in the embedded AWS → the reason. No resource of another type may refer to them."""


def prepare(stack_folder: Path, *, base: Path = WORK / "emulated") -> Path:
    """Update the work folder of a stack.

    Args:
        stack_folder: The folder of the synthesized stack.
        base: The folder that contains the work folders.

    Returns:
        The work folder.
    """
    folder = base / stack_folder.name
    folder.mkdir(parents=True, exist_ok=True)
    _clear(folder)
    shutil.copytree(stack_folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))
    written = folder / "cdk.tf.json"
    configuration = json.loads(written.read_text())
    if left := left_out(configuration):
        for kind in {address.partition(".")[0] for address in left}:
            del configuration["resource"][kind]
        written.write_text(json.dumps(configuration, indent=2))
    (folder / OVERRIDE).write_text(json.dumps(overrides(configuration), indent=2, sort_keys=True) + "\n")
    return folder


def left_out(configuration: Mapping[str, Any]) -> dict[str, str]:
    """Return the resources that are left out: address → reason."""
    resources = configuration.get("resource", {})
    return {f"{kind}.{name}": why for kind, why in LEFT_OUT.items() for name in resources.get(kind, {})}


def overrides(configuration: dict[str, Any]) -> dict[str, Any]:
    """Return the override file for a configuration.

    Terraform merges provider blocks by alias, so each alias appears. It replaces backend blocks as a whole, so the
    settings of the backend are repeated.
    """
    providers = configuration.get("provider", {}).get("aws", [])
    merged: dict[str, Any] = {"provider": {"aws": [_provider(block) for block in _blocks(providers)]}}
    backend = configuration.get("terraform", {}).get("backend", {}).get("s3")
    if backend is not None:
        merged["terraform"] = {"backend": {"s3": backend | BACKEND_SETTINGS}}
    return merged


def _provider(block: dict[str, Any]) -> dict[str, Any]:
    alias = {"alias": block["alias"]} if "alias" in block else {}
    return alias | PROVIDER_SETTINGS


def _blocks(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 -- JSON
    """Return a list of blocks. A single block may be written without a list.

    https://developer.hashicorp.com/terraform/language/syntax/json
    """
    return value if isinstance(value, list) else [value]


def _clear(folder: Path) -> None:
    """Remove the files of an earlier synthesis, which may no longer belong to the stack."""
    for entry in folder.iterdir():
        if entry.name in _KEPT:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()

"""A work folder for the embedded AWS: the synthesized stack, and beside it what only the embedded AWS needs.

    .wealist/emulated/prod/  cdk.tf.json           as synthesized, without the types that moto cannot make
                             modules/              as synthesized
                             .terraform.lock.hcl   as synthesized
                             aws_override.tf.json  settings of providers and backend for the embedded AWS
                             .terraform/           kept between runs: init takes a second instead of many

Terraform merges an override file into the configuration, so what operators apply stays free of all this.
https://developer.hashicorp.com/terraform/language/files/override
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from wealist.project import WORK

OVERRIDE: Final = "aws_override.tf.json"
"""Override files are merged by name: this one before an operator's `backend_override.tf.json`, which so has its way."""
KEPT: Final = (".terraform", ".terraform.lock.hcl")

PROVIDER_SETTINGS: Final = {
    "skip_credentials_validation": True,
    "skip_metadata_api_check": True,
    "s3_use_path_style": True,
}
"""The account id is still asked for: `allowed_account_ids` is checked here as it is against AWS."""

BACKEND_SETTINGS: Final = {
    "skip_credentials_validation": True,
    "skip_metadata_api_check": True,
    "skip_requesting_account_id": True,
    "use_path_style": True,
}
"""Virtual-hosted buckets would need a name server. https://developer.hashicorp.com/terraform/language/backend/s3"""


LEFT_OUT: Final[Mapping[str, str]] = {
    "aws_accessanalyzer_analyzer": "moto has no IAM Access Analyzer",
}
"""Types of which nothing is made in the embedded AWS → why. No resource of another type may refer to one of these."""


def prepare(stack_folder: Path, *, base: Path = WORK / "emulated") -> Path:
    """Bring a stack's work folder up to date and return it."""
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
    """What a configuration holds and the embedded AWS lacks: address → why."""
    resources = configuration.get("resource", {})
    return {f"{kind}.{name}": why for kind, why in LEFT_OUT.items() for name in resources.get(kind, {})}


def overrides(configuration: dict[str, Any]) -> dict[str, Any]:
    """The override file that a configuration needs.

    A provider block is merged by its alias, so each alias is named. A backend block is replaced as a whole, so its
    own settings are repeated.
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
    """A list of blocks, for one may stand without its list.

    https://developer.hashicorp.com/terraform/language/syntax/json
    """
    return value if isinstance(value, list) else [value]


def _clear(folder: Path) -> None:
    """Remove what an earlier synthesis left, so that a stack never plans a file that it no longer has."""
    for entry in folder.iterdir():
        if entry.name in KEPT:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()

"""Write `wealist/model/sensitive.json` from the provider's schema: `python -m tests.provider_schema`.

The schema is large, and reading it needs Terraform and the provider. The extract has a few kilobytes.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from wealist.model.provider import SENSITIVE, version
from wealist.operations.provider_mirror import AWS_PROVIDER, cli_settings
from wealist.operations.terraform_executable import find_terraform


@cache
def resource_schemas() -> dict[str, Any]:
    """Return the schema of each resource type, as Terraform prints it."""
    requirement = {"aws": {"source": "hashicorp/aws", "version": version()}}
    environment = os.environ | cli_settings(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        document = {"terraform": {"required_providers": requirement}}
        Path(folder, "main.tf.json").write_text(json.dumps(document), encoding="utf-8")

        def run(*arguments: str) -> str:
            argv = [*find_terraform().argv, *arguments]
            done = subprocess.run(argv, cwd=folder, env=environment, check=True, capture_output=True, text=True)
            return done.stdout

        run("init", "-input=false")
        schemas: dict[str, Any] = json.loads(run("providers", "schema", "-json"))
    found: dict[str, Any] = schemas["provider_schemas"][AWS_PROVIDER]["resource_schemas"]
    return found


def sensitive() -> dict[str, list[str]]:
    """Return the paths of the sensitive arguments of each type."""
    by_type = {kind: sorted(_sensitive(schema["block"])) for kind, schema in sorted(resource_schemas().items())}
    return {kind: paths for kind, paths in by_type.items() if paths}


def _sensitive(block: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, attribute in block.get("attributes", {}).items():
        if attribute.get("sensitive") and (attribute.get("optional") or attribute.get("required")):
            yield f"{path}{name}"
    for name, nested in block.get("block_types", {}).items():
        yield from _sensitive(nested["block"], f"{path}{name}.")


def written(by_type: dict[str, list[str]]) -> str:
    """Return the text of the extract, one type per line."""
    lines = ",\n".join(f"  {json.dumps(kind)}: {json.dumps(paths)}" for kind, paths in by_type.items())
    return f"{{\n{lines}\n}}\n"


if __name__ == "__main__":
    SENSITIVE.write_text(written(sensitive()), encoding="utf-8")

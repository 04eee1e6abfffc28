"""Find a filesystem mirror of the AWS provider for Terraform. Without one, Terraform uses its registry.

A mirror is a folder in one of Terraform's two layouts, with the provider version of the installed bindings:

    MIRROR/registry.terraform.io/hashicorp/aws/VERSION/linux_amd64/
    MIRROR/registry.terraform.io/hashicorp/aws/terraform-provider-aws_VERSION_linux_amd64.zip

From an unpacked mirror (the first layout), Terraform links the provider into the work folder instead of copying it.
https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from wealist.errors import BAD_INPUT, OperatorError
from wealist.files import write_atomically
from wealist.model.provider import version
from wealist.project import WORK

AWS_PROVIDER: Final = "registry.terraform.io/hashicorp/aws"

ROOTS: Final = tuple(map(Path, ("/opt", "/usr/local", "/usr/local/share", "/srv", "/var/lib")))
"""Common folders for manual installations. Each, and each folder directly in it, may be a mirror."""

SETTING: Final = "WEALIST_PROVIDER_MIRROR"
CLI_CONFIG: Final = "TF_CLI_CONFIG_FILE"


def cli_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables with which Terraform finds the provider.

    In order of precedence: WEALIST_PROVIDER_MIRROR, the operator's own CLI configuration, a mirror in a common folder.

    Raises:
        OperatorError: WEALIST_PROVIDER_MIRROR names a folder without the provider; exit code 2.
    """
    named = environ.get(SETTING)
    if named:
        return {CLI_CONFIG: str(_write_cli_config(_named_mirror(named)))}
    own = _own_cli_config(environ)
    if own:
        return {CLI_CONFIG: str(own)}
    mirror = next((folder for folder in _candidates(environ) if _holds_provider(folder)), None)
    return {CLI_CONFIG: str(_write_cli_config(mirror))} if mirror else {}


def _named_mirror(named: str) -> Path:
    folder = Path(named).expanduser().absolute()
    if not _holds_provider(folder):
        raise OperatorError(
            f"{SETTING}={named} does not contain {AWS_PROVIDER} {version()}",
            remedy=f"set it to the folder that contains registry.terraform.io/, or unset {SETTING}",
            exit_code=BAD_INPUT,
        )
    return folder


def _own_cli_config(environ: Mapping[str, str]) -> Path | None:
    """Return the operator's CLI configuration.

    That is the file in TF_CLI_CONFIG_FILE; else `~/.terraformrc` if it has a `provider_installation` block.
    """
    named = Path(environ.get(CLI_CONFIG, ""))
    if named.is_file():
        return named.absolute()
    implied = _home(environ) / ".terraformrc"
    if implied.is_file() and "provider_installation" in implied.read_text():
        return implied
    return None


def _holds_provider(folder: Path) -> bool:
    provider = folder / AWS_PROVIDER
    packed = f"terraform-provider-aws_{version()}_*.zip"
    try:
        return (provider / version()).is_dir() or any(provider.glob(packed))
    except OSError:  # not readable
        return False


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    """Iterate over Terraform's implied mirrors, then over `ROOTS`, the home folder, and the folders in them.

    https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
    """
    home = _home(environ)
    yield home / ".terraform.d/plugins"
    yield home / "Library/Application Support/io.terraform/plugins"
    shared = environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    for data in (environ.get("XDG_DATA_HOME") or str(home / ".local/share"), *shared.split(":")):
        yield Path(data) / "terraform/plugins"
    for root in (*ROOTS, home):
        yield root
        yield from _folders(root)


def _folders(root: Path) -> list[Path]:
    try:
        return sorted(entry for entry in root.iterdir() if entry.is_dir())
    except OSError:  # missing or not readable
        return []


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or Path.home())


def _write_cli_config(mirror: Path) -> Path:
    """Write a CLI configuration that installs only the AWS provider from the mirror. Return its path."""
    path = WORK / "terraform.tfrc"
    include = json.dumps([AWS_PROVIDER])
    text = f"""\
provider_installation {{
  filesystem_mirror {{
    path    = {json.dumps(str(mirror))}
    include = {include}
  }}
  direct {{
    exclude = {include}
  }}
}}
"""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text)
    return path

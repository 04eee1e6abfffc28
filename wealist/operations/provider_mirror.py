"""Where Terraform gets the AWS provider from: a filesystem mirror where there is one, else its registry.

A mirror is a folder in one of Terraform's two layouts, unpacked or packed. Its version is the one that the installed
bindings were made for:

    MIRROR/registry.terraform.io/hashicorp/aws/VERSION/linux_amd64/
    MIRROR/registry.terraform.io/hashicorp/aws/terraform-provider-aws_VERSION_linux_amd64.zip

From an unpacked one, Terraform links the provider into the work folder and copies nothing.
https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from wealist.errors import BAD_INPUT, OperatorError
from wealist.model.provider import version
from wealist.project import WORK
from wealist.whole import write_whole

AWS_PROVIDER: Final = "registry.terraform.io/hashicorp/aws"

ROOTS: Final = tuple(map(Path, ("/opt", "/usr/local", "/usr/local/share", "/srv", "/var/lib")))
"""Where people put what no package manager installs. One level below each is looked at, and the home directory."""

SETTING: Final = "WEALIST_PROVIDER_MIRROR"
CLI_CONFIG: Final = "TF_CLI_CONFIG_FILE"


def cli_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment variables that let Terraform find the provider.

    The operator's word goes first: our setting, then a CLI configuration of their own, which is left alone.
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
            f"{SETTING}={named} holds no {AWS_PROVIDER} {version()}",
            remedy=f"name the folder that holds registry.terraform.io/, or unset {SETTING}",
            exit_code=BAD_INPUT,
        )
    return folder


def _own_cli_config(environ: Mapping[str, str]) -> Path | None:
    """The operator's CLI configuration, if it is to decide.

    The one they name always is. The one in their home counts if it says where providers come from.
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
    except OSError:  # a folder that we may not read is no mirror of ours
        return False


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    """Terraform's own places, then one level under the usual roots of things installed by hand.

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
    except OSError:  # absent, or not ours to read
        return []


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or Path.home())


def _write_cli_config(mirror: Path) -> Path:
    """Write a CLI configuration that takes the AWS provider, and only that, from the mirror."""
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
    write_whole(path, text)
    return path

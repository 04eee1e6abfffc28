from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wealist.errors import OperatorError
from wealist.model.provider import version
from wealist.operations import provider_mirror
from wealist.operations.provider_mirror import AWS_PROVIDER, cli_settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, on a machine without other folders."""
    monkeypatch.setattr(provider_mirror, "ROOTS", (tmp_path / "opt",))
    monkeypatch.setattr(provider_mirror, "WORK", tmp_path / "work")
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def environ(home: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(home), "XDG_DATA_DIRS": str(home / "absent")} | more


def mirror(folder: Path, of: str = version()) -> Path:
    (folder / AWS_PROVIDER / of / "linux_amd64").mkdir(parents=True)
    return folder


def config(settings: dict[str, str]) -> str:
    return Path(settings["TF_CLI_CONFIG_FILE"]).read_text()


def test_terraform_uses_its_registry_without_a_mirror(home: Path) -> None:
    assert cli_settings(environ(home)) == {}


@pytest.mark.parametrize(
    "place", ["home/.terraform.d/plugins", "home/.local/share/terraform/plugins", "home/mirror", "opt", "opt/plugins"]
)
def test_mirrors_are_found_in_implied_mirrors_and_common_folders(home: Path, tmp_path: Path, place: str) -> None:
    found = mirror(tmp_path / place)
    assert f'path    = "{found}"' in config(cli_settings(environ(home)))


def test_nested_folders_are_not_searched(home: Path) -> None:
    mirror(home / "a" / "b")
    assert cli_settings(environ(home)) == {}


def test_a_mirror_of_another_version_is_ignored(home: Path) -> None:
    mirror(home / "mirror", of="6.0.0")
    assert cli_settings(environ(home)) == {}


def test_packed_mirrors_are_found(home: Path) -> None:
    folder = home / "mirror" / AWS_PROVIDER
    folder.mkdir(parents=True)
    (folder / f"terraform-provider-aws_{version()}_linux_amd64.zip").touch()
    assert cli_settings(environ(home)).keys() == {"TF_CLI_CONFIG_FILE"}


def test_only_the_aws_provider_is_installed_from_the_mirror(home: Path) -> None:
    mirror(home / "mirror")
    text = config(cli_settings(environ(home)))
    assert f'include = ["{AWS_PROVIDER}"]' in text
    assert f'exclude = ["{AWS_PROVIDER}"]' in text


def test_the_setting_takes_precedence(home: Path, tmp_path: Path) -> None:
    mirror(home / ".terraform.d" / "plugins")
    chosen = mirror(tmp_path / "elsewhere" / "deep" / "down")
    assert str(chosen) in config(cli_settings(environ(home, WEALIST_PROVIDER_MIRROR=str(chosen))))


def test_the_setting_must_name_a_folder_with_the_provider(home: Path) -> None:
    with pytest.raises(OperatorError, match=r"does not contain .*hashicorp/aws") as error:
        cli_settings(environ(home, WEALIST_PROVIDER_MIRROR=str(home)))
    assert "registry.terraform.io/" in error.value.remedy


def test_the_operators_cli_configuration_is_used_unchanged(home: Path, tmp_path: Path) -> None:
    mirror(home / "mirror")
    own = tmp_path / "own.tfrc"
    own.touch()
    assert cli_settings(environ(home, TF_CLI_CONFIG_FILE=str(own))) == {"TF_CLI_CONFIG_FILE": str(own)}


def test_a_missing_cli_configuration_is_ignored(home: Path) -> None:
    found = mirror(home / "mirror")
    assert str(found) in config(cli_settings(environ(home, TF_CLI_CONFIG_FILE=str(home / "absent"))))


@pytest.mark.parametrize(
    ("text", "is_used"), [("provider_installation {}", True), ("disable_checkpoint = true", False)]
)
def test_terraformrc_is_used_if_it_configures_provider_installation(home: Path, text: str, *, is_used: bool) -> None:
    mirror(home / "mirror")
    own = home / ".terraformrc"
    own.write_text(text)
    assert (cli_settings(environ(home))["TF_CLI_CONFIG_FILE"] == str(own)) is is_used


@pytest.mark.integration
def test_concurrent_commands_write_the_same_configuration(home: Path) -> None:
    found = mirror(home / "mirror")
    with ThreadPoolExecutor(max_workers=8) as pool:
        written = list(pool.map(lambda _: cli_settings(environ(home)), range(400)))
    assert all(settings == written[0] for settings in written)
    assert f'path    = "{found}"' in config(written[0])

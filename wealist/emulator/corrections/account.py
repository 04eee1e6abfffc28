"""What holds for a whole region of the account; moto has no such settings.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html
"""

from typing import Final

from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.ec2.responses import EC2Response

from wealist.emulator.corrections.replace import Correction, Replace

_KEPT: Final = "account_settings"
"""The attribute of moto's backend, of which each region has its own, that keeps them."""
_UNBLOCKED: Final = "unblocked"
_METADATA: Final = ("HttpTokens", "HttpPutResponseHopLimit", "HttpEndpoint", "InstanceMetadataTags")
_UNSET: Final = ("no-preference", "-1", -1)
"""What takes the account's preference back."""


def _settings(backend: EC2Backend) -> dict[str, object]:
    settings: dict[str, object] = vars(backend).setdefault(_KEPT, {})
    return settings


def regions_have_defaults_of_instance_metadata(replace: Replace) -> None:
    """New instances get the account's options where their launch names none; moto has no such call.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataDefaults.html
    """

    def modify_instance_metadata_defaults(self: EC2Response) -> ActionResult:
        defaults = _defaults(self.ec2_backend)
        for name in _METADATA:
            value = self._get_param(name)
            if value in _UNSET:
                defaults.pop(name, None)
            elif value is not None:
                defaults[name] = value
        return ActionResult({"Return": True})

    def get_instance_metadata_defaults(self: EC2Response) -> ActionResult:
        return ActionResult({"AccountLevel": _defaults(self.ec2_backend)})

    replace(EC2Response, "modify_instance_metadata_defaults", modify_instance_metadata_defaults)
    replace(EC2Response, "get_instance_metadata_defaults", get_instance_metadata_defaults)


def _defaults(backend: EC2Backend) -> dict[str, object]:
    defaults: dict[str, object] = vars(backend).setdefault("metadata_defaults", {})
    return defaults


def regions_block_public_snapshots_and_images(replace: Replace) -> None:
    """Nobody gives a snapshot or an image to everybody while the region blocks it; moto has no such calls.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableSnapshotBlockPublicAccess.html
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableImageBlockPublicAccess.html
    """
    _blocks(replace, "snapshot", "State")
    _blocks(replace, "image", "ImageBlockPublicAccessState")


def _blocks(replace: Replace, what: str, argument: str) -> None:
    def enable(self: EC2Response) -> ActionResult:
        _settings(self.ec2_backend)[what] = self._get_param(argument)
        return get(self)

    def disable(self: EC2Response) -> ActionResult:
        _settings(self.ec2_backend)[what] = _UNBLOCKED
        return get(self)

    def get(self: EC2Response) -> ActionResult:
        return ActionResult({argument: _settings(self.ec2_backend).get(what, _UNBLOCKED), "ManagedBy": "account"})

    replace(EC2Response, f"enable_{what}_block_public_access", enable)
    replace(EC2Response, f"disable_{what}_block_public_access", disable)
    replace(EC2Response, f"get_{what}_block_public_access_state", get)


def regions_open_and_close_the_serial_console(replace: Replace) -> None:
    """The serial console is closed until somebody opens it; moto has no such calls.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableSerialConsoleAccess.html
    """
    replace(EC2Response, "enable_serial_console_access", _console(value=True))
    replace(EC2Response, "disable_serial_console_access", _console(value=False))
    replace(EC2Response, "get_serial_console_access_status", _console(value=None))


def _console(*, value: bool | None) -> object:
    def call(self: EC2Response) -> ActionResult:
        settings = _settings(self.ec2_backend)
        if value is not None:
            settings["serial console"] = value
        return ActionResult({"SerialConsoleAccessEnabled": settings.get("serial console", False)})

    return call


CORRECTIONS: tuple[Correction, ...] = (
    regions_have_defaults_of_instance_metadata,
    regions_block_public_snapshots_and_images,
    regions_open_and_close_the_serial_console,
)

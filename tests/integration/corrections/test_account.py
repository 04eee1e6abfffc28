from functools import partial
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError

from wealist.emulator.corrections import account
from wealist.emulator.corrections.replace import Replace
from wealist.spec.account import REGION

client = partial(boto3.client, region_name=REGION)

ASKED: Final = (
    "get_instance_metadata_defaults",
    "get_snapshot_block_public_access_state",
    "get_image_block_public_access_state",
    "get_serial_console_access_status",
)


@pytest.fixture
def ec2() -> Any:
    return client("ec2")


@pytest.mark.parametrize("call", ASKED)
def test_moto_alone_has_no_such_settings(ec2: Any, call: str) -> None:
    with pytest.raises((ClientError, NotImplementedError)):
        getattr(ec2, call)()


def test_instances_get_the_regions_metadata_options_until_they_are_taken_back(ec2: Any, replace: Replace) -> None:
    account.regions_have_defaults_of_instance_metadata(replace)
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {}
    assert ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)["Return"]
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 2,
    }
    ec2.modify_instance_metadata_defaults(HttpTokens="no-preference", HttpPutResponseHopLimit=-1)
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {}


def test_a_region_blocks_public_snapshots_until_it_is_told_otherwise(ec2: Any, replace: Replace) -> None:
    account.regions_block_public_snapshots_and_images(replace)
    assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"
    assert ec2.enable_snapshot_block_public_access(State="block-all-sharing")["State"] == "block-all-sharing"
    assert ec2.get_snapshot_block_public_access_state()["State"] == "block-all-sharing"
    assert ec2.disable_snapshot_block_public_access()["State"] == "unblocked"


def test_a_region_blocks_public_images_and_no_other_region_does(ec2: Any, replace: Replace) -> None:
    account.regions_block_public_snapshots_and_images(replace)
    ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
    elsewhere = boto3.client("ec2", region_name="us-east-1")
    assert elsewhere.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "unblocked"


def test_the_serial_console_is_closed_until_it_is_opened(ec2: Any, replace: Replace) -> None:
    account.regions_open_and_close_the_serial_console(replace)
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is False
    assert ec2.enable_serial_console_access()["SerialConsoleAccessEnabled"] is True
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is True
    assert ec2.disable_serial_console_access()["SerialConsoleAccessEnabled"] is False

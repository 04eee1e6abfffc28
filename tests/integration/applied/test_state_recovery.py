"""A damaged or deleted state comes back from the bucket's versions."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.applied.everything import Applied
from wealist.model.stack import without_index
from wealist.operations.emulated_stacks import ACCOUNT, planned_changes
from wealist.spec.account import STATE_BUCKET

pytestmark = pytest.mark.integration

KEY = "wealist/account.tfstate"
Damage = Callable[[Any], None]


def delete(s3: Any) -> None:
    s3.delete_object(Bucket=STATE_BUCKET, Key=KEY)


def truncate(s3: Any) -> None:
    s3.put_object(Bucket=STATE_BUCKET, Key=KEY, Body=content(s3)[:1000])


def content(s3: Any) -> bytes:
    return bytes(s3.get_object(Bucket=STATE_BUCKET, Key=KEY)["Body"].read())


def versions(s3: Any) -> list[str]:
    """Return the state's versions, newest first, without delete markers."""
    listed = s3.list_object_versions(Bucket=STATE_BUCKET, Prefix=KEY)["Versions"]
    mine = [version for version in listed if version["Key"] == KEY]
    return [version["VersionId"] for version in sorted(mine, key=lambda each: each["LastModified"], reverse=True)]


def restore(s3: Any, version: str) -> None:
    """Copy an older version over the newest, as docs/recovery.md describes."""
    source = {"Bucket": STATE_BUCKET, "Key": KEY, "VersionId": version}
    s3.copy_object(Bucket=STATE_BUCKET, Key=KEY, CopySource=source)


@pytest.fixture
def s3(applied: Applied) -> Iterator[Any]:
    """A client of S3. The account's state is restored after the test."""
    client = applied.client("s3")
    whole = content(client)
    yield client
    client.put_object(Bucket=STATE_BUCKET, Key=KEY, Body=whole)


@pytest.mark.parametrize(("damage", "last_good"), [(delete, 0), (truncate, 1)])
def test_a_damaged_state_is_restored_from_its_last_good_version(
    applied: Applied, s3: Any, damage: Damage, last_good: int
) -> None:
    whole = content(s3)
    damage(s3)
    restore(s3, versions(s3)[last_good])
    assert content(s3) == whole
    assert planned_changes(applied.plan(ACCOUNT)) == {}


def test_a_truncated_state_stops_terraform_before_any_change(applied: Applied, s3: Any) -> None:
    truncate(s3)
    damaged = content(s3)
    stopped = applied.terraform(ACCOUNT).run("apply", "-auto-approve", capture=True, check=False)
    assert stopped.returncode == 1
    assert "Error" in stopped.stderr
    assert content(s3) == damaged


def test_a_deleted_state_gives_a_plan_that_creates_everything(applied: Applied, s3: Any) -> None:
    everything = {each for resource in json.loads(content(s3))["resources"] for each in instances(resource)}
    delete(s3)
    planned = planned_changes(applied.plan(ACCOUNT))
    assert set(planned.values()) == {("create",)}
    assert {without_index(address) for address in planned} == everything


def instances(resource: dict[str, Any]) -> list[str]:
    return [f"{resource['type']}.{resource['name']}"] if resource["mode"] == "managed" else []

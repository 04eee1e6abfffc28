from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from wealist.emulator.corrections import cloudtrail
from wealist.emulator.corrections.replace import Replace
from wealist.spec.account import CDN_CERTIFICATE_REGION, REGION

here, elsewhere = (partial(boto3.client, region_name=region) for region in (REGION, CDN_CERTIFICATE_REGION))
WRITES = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": []}


def trail(*, everywhere: bool) -> str:
    """The ARN of a trail that selects writes."""
    here("s3").create_bucket(Bucket="records", CreateBucketConfiguration={"LocationConstraint": REGION})
    trails = here("cloudtrail")
    made = trails.create_trail(Name="records", S3BucketName="records", IsMultiRegionTrail=everywhere)
    trails.put_event_selectors(TrailName="records", EventSelectors=[WRITES])
    return str(made["TrailARN"])


def selected(client: Any, name: str) -> list[str]:
    return [each["ReadWriteType"] for each in client.get_event_selectors(TrailName=name)["EventSelectors"]]


def test_moto_alone_knows_a_multi_region_trail_in_its_own_region_alone() -> None:
    arn = trail(everywhere=True)
    with pytest.raises(ClientError, match="TrailNotFoundException"):
        selected(elsewhere("cloudtrail"), arn)


def test_a_multi_region_trail_tells_what_it_selects_in_every_region(replace: Replace) -> None:
    cloudtrail.trails_of_every_region_tell_their_selectors_in_each(replace)
    arn = trail(everywhere=True)
    assert selected(here("cloudtrail"), "records") == selected(here("cloudtrail"), arn) == ["WriteOnly"]
    assert selected(elsewhere("cloudtrail"), arn) == ["WriteOnly"]


@pytest.mark.parametrize("name", ["records", "arn:aws:cloudtrail:ap-northeast-2:123456789012:trail/none"])
def test_another_region_knows_no_trail_by_its_name_and_none_that_there_is_not(name: str, replace: Replace) -> None:
    cloudtrail.trails_of_every_region_tell_their_selectors_in_each(replace)
    trail(everywhere=True)
    with pytest.raises(ClientError, match="TrailNotFoundException"):
        selected(elsewhere("cloudtrail"), name)


def test_a_trail_of_one_region_is_unknown_in_others(replace: Replace) -> None:
    cloudtrail.trails_of_every_region_tell_their_selectors_in_each(replace)
    arn = trail(everywhere=False)
    with pytest.raises(ClientError, match="TrailNotFoundException"):
        selected(elsewhere("cloudtrail"), arn)

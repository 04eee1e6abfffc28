"""Trails, as other regions than their own see them."""

from typing import Any

from moto.cloudtrail.exceptions import TrailNotFoundException
from moto.cloudtrail.models import CloudTrailBackend, Trail

from wealist.emulator.corrections.replace import Correction, Replace


def trails_of_every_region_tell_their_selectors_in_each(replace: Replace) -> None:
    """What a multi-region trail selects is read by its ARN in every region; moto knows the trail in its own alone.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetInsightSelectors.html
    """

    def get_event_selectors(
        self: CloudTrailBackend, trail_name: str
    ) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]]]:
        trail = _seen(self, trail_name)
        return (trail.arn, *trail.get_event_selectors())

    def get_insight_selectors(self: CloudTrailBackend, trail_name: str) -> tuple[str, list[dict[str, str]]]:
        trail = _seen(self, trail_name)
        return trail.arn, trail.get_insight_selectors()

    replace(CloudTrailBackend, "get_event_selectors", get_event_selectors)
    replace(CloudTrailBackend, "get_insight_selectors", get_insight_selectors)


def _seen(backend: CloudTrailBackend, name: str) -> Trail:
    """The trail of a name in this region, or of an ARN that this region sees."""
    for trail in backend.describe_trails(include_shadow_trails=True):
        if trail.arn == name or backend.trails.get(name) is trail:
            return trail
    raise TrailNotFoundException(account_id=backend.account_id, name=name)


CORRECTIONS: tuple[Correction, ...] = (trails_of_every_region_tell_their_selectors_in_each,)

"""Account-wide services: EC2 settings of a region, budgets, and trails.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations_AWS_Budgets.html
"""

import json
from typing import Any, Final

from moto.budgets.exceptions import NotFoundException
from moto.budgets.models import Budget
from moto.budgets.responses import BudgetsResponse
from moto.cloudtrail.exceptions import TrailNotFoundException
from moto.cloudtrail.models import CloudTrailBackend, Trail
from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.ec2.responses import EC2Response

from wealist.emulator.corrections.replace import Correction, Replace

_UNBLOCKED: Final = "unblocked"
_METADATA: Final = ("HttpTokens", "HttpPutResponseHopLimit", "HttpEndpoint", "InstanceMetadataTags")
_UNSET: Final = ("no-preference", "-1", -1)
"""Values that remove the setting."""


def _settings(backend: EC2Backend) -> dict[str, object]:
    """Return the settings of a region. Each region has its own backend."""
    settings: dict[str, object] = vars(backend).setdefault("account_settings", {})
    return settings


def instance_metadata_defaults_exist(replace: Replace) -> None:
    """A region has defaults for the metadata options of new instances; moto has no such calls.

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


def public_snapshots_and_images_can_be_blocked(replace: Replace) -> None:
    """A region can block the public sharing of snapshots and images; moto has no such calls.

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


def serial_console_access_can_be_changed(replace: Replace) -> None:
    """Access to the serial console is off until it is enabled; moto has no such calls.

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


def budget_subscribers_can_be_listed(replace: Replace) -> None:
    """The subscribers of a budget can be listed; moto has no such call.

    Terraform reads them with the notifications.
    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DescribeSubscribersForNotification.html
    """

    def describe_subscribers_for_notification(self: BudgetsResponse) -> str:
        wanted = self._get_param("Notification")
        budget = _budget(self, self._get_param("AccountId"), self._get_param("BudgetName"))
        for notification in budget.notifications:
            if wanted.items() <= notification.details.items():
                return json.dumps({"Subscribers": notification.subscribers})
        raise NotFoundException("Unable to get subscribers - the notification doesn't exist.")

    replace(BudgetsResponse, "describe_subscribers_for_notification", describe_subscribers_for_notification)


def budgets_can_be_updated(replace: Replace) -> None:
    """A budget can be updated and keeps its notifications; moto has no such call.

    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_UpdateBudget.html
    """

    def update_budget(self: BudgetsResponse) -> str:
        new = self._get_param("NewBudget")
        _budget(self, self._get_param("AccountId"), new["BudgetName"]).budget.update(new)
        return json.dumps({})

    replace(BudgetsResponse, "update_budget", update_budget)


def budgets_have_tags(replace: Replace) -> None:
    """A budget has tags; moto has no such calls and drops the tags of a new budget.

    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_ListTagsForResource.html
    """
    create = BudgetsResponse.create_budget

    def create_budget(self: BudgetsResponse) -> str:
        answer = create(self)
        budget = _budget(self, self._get_param("AccountId"), self._get_param("Budget")["BudgetName"])
        vars(budget)["tags"] = {each["Key"]: each["Value"] for each in self._get_param("ResourceTags", [])}
        return answer

    def list_tags_for_resource(self: BudgetsResponse) -> str:
        tags = [{"Key": key, "Value": value} for key, value in _tags(self).items()]
        return json.dumps({"ResourceTags": tags})

    def tag_resource(self: BudgetsResponse) -> str:
        _tags(self).update({each["Key"]: each["Value"] for each in self._get_param("ResourceTags")})
        return json.dumps({})

    def untag_resource(self: BudgetsResponse) -> str:
        for key in self._get_param("ResourceTagKeys"):
            _tags(self).pop(key, None)
        return json.dumps({})

    for action in (create_budget, list_tags_for_resource, tag_resource, untag_resource):
        replace(BudgetsResponse, action.__name__, action)


def _budget(asked: BudgetsResponse, account: str, name: str) -> Budget:
    if name not in asked.backend.budgets[account]:
        raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
    return asked.backend.budgets[account][name]


def _tags(asked: BudgetsResponse) -> dict[str, str]:
    _, _, _, _, account, resource = str(asked._get_param("ResourceARN")).split(":")  # noqa: SLF001 -- as moto's own actions do
    tags: dict[str, str] = vars(_budget(asked, account, resource.removeprefix("budget/"))).setdefault("tags", {})
    return tags


def multi_region_trails_are_visible_in_every_region(replace: Replace) -> None:
    """A multi-region trail can be read by its ARN in every region; moto finds it only in its own region.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetInsightSelectors.html
    """

    def get_event_selectors(
        self: CloudTrailBackend, trail_name: str
    ) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]]]:
        trail = _find_trail(self, trail_name)
        return (trail.arn, *trail.get_event_selectors())

    def get_insight_selectors(self: CloudTrailBackend, trail_name: str) -> tuple[str, list[dict[str, str]]]:
        trail = _find_trail(self, trail_name)
        return trail.arn, trail.get_insight_selectors()

    replace(CloudTrailBackend, "get_event_selectors", get_event_selectors)
    replace(CloudTrailBackend, "get_insight_selectors", get_insight_selectors)


def _find_trail(backend: CloudTrailBackend, name: str) -> Trail:
    """Find a trail by its name in its own region, or by its ARN in any region where it is visible."""
    for trail in backend.describe_trails(include_shadow_trails=True):
        if trail.arn == name or backend.trails.get(name) is trail:
            return trail
    raise TrailNotFoundException(account_id=backend.account_id, name=name)


CORRECTIONS: tuple[Correction, ...] = (
    instance_metadata_defaults_exist,
    public_snapshots_and_images_can_be_blocked,
    serial_console_access_can_be_changed,
    budget_subscribers_can_be_listed,
    budgets_can_be_updated,
    budgets_have_tags,
    multi_region_trails_are_visible_in_every_region,
)

"""Scaling policies, lifecycle hooks, and the refresh of a group's instances.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ScalingPolicy.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import FakeScalingPolicy, LifecycleHook
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from wealist.emulator.corrections.replace import Correction, Replace


def policies_are_enabled_and_of_one_type(replace: Replace) -> None:
    """A policy is enabled unless set otherwise and returns the settings of its own type; moto adds predictive ones.

    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html
    """
    create = FakeScalingPolicy.__init__

    def corrected(self: FakeScalingPolicy, *settings: Any, **named: Any) -> None:  # noqa: ANN401 -- moto's own
        create(self, *settings, **named)
        vars(self)["enabled"] = True
        if not self.predictive_scaling_configuration:
            del self.predictive_scaling_configuration

    replace(FakeScalingPolicy, "__init__", corrected)


def groups_keep_the_lifetime_of_their_instances(replace: Replace) -> None:
    """A group returns the lifetime that it was created or updated with; moto drops it.

    Here no instance grows old.
    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html
    """

    def keeping(action: Callable[[AutoScalingResponse], ActionResult]) -> Callable[[AutoScalingResponse], ActionResult]:
        def corrected(self: AutoScalingResponse) -> ActionResult:
            result = action(self)
            if (seconds := self._get_int_param("MaxInstanceLifetime")) is not None:
                vars(_group(self)[1])["max_instance_lifetime"] = seconds
            return result

        return corrected

    for name in ("create_auto_scaling_group", "update_auto_scaling_group"):
        replace(AutoScalingResponse, name, keeping(getattr(AutoScalingResponse, name)))


def an_instance_refresh_replaces_every_instance(replace: Replace) -> None:
    """A refresh starts new instances, of the group's launch template as it is now; moto has no refreshes.

    Terraform starts one when a launch template changes. Here it is over at once.
    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html
    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeInstanceRefreshes.html
    """

    def start_instance_refresh(self: AutoScalingResponse) -> ActionResult:
        name, group = _group(self)
        wanted = group.desired_capacity
        for capacity in (0, wanted):
            self.autoscaling_backend.set_desired_capacity(name, capacity)
        done = {"AutoScalingGroupName": name, "Status": "Successful", "PercentageComplete": 100}
        vars(group).setdefault("refreshes", []).insert(0, {"InstanceRefreshId": str(uuid4()), **done})
        return ActionResult({"InstanceRefreshId": vars(group)["refreshes"][0]["InstanceRefreshId"]})

    def describe_instance_refreshes(self: AutoScalingResponse) -> ActionResult:
        _, group = _group(self)
        return ActionResult({"InstanceRefreshes": vars(group).get("refreshes", [])})

    replace(AutoScalingResponse, "start_instance_refresh", start_instance_refresh)
    replace(AutoScalingResponse, "describe_instance_refreshes", describe_instance_refreshes)


def hooks_tell_nobody(replace: Replace) -> None:
    """A lifecycle hook without a target has neither target nor role; moto gives each a queue and a role of its own.

    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHook.html
    """
    create = LifecycleHook.__init__

    def corrected(self: LifecycleHook, *settings: Any, **named: Any) -> None:  # noqa: ANN401 -- moto's own
        create(self, *settings, **named)
        vars(self).update(role_arn=None, notification_target_arn=None)

    replace(LifecycleHook, "__init__", corrected)


def _group(asked: AutoScalingResponse) -> tuple[str, Any]:
    name = str(asked._get_param("AutoScalingGroupName"))  # noqa: SLF001 -- as moto's own actions do
    group = asked.autoscaling_backend.autoscaling_groups.get(name)
    if group is None:
        raise ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    return name, group


CORRECTIONS: tuple[Correction, ...] = (
    policies_are_enabled_and_of_one_type,
    groups_keep_the_lifetime_of_their_instances,
    an_instance_refresh_replaces_every_instance,
    hooks_tell_nobody,
)

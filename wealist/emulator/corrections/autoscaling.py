"""Auto Scaling groups and load balancers.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Operations.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import FakeScalingPolicy, LifecycleHook
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer

from wealist.emulator.corrections.replace import Correction, Replace


def scaling_policies_are_enabled(replace: Replace) -> None:
    """A policy is enabled by default and returns only the settings of its type; moto adds predictive scaling settings.

    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html
    """
    create = FakeScalingPolicy.__init__

    def corrected(self: FakeScalingPolicy, *settings: Any, **named: Any) -> None:  # noqa: ANN401 -- moto's own
        create(self, *settings, **named)
        vars(self)["enabled"] = True
        if not self.predictive_scaling_configuration:
            del self.predictive_scaling_configuration

    replace(FakeScalingPolicy, "__init__", corrected)


def groups_keep_max_instance_lifetime(replace: Replace) -> None:
    """A group returns the maximum instance lifetime that it was created or updated with; moto drops it.

    No instance is replaced by age here.
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
    """An instance refresh starts new instances from the current launch template; moto has no such calls.

    Terraform starts one when a launch template changes. Here it finishes at once.
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


def hooks_have_no_default_target(replace: Replace) -> None:
    """A lifecycle hook without a target has no target and no role; moto adds a queue and a role.

    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHook.html
    """
    create = LifecycleHook.__init__

    def corrected(self: LifecycleHook, *settings: Any, **named: Any) -> None:  # noqa: ANN401 -- moto's own
        create(self, *settings, **named)
        vars(self).update(role_arn=None, notification_target_arn=None)

    replace(LifecycleHook, "__init__", corrected)


def metrics_collection_can_be_disabled(replace: Replace) -> None:
    """Metrics collection can be disabled for some metrics, or for all if none is named; moto has no such call.

    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DisableMetricsCollection.html
    """

    def disable_metrics_collection(self: AutoScalingResponse) -> ActionResult:
        name = str(self._get_param("AutoScalingGroupName"))
        (group,) = self.autoscaling_backend.describe_auto_scaling_groups([name])
        named = self._get_param("Metrics") or group.metrics
        group.metrics = [metric for metric in group.metrics if metric not in named]
        return EmptyResult()

    replace(AutoScalingResponse, "disable_metrics_collection", disable_metrics_collection)


def _group(asked: AutoScalingResponse) -> tuple[str, Any]:
    name = str(asked._get_param("AutoScalingGroupName"))  # noqa: SLF001 -- as moto's own actions do
    group = asked.autoscaling_backend.autoscaling_groups.get(name)
    if group is None:
        raise ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    return name, group


def load_balancers_are_internet_facing_by_default(replace: Replace) -> None:
    """A load balancer is internet-facing by default; moto returns no scheme.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    """
    create = ELBv2Backend.create_load_balancer

    def corrected(self: ELBv2Backend, **settings: Any) -> FakeLoadBalancer:  # noqa: ANN401 -- moto's own settings
        return create(self, **settings | {"scheme": settings.get("scheme") or "internet-facing"})

    replace(ELBv2Backend, "create_load_balancer", corrected)


CORRECTIONS: tuple[Correction, ...] = (
    scaling_policies_are_enabled,
    groups_keep_max_instance_lifetime,
    an_instance_refresh_replaces_every_instance,
    hooks_have_no_default_target,
    metrics_collection_can_be_disabled,
    load_balancers_are_internet_facing_by_default,
)

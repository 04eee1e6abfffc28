"""Scaling policies.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ScalingPolicy.html
"""

from typing import Any

from moto.autoscaling.models import FakeScalingPolicy

from wealist.operations.emulator.corrections.replace import Correction, Replace


def policies_are_enabled_and_of_one_type(replace: Replace) -> None:
    """A policy is enabled unless told otherwise and returns the settings of its own type; moto adds predictive ones.

    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html
    """
    create = FakeScalingPolicy.__init__

    def corrected(self: FakeScalingPolicy, *settings: Any, **named: Any) -> None:  # noqa: ANN401 -- moto's own
        create(self, *settings, **named)
        vars(self)["enabled"] = True
        if not self.predictive_scaling_configuration:
            del self.predictive_scaling_configuration

    replace(FakeScalingPolicy, "__init__", corrected)


CORRECTIONS: tuple[Correction, ...] = (policies_are_enabled_and_of_one_type,)

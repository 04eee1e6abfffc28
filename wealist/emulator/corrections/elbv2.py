"""Load balancers.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html
"""

from typing import Any

from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer

from wealist.emulator.corrections.replace import Correction, Replace


def load_balancers_face_the_internet_unless_told_otherwise(replace: Replace) -> None:
    """A load balancer whose scheme nobody gives is internet-facing; moto returns no scheme.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    """
    create = ELBv2Backend.create_load_balancer

    def corrected(self: ELBv2Backend, **settings: Any) -> FakeLoadBalancer:  # noqa: ANN401 -- moto's own settings
        return create(self, **settings | {"scheme": settings.get("scheme") or "internet-facing"})

    replace(ELBv2Backend, "create_load_balancer", corrected)


CORRECTIONS: tuple[Correction, ...] = (load_balancers_face_the_internet_unless_told_otherwise,)

"""The API's load balancer (architecture, section 4).

alias A → ALB, public subnets ─┬─ :80  → 301 → :443
                               └─ :443 TLS ─┬─ internal paths of a service → 404
                                            ├─ /api/users/*  → target group user:8080
                                            ├─ /api/boards/* → target group board:8000
                                            ├─ /monitoring/* → target group monitoring:3001
                                            └─ otherwise 404
"""

from typing import Final

from cdktf_cdktf_provider_aws.lb import Lb, LbAccessLogs
from cdktf_cdktf_provider_aws.lb_listener import (
    LbListener,
    LbListenerDefaultAction,
    LbListenerDefaultActionFixedResponse,
    LbListenerDefaultActionRedirect,
)
from cdktf_cdktf_provider_aws.lb_listener_rule import (
    LbListenerRule,
    LbListenerRuleAction,
    LbListenerRuleActionFixedResponse,
    LbListenerRuleCondition,
    LbListenerRuleConditionPathPattern,
)
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup, LbTargetGroupHealthCheck
from constructs import Construct

from wealist.constructs.dns import AliasRecords, Certificate, Zone
from wealist.constructs.firewall import Group
from wealist.constructs.logs import AccessLogs
from wealist.constructs.network import Network
from wealist.spec.environment import Environment
from wealist.spec.services import HTTP_PORT, HTTPS_PORT, Route, Service

_TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.2 and 1.3 only (ELB.17).

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
"""
_NOT_FOUND: Final = {"content_type": "text/plain", "message_body": "Not found", "status_code": "404"}
_INTERVAL_SECONDS: Final = 10
_UNHEALTHY_AFTER: Final = 2
_FULL_HEALTH_INTERVAL_SECONDS: Final = 20
_FULL_HEALTH_UNHEALTHY_AFTER: Final = 10
"""For a health path that includes the database: a target becomes unhealthy after 180 seconds or more.

A failover takes `DATABASE_FAILOVER_SECONDS`, and a service may use the old address for 30 more (ADR 0057).
"""
_IDLE_TIMEOUT_SECONDS: Final = 3600
"""Time without traffic after which a WebSocket is closed. AWS's default of 60 s is too short for the board service."""


class LoadBalancer(Construct):
    """The load balancer, its listeners, and one target group for each route.

    Attributes:
        lb: The load balancer.
        target_groups: Route name → target group.
        certificate: Certificate of the HTTPS listener.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Environment,
        network: Network,
        security_group: Group,
        zone: Zone,
        access_logs: AccessLogs,
    ) -> None:
        super().__init__(scope, id_)
        names = config.names
        self.lb = Lb(
            self,
            "alb",
            name=names("alb"),
            load_balancer_type="application",
            internal=False,
            subnets=[subnet.id for subnet in network.public_subnets.values()],
            security_groups=[security_group.resource.id],
            idle_timeout=_IDLE_TIMEOUT_SECONDS,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="defensive",
            enable_deletion_protection=not config.may_be_destroyed,
            access_logs=LbAccessLogs(bucket=access_logs.bucket.bucket.id, prefix=access_logs.alb_prefix, enabled=True),
            tags={"Name": names("alb")},
            # AWS writes a test object as soon as the bucket is named here.
            depends_on=[access_logs.bucket.policy],
        )
        self.target_groups = {
            route.name: self._target_group(route, names(f"{route.name}-tg"), network) for route in config.routes
        }
        self.certificate = Certificate(self, "api", config=config.api, zone=zone)
        self._redirect()
        https = self._https(self.certificate)
        closing = {service.name: self._closing_rule(https, service) for service in config.services}
        for route in config.routes:
            self._rule(https, route, after=closing.get(route.name))
        AliasRecords(
            self,
            "alias",
            domain=config.api.domain,
            zone=zone,
            target_name=self.lb.dns_name,
            target_zone_id=self.lb.zone_id,
            # The VPC has only IPv4, and so does the load balancer.
            ipv6=False,
            evaluate_target_health=True,
        )

    def _target_group(self, route: Route, name: str, network: Network) -> LbTargetGroup:
        includes_database = isinstance(route, Service) and route.liveness_path is None
        return LbTargetGroup(
            self,
            f"{route.name}-tg",
            name=name,
            target_type="instance",
            protocol="HTTP",
            port=route.port,
            vpc_id=network.vpc.id,
            deregistration_delay="30",
            health_check=LbTargetGroupHealthCheck(
                enabled=True,
                protocol="HTTP",
                path=route.target_health_path,
                port="traffic-port",
                matcher="200",
                interval=_FULL_HEALTH_INTERVAL_SECONDS if includes_database else _INTERVAL_SECONDS,
                timeout=5,
                healthy_threshold=2,
                unhealthy_threshold=_FULL_HEALTH_UNHEALTHY_AFTER if includes_database else _UNHEALTHY_AFTER,
            ),
            tags={"Name": name},
        )

    def _redirect(self) -> None:
        LbListener(
            self,
            "http",
            load_balancer_arn=self.lb.arn,
            port=HTTP_PORT,
            protocol="HTTP",
            default_action=[
                LbListenerDefaultAction(
                    type="redirect",
                    redirect=LbListenerDefaultActionRedirect(
                        protocol="HTTPS", port=str(HTTPS_PORT), status_code="HTTP_301"
                    ),
                )
            ],
        )

    def _https(self, certificate: Certificate) -> LbListener:
        return LbListener(
            self,
            "https",
            load_balancer_arn=self.lb.arn,
            port=HTTPS_PORT,
            protocol="HTTPS",
            ssl_policy=_TLS_POLICY,
            certificate_arn=certificate.arn,
            default_action=[
                LbListenerDefaultAction(
                    type="fixed-response", fixed_response=LbListenerDefaultActionFixedResponse(**_NOT_FOUND)
                )
            ],
        )

    def _closing_rule(self, listener: LbListener, service: Service) -> LbListenerRule | None:
        """Answer internal paths of a service like unknown ones; None if its route forwards none of them."""
        if not service.closed_patterns:
            return None
        return LbListenerRule(
            self,
            f"{service.name}-internal",
            listener_arn=listener.arn,
            priority=service.closing_priority,
            condition=[
                LbListenerRuleCondition(
                    path_pattern=LbListenerRuleConditionPathPattern(values=list(service.closed_patterns))
                )
            ],
            action=[
                LbListenerRuleAction(
                    type="fixed-response", fixed_response=LbListenerRuleActionFixedResponse(**_NOT_FOUND)
                )
            ],
            tags={"Name": f"{service.name}-internal"},
        )

    def _rule(self, listener: LbListener, route: Route, *, after: LbListenerRule | None) -> None:
        """Forward a route, after the rule that closes its internal paths exists."""
        LbListenerRule(
            self,
            f"{route.name}-rule",
            listener_arn=listener.arn,
            priority=route.priority,
            condition=[
                LbListenerRuleCondition(path_pattern=LbListenerRuleConditionPathPattern(values=[route.path_pattern]))
            ],
            action=[LbListenerRuleAction(type="forward", target_group_arn=self.target_groups[route.name].arn)],
            tags={"Name": route.name},
            depends_on=[after] if after else None,
        )

"""Internal paths that the internet reaches are reported with the patterns to close; others are not reported."""

import pytest

from tests.syntheses import environment_only
from tests.synthesized import environment
from tests.unit.checks.reachability.findings import findings_in, the_finding
from wealist.checks.reachability import prove
from wealist.spec.services import Service

pytestmark = pytest.mark.exhaustive

RULES = "aws_lb_listener_rule"


@pytest.mark.parametrize(
    ("service", "path", "patterns"),
    [
        ("user", "/api/users/actuator", "/api/users/*actuator*"),
        ("board", "/api/boards/metrics", "/api/boards/metrics*"),
    ],
)
def test_a_finding_names_the_rule_that_forwards_a_path_and_the_patterns_to_close(
    service: str, path: str, patterns: str
) -> None:
    finding = the_finding("prod", {f"{RULES}.load_balancer_{service}_internal": None})
    assert finding.address == f"{RULES}.load_balancer_{service}_rule"
    assert finding.problem == f"forwards {path} to {service}-service, but only instances may call it"
    assert finding.remedy.startswith(f"answer {patterns} with 404, ")


def test_a_finding_names_a_spelling_that_no_rule_closes() -> None:
    plain = {"closes condition 0 path_pattern values": ["/api/users/actuator*"]}
    problems = [finding.problem for finding in findings_in("prod", plain)]
    assert "forwards /api/users//actuator to user-service, but only instances may call it" in problems


def test_an_internal_path_forwarded_to_another_service_is_not_reported() -> None:
    """The board service serves nothing below the path of users."""
    boards = "${aws_lb_target_group.load_balancer_board_tg.arn}"
    rule = {
        "listener_arn": "${aws_lb_listener.load_balancer_https.arn}",
        "priority": 1,
        "condition": [{"path_pattern": {"values": ["/api/users/actuator"]}}],
        "action": [{"type": "forward", "target_group_arn": boards}],
    }
    assert {finding.control for finding in findings_in("prod", {f"{RULES}.mistake": rule})} == {
        "reachability.forwarding"
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"health_is_public": False},
        {"health_is_public": False, "liveness_path": "/api/chats/live"},
        {"internal_paths": ("/api/chats/admin", "/api/chats/debug/")},
        {"metrics_path": "/metrics"},
        {"metrics_path": "/api/chats/actuator/prometheus", "health_path": "/api/chats/actuator/health"},
        {"metrics_path": "/api/chats/metrics/"},
    ],
)
def test_the_internal_paths_of_a_service_are_closed(chat: Service, changes: dict[str, object]) -> None:
    services = (*environment("prod").services, chat.model_copy(update=changes))
    assert list(prove(environment_only(environment("prod", services=services)))) == []


def test_internal_paths_are_read_from_the_description_not_from_the_json(chat: Service) -> None:
    hidden = chat.model_copy(update={"health_is_public": False})
    prod = environment("prod")
    built = environment_only(prod.model_copy(update={"services": (*prod.services, chat)}))
    described = prod.model_copy(update={"services": (*prod.services, hidden)})
    found = prove(type(built)(built.stacks, {"prod": described}))
    assert {finding.address for finding in found} == {
        f"{RULES}.load_balancer_chat_rule",
        f"{RULES}.load_balancer_chat_internal",
    }

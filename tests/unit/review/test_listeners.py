"""Rules of one listener are judged together, in order of priority."""

from typing import Any

import pytest

from tests.unit.review.builders import Json, change, found, modified, planned, unchanged
from wealist.review.finding import Kind, Severity
from wealist.review.formatting import plain_text
from wealist.review.risks.listeners import find

USERS, ALL = "aws_lb_listener_rule.users", "aws_lb_listener_rule.all"


def values(
    priority: int | None, target: str, *paths: str, hosts: tuple[str, ...] = (), listener: str = "l-1", **more: Any
) -> Json:
    """Return a rule that forwards requests for paths and hosts to a target group."""
    conditions = [{"path_pattern": [{"values": list(paths)}]}] if paths else []
    conditions += [{"host_header": [{"values": list(hosts)}]}] if hosts else []
    action = [{"type": "forward", "target_group_arn": target}]
    return {"listener_arn": listener, "priority": priority, "condition": conditions, "action": action, **more}


def order(*changes: Json) -> list[tuple[Severity, str, str]]:
    """Return severity, address and sentence of the findings about listener rules."""
    return [(each.severity, each.address, plain_text(each.words)) for each in find(planned(*changes))]


EVERYTHING = unchanged(ALL, values(6, "site", "/*"))


def test_moving_a_rule_behind_one_that_covers_it_is_a_danger() -> None:
    users = modified(USERS, values(3, "users", "/api/users/*"), values(10, "users", "/api/users/*"))
    assert order(users, EVERYTHING) == [
        (Severity.DANGER, USERS, f"loses every request: {ALL} matches first at priority 6")
    ]
    assert (Severity.DANGER, f"loses every request: {ALL} matches first at priority 6") in found(
        users, EVERYTHING, kind=Kind.DOWNTIME
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(values(20, "site", "/*"), values(6, "site", "/*"), id="it moves to the front"),
        pytest.param(values(6, "site", "/boards/*"), values(6, "site", "/api/*"), id="its path is widened"),
        pytest.param(
            values(6, "site", "/api/*", hosts=("a.example",)), values(6, "site", "/api/*"), id="it loses a host"
        ),
        pytest.param(None, values(6, "site", "/*"), id="it is new"),
        pytest.param(None, values(6, "site", "*", hosts=("*",)), id="it is new, of any host"),
    ],
)
def test_taking_all_requests_of_another_rule_is_a_danger(before: Json | None, after: Json) -> None:
    wide = modified(ALL, before, after) if before else change(ALL, "create", after=after)
    assert order(wide, unchanged(USERS, values(10, "users", "/api/users/*"))) == [
        (Severity.DANGER, ALL, f"takes every request from {USERS}: it is evaluated first at priority 6")
    ]


def test_moving_a_path_into_that_of_an_earlier_rule_is_a_danger() -> None:
    users = modified(USERS, values(10, "users", "/users/*"), values(10, "users", "/api/users/*"))
    ((severity, address, _),) = order(users, unchanged(ALL, values(6, "site", "/api/*")))
    assert (severity, address) == (Severity.DANGER, USERS)


def test_losing_a_part_of_the_requests_is_a_caution() -> None:
    users = modified(USERS, values(3, "users", "/api/*"), values(10, "users", "/api/*"))
    ((severity, _, words),) = order(users, unchanged(ALL, values(6, "site", "/*/health")))
    assert severity is Severity.CAUTION
    assert words == f"loses some requests: {ALL} matches first at priority 6"


@pytest.mark.parametrize("other", [("/api/boards/*",), ("/api/user",), ("/API/users/*",), ("/static/?",)])
def test_rules_with_disjoint_paths_do_not_affect_each_other(other: tuple[str, ...]) -> None:
    users = modified(USERS, values(3, "users", "/api/users/*"), values(10, "users", "/api/users/*"))
    assert order(users, unchanged(ALL, values(6, "site", *other))) == []


def test_rules_with_disjoint_hosts_do_not_affect_each_other() -> None:
    before, after = (values(place, "users", "/*", hosts=("api.example",)) for place in (3, 10))
    assert order(modified(USERS, before, after), unchanged(ALL, values(6, "site", "/*", hosts=("www.example",)))) == []
    ((severity, *_),) = order(
        modified(USERS, before, after), unchanged(ALL, values(6, "site", "/*", hosts=("*.EXAMPLE",)))
    )
    assert severity is Severity.DANGER


@pytest.mark.parametrize(
    ("before", "after", "other"),
    [
        pytest.param(values(3, "u", "/u/*"), values(5, "u", "/u/*"), values(6, "s", "/*"), id="still before it"),
        pytest.param(values(8, "u", "/u/*"), values(10, "u", "/u/*"), values(6, "s", "/*"), id="behind it already"),
        pytest.param(values(3, "u", "/u/*"), values(10, "u", "/u/*"), values(6, "u", "/*"), id="the same answer"),
        pytest.param(
            values(3, "u", "/u/*"), values(10, "u", "/u/*"), values(6, "s", "/*", listener="l-2"), id="another listener"
        ),
        pytest.param(
            values(3, "u", "/u/*"), values(3, "u", "/u/*", tags={"a": "b"}), values(1, "s", "/*"), id="only other tags"
        ),
    ],
)
def test_priorities_that_change_no_answer_are_no_finding(before: Json, after: Json, other: Json) -> None:
    assert order(modified(USERS, before, after), unchanged(ALL, other)) == []


def test_a_new_rule_may_take_a_part_of_a_wider_one() -> None:
    assert order(change(USERS, "create", after=values(3, "users", "/api/users/*")), EVERYTHING) == []


def test_a_new_rule_without_requests_is_a_caution() -> None:
    new = change(USERS, "create", after=values(10, "users", "/api/users/*"))
    assert order(new, EVERYTHING) == [
        (Severity.CAUTION, USERS, f"receives no requests: {ALL} matches first at priority 6")
    ]


def test_a_rule_with_more_conditions_does_not_cover_one_with_fewer() -> None:
    header = [{"http_header": [{"http_header_name": "x-beta", "values": ["1"]}]}]
    narrow = values(6, "beta", "/*")
    narrow["condition"] = narrow["condition"] + header
    users = modified(USERS, values(3, "users", "/api/*"), values(10, "users", "/api/*"))
    ((severity, *_),) = order(users, unchanged(ALL, narrow))
    assert severity is Severity.CAUTION


def test_a_destroyed_rule_takes_no_requests() -> None:
    gone = change(ALL, "delete", before=values(6, "site", "/*"))
    assert order(gone, modified(USERS, values(3, "u", "/u/*"), values(10, "u", "/u/*"))) == []


def test_rules_of_a_replaced_listener_are_compared() -> None:
    listener = change("aws_lb_listener.https", "delete", "create", before={"arn": "l-1"}, after={})
    expressions = {"listener_arn": {"references": ["aws_lb_listener.https.arn", "aws_lb_listener.https"]}}
    resources = [{"address": each, "expressions": expressions} for each in (USERS, ALL)]
    users, everything = (
        change(address, "delete", "create", before=before, after=after, after_unknown={"listener_arn": True})
        for address, before, after in (
            (USERS, values(3, "u", "/u/*"), values(10, "u", "/u/*", listener="")),
            (ALL, values(6, "s", "/*"), values(6, "s", "/*", listener="")),
        )
    )
    plan = planned(listener, users, everything, configuration={"root_module": {"resources": resources}})
    assert [(each.severity, each.address) for each in find(plan)] == [(Severity.DANGER, USERS)]

"""The HTML page of a review: complete, escaped, masked, with drawings."""

import html
import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests import plans
from tests.unit.diagram.builders import HOSTILE
from tests.unit.review.builders import Json, change, configuration, failed_check, planned, review_of, unchanged, written
from wealist.diagram import layout
from wealist.errors import OperatorError
from wealist.model.plan import parse
from wealist.review import as_json, page
from wealist.review.command import build_review
from wealist.review.drawings import PlanDrawings, plan_drawings
from wealist.review.formatting import cost_words, plain_text, unjudged_words
from wealist.review.layout import group_findings
from wealist.review.reading import read_plan

VPC = {"id": "vpc-1", "cidr_block": "10.9.0.0/16", "tags": {"Name": "wealist-x-vpc"}}
SUBNET = {"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.9.0.0/24", "availability_zone": "ap-northeast-2a"}
DATABASE = {"id": "db-1", "arn": "arn:aws:rds:ap-northeast-2:290008131187:db:x", "identifier": "x", "port": 5432}
each_plan = plans.each_plan("dev-security-group-opened")


class Text(HTMLParser):
    """The visible text and the tags of a page."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._hidden = False
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag in {"style", "script"}

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)

    @property
    def shown(self) -> str:
        return " ".join("".join(self.texts).split())


@cache
def recorded(name: str) -> str:
    """Return the page of a recorded plan."""
    return page.page(plans.review(name))


@each_plan
def test_a_page_contains_verdict_changes_and_sentences(name: str) -> None:
    review, content = plans.review(name), recorded(name)
    shown = Text(content).shown
    assert review.verdict in shown
    for words in (*cost_words(review.costs), *unjudged_words(review.unjudged, review.plan.unread)):
        assert plain_text(words) in shown
    for each in review.plan.changes:
        assert each.address in shown
    for bullet in (bullet for several in group_findings(review) for bullet in several):
        assert " ".join(plain_text(bullet.words).replace("`", "").split()) in shown


@each_plan
def test_a_page_loads_no_external_resources(name: str) -> None:
    parser = Text(recorded(name))
    for tag, attributes in parser.tags:
        assert tag not in {"iframe", "object", "embed", "form", "base"}
        assert "src" not in attributes
        href = attributes.get("href")
        assert href in {None, "data:,"}
    ids = [attributes["id"] for _, attributes in parser.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.exhaustive
def test_a_destroyed_environment_is_drawn_before_and_a_new_one_after() -> None:
    assert {side for _, side in sides(recorded("dev-destroyed"))} == {"before"}
    assert {side for _, side in sides(recorded("prod-from-nothing"))} == {"after"}
    assert ("security_groups", "after") in sides(recorded("dev-security-group-opened"))


def sides(content: str) -> list[tuple[str, str]]:
    """Return name and side of each drawing on a page."""
    return re.findall(r'data-drawing="([a-z_]+)-(before|after)"', content)


def drawn(*changes: Json, **parts: Any) -> PlanDrawings:
    document = {"format_version": "1.2", "resource_changes": list(changes), "configuration": configuration(), **parts}
    return plan_drawings(read_plan(parse(json.dumps(document).encode(), name="plan.json"), with_unchanged=True))


def test_changed_resources_are_marked_in_drawings() -> None:
    found = drawn(
        unchanged("aws_vpc.a", VPC),
        unchanged("aws_subnet.a", SUBNET),
        change("aws_nat_gateway.a", "delete", before={"id": "nat-1", "subnet_id": "subnet-1"}),
        change("aws_nat_gateway.b", "create", after={"subnet_id": "subnet-1"}),
    )
    assert found.marks == {"aws_nat_gateway.a": "destroyed", "aws_nat_gateway.b": "created"}
    (network,) = (each for each in found.pairs if each.name == "network")
    assert network.before is not None
    assert network.after is not None
    assert "aws_nat_gateway.a" in network.before.addresses - network.after.addresses
    assert "aws_nat_gateway.b" in network.after.addresses - network.before.addresses


def test_unknown_references_come_from_the_configuration() -> None:
    resources = [
        {"address": "aws_subnet.a", "expressions": {"vpc_id": {"references": ["aws_vpc.a.id", "aws_vpc.a"]}}},
        {"address": "aws_nat_gateway.a", "expressions": {"subnet_id": {"references": ["aws_subnet.a"]}}},
    ]
    found = drawn(
        change("aws_vpc.a", "create", after={"cidr_block": "10.9.0.0/16"}, after_unknown={"id": True}),
        change("aws_subnet.a", "create", after={"availability_zone": "a"}, after_unknown={"vpc_id": True}),
        change("aws_nat_gateway.a", "create", after={}, after_unknown={"subnet_id": True}),
        configuration=configuration(resources=resources),
    )
    (network,) = (each for each in found.pairs if each.name == "network")
    assert network.after is not None
    (gateway,) = (each for each in network.after.nodes if each.kind == "nat_gateway")
    assert gateway.parent == "aws_subnet.a"


@pytest.mark.parametrize("references", [["aws_lb_target_group.a.arn"], ["aws_lb_target_group.b", "each.value"]])
def test_references_in_blocks_count(references: list[str]) -> None:
    action = [{"target_group_arn": {"references": references}}]
    resources = [{"address": "aws_lb_listener_rule.a", "expressions": {"action": action}}]
    plan = planned(configuration=configuration(resources=resources))
    assert plan.arguments["aws_lb_listener_rule.a"]["action"] == tuple(references)


def test_changes_without_a_drawing_are_listed(tmp_path: Path) -> None:
    update = change("aws_budgets_budget.a", "update", before={"limit_amount": "1"}, after={"limit_amount": "2"})
    assert "Not on a drawing: aws_budgets_budget.a" in Text(page.page(review_of(tmp_path, update))).shown


def test_circular_references_are_drawn() -> None:
    values = {"id": "lt-1", "x": "eip-1"}
    one = change("aws_launch_template.a", "update", before=values, after=values | {"y": 1})
    other = unchanged("aws_eip.a", {"id": "eip-1", "x": "lt-1"})
    assert drawn(one, other).undrawn == ("aws_launch_template.a",)


def test_markup_from_a_plan_is_escaped_on_the_page(tmp_path: Path) -> None:
    address = f'aws_db_instance.a["{HOSTILE}"]'
    review = review_of(
        tmp_path,
        change(address, "delete", before=DATABASE | {"identifier": HOSTILE, "tags": {HOSTILE: HOSTILE}}),
        change("aws_vpc.a", "update", before=VPC, after=VPC | {"tags": {"Name": HOSTILE, HOSTILE: HOSTILE}}),
        change(
            f'aws_s3_bucket.a["{HOSTILE}"]', "update", before={"bucket": HOSTILE}, after={"bucket": "b", HOSTILE: 1}
        ),
        change(f"{HOSTILE}.a", "create", after={"a": HOSTILE}),
        acknowledge=f"Acknowledge: destroy {HOSTILE}",
        output_changes={HOSTILE: {"actions": ["create"], "after": HOSTILE}},
        checks=[failed_check(HOSTILE)],
    )
    content = page.page(review)
    assert "<script>alert" not in content
    parser = Text(content)
    assert [tag for tag, _ in parser.tags].count("script") == 2
    assert not [name for _, attributes in parser.tags for name in attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in parser.shown


def test_markup_in_an_error_is_escaped_on_the_page() -> None:
    content = page.refusal("dev", f"cannot read {HOSTILE}", HOSTILE)
    assert "<script>alert" not in content
    assert "dev: the plan cannot be reviewed" in Text(content).shown


@each_plan
def test_the_page_masks_what_the_other_formats_mask(name: str) -> None:
    """Common words are masked only in their own place: see docs/adr/0020."""
    review, content = plans.review(name), recorded(name)
    seen, elsewhere = content + html.unescape(content), as_json.as_json(review)
    secrets = set(sensitive_texts(plans.plan(name)))
    assert [each for each in secrets if each in seen and each not in elsewhere] == []


def sensitive_texts(plan: Json) -> list[str]:
    """Return the long texts that a plan marks as sensitive."""
    found: list[str] = []
    for each in [*plan["resource_changes"], *plan.get("resource_drift", [])]:
        for side in ("before", "after"):
            collect(each["change"].get(side), each["change"].get(f"{side}_sensitive"), found)
    return found


def collect(value: Any, mark: Any, found: list[str]) -> None:
    if mark is True and isinstance(value, str) and len(value) > 7:
        found.append(value)
    elif isinstance(value, dict) and (mark is True or isinstance(mark, dict)):
        for key, each in value.items():
            collect(each, mark is True or mark.get(key), found)
    elif isinstance(value, list) and (mark is True or isinstance(mark, list)):
        for place, each in enumerate(value):
            collect(each, mark is True or (mark[place] if place < len(mark) else None), found)


def test_drawings_contain_no_sensitive_names(tmp_path: Path) -> None:
    secret = "hunter2-is-the-name"
    marks = {"identifier": True}
    before = DATABASE | {"identifier": secret}
    parts = {"before_sensitive": marks, "after_sensitive": marks}
    replace = change("aws_db_instance.a", "delete", "create", before=before, after=before | {"port": 1}, **parts)
    same = unchanged("aws_vpc.a", VPC | {"tags": {"Name": f"see {secret}"}})
    content = page.page(review_of(tmp_path, replace, same))
    assert secret not in content
    assert "aws_db_instance.a" in content


def test_a_page_without_the_layout_library_states_the_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: object) -> None:
        raise OperatorError("elkjs cannot be installed", remedy="reach npm")

    monkeypatch.setattr(layout, "run_elk", missing)
    content = page.page(review_of(tmp_path, change("aws_db_instance.a", "delete", before=DATABASE)))
    shown = Text(content).shown
    assert "Nothing is drawn: elkjs cannot be installed. Remedy: reach npm." in shown
    assert "aws_db_instance.a is destroyed" in shown


def test_a_drawing_of_too_many_nodes_is_left_out(tmp_path: Path) -> None:
    groups = [change(f"aws_iam_role.r{number}", "create", after={"name": f"r{number}"}) for number in range(300)]
    review = review_of(tmp_path, *groups)
    assert sides(page.page(review)) == []
    assert len(plan_drawings(review.plan).undrawn) == 300


def test_a_page_of_a_plan_without_changes_states_so(tmp_path: Path) -> None:
    assert "Nothing to do" in Text(page.page(build_review(written(tmp_path), with_unchanged=True))).shown

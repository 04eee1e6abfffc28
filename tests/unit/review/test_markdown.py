import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.review.builders import allow, change, configuration, planned, policy, review_of
from tests.unit.review.test_text import ATTACKS, EVIL, Tags, tokens
from wealist.review.gates import GateResult
from wealist.review.markdown import comment, marker, refusal
from wealist.review.options import Gate
from wealist.review.risks import findings
from wealist.review.truncation import LIMIT
from wealist.review.verdict import Review

pytestmark = pytest.mark.exhaustive

MARK = " wealist-plan-review:dev "
URL = "https://github.com/OrangesCloud/x/actions/runs/1"


def told(folder: Path, *changes: dict[str, Any], **parts: Any) -> str:
    return comment(review_of(folder, *changes, **parts), artifact_url=URL)


def test_a_comment_begins_with_the_marker_of_its_stack(tmp_path: Path) -> None:
    update = change("aws_vpc.a", "update", before={"a": 1}, after={"a": 2})
    assert told(tmp_path, update, configuration=configuration("dev")).startswith("<!-- wealist-plan-review:dev -->\n")


def test_the_headline_gives_verdict_environment_account_and_counts(tmp_path: Path) -> None:
    changes = [
        change("aws_eip.a", "create", after={}),
        change("aws_eip.b", "update", before={"a": 1}, after={"a": 2}),
        change("aws_eip.c", "create", "delete", before={}, after={}),
        change("aws_s3_bucket.d", "delete", before={}),
        change("aws_eip.e", "no-op", before={}, after={}, importing={"id": "x"}),
        change("aws_eip.f", "no-op", before={}, after={}, of_previous_address="aws_eip.old"),
        change("aws_eip.g", "forget", before={}),
        change("aws_eip.h", "no-op", before={}, after={}),
        change("data.aws_vpc.i", "read", of_mode="data"),
    ]
    text = told(tmp_path, *changes, configuration=configuration("prod"))
    assert text.splitlines()[1] == "## 🔴 prod: dangerous"
    assert text.splitlines()[3] == (
        "**1** to create, **1** to update, **1** to replace, **1** to destroy, **1** to import, **1** to move,"
        " **1** to forget · account `290008131187`"
    )


def test_a_plan_without_changes_says_so(tmp_path: Path) -> None:
    text = told(tmp_path, change("aws_vpc.a", "no-op", before={}, after={}))
    assert "⚪ plan: no changes" in text
    assert "Nothing to do" in text


def test_what_a_gate_stops_can_be_acknowledged_by_copying_lines(tmp_path: Path) -> None:
    lost = change("aws_db_instance.a", "delete", before={})
    text = told(tmp_path, lost, gates=(Gate.STATEFUL,))
    assert "by its line in the description\n\n```text\nAcknowledge: aws_db_instance.a\n```\n" in text
    assert "or by its label\n\n- `Acknowledge: 630e4b99da8d` for `aws_db_instance.a`\n" in text
    passed = told(tmp_path, lost, gates=(Gate.STATEFUL,), acknowledge=text)
    assert "Stopped" not in passed
    assert "*(acknowledged)*" in passed


def test_moved_and_imported_resources_are_told_in_their_folds(tmp_path: Path) -> None:
    moved = change("aws_eip.b", "no-op", before={}, after={}, of_previous_address="aws_eip.a")
    assert "<summary><code>aws_eip.b</code>, moved from <code>aws_eip.a</code></summary>" in told(tmp_path, moved)


@pytest.mark.parametrize(
    ("importing", "identity"),
    [
        ({"id": "eipalloc-0a1b"}, "eipalloc-0a1b"),
        ({"id": "arn:aws:sns:ap-northeast-2:290008131187:alarms"}, "arn:aws:sns:ap-northeast-2:290008131187:alarms"),
        ({"identity": {"bucket": "b", "region": "r"}}, "{bucket: &quot;b&quot;, region: &quot;r&quot;}"),
        ({"unknown": True}, "(known after apply)"),
        ({}, "(known after apply)"),
    ],
)
def test_an_import_is_told_with_its_id(tmp_path: Path, importing: dict[str, Any], identity: str) -> None:
    imported = change("aws_eip.b", "no-op", before={"a": 1}, after={"a": 1}, importing=importing)
    title = f"<summary><code>aws_eip.b</code>, imported by the id <code>{identity}</code></summary>"
    assert title in told(tmp_path, imported)


def test_a_deposed_object_is_not_taken_for_the_resource_itself(tmp_path: Path) -> None:
    leftover = change("aws_eip.b", "delete", before={"a": 1}, of_deposed="0a1b2c3d")
    assert "<code>aws_eip.b</code>, deposed object <code>0a1b2c3d</code></summary>" in told(tmp_path, leftover)


def test_drift_has_a_fold_of_its_own(tmp_path: Path) -> None:
    drift = [
        change("aws_vpc.a", "update", before={"x": "by-terraform"}, after={"x": "by-hand"}),
        change("aws_vpc.unrelated", "update", before={"x": 1}, after={"x": 2}),
    ]
    update = change("aws_vpc.a", "update", before={"x": "by-hand"}, after={"x": "by-terraform"})
    text = told(tmp_path, update, resource_drift=drift)
    fold = text[text.index("1 changed outside of Terraform") :]
    assert '+ x: "by-hand"' in fold
    assert "In AWS, 1 resource changed in ways that nothing in this plan depends on." in fold
    assert "aws_vpc.unrelated" not in fold


def test_a_long_permission_change_is_whole_in_its_fold(tmp_path: Path) -> None:
    before = policy(*(allow("s3:GetObject", f"arn:aws:s3:::old-{number}") for number in range(30)))
    after = policy(*(allow("s3:GetObject", f"arn:aws:s3:::new-{number}") for number in range(30)))
    text = told(tmp_path, change("aws_iam_policy.a", "update", before={"policy": before}, after={"policy": after}))
    assert "and 48 more lines, in its fold below" in text
    assert "+ s3:GetObject on arn:aws:s3:::new-29" in text[text.index("1 to update") :]


@pytest.mark.parametrize("value", ["x" * 3_000, "가" * 3_000, "🔥" * 3_000, "`" * 3_000, "\u202e" * 3_000])
@pytest.mark.parametrize("count", [3, 150])
def test_a_comment_stays_within_githubs_limit_however_it_is_counted(value: str, count: int, tmp_path: Path) -> None:
    changes = [
        change(f"aws_s3_bucket.b{number}", "delete", "create", before={"a": value, "b": value}, after={"a": "c"})
        for number in range(count)
    ]
    text = told(tmp_path, *changes)
    assert len(text.encode()) <= LIMIT
    assert text.endswith(f"[The whole review](<{URL}>)\n")
    assert ("Left out" in text) == (count == 150)
    assert text.count("<details>") == text.count("</details>")


def test_a_dangerous_update_ranks_before_a_harmless_destruction(tmp_path: Path) -> None:
    harmless = change("aws_eip.a", "delete", before={})
    database = {"publicly_accessible": False}, {"publicly_accessible": True}
    dangerous = change("aws_db_instance.z", "update", before=database[0], after=database[1])
    ranked = review_of(tmp_path, harmless, dangerous).ranked
    assert [each.address for each in ranked] == ["aws_db_instance.z", "aws_eip.a"]


def test_the_least_risky_is_left_out_first(tmp_path: Path) -> None:
    calm = [
        change(f"aws_eip.calm{number:04}", "create", after={f"k{each}": "v" * 50 for each in range(20)})
        for number in range(400)
    ]
    risky = [change(f"aws_s3_bucket.risky{number}", "delete", before={"a": "x" * 100}) for number in range(20)]
    text = told(tmp_path, *calm, *risky)
    assert all(f"<code>aws_s3_bucket.risky{number}</code>" in text for number in range(20))
    (left,) = re.findall(r"\*\*Left out.*: (\d+) to create\.\*\*", text)
    assert text.count("<code>aws_eip.calm") == 400 - int(left)
    assert "aws_eip.calm0000" in text


def test_thousands_of_dangers_are_cut_and_counted(tmp_path: Path) -> None:
    text = told(tmp_path, *(change(f"aws_s3_bucket.b{number}", "delete", before={}) for number in range(900)))
    assert len(text.encode()) <= LIMIT
    assert re.search(r"Left out.*\d+ risks, 900 to destroy", text)


def reviewed_as(text: str) -> str:
    """The comment on a plan that has one text in every place that a plan's author can choose."""
    address = f'aws_s3_bucket.b["{text}"]'
    tree = {"name": text, text: text, "blocks": [{"a": text}, {text: 1}], "user_data": f"#!/bin/sh\n{text}"}
    plan = planned(
        change(address, "delete", "create", before=tree, after={"name": "x"}, replace_paths=[[text]]),
        change("aws_iam_policy.p", "create", after={"policy": policy(allow(text, text, Condition={text: text}))}),
        change("aws_vpc_security_group_ingress_rule.r", "create", after={"cidr_ipv4": text, "ip_protocol": text}),
        change("aws_eip.e", "update", before={"a": 1}, after={"a": text}, of_previous_address=f"aws_eip.{text}"),
        change("aws_launch_template.l", "update", before={"user_data": "a\nb"}, after={"user_data": f"a\n{text}\nb"}),
        output_changes={text: {"actions": ["create"], "after": text}},
        resource_drift=[change("aws_eip.e", "update", before={"a": text}, after={"a": 1})],
        configuration=configuration(text),
    )
    result = GateResult(tuple((each, (Gate.STATEFUL,)) for each in plan.changes), frozenset({address}), (text,))
    return comment(Review("dev", plan, findings(plan), result), artifact_url=URL)


def check_inert(text: str) -> None:
    found = reviewed_as(text)
    html = "".join(token.content for token in tokens(found) if token.type in {"html_block", "html_inline"})
    tags = Tags(html).tags
    assert set(tags) <= {"details", "/details", "summary", "/summary", "code", "/code", "b", "/b", f"comment {MARK}"}
    assert tags.count("details") == tags.count("/details")
    links = [token.attrGet("href") for token in tokens(found) if token.type == "link_open"]
    assert links == [URL]
    assert not [token for token in tokens(found) if token.type == "image"]
    outside = "".join(token.content for token in tokens(found) if token.type == "text")
    assert "@" not in outside
    assert "#" not in outside


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_in_a_plan_breaks_out_of_its_place(text: str) -> None:
    check_inert(text)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(EVIL)
def test_no_text_in_a_plan_breaks_out_of_its_place(text: str) -> None:
    check_inert(text)


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=40))
def test_a_plan_that_cannot_be_reviewed_takes_the_place_of_the_last_review(text: str) -> None:
    found = refusal("dev", text, text)
    assert found.startswith(marker("dev"))
    assert [token.type for token in tokens(found)].count("code_inline") == 2

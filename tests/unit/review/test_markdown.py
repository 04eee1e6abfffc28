import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.review.builders import allow, change, configuration, planned, policy, review_of
from tests.unit.review.test_formatting import ATTACKS, EVIL, Tags, tokens
from wealist.review.finding import Severity
from wealist.review.gates import GateResult, Stop
from wealist.review.layout import KNOWN_LOSSES, LIMIT
from wealist.review.markdown import comment, marker, refusal
from wealist.review.options import Gate
from wealist.review.risks import findings
from wealist.review.verdict import Review

pytestmark = pytest.mark.exhaustive

LINES_OF_GATES = 12
MARK = " wealist-plan-review:dev "
URL = "https://github.com/OrangesCloud/x/actions/runs/1"


def told(folder: Path, *changes: dict[str, Any], **parts: Any) -> str:
    return comment(review_of(folder, *changes, **parts), artifact_url=URL)


def test_a_comment_begins_with_its_stacks_marker(tmp_path: Path) -> None:
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


def test_stopped_changes_have_lines_and_labels_to_copy(tmp_path: Path) -> None:
    lost = change("aws_db_instance.a", "delete", before={})
    text = told(tmp_path, lost, gates=(Gate.STATEFUL,))
    label = "`Acknowledge: 27557c28fd90`"
    assert f"or the label {label}\n\n```text\nAcknowledge: destroy aws_db_instance.a\n```\n\n**🔴" in text
    other = change("aws_db_instance.b", "delete", before={})
    assert f"Labels\n\n- {label} for `destroy aws_db_instance.a`\n" in told(
        tmp_path, lost, other, gates=(Gate.STATEFUL,)
    )
    passed = told(tmp_path, lost, gates=(Gate.STATEFUL,), acknowledge=text)
    assert "Stopped" not in passed
    assert "*(acknowledged)*" in passed


def test_moved_resources_name_their_old_address(tmp_path: Path) -> None:
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
def test_imports_show_their_id(tmp_path: Path, importing: dict[str, Any], identity: str) -> None:
    imported = change("aws_eip.b", "no-op", before={"a": 1}, after={"a": 1}, importing=importing)
    title = f"<summary><code>aws_eip.b</code>, imported by the id <code>{identity}</code></summary>"
    assert title in told(tmp_path, imported)


def test_deposed_objects_show_their_key(tmp_path: Path) -> None:
    leftover = change("aws_eip.b", "delete", before={"a": 1}, of_deposed="0a1b2c3d")
    assert "<code>aws_eip.b</code>, deposed object <code>0a1b2c3d</code></summary>" in told(tmp_path, leftover)


def test_drift_has_its_own_fold(tmp_path: Path) -> None:
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


def test_a_long_permission_change_is_complete_in_its_fold(tmp_path: Path) -> None:
    before = policy(*(allow("s3:GetObject", f"arn:aws:s3:::old-{number}") for number in range(30)))
    after = policy(*(allow("s3:GetObject", f"arn:aws:s3:::new-{number}") for number in range(30)))
    text = told(tmp_path, change("aws_iam_policy.a", "update", before={"policy": before}, after={"policy": after}))
    assert "and 48 more lines, in its fold below" in text
    assert "+ s3:GetObject on arn:aws:s3:::new-29" in text[text.index("1 to update") :]


@pytest.mark.parametrize("value", ["x" * 3_000, "가" * 3_000, "🔥" * 3_000, "`" * 3_000, "\u202e" * 3_000])
@pytest.mark.parametrize("count", [3, 150])
def test_a_comment_stays_within_githubs_limit(value: str, count: int, tmp_path: Path) -> None:
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


def test_changes_without_risk_are_left_out_first(tmp_path: Path) -> None:
    calm = [
        change(f"aws_eip.calm{number:04}", "update", before={}, after={f"k{each}": "v" * 50 for each in range(20)})
        for number in range(400)
    ]
    risky = [change(f"aws_s3_bucket.risky{number}", "delete", before={"a": "x" * 100}) for number in range(20)]
    text = told(tmp_path, *calm, *risky)
    assert all(f"<code>aws_s3_bucket.risky{number}</code>" in text for number in range(20))
    (left,) = re.findall(r"\*\*Left out.*: (\d+) to update\.\*\*", text)
    assert text.count("<code>aws_eip.calm") == 400 - int(left)
    assert "aws_eip.calm0000" in text


def test_thousands_of_losses_are_merged_after_the_first_fifty(tmp_path: Path) -> None:
    text = told(tmp_path, *(change(f"aws_s3_bucket.b{number}", "delete", before={}) for number in range(900)))
    assert len(text.encode()) <= LIMIT
    risks = above_the_folds(text)
    assert risks.count("- `aws_s3_bucket.b") == KNOWN_LOSSES
    assert "- 850 \N{MULTIPLICATION SIGN} `aws_s3_bucket` is destroyed" in risks
    assert re.search(r"Left out.*\d+ to destroy", text)


FLOODS: dict[str, Callable[[int], dict[str, Any]]] = {
    "alarms are replaced": lambda n: change(
        f"aws_cloudwatch_metric_alarm.a{n}", "delete", "create", before={}, after={}
    ),
    "rules are destroyed": lambda n: change(f"aws_lb_listener_rule.r{n}", "delete", before={}),
    "parameters open": lambda n: updated_to(f"aws_db_instance.d{n}", publicly_accessible=True),
    "roles are administrators": lambda n: change(
        f"aws_iam_role_policy_attachment.p{n}",
        "create",
        after={"role": "r", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
    ),
    "resources are of types without a row": lambda n: change(f"aws_quantum_ledger.q{n}", "delete", before={}),
    "types are many": lambda n: change(f"aws_quantum_ledger{n}.q", "delete", before={}),
    "scripts change": lambda n: updated_to(f"aws_launch_template.t{n}", user_data=f"#!/bin/sh\necho {n}\n"),
    "keys are disabled": lambda n: updated_to(f"aws_kms_key.k{n}", is_enabled=False),
}
LOSSES = [change(f"aws_dynamodb_table.t{number}", "delete", before={}) for number in range(KNOWN_LOSSES)]


def updated_to(address: str, **after: Any) -> dict[str, Any]:
    before = {key: not value if isinstance(value, bool) else "#!/bin/sh\n" for key, value in after.items()}
    return change(address, "update", before=before, after=after)


def above_the_folds(text: str) -> str:
    return text.partition("<details>")[0]


@pytest.mark.parametrize("size", [40, 10_000 // len(FLOODS)])
def test_every_kind_and_known_loss_of_10000_findings_is_above_the_folds(tmp_path: Path, size: int) -> None:
    flood = [one(number) for one in FLOODS.values() for number in range(size)]
    review = review_of(tmp_path, *flood, *LOSSES, gates=tuple(Gate))
    text = comment(review, artifact_url=URL)
    head = above_the_folds(text)
    assert len(review.findings) >= size * len(FLOODS)
    assert len(text.encode()) <= LIMIT
    for heading in {each.heading for each in review.findings if each.severity > Severity.NOTE}:
        assert re.search(rf"\*\*. {heading}\*\*\n\n- ", head), heading
    for lost in LOSSES:
        assert f"- `{lost['address']}` is destroyed" in head
    assert len(head[: head.index("**🔴")].splitlines()) <= 5 + LINES_OF_GATES


def test_many_findings_do_not_hide_a_loss_or_an_administrator(tmp_path: Path) -> None:
    alarms = [FLOODS["alarms are replaced"](number) for number in range(300)]
    dangerous = [LOSSES[0], FLOODS["roles are administrators"](0)]
    head = above_the_folds(told(tmp_path, *alarms, *dangerous, gates=tuple(Gate)))
    assert "- 300 \N{MULTIPLICATION SIGN} `aws_cloudwatch_metric_alarm` is replaced" in head
    assert (
        head.index("`aws_dynamodb_table.t0` is destroyed")
        < head.index("AdministratorAccess")
        < head.index("300 \N{MULTIPLICATION SIGN}")
    )
    assert head.splitlines().count("Acknowledge: destroy aws_dynamodb_table.t0") == 1


@pytest.mark.parametrize(
    "order",
    [
        (
            "aws_db_instance.final",
            "aws_db_instance.saved",
            "aws_iam_role_policy_attachment.p0",
            "aws_quantum_ledger.q0",
        ),
    ],
)
def test_dangers_are_ordered_by_kind(tmp_path: Path, order: tuple[str, ...]) -> None:
    final = change("aws_db_instance.final", "delete", before={"skip_final_snapshot": True})
    saved = change("aws_db_instance.saved", "delete", before={"skip_final_snapshot": False})
    others = [FLOODS[name](0) for name in ("resources are of types without a row", "roles are administrators")]
    head = above_the_folds(told(tmp_path, *others, saved, final))
    assert sorted(order, key=lambda address: head.index(f"- `{address}`")) == list(order)


def test_many_new_resources_are_counted_by_section(tmp_path: Path) -> None:
    names = [f"aws_eip.network_zone_{number}" for number in range(30)] + ["aws_sns_topic.load_balancer_alarms"]
    text = told(tmp_path, *(change(name, "create", after={}) for name in names))
    assert "<b>31 to create</b></summary>\n\n- `network zone`: 30\n- `load balancer`: 1\n" in text


def test_the_rights_of_many_new_roles_are_shown(tmp_path: Path) -> None:
    calm = [change(f"aws_eip.network_{number}", "create", after={}) for number in range(30)]
    names = [f"aws_iam_policy.identity_{number}" for number in range(9)]
    granted = [allow("s3:GetObject", f"arn:aws:s3:::bucket-{number}/*") for number in range(9)]
    policies = [
        change(name, "create", after={"policy": policy(each)}) for name, each in zip(names, granted, strict=True)
    ]
    text = told(tmp_path, *calm, *policies)
    assert "9 \N{MULTIPLICATION SIGN} `aws_iam_policy` grants new permissions" in text
    assert all(f"arn:aws:s3:::bucket-{number}/*" in text for number in range(9))
    assert "\n- `network`: 30\n" in text


def test_counts_by_section_follow_the_folds_as_a_list(tmp_path: Path) -> None:
    calm = [change(f"aws_eip.network_{number}", "create", after={}) for number in range(30)]
    rights = change(
        "aws_iam_policy.identity", "create", after={"policy": policy(allow("s3:GetObject", "arn:aws:s3:::a/*"))}
    )
    text = told(tmp_path, *calm, rights)
    assert "<code>aws_iam_policy.identity</code>" in text
    assert "network" in [token.content for token in tokens(text) if token.type == "code_inline"]


def reviewed_as(text: str) -> str:
    """Return the comment on a plan with a text in every place that the author of a plan controls."""
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
    stops = tuple(Stop(each, (Gate.STATEFUL,)) for each in plan.changes)
    result = GateResult(stops, stops[:1], (text,))
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
def test_known_attacks_on_markup_are_inert(text: str) -> None:
    check_inert(text)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(EVIL)
def test_random_texts_in_a_plan_are_inert(text: str) -> None:
    check_inert(text)


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=40))
def test_an_error_replaces_the_stacks_comment(text: str) -> None:
    found = refusal("dev", text, text)
    assert found.startswith(marker("dev"))
    assert [token.type for token in tokens(found)].count("code_inline") == 2

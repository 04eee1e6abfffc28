import fnmatch
import json
import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests import managed_policies
from tests.unit.review.builders import allow, change, configuration, found, policy, risks
from wealist.model.iam.classification import MANAGED_POLICIES
from wealist.review.finding import Kind, Severity
from wealist.review.risks.grants import describe_grants, grants, uncovered
from wealist.review.values import JsonText


def compared(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Return the gained and the lost grants."""
    old, new = (grants(JsonText(json.loads(policy(*statements)))) for statements in (before, after))
    return list(describe_grants(uncovered(new, old))), list(describe_grants(uncovered(old, new)))


BUCKET = "arn:aws:s3:::bucket/*"
DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("before", "after", "gained", "lost"),
    [
        ([allow("s3:GetObject")], [allow(["s3:GetObject", "s3:PutObject"])], ["s3:PutObject on *"], []),
        (
            [allow(["a:B", "a:C"], ["x", "y"])],
            [allow("a:B", "x"), allow("a:C", "x"), allow(["a:C", "a:B"], "y")],
            [],
            [],
        ),
        ([allow("s3:*")], [allow("s3:GetObject")], [], ["s3:* on *"]),
        ([allow("s3:*")], [allow("s3:*"), allow("s3:GetObject", BUCKET)], [], []),
        ([allow("s3:getobject")], [allow("S3:GetObject")], [], []),
        ([allow("s3:Get*")], [allow("s3:GetObject*")], [], ["s3:Get* on *"]),
        ([allow("s3:GetObject")], [allow("s3:Get*")], ["s3:Get* on *"], []),
        ([allow("s3:GetObject", BUCKET)], [allow("s3:GetObject")], ["s3:GetObject on *"], []),
        ([allow("a:B", Condition={"Bool": {"x": "true"}})], [allow("a:B")], ["a:B on *"], []),
        ([allow("a:B")], [allow("a:B", Condition={"Bool": {"x": "true"}})], [], ["a:B on *"]),
        ([DENY], [], [], ["denied: s3:* on *"]),
        ([], [DENY], ["denied: s3:* on *"], []),
        ([allow("s3:*")], [allow("s3:*"), {**DENY, "Action": "s3:Get*"}], ["denied: s3:Get* on *"], []),
        (
            [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
            [{"Effect": "Allow", "NotAction": ["iam:*", "s3:*"], "Resource": "*"}],
            ["all but iam:* and s3:* on *"],
            ["all but iam:* on *"],
        ),
        (
            [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
            [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
            ["s3:GetObject on *"],
            ["all but iam:* on *"],
        ),
    ],
)
def test_gained_and_lost_grants_of_a_policy(
    before: list[dict[str, Any]], after: list[dict[str, Any]], gained: list[str], lost: list[str]
) -> None:
    assert compared(before, after) == (gained, lost)


PATTERN = st.text(alphabet="ab*?", max_size=6)
WORD = st.text(alphabet="ab", max_size=8)


@settings(deadline=None, max_examples=40)
@example("?", "*", ["ab"])
@given(PATTERN, PATTERN, st.lists(WORD, max_size=40))
def test_covered_patterns_match_a_subset(wide: str, narrow: str, words: list[str]) -> None:
    gained, _ = compared([allow("s:x", f"r{wide}")], [allow("s:x", f"r{narrow}")])
    if not gained:
        for word in words:
            if re.fullmatch(fnmatch.translate(narrow), word):
                assert re.fullmatch(fnmatch.translate(wide), word), (wide, narrow, word)


def updated(before: list[dict[str, Any]], after: list[dict[str, Any]], **parts: Any) -> list[tuple[Severity, str]]:
    update = change("aws_iam_policy.a", "update", before={"policy": policy(*before)}, after={"policy": policy(*after)})
    return found(update, kind=Kind.IAM, **parts)


def test_a_narrower_policy_is_only_a_note() -> None:
    assert updated([allow("s3:*")], [allow("s3:GetObject")]) == [(Severity.NOTE, "narrows what policy allows")]


def test_a_removed_deny_widens() -> None:
    ((severity, words),) = updated([allow("s3:Get*"), DENY], [allow("s3:Get*")])
    assert (severity, words) == (Severity.CAUTION, "widens what policy allows")


def test_a_policy_can_be_wider_and_narrower() -> None:
    ((_, words),) = updated([allow("s3:A")], [allow("s3:B")])
    assert words == "widens and narrows what policy allows"


def test_passing_a_role_is_privilege_escalation() -> None:
    ((_, words),) = updated([], [allow("iam:PassRole", "arn:aws:iam::1:role/x")])
    assert "iam:PassRole allows privilege escalation" in words


def test_an_equivalent_policy_is_no_finding() -> None:
    assert updated([allow(["a:B", "a:C"])], [allow("a:C"), allow(["a:B"])]) == []


def test_gained_and_lost_actions_are_shown_with_their_resources() -> None:
    before, after = policy(allow("s3:GetObject", BUCKET)), policy(allow("s3:PutObject", BUCKET))
    (finding,) = risks(change("aws_iam_role_policy.a", "update", before={"policy": before}, after={"policy": after}))
    assert [str(line) for line in finding.lines] == [f"+ s3:PutObject on {BUCKET}", f"- s3:GetObject on {BUCKET}"]


def test_a_key_policy_for_all_resources_is_a_note() -> None:
    own = policy(allow("kms:*", Principal={"AWS": "arn:aws:iam::290008131187:root"}))
    ((severity, _),) = found(change("aws_kms_key.a", "create", after={"policy": own}))
    assert severity is Severity.NOTE


@pytest.mark.parametrize(
    ("name", "severity", "rest"),
    [
        ("AdministratorAccess", Severity.DANGER, ": * on everything"),
        ("PowerUserAccess", Severity.DANGER, ": all but account:* and iam:* and organizations:* on everything"),
        ("IAMFullAccess", Severity.DANGER, ": iam:* on everything"),
        ("AmazonS3FullAccess", Severity.DANGER, ": s3:* on everything"),
        ("ReadOnlyAccess", Severity.NOTE, ", an AWS managed policy"),
        ("AmazonSSMManagedInstanceCore", Severity.NOTE, ", an AWS managed policy"),
        ("service-role/AWSLambdaBasicExecutionRole", Severity.NOTE, ", an AWS managed policy"),
        ("PolicyOfTomorrow", Severity.CAUTION, ", which this plan does not show"),
    ],
)
@pytest.mark.parametrize("kind", ["aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment"])
def test_aws_managed_policies_are_judged_by_their_grants(kind: str, name: str, severity: Severity, rest: str) -> None:
    arn = f"arn:aws:iam::aws:policy/{name}"
    assert found(change(f"{kind}.a", "create", after={"policy_arn": arn})) == [(severity, f"attaches {arn}{rest}")]


@pytest.mark.parametrize("arn", ["arn:aws:iam::290008131187:policy/other", "arn:aws:iam::999999999999:policy/other"])
def test_attaching_a_policy_outside_the_plan_is_a_caution(arn: str) -> None:
    ((severity, _),) = found(change("aws_iam_role_policy_attachment.a", "create", after={"policy_arn": arn}))
    assert severity is Severity.CAUTION


@pytest.mark.exhaustive  # loads all of moto
def test_the_committed_managed_policies_are_current() -> None:
    assert MANAGED_POLICIES.read_text(encoding="utf-8") == managed_policies.text(), (
        "run: python -m tests.managed_policies"
    )


def test_attaching_a_policy_of_the_same_plan_is_no_finding() -> None:
    expressions = {"policy_arn": {"references": ["aws_iam_policy.p.arn", "aws_iam_policy.p"]}}
    resources = [{"address": "aws_iam_role_policy_attachment.a", "expressions": expressions}]
    attachment = change("aws_iam_role_policy_attachment.a", "create", after={}, after_unknown={"policy_arn": True})
    assert found(attachment, configuration=configuration(resources=resources)) == []

import json

import pytest

from tests.unit.review.builders import change, document
from wealist.errors import OperatorError
from wealist.model.plan import parse
from wealist.review.options import ExitCode

SECRET = "hunter2-very-secret"
PLAN = json.dumps(document(change("aws_vpc.a", "create", after={"cidr_block": "10.0.0.0/16"})))


def refused(text: str | bytes) -> OperatorError:
    with pytest.raises(OperatorError) as caught:
        parse(text if isinstance(text, bytes) else text.encode(), name="plan.json")
    return caught.value


def with_(**parts: object) -> str:
    return json.dumps(json.loads(PLAN) | parts)


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("[]", ExitCode.NOT_A_PLAN, "not the JSON of a plan"),
        ("{}", ExitCode.NOT_A_PLAN, "not the JSON of a plan"),
        ("hello", ExitCode.NOT_A_PLAN, "not JSON at line 1, column 1"),
        ('{"a": 1} {"b": 2}', ExitCode.NOT_A_PLAN, "other text after the JSON, at line 1, column 10"),
        ('{"a": nonsense', ExitCode.NOT_A_PLAN, "not JSON at line 1, column 7"),
        ('{"format_version": "1.0", "values": {}}', ExitCode.NOT_A_PLAN, "of a state"),
        ('{"@level": "info", "@message": "x"}', ExitCode.NOT_A_PLAN, "a message of `terraform plan -json`"),
        (b"PK\x03\x04rest", ExitCode.NOT_A_PLAN, "a plan file, not its JSON"),
        (b"\xff\xff\xfe\x80", ExitCode.NOT_A_PLAN, "is not text"),
        ("[" * 200_000, ExitCode.NOT_A_PLAN, "nested too deeply"),
        (
            with_(variables={"a": {"value": json.loads("[" * 300 + "]" * 300)}}),
            ExitCode.NOT_A_PLAN,
            "nested too deeply",
        ),
        (PLAN.replace('"10.0.0.0/16"', "1" * 5_000), ExitCode.NOT_A_PLAN, "a number that is too long"),
        (with_(errored="true"), ExitCode.NOT_A_PLAN, "errored: "),
        (with_(complete="false"), ExitCode.NOT_A_PLAN, "complete: "),
        (with_(format_version="2.0"), ExitCode.UNKNOWN_FORMAT, "format_version '2.0', and only 1.x"),
        (with_(format_version=SECRET), ExitCode.UNKNOWN_FORMAT, "not a version"),
        (with_(format_version="0.2"), ExitCode.UNKNOWN_FORMAT, "'0.2'"),
        ("", ExitCode.CUT_OFF, "is empty"),
        (" \n", ExitCode.CUT_OFF, "is empty"),
        (with_(errored=True), ExitCode.ERRORED, "ended with errors"),
        (with_(errored=True, resource_changes=None), ExitCode.ERRORED, "ended with errors"),
        (with_(complete=False), ExitCode.PARTIAL, "partial plan"),
    ],
)
def test_each_kind_of_unreadable_plan_has_a_message_and_an_exit_code(
    text: str | bytes, code: ExitCode, message: str
) -> None:
    error = refused(text)
    assert (error.exit_code, message in error.message) == (code, True), error.message
    assert error.remedy


TOKENS = [True, False, None, -1.5e-7, "\u200b\\ \n", "서울 🔥"]


@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_truncated_plan_is_recognized_at_any_length(ascii_only: bool) -> None:  # noqa: FBT001
    plan = json.loads(PLAN) | {"variables": {"a": {"value": TOKENS}}}
    data = json.dumps(plan, ensure_ascii=ascii_only).encode()
    codes = {refused(data[:end]).exit_code for end in range(1, len(data) - 1)}
    assert codes == {ExitCode.CUT_OFF}


@pytest.mark.parametrize(
    "after",
    [
        "\n::debug::Terraform exited with code 0.\n",
        "\n\n::debug::Terraform exited with code 0.\n::debug::stdout: {}\n::set-output name=exitcode::0",
        "\nReleasing state lock. This may take a few moments...",
        '\n{"format_version": "1.2"',
        " trailing }",
        "}",
    ],
)
def test_text_after_a_plan_is_reported_and_not_taken_for_truncation(after: str) -> None:
    error = refused(PLAN + after)
    assert error.exit_code == ExitCode.NOT_A_PLAN
    assert "other text after the JSON, at line " in error.message
    assert "terraform_wrapper: false" in error.remedy


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("[command]/usr/bin/terraform-bin show -json plan\n", 2),
        ("Acquiring state lock. This may take a few moments...\n\n", 3),
        ("::debug::x\n::debug::y\n  ", 3),
    ],
)
def test_text_before_a_plan_is_reported_with_the_line_where_the_plan_begins(before: str, line: int) -> None:
    error = refused(before + PLAN + "\n::debug::Terraform exited with code 0.")
    assert error.exit_code == ExitCode.NOT_A_PLAN
    assert f"other text before the JSON, which begins at line {line}" in error.message
    assert "terraform_wrapper: false" in error.remedy


@pytest.mark.parametrize("version", ["0.1", "0.2", "0.3"])
def test_plans_of_old_terraform_versions_are_rejected_with_the_version_to_use(version: str) -> None:
    error = refused(with_(format_version=version))
    assert error.exit_code == ExitCode.UNKNOWN_FORMAT
    assert "Terraform 1.1 or newer" in error.remedy


def test_exit_codes_differ() -> None:
    assert len({code.value for code in ExitCode}) == 9


@pytest.mark.parametrize("minor", ["1.0", "1.1", "1.2", "1.99"])
def test_every_minor_version_of_the_format_is_read(minor: str) -> None:
    assert len(parse(with_(format_version=minor).encode(), name="x").resource_changes) == 1


def test_unknown_parts_of_a_plan_are_reported_unless_empty() -> None:
    plan = parse(with_(new_part=[{"type": "new"}], empty_part=[], prior_state={"a": 1}).encode(), name="x")
    assert plan.resource_changes
    assert plan.unread == ("new_part",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_plans_in_other_unicode_encodings_are_read(encoding: str) -> None:
    assert parse(PLAN.encode(encoding), name="x").resource_changes


def test_a_plan_without_the_property_complete_is_treated_as_complete() -> None:
    plan = json.loads(PLAN)
    del plan["complete"], plan["errored"]
    assert parse(json.dumps(plan).encode(), name="x").complete


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ({"resource_changes": SECRET}, "resource_changes: "),
        ({"resource_changes": [{"address": SECRET, "type": "x"}]}, "resource_changes[0].change: "),
        ({"resource_changes": [change("aws_vpc.a", "create") | {"type": [SECRET]}]}, "resource_changes[0].type: "),
        ({"output_changes": {SECRET: {"actions": SECRET}}}, "output_changes.*.actions: "),
    ],
)
def test_errors_of_invalid_plans_contain_the_location_and_no_values(broken: dict[str, object], place: str) -> None:
    error = refused(json.dumps(json.loads(PLAN) | broken))
    assert error.exit_code == ExitCode.NOT_A_PLAN
    assert place in error.message
    assert SECRET not in error.message + error.remedy


def test_several_problems_are_reported_together() -> None:
    error = refused(with_(resource_changes=[{}] * 9))
    assert error.message.count("resource_changes[") == 3
    assert "more" in error.message

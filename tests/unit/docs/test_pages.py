"""The generated pages are complete in both languages, and their links work."""

import re
import tomllib
from pathlib import PurePosixPath
from typing import Final

import pytest

from tests.syntheses import environment_only, synthesis
from tests.synthesized import all_changed
from tests.unit.docs.described import described, page, words
from wealist.checks import waivers
from wealist.checks.drill import drill
from wealist.checks.iam.documents import read_documents
from wealist.checks.rules import RULES
from wealist.costs.assumptions import Assumptions
from wealist.costs.meters import meters
from wealist.costs.prices import prices
from wealist.docs import markdown
from wealist.docs.guides import decision_files, runbooks
from wealist.docs.markdown import slug
from wealist.docs.messages import LANGUAGES, Messages, korean, rows
from wealist.docs.pages import SECTIONS
from wealist.docs.settings import descriptions, groups
from wealist.docs.view import View
from wealist.project import ROOT
from wealist.spec.baseline import BASELINE, Baseline
from wealist.spec.environment import Environment
from wealist.spec.services import Service

LINK: Final = re.compile(r"\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]*))?\)")
each_language = pytest.mark.parametrize("language", LANGUAGES)


@each_language
def test_the_nine_sections_are_in_order_with_a_drawing_each(language: str) -> None:
    text, say = page(f"{language}/prod"), Messages(language)
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert [part.partition("\n")[0] for part in parts[:-1]] == [say(f"section.{name}") for name in SECTIONS]
    assert all("```mermaid" in part for part in parts[:-1])


def test_every_link_and_anchor_exists() -> None:
    texts = described()
    for path, text in texts.items():
        for target, anchor in LINK.findall(text):
            wanted = normal(PurePosixPath(path).parent / target) if target else path
            assert wanted in texts or (ROOT / wanted).exists(), (path, target)
            if anchor:
                there = texts.get(wanted) or (ROOT / wanted).read_text(encoding="utf-8")
                headings = re.findall(r"^#+ (.*)$", there, flags=re.MULTILINE)
                assert anchor in map(slug, headings), (path, target, anchor)


def normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def test_each_message_has_the_same_values_in_each_language() -> None:
    for key, row in rows().items():
        assert row.keys() == LANGUAGES.keys(), key
        values = [sorted(set(re.findall(r"{(\w+)}", sentence))) for sentence in row.values()]
        assert values == [values[0]] * len(values), key


def test_every_setting_is_listed_with_its_default() -> None:
    shown = page("en/settings")
    for group in (Environment, Service):
        for name in group.model_fields:
            assert f"| `{name}` |" in shown, name
    assert "| `max_instance_lifetime_days` | `30` | `int` | 14 to 365." in shown
    assert "`in_place`, `blue_green`" in shown


def test_field_descriptions_include_those_of_base_classes() -> None:
    found = descriptions(Service)
    assert found["port"] == "TCP port on the instance."
    assert found["metrics_path"].startswith("Path that Prometheus scrapes.")


def test_korean_descriptions_belong_to_existing_settings() -> None:
    known = {
        f"{group.__name__}.{name}" for group in (*groups(Environment), *groups(Baseline)) for name in group.model_fields
    }
    assert korean()["setting"].keys() - known == set()
    assert "| `max_instance_lifetime_days` | `30` | `int` | 14-365." in page("ko/settings")


def test_korean_words_match_the_prices_and_assumptions() -> None:
    counted = {meter.what for of_type in meters().values() for meter in of_type}
    assert korean()["priced"].keys() == counted
    assert korean()["unit"].keys() == {price.unit for price in prices().values()}
    assert korean()["assumed"].keys() == {what for _, _, what in Assumptions().stated()}
    assert "| `aws_nat_gateway.network_nat` | NAT Gateway | 730 | 0.059 / 시간 | 43.07 |" in page("ko/prod-costs")


def test_korean_meanings_belong_to_existing_alarms() -> None:
    rows_of_alarms = tomllib.loads((ROOT / "wealist" / "constructs" / "alarms.toml").read_text(encoding="utf-8"))
    assert korean()["alarm"].keys() <= {row["meaning"] for row in rows_of_alarms.values()}


def test_runbooks_begin_with_a_summary_for_the_environment() -> None:
    shown = words(page("ko/dev-runbooks"))
    for wanted in (
        "dev 환경을 적용합니다 (상태: wealist/dev.tfstate)",
        "/wealist/dev/ 아래에",
        "wealist_user_db, wealist_board_db",
    ):
        assert wanted in shown


def test_large_quantities_are_rounded_and_small_prices_are_not() -> None:
    shown = page("en/prod-costs")
    assert "| writes to S3 | 16,667 | 0.0000045 / request |" in shown
    assert "| 1,000,000 | HTTPS requests to CloudFront |" in shown


def test_environments_are_compared_section_by_section() -> None:
    shown = page("en/environments")
    for name in ("overview", "network", "frontend", "backend", "database", "cache"):
        assert f"### {Messages('en')(f'section.{name}')}" in shown
    assert "| **VPC** | `wealist-dev-vpc` `10.0.0.0/16` | `wealist-prod-vpc` `10.1.0.0/16` |" in shown
    assert "| Region | `ap-northeast-2` | `ap-northeast-2` |" in shown


@each_language
def test_the_account_page_lists_its_baseline_roles_and_permissions(language: str) -> None:
    shown = page(f"{language}/account")
    for name in type(BASELINE).model_fields:
        assert f"| `{name}` |" in shown
    documents = read_documents(synthesis().stacks["account"])
    assert documents.roles
    assert [role.name for role in documents.roles if f"### `{role.name}`" not in shown] == []
    seen = " ".join(words(shown).split())
    for policy in documents.of_kind("identity"):
        for statement in policy.statements if policy.roles else ():
            why = words(Messages(language).translate("right", policy.why(statement)))
            assert " ".join(f"{statement.sid}: {why}".split()) in seen


def test_different_values_are_bold() -> None:
    shown = page("en/environments")
    assert "| **`backend.max_size`** | `2` | `6` |" in shown
    assert "| `backend.instance_type` | `t3.small` | `t3.small` |" in shown
    assert "| **`aws_db_instance`** | 1 | 0 |" in shown


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_drill_page_is_complete(name: str) -> None:
    shown = " ".join(words(page(f"en/{name}-drill")).split())
    for outcome in drill(synthesis(), name):
        assert " ".join(f"{outcome.state} {outcome.event} {outcome.part} {outcome.why}".split()) in shown


def test_events_and_parts_of_the_drill_are_translated() -> None:
    for name in ("dev", "prod"):
        cells = [line.split(" | ") for line in page(f"ko/{name}-drill").splitlines() if line.startswith("| ")][2:]
        assert [event for _, event, *_ in cells if re.search(r"is lost|is unavailable|is broken", event)] == []
        assert {part for _, _, part, *_ in cells} >= {"사이트", "API: user", "데이터베이스", "캐시"}


def test_reasons_are_translated_as_a_whole_or_by_parts_or_stay_in_english() -> None:
    korean, english = Messages("ko"), Messages("en")
    for why, translation in (
        ("nothing that it depends on is lost", "의존하는 것을 아무것도 잃지 않았습니다"),
        ("its database is lost; snapshots of 7 days are kept", "데이터베이스의 상태: 중단; 7일의 스냅샷을 보관합니다"),
        ("at worst, if that is zone a: its database is lost", "최악의 경우(가용 영역 a): 데이터베이스의 상태: 중단"),
        ("its database is lost; a <new> reason", "데이터베이스의 상태: 중단; a &#60;new&#62; reason"),
    ):
        assert korean.translate("why_of_drill", why) == translation
        assert english.translate("why_of_drill", why) == markdown.text(why)


def test_each_control_waiver_and_decision_is_listed() -> None:
    judged = page("ko/judged")
    assert [rule.control for rule in RULES if f"`{rule.control}`" not in judged] == []
    for waiver in waivers.read():
        assert f"| {waiver.expires} |" in judged
        assert all(f"`{control}`" in judged for control in waiver.controls)
    decisions = page("en/decisions")
    assert [each.name for each in decision_files() if f"(../../adr/{each.name})" not in decisions] == []


def test_commands_in_runbooks_name_the_environment() -> None:
    code = re.findall(r"```.*?```|`[^`\n]+`", page("en/dev-runbooks"), flags=re.DOTALL)
    assert any("wealist-dev" in each for each in code)
    assert [each for each in code if re.search(r"\bprod\b|<env>", each)] == []


@pytest.mark.parametrize(
    ("file", "heading"),
    [
        ("operations", "First deployment"),
        ("operations", "Deploy a service"),
        ("operations", "Day-2 work"),
        ("recovery", "States and applies"),
    ],
)
def test_runbooks_contain_the_whole_guides(file: str, heading: str) -> None:
    text = (ROOT / "docs" / f"{file}.md").read_text(encoding="utf-8")
    guide = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    assert guide
    shown = page("en/prod-runbooks")
    assert [line for line in guide.splitlines() if "](" not in line and "<env>" not in line and line not in shown] == []


def test_each_alarm_has_advice() -> None:
    view = View(environment_only(all_changed("prod")), all_changed("prod"), Messages("en"), {})
    shown = "\n".join(runbooks(view, "docs/architecture/en/prod-runbooks.md"))
    alarms = view.all("aws_cloudwatch_metric_alarm")
    assert alarms
    for alarm in alarms:
        (row,) = [line for line in shown.splitlines() if line.startswith(f"| `{alarm.get('alarm_name')}` |")]
        assert not row.rstrip(" |").endswith("-"), row
        assert "<env>" not in row


def test_unknown_costs_are_listed_separately() -> None:
    shown = page("en/prod-costs")
    assert "| `aws_nat_gateway.network_nat` | NAT gateways | 730 |" in shown
    assert "## Unknown costs (not in the total)" in shown

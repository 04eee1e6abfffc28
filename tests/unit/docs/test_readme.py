"""The README's picture and tables match the synthesized stacks."""

import re
from typing import Any, Final

import pytest

from tests.syntheses import mutated, synthesis
from tests.synthesized import environment
from wealist.docs.readme import PATH, environment_to_draw, picture, readme
from wealist.project import ROOT
from wealist.spec.account import SHARED_STACKS, STATE_BUCKET, state_key
from wealist.spec.environment import Environment
from wealist.spec.services import Service
from wealist.spec.settings import Settings

README: Final = (ROOT / PATH).read_text(encoding="utf-8")
OPERATIONS: Final = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
FRAME: Final = "text before\n<!-- what is built: written by `wealist accept` -->\nold\n<!-- end -->\ntext after\n"


def table(text: str, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading."""
    below = text.partition(f"\n## {heading}\n")[2]
    lines = re.search(r"(?:^\|.*\n)+", below, flags=re.MULTILINE)
    assert lines, heading
    return [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in lines[0].splitlines()[2:]]


def drawn(*environments: Environment) -> str:
    found = synthesis(*environments)
    return "\n".join(picture(found, environment_to_draw(found)))


def test_the_picture_shows_the_names_blocks_paths_and_ports_of_the_protected_environment() -> None:
    text = drawn()
    for wanted in ("api.wealist.co.kr", "wealist-prod-vpc 10.1.0.0/16", "zones a, c, d", "PostgreSQL 5432, Redis 6379"):
        assert wanted in text
    for path, port in (("/api/users/*", 8080), ("/api/boards/*", 8000), ("/monitoring/*", 3001)):
        assert re.search(rf"{re.escape(path)} +→ {port} ", text)


def test_all_lines_of_the_picture_have_the_same_length() -> None:
    service = environment("prod").services[1]
    chat = service.model_copy(
        update={"name": "chat", "port": 9000, "path_pattern": "/api/conversations/*", "priority": 40}
    )
    several = environment("prod", services=(*environment("prod").services, chat))
    for text in (drawn(), drawn(several)):
        inside = [line for line in text.splitlines() if line.startswith((" │", " ┌", " └"))]
        assert {len(line) for line in inside} == {83}
    assert "/api/conversations/*  → 9000" in drawn(several)


def test_only_the_text_between_the_comments_is_replaced() -> None:
    def moved(document: dict[str, Any]) -> None:
        document["resource"]["aws_lb_target_group"]["load_balancer_board_tg"]["port"] = 8001

    before = readme(FRAME, synthesis())
    after = readme(FRAME, mutated(synthesis(), "prod", moved))
    assert "→ 8000" in before
    assert "→ 8001" in after
    assert (before.splitlines()[0], before.splitlines()[-1]) == ("text before", "text after")
    assert readme("no comments\n", synthesis()) == "no comments\n"


def test_markup_in_a_domain_cannot_end_the_code_block() -> None:
    site = environment("prod").site.model_copy(update={"domain": "a\n```\n<img src=x onerror=alert(1)>"})
    text = "\n".join(picture(synthesis(), environment("prod", site=site)))
    assert "```" not in text
    assert "\n<img" not in text


def test_each_stack_is_listed_with_its_state() -> None:
    written = readme(FRAME, synthesis())
    assert f"state in `{STATE_BUCKET}`" in written
    for name in (*SHARED_STACKS, "dev", "prod"):
        assert f"`{state_key(name)}`" in written


def test_the_readme_contains_the_comments() -> None:
    assert readme(README, synthesis()) != readme("", synthesis())
    assert README.count("<!-- what is built: written by `wealist accept` -->") == 1


def settings(group: type[Settings]) -> set[str]:
    """Return the names of all settings, nested ones too."""
    found = set(group.model_fields)
    for field in group.model_fields.values():
        for each in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(each, type) and issubclass(each, Settings) and each is not group:
                found |= settings(each)
    return found


@pytest.mark.parametrize(("page", "heading"), [(README, "Change something"), (OPERATIONS, "Day-2 work")])
def test_tables_of_changes_name_existing_settings(page: str, heading: str) -> None:
    known = settings(Environment) | settings(Service)
    rows = table(page, heading)
    named = [name for row in rows for name in re.findall(r"`(?:\w+=\w+\()?([a-z_]+)=", " ".join(row))]
    named += [name for row in rows for name in re.findall(r"`([a-z]+_[a-z_]+)`", row[1])]
    assert named
    assert [name for name in named if name not in known] == []


def test_the_table_of_secrets_names_existing_parameters() -> None:
    built = {
        str(each.get("name")).partition("/prod/")[2] for each in synthesis().stacks["prod"].all("aws_ssm_parameter")
    }
    named = [path for row in table(OPERATIONS, "Secrets") for path in re.findall(r"`([a-z]+/[a-z_]+)`", row[2])]
    assert len(named) == 6
    assert [path for path in named if path not in built] == []

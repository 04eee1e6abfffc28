"""Checks on the pages of whole stacks: markup in names, changed arguments, unused messages."""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from tests.syntheses import copy_json, mutated, synthesis
from tests.synthesized import all_changed, environment
from tests.unit.docs.described import ALLOWED, HARMLESS, HOSTILE, TABLE, Tags, described, hostile, of, rendered
from wealist.checks.drill import drill
from wealist.checks.finding import Synthesis
from wealist.checks.iam.documents import read_documents
from wealist.costs.estimate import estimate
from wealist.docs.costs import Variants
from wealist.docs.messages import Messages, patterns, rows
from wealist.docs.pages import pages as pages_of
from wealist.model.stack import parse
from wealist.spec.environment import Endpoint, Environment

pytestmark = pytest.mark.exhaustive
ELSEWHERE: Final = ("site.", "word.", "cost_section.", "access.no_boundary", "costs.not")
"""Messages of the site, and of cases that the tests' environments do not contain."""


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    before = synthesis(environment("dev"), all_changed("prod"))
    stacks = {}
    for name, stack in before.stacks.items():
        document = copy_json(stack.document)
        document["resource"] = hostile(document.get("resource", {}))
        for each in document["resource"].values():
            for resource in each.values():
                for reason in (resource.get("//") or {}).get("reasons", {}):
                    resource["//"]["reasons"][reason] += HOSTILE
        stacks[name] = parse(document, Path(name, "cdk.tf.json"))
    return of(Synthesis(stacks, {name: named(each) for name, each in before.environments.items()}))


def named(config: Environment) -> Environment:
    """Return an environment with hostile names."""
    services = tuple(
        each.model_copy(update={"database_name": HOSTILE, "health_path": f"/{HOSTILE}"}) for each in config.services
    )
    endpoint = Endpoint(domain=HOSTILE, certificate_arn=HOSTILE)
    return config.model_copy(update={"services": services, "site": endpoint, "api": endpoint})


def test_pages_with_names_contain_the_markup_as_text(pages: dict[str, str]) -> None:
    shown = [path for path, page in pages.items() if "onerror" in page]
    assert {path.rpartition("/")[2] for path in shown} >= {"dev.md", "prod.md", "prod-runbooks.md", "environments.md"}


def test_markup_in_names_creates_no_element_and_no_link(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        found = Tags(rendered(page)).found
        assert {tag for tag, _ in found} <= HARMLESS | TABLE, path
        assert {name for _, attributes in found for name in attributes} <= {"href", "class", "start"}, path
        assert not [each for tag, each in found if tag == "a" and "evil" in str(each["href"])], path
        assert set(re.findall(r"</?[a-z][^>\n]*>", without_code(page))) <= ALLOWED, path


def without_code(page: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", page, flags=re.DOTALL)


def test_markup_in_names_ends_no_table_cell_and_no_label(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        for block in re.findall(r"(?:^\|.*\n)+", without_code(page), flags=re.MULTILINE):
            assert len({line.count("|") for line in block.splitlines()}) == 1, (path, block[:300])
        for diagram in re.findall(r"```mermaid\n(.*?)```", page, flags=re.DOTALL):
            assert "<img" not in diagram
            assert all(line.count('"') in {0, 2} for line in diagram.splitlines()), path


def scaled(document: dict[str, Any]) -> None:
    document["resource"]["aws_autoscaling_group"]["backend_fleet_asg"]["max_size"] = 9


def with_another_block(document: dict[str, Any]) -> None:
    document["resource"]["aws_subnet"]["network_public_subnet_a"]["cidr_block"] = "10.1.100.0/24"


def with_another_version(document: dict[str, Any]) -> None:
    document["resource"]["aws_elasticache_replication_group"]["cache_replication_group"]["engine_version"] = "7.1"


@pytest.mark.parametrize("edit", [scaled, with_another_block, with_another_version])
def test_a_change_of_a_stack_changes_its_pages_in_every_language(edit: Callable[[dict[str, Any]], None]) -> None:
    after = of(mutated(synthesis(), "prod", edit))
    changed = {path for path, text in described().items() if after[path] != text}
    assert {"docs/architecture/ko/prod.md", "docs/architecture/en/prod.md"} <= changed
    assert not any(path.endswith("/dev.md") for path in changed)


def test_every_message_is_used_by_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    used: set[str] = set()
    say = Messages.__call__

    def noted(self: Messages, key: str, **values: object) -> str:
        used.add(key)
        return say(self, key, **values)

    monkeypatch.setattr(Messages, "__call__", noted)
    for found in (synthesis(), synthesis(all_changed("dev"), all_changed("prod"))):
        of(found)
        pages_of(found, "en", lambda *_: {}, Variants(dict.fromkeys(found.environments, ()), ()))
    assert sorted(key for key in rows().keys() - used if not key.startswith(ELSEWHERE)) == []


def reasons(found: Synthesis) -> Iterator[tuple[str, str]]:
    """Yield the section of korean.toml and the text of each reason on the pages."""
    for name in (*found.environments, "account"):
        policies = read_documents(found.stacks[name]).of_kind("identity")
        yield from (("right", each.why(rule)) for each in policies if each.roles for rule in each.statements)
        yield from (("unknown_cost", row.reason) for row in estimate(found.stacks[name]).unknown)
    for name in found.environments:
        for outcome in drill(found, name):
            yield "event_of_drill", outcome.event
            yield "part_of_drill", outcome.part
            yield from (("why_of_drill", part) for part in outcome.why.split("; "))


@functools.cache
def reasons_of(kind: str) -> frozenset[str]:
    found = (synthesis(), synthesis(all_changed("dev"), all_changed("prod")), left_open())
    return frozenset(why for each in found for of_kind, why in reasons(each) if of_kind == kind)


def left_open() -> Synthesis:
    """Stacks with optional values removed or added: zone, size, snapshots, liveness path, a type without a price."""

    def edit(document: dict[str, Any]) -> None:
        resources = document["resource"]
        resources["aws_new_type"] = {"backend_new": {}}
        resources["aws_db_instance"]["database_instance"].pop("availability_zone")
        resources["aws_db_instance"]["database_instance"]["allocated_storage"] = "${var.storage}"
        resources["aws_elasticache_replication_group"]["cache_replication_group"]["snapshot_retention_limit"] = 0

    whole = synthesis()
    dev = whole.environments["dev"]
    alive = [each.model_copy(update={"liveness_path": each.health_path}) for each in dev.services]
    services = dev.model_copy(update={"services": tuple(alive)})
    return mutated(replace(whole, environments={**whole.environments, "dev": services}), "dev", edit)


@pytest.mark.parametrize("kind", ["right", "unknown_cost", "event_of_drill", "part_of_drill", "why_of_drill"])
def test_every_korean_reason_is_used(kind: str) -> None:
    left = [pattern.pattern for pattern in patterns(kind) if not any(map(pattern.search, reasons_of(kind)))]
    assert left == [], f"delete these lines of wealist/docs/korean.toml, [{kind}]"

"""Names and descriptions with markup in them stay what they are: text."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.guarded import copied, synthesis
from tests.synthesized import environment, otherwise
from tests.unit.docs.described import ALLOWED, Tags, of, rendered, words
from wealist.checks.finding import Synthesis
from wealist.docs.markdown import code, table, text
from wealist.model.stack import parse
from wealist.spec.environment import Endpoint, Environment

HOSTILE: Final = "</code><img src=x onerror=alert(1)>`|**bold** [evil](http://evil.example) <br>\"'&lt;{{ x }}${y"
"""What each field is given: HTML, Markdown, the ends of code, cells and labels, entities, templates."""
HARMLESS: Final = frozenset({"br", "code", "h1", "h2", "h3", "h4", "li", "ol", "p", "pre", "strong", "ul", "a", "em"})
TABLE: Final = frozenset({"table", "thead", "tbody", "tr", "th", "td"})
NAMING: Final = re.compile(
    r"(?:^|_)(?:name|bucket|comment|alias|aliases|description|identifier|Name|id|message_body|alarm_name"
    r"|health_path|path|prefix|window|class|type|version|engine|metric_name|namespace|values|domain_name)$"
)
READ: Final = frozenset(
    {"vpc_endpoint_type", "service_name", "load_balancer_type", "type", "availability_zone", "resource_type"}
)
"""Arguments by which the proofs know what something is: with another value they refuse the stack."""


def hostile(value: Any, key: str = "") -> Any:
    """A value with `HOSTILE` behind every text that names or describes something."""
    if isinstance(value, dict):
        return {name: hostile(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [hostile(each, key) for each in value]
    is_name = isinstance(value, str) and NAMING.search(key) and key not in READ and "${" not in value
    return f"{value}{HOSTILE}" if is_name else value


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    before = synthesis(environment("dev"), otherwise("prod"))
    stacks = {}
    for name, stack in before.stacks.items():
        document = copied(stack.document)
        document["resource"] = hostile(document.get("resource", {}))
        for each in document["resource"].values():
            for resource in each.values():
                for reason in (resource.get("//") or {}).get("reasons", {}):
                    resource["//"]["reasons"][reason] += HOSTILE
        stacks[name] = parse(document, Path(name, "cdk.tf.json"))
    return of(Synthesis(stacks, {name: named(each) for name, each in before.environments.items()}))


def named(config: Environment) -> Environment:
    """An environment's description with hostile names."""
    services = tuple(
        each.model_copy(update={"database_name": HOSTILE, "health_path": f"/{HOSTILE}"}) for each in config.services
    )
    endpoint = Endpoint(domain=HOSTILE, certificate_arn=HOSTILE)
    return config.model_copy(update={"services": services, "site": endpoint, "api": endpoint})


def test_the_hostile_text_stands_in_every_page_that_shows_names(pages: dict[str, str]) -> None:
    shown = [path for path, page in pages.items() if "onerror" in page]
    assert {path.rpartition("/")[2] for path in shown} >= {"dev.md", "prod.md", "prod-runbooks.md", "environments.md"}


def test_a_hostile_text_becomes_no_element_and_no_link(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        found = Tags(rendered(page)).found
        assert {tag for tag, _ in found} <= HARMLESS | TABLE, path
        assert {name for _, attributes in found for name in attributes} <= {"href", "class", "start"}, path
        assert not [each for tag, each in found if tag == "a" and "evil" in str(each["href"])], path
        assert set(re.findall(r"</?[a-z][^>\n]*>", without_code(page))) <= ALLOWED, path


def without_code(page: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", page, flags=re.DOTALL)


def test_a_hostile_text_ends_no_cell_and_no_label(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        for block in re.findall(r"(?:^\|.*\n)+", without_code(page), flags=re.MULTILINE):
            assert len({line.count("|") for line in block.splitlines()}) == 1, (path, block[:300])
        for diagram in re.findall(r"```mermaid\n(.*?)```", page, flags=re.DOTALL):
            assert "<img" not in diagram
            assert all(line.count('"') in {0, 2} for line in diagram.splitlines()), path


@given(st.text(min_size=1))
def test_a_reader_sees_exactly_the_characters_of_a_value(value: str) -> None:
    shown = "".join(each if each.isprintable() else " " for each in value).split()
    for written, expected in ((text(value), shown), (code(value), shown or ["-"])):
        cell = rendered(table(["a"], [[written]]))
        assert set(re.findall(r"<[^>]*>", cell)) <= {
            *(f"<{slash}{tag}>" for tag in TABLE | {"code"} for slash in ("", "/"))
        }
        assert words(table(["a"], [[written]])).replace("a", "", 1).split() == expected

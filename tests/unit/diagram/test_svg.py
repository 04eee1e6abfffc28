"""SVG and figures are well-formed, escaped, complete as text, and reproducible, and show the marks of a plan."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

import pytest

from tests.unit.diagram.builders import HOSTILE, drawn, hostile, small
from wealist.diagram import Drawing, Mark, Picture, figures, script, style

SVG = "{http://www.w3.org/2000/svg}"
SHOWN = " ".join(HOSTILE.split())


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 -- our own


def svg(drawing: Drawing, language: str = "en", marks: Mapping[str, Mark] | None = None) -> ET.Element:
    found = figure(Picture(drawing, marks or {}), language).find(f".//{SVG}svg")
    assert found is not None
    return found


def figure(picture: Picture, language: str = "en") -> ET.Element:
    (text,) = figures([picture], language=language)
    return parsed(text)


def texts(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


@pytest.mark.exhaustive
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_drawing_is_well_formed_and_complete(name: str, language: str) -> None:
    found = figures([Picture(each) for each in drawn(name).values()], language=language)
    for drawing, text in zip(drawn(name).values(), found, strict=True):
        root = parsed(text)
        addresses = {each.get("data-address") for each in root.iter(f"{SVG}g") if each.get("data-node")}
        assert addresses == {" ".join(node.addresses) for node in drawing.nodes}
        assert all(node.label in texts(root) for node in drawing.nodes)


def test_the_text_lists_addresses_reach_rights_and_connections() -> None:
    (details,) = figure(Picture(small())).iter("details")
    for wanted in (
        "aws_lb_listener.a",
        "← internet tcp 443",
        "allow s3:GetObject",
        "wealist-x-alb → wealist-x-asg: 8080",
    ):
        assert wanted in texts(details)


def test_a_drawing_has_labels_for_screen_readers() -> None:
    root = svg(small(), "ko")
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert (title.text, title.get("id")) == ("백엔드", root.get("aria-labelledby"))
    assert "wealist-x-alb" in texts(description)
    for node in (each for each in root.iter(f"{SVG}g") if each.get("data-node")):
        assert node.get("tabindex") == "0"
        assert node.get("aria-label")


def test_markup_in_any_field_is_escaped() -> None:
    (text,) = figures([Picture(hostile(), {HOSTILE: "created"}, HOSTILE)], language="en")
    assert "<script" not in text
    root = parsed(text)
    assert {each.tag.rpartition("}")[2] for each in root.iter()} & {"script", "img", "iframe", "a"} == set()
    assert not [name for each in root.iter() for name in each.attrib if name.lower().startswith("on")]
    shown = texts(root)
    assert shown.count(SHOWN) > 8  # name, address, reach, rights, fact, of both nodes


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ({"aws_lb.a": "created"}, {"alb": "d-created"}),
        ({"aws_lb.a": "destroyed", "aws_lb_listener.a": "changed"}, {"alb": "d-destroyed"}),
        ({"aws_lb_listener.a": "replaced"}, {"alb": "d-changed"}),
        ({"aws_vpc.a": "replaced", "aws_autoscaling_group.a": "changed"}, {"vpc": "d-replaced", "asg": "d-changed"}),
        ({"aws_unrelated.a": "destroyed"}, {}),
    ],
)
def test_a_node_has_the_mark_of_its_own_address_or_is_changed_by_its_other_addresses(
    marks: dict[str, Mark], expected: dict[str, str]
) -> None:
    root = svg(small(), marks=marks)
    classes = {
        str(each.get("data-node")): str(each.get("class")).split()
        for each in root.iter(f"{SVG}g")
        if each.get("data-node")
    }
    found = {
        node: mark
        for node, names in classes.items()
        for mark in names
        if mark in {"d-created", "d-changed", "d-replaced", "d-destroyed"}
    }
    assert found == expected


def test_an_arrow_has_the_mark_of_its_rule() -> None:
    root = svg(small(), marks={"aws_vpc_security_group_ingress_rule.a": "created"})
    (edge,) = (each for each in root.iter(f"{SVG}path") if each.get("data-flow") is not None)
    assert "d-created" in str(edge.get("class"))


def test_rendering_is_reproducible() -> None:
    assert figures([Picture(small())], language="en") == figures([Picture(small())], language="en")


def test_figures_on_one_page_share_no_id() -> None:
    found = figures([Picture(small(), {}, "a"), Picture(small(), {}, "b")], language="en")
    ids = re.findall(r' id="([^"]+)"', "".join(found))
    assert len(ids) == len(set(ids)) > 0


def test_characters_that_xml_forbids_are_removed() -> None:
    node = small().nodes[1]
    odd = type(small())("backend", (type(node)("a", "a\x00b\x1bc\ud800", "bucket"),), ())
    assert "abc" in texts(svg(odd))


def test_style_and_script_load_nothing() -> None:
    for text in (style(), script()):
        assert not re.search(r"https?:|url\(|@import|fetch|XMLHttp|import\(", text)

"""Drawings laid out by elkjs have no overlaps, and figures work in Chromium."""

import json
import re
import shutil
import subprocess
from functools import cache
from html import unescape
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests import plans
from tests.unit.diagram.builders import drawn, drawn_otherwise
from wealist.diagram import Drawing, Picture, figures, script, style
from wealist.diagram.geometry import LINE_HEIGHT, Box, Layout, box_ids, header_width, text_width
from wealist.diagram.layout import layouts
from wealist.diagram.words import Words
from wealist.model.plan import parse
from wealist.review import page
from wealist.review.gates import evaluate_gates
from wealist.review.reading import read_plan
from wealist.review.risks import findings
from wealist.review.verdict import Review

LANGUAGES = ("en", "ko")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
seen = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
PROBE = """
<script>
addEventListener("error", (event) => errors.push(event.message));
addEventListener("load", () => {
  const found = [...document.querySelectorAll("figure.diagram")].map((figure) => {
    const nodes = [...figure.querySelectorAll(".d-node[data-address]")].filter((each) => each.dataset.address);
    const node = nodes[0], panel = () => figure.querySelector(".diagram-panel").textContent;
    node.dispatchEvent(new MouseEvent("mouseenter"));
    const hovered = panel().includes(node.dataset.address.split(" ")[0]);
    const input = figure.querySelector("input");
    const last = nodes.at(-1);
    input.value = last.dataset.address.split(" ")[0];
    input.dispatchEvent(new Event("input"));
    const searched = figure.querySelectorAll(".is-hit").length > 0 && panel().includes(input.value);
    input.value = "no such address"; input.dispatchEvent(new Event("input"));
    const missed = figure.querySelectorAll(".is-hit").length === 0;
    const button = figure.querySelector("button[data-flow]");
    if (button) button.click();
    const flows = !button || figure.querySelectorAll(".d-edge.is-flow").length > 0;
    const view = figure.querySelector(".diagram-view"), svg = view.querySelector("svg");
    const smallest = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const right = (each) => each.getBBox().x + each.getBBox().width;
    const fits = [...figure.querySelectorAll(".d-node")].every((node) =>
      [...node.querySelectorAll("text.d-name, text.d-small")].every((text) => right(text) <= right(node.firstChild)));
    return { name: figure.dataset.drawing, works: [hovered, searched, missed, flows, fits], smallest };
  });
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const resources = performance.getEntriesByType("resource").map((each) => each.name);
  const loaded = resources.filter((each) => !each.startsWith("data:"));
  const answer = document.createElement("pre");
  answer.id = "answer"; answer.textContent = JSON.stringify({ found, wide, loaded, errors });
  document.body.append(answer);
});
</script>
"""


def all_drawings(name: str) -> list[Drawing]:
    return [*drawn(name).values(), *drawn_otherwise(name)[1].values()]


@cache
def laid_out(name: str, language: str) -> list[tuple[Drawing, Layout]]:
    drawings = all_drawings(name)
    return list(zip(drawings, layouts(drawings, Words(language)), strict=True))


def overlap(one: Box, other: Box) -> bool:
    separate_columns = one.right <= other.x or other.right <= one.x
    return not (separate_columns or one.bottom <= other.y or other.bottom <= one.y)


def labels(drawing: Drawing, layout: Layout, words: Words) -> list[Box]:
    """Return the rectangles of the labels on lines."""
    return [
        Box(line.label[0] - text_width(text) / 2, line.label[1] - LINE_HEIGHT / 2, text_width(text), LINE_HEIGHT)
        for edge, line in zip(drawing.edges, layout.lines, strict=True)
        if line.label and (text := words.edge(edge))
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nodes_and_labels_do_not_overlap(name: str, language: str) -> None:
    for drawing, layout in laid_out(name, language):
        boxes = box_ids(drawing)
        leaves = [layout.boxes[node.id] for node in drawing.nodes if node.id not in boxes]
        texts = labels(drawing, layout, Words(language))
        assert [(one, other) for one, other in combinations(leaves + texts, 2) if overlap(one, other)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nodes_are_inside_their_boxes_and_lines_on_the_page(name: str, language: str) -> None:
    for drawing, layout in laid_out(name, language):
        for node in drawing.nodes:
            inner = layout.boxes[node.id]
            assert node.id not in box_ids(drawing) or inner.width >= header_width(node, Words(language))
            outer = layout.boxes[node.parent] if node.parent else Box(0, 0, layout.width, layout.height)
            assert outer.x <= inner.x <= inner.right <= outer.right
            assert outer.y <= inner.y <= inner.bottom <= outer.bottom
        for line in layout.lines:
            assert all(-1 <= x <= layout.width + 1 and -1 <= y <= layout.height + 1 for x, y in line.points)
            assert len(line.points) > 1


def test_layouts_are_reproducible(name: str) -> None:
    pictures = [Picture(each) for each in drawn(name).values()]
    assert figures(pictures, language="ko") == figures(pictures, language="ko")


def answer(path: Path, content: str, *, wide: int, dark: bool) -> dict[str, Any]:
    """Return the result of `PROBE` on a page, at one width and in one theme."""
    head = content.index("<head>") + len("<head>")
    path.write_text(f"{content[:head]}<script>const errors = [];</script>{PROBE}{content[head:]}", encoding="utf-8")
    settings = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={path.parent / 'profile'}"]
    settings += [f"--window-size={wide},900", f"--blink-settings=preferredColorScheme={0 if dark else 1}"]
    run = subprocess.run(
        [str(CHROMIUM), *settings, "--dump-dom", f"file://{path}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(r'<pre id="answer">(.*?)</pre>', run.stdout, re.DOTALL)
    assert found, run.stderr[-2000:]
    answered: dict[str, Any] = json.loads(unescape(found[1]))
    return answered


@seen
@pytest.mark.parametrize(("wide", "dark", "language"), [(1280, False, "en"), (390, True, "ko")])
def test_figures_work_in_a_browser(tmp_path: Path, name: str, wide: int, language: str, *, dark: bool) -> None:
    """Panel, search and flows work, texts fit, nothing is loaded from the network, and only figures scroll."""
    pictures = [Picture(each) for each in drawn(name).values()]
    shown = "".join(figures(pictures, language=language))
    head = f"<head><meta charset='utf-8'><style>{style()}</style></head>"
    content = f"<!doctype html><html>{head}<body>{shown}<script>{script()}</script></body></html>"
    answered = answer(tmp_path / "page.html", content, wide=wide, dark=dark)
    assert (answered["errors"], answered["loaded"], answered["wide"]) == ([], [], 0)
    assert [each["name"] for each in answered["found"]] == list(drawn(name))
    for each in answered["found"]:
        assert each["smallest"] >= 0.79
        assert each["works"] == [True] * 5, each["name"]


@seen
@pytest.mark.parametrize("recorded", ["dev-destroyed", "dev-target-group"])
@pytest.mark.parametrize(("wide", "dark"), [(1280, True), (390, False)])
def test_the_page_of_a_review_works_in_a_browser(tmp_path: Path, recorded: str, wide: int, *, dark: bool) -> None:
    plan = read_plan(parse(plans.text(recorded), name=recorded), with_unchanged=True)
    found = findings(plan)
    review = Review("dev", plan, found, evaluate_gates(plan, found, frozenset(), frozenset()))
    answered = answer(tmp_path / "page.html", page.page(review), wide=wide, dark=dark)
    assert (answered["errors"], answered["loaded"], answered["wide"]) == ([], [], 0)
    assert answered["found"]
    assert all(each["works"] == [True] * 5 for each in answered["found"])

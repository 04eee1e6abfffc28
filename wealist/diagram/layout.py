"""Compute where everything in a drawing goes: zones as columns for the network, elkjs for every other drawing.

Drawing ─┬─ GRID ──► grid.py ─────────────────────────────────────┬─► Layout
         └─ DOWN, RIGHT ─► ELK graph ─ node layout.cjs ─► positions ─┘

elkjs is installed from npm on first use, below `.wealist`, at the versions of package-lock.json.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from wealist.diagram.drawing import Drawing, Node
from wealist.diagram.geometry import (
    HEADER,
    LINE_HEIGHT,
    Box,
    Layout,
    Line,
    box_ids,
    header_width,
    node_size,
    text_width,
)
from wealist.diagram.grid import grid
from wealist.diagram.words import Words
from wealist.errors import OperatorError, naming_file
from wealist.project import WORK

HERE: Final = Path(__file__).parent
_LOCKED: Final = ("package.json", "package-lock.json")
_TIMEOUT: Final = 120
"""Seconds for one run of npm or Node."""
_PASSED_ON: Final = re.compile(
    r"PATH|HOME|TMPDIR|(?:https?|no)_proxy|npm_config_.*|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+", re.IGNORECASE
)
"""Variables of the process environment that npm and Node receive. Credentials are not among them."""
_OPTIONS: Final = {
    "elk.algorithm": "layered",
    "elk.hierarchyHandling": "INCLUDE_CHILDREN",
    "elk.edgeRouting": "ORTHOGONAL",
    "elk.json.shapeCoords": "ROOT",
    "elk.json.edgeCoords": "ROOT",
    "elk.padding": "[top=16,left=16,bottom=16,right=16]",
    "elk.spacing.nodeNode": "22",
    "elk.spacing.edgeNode": "16",
    "elk.spacing.edgeEdge": "12",
    "elk.spacing.edgeLabel": "4",
    "elk.spacing.componentComponent": "28",
    "elk.layered.spacing.nodeNodeBetweenLayers": "30",
    "elk.layered.spacing.edgeNodeBetweenLayers": "14",
    "elk.layered.considerModelOrder.strategy": "PREFER_NODES",
    "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
    "elk.edgeLabels.inline": "true",
    "elk.aspectRatio": "1.4",
}


def layouts(drawings: Sequence[Drawing], words: Words) -> list[Layout]:
    """Lay out several drawings, with one run of elkjs for all of them.

    Raises:
        OperatorError: Node or npm is missing, elkjs cannot be installed, or the layout failed.
    """
    by_elk = [each for each in drawings if each.direction != "GRID"]
    computed = iter(run_elk([_elk_graph(each, words) for each in by_elk]))
    return [grid(each, words) if each.direction == "GRID" else _layout(each, next(computed)) for each in drawings]


def _elk_graph(drawing: Drawing, words: Words) -> dict[str, Any]:
    boxes = box_ids(drawing)
    edges = []
    for number, edge in enumerate(drawing.edges):
        text = words.edge(edge)
        label = {"text": text, "width": text_width(text) + 8, "height": LINE_HEIGHT + 2}
        ends = {"sources": [edge.source], "targets": [edge.target]}
        edges.append({"id": f"edge {number}", **ends, "labels": [label] if text else []})
    return {
        "id": "drawing",
        "layoutOptions": {**_OPTIONS, "elk.direction": drawing.direction},
        "edges": edges,
        "children": [_elk_node(drawing, each, boxes, words) for each in drawing.inside("")],
    }


def _elk_node(drawing: Drawing, node: Node, boxes: frozenset[str], words: Words) -> dict[str, Any]:
    if node.id not in boxes:
        width, height = node_size(node, words)
        return {"id": node.id, "width": width, "height": height}
    minimum = [header_width(node, words), float(HEADER)]
    if drawing.direction == "DOWN":
        minimum.reverse()  # elkjs rotates these drawings, but not this size
    options = {
        "elk.padding": f"[top={HEADER + 8},left=14,bottom=14,right=14]",
        "elk.nodeSize.constraints": "MINIMUM_SIZE",
        "elk.nodeSize.minimum": "({},{})".format(*minimum),
    }
    inside = [_elk_node(drawing, each, boxes, words) for each in drawing.inside(node.id)]
    return {"id": node.id, "layoutOptions": options, "children": inside}


def _layout(drawing: Drawing, computed: dict[str, Any]) -> Layout:
    lines = {each["id"]: _line(each) for each in computed["edges"]}
    in_order = tuple(lines[f"edge {number}"] for number in range(len(drawing.edges)))
    return Layout(computed["width"], computed["height"], dict(_boxes(computed)), in_order)


def _boxes(computed: dict[str, Any]) -> Iterator[tuple[str, Box]]:
    for child in computed.get("children", []):
        yield child["id"], Box(child["x"], child["y"], child["width"], child["height"])
        yield from _boxes(child)


def _line(edge: dict[str, Any]) -> Line:
    points = tuple(
        (point["x"], point["y"])
        for section in edge.get("sections", [])
        for point in (section["startPoint"], *section.get("bendPoints", []), section["endPoint"])
    )
    for label in edge.get("labels", []):
        return Line(points, (label["x"] + label["width"] / 2, label["y"] + label["height"] / 2))
    return Line(points)


def run_elk(graphs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run elkjs on graphs in ELK's JSON format. Returns them with the positions of nodes and edges.

    Raises:
        OperatorError: Node or npm is missing, elkjs cannot be installed, or the layout failed.
    """
    if not graphs:
        return []
    library = install_elk() / "node_modules" / "elkjs" / "lib" / "elk.bundled.js"
    output = _run([find_program("node"), str(HERE / "layout.cjs"), str(library)], HERE, stdin=json.dumps(graphs))
    computed: list[dict[str, Any]] = json.loads(output)
    return computed


def install_elk() -> Path:
    """Install elkjs if it is missing. Returns its folder, whose name contains a digest of the locked versions.

    Raises:
        OperatorError: npm is missing, or the installation failed.
    """
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in _LOCKED)).hexdigest()[:12]
    folder = WORK / f"diagram-{digest}"
    if not (folder / "node_modules").is_dir():
        WORK.mkdir(parents=True, exist_ok=True)
        with naming_file(folder), tempfile.TemporaryDirectory(dir=WORK) as scratch:
            for name in _LOCKED:
                shutil.copy(HERE / name, scratch)
            _run([find_program("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts"], Path(scratch))
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            Path(scratch, "node_modules").rename(folder / "node_modules")
    return folder


def find_program(name: str) -> str:
    """Return the path of `node` or `npm`: the one in the virtualenv, else the one on PATH."""
    path = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if path is None:
        raise _failure(f"{name} is not installed")
    return path


def _run(command: Sequence[str], folder: Path, *, stdin: str = "") -> str:
    program = Path(command[0]).name
    try:
        run = subprocess.run(
            command,
            cwd=folder,
            env={name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failure(f"{program} {type(error).__name__}") from None
    if run.returncode:
        first_line = next(iter(run.stderr.strip().splitlines()), "no message")
        raise _failure(f"{program}: {first_line}")
    return run.stdout


def _failure(reason: str) -> OperatorError:
    return OperatorError(
        f"the layout library elkjs cannot be installed or run, so nothing can be drawn: {reason}",
        remedy="run `make setup`, which installs Node, with access to an npm registry; elkjs then stays in .wealist",
    )

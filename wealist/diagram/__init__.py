"""Drawings of what is built, from the synthesized JSON: data, then Mermaid for GitHub and SVG for pages.

cdk.tf.json ─ reading.py ─ pictures.py ─► Drawing ─┬─ mermaid.py
                                                   └─ layout.py ─ svg.py ─ figure.py, diagram.css, diagram.js
"""

from wealist.diagram.drawing import Drawing, Edge, Mark, Node
from wealist.diagram.figure import figures, script, style
from wealist.diagram.mermaid import mermaid
from wealist.diagram.pictures import drawings
from wealist.diagram.svg import Picture, svg, svgs

__all__ = [
    "Drawing",
    "Edge",
    "Mark",
    "Node",
    "Picture",
    "drawings",
    "figures",
    "mermaid",
    "script",
    "style",
    "svg",
    "svgs",
]

// Figures of wealist/diagram: the panel of a node, the highlighted flow, and the search for an address. Loads nothing.
(() => {
  "use strict";

  function show(figure, node) {
    const about = [...figure.querySelectorAll(".diagram-text li[data-of]")].find((each) => each.dataset.of === node.dataset.node);
    const panel = figure.querySelector(".diagram-panel");
    if (about) panel.replaceChildren(...[...about.childNodes].map((each) => each.cloneNode(true)));
    figure.querySelectorAll(".is-chosen").forEach((each) => each.classList.remove("is-chosen"));
    node.classList.add("is-chosen");
  }

  function highlight(figure, flow) {
    const svg = figure.querySelector(".diagram-svg");
    svg.classList.toggle("has-flow", Boolean(flow));
    const ends = new Set();
    for (const edge of svg.querySelectorAll("[data-flow]")) {
      const isOf = Boolean(flow) && edge.dataset.flow === flow;
      edge.classList.toggle("is-flow", isOf);
      if (isOf) ends.add(edge.dataset.from).add(edge.dataset.to);
    }
    for (const node of svg.querySelectorAll("[data-node]")) node.classList.toggle("is-flowing", ends.has(node.dataset.node));
  }

  function pressed(figure) {
    return figure.querySelector('button[aria-pressed="true"]')?.dataset.flow ?? "";
  }

  function find(figure, text) {
    const wanted = text.trim().toLowerCase();
    const holds = (each) => `${each.dataset.address} ${each.getAttribute("aria-label")}`.toLowerCase().includes(wanted);
    const nodes = [...figure.querySelectorAll("[data-node]")];
    const hits = wanted ? nodes.filter(holds) : [];
    for (const node of nodes) node.classList.toggle("is-hit", hits.includes(node));
    const output = figure.querySelector(".diagram-tools output");
    output.textContent = wanted ? `${hits.length} ${output.dataset.found}` : "";
    const first = hits.find((each) => each.classList.contains("d-node")) ?? hits[0];
    if (first) {
      const view = figure.querySelector(".diagram-view");
      const [at, frame] = [first.getBoundingClientRect(), view.getBoundingClientRect()];
      view.scrollBy(at.left + at.width / 2 - frame.left - frame.width / 2, at.top + at.height / 2 - frame.top - frame.height / 2);
      show(figure, first);
    }
  }

  function start(figure) {
    for (const node of figure.querySelectorAll("[data-node]")) {
      for (const event of ["mouseenter", "focus", "click"]) node.addEventListener(event, () => show(figure, node));
      node.addEventListener("keydown", (event) => ["Enter", " "].includes(event.key) && (event.preventDefault(), show(figure, node)));
    }
    for (const edge of figure.querySelectorAll(".diagram-svg [data-flow]")) {
      edge.addEventListener("mouseenter", () => highlight(figure, edge.dataset.flow));
      edge.addEventListener("mouseleave", () => highlight(figure, pressed(figure)));
    }
    for (const button of figure.querySelectorAll("button[data-flow]")) {
      button.addEventListener("mouseenter", () => highlight(figure, button.dataset.flow));
      button.addEventListener("mouseleave", () => highlight(figure, pressed(figure)));
      button.addEventListener("click", () => {
        const isOn = button.getAttribute("aria-pressed") === "true";
        figure.querySelectorAll("button[data-flow]").forEach((each) => each.setAttribute("aria-pressed", "false"));
        button.setAttribute("aria-pressed", String(!isOn));
        highlight(figure, pressed(figure));
      });
    }
    figure.querySelector(".diagram-tools input").addEventListener("input", (event) => find(figure, event.target.value));
  }

  const begin = () => document.querySelectorAll("figure.diagram").forEach(start);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();

// Lays out graphs: the path of elkjs as the argument, a JSON list of ELK graphs on stdin, the same list with places on stdout.
"use strict";
const ELK = require(process.argv[2]);
const { readFileSync } = require("node:fs");

async function main() {
  const elk = new ELK();
  const graphs = JSON.parse(readFileSync(0, "utf-8"));
  const placed = [];
  for (const graph of graphs) placed.push(await elk.layout(graph));
  process.stdout.write(JSON.stringify(placed));
}

main();

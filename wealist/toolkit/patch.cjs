// Patches packages as Node compiles them; no file is changed. Every patch names the versions that it was written for.
// A patch that finds nothing to change throws an error, whose text `patches.py` reads.
"use strict";
const Module = require("node:module");
const path = require("node:path");

// The packages' names in Node, which `wealist/library.py` holds, and the modules of the provider that are in use.
const chosen = JSON.parse(process.env.WEALIST_NODE);
const changes = [];
const depths = new Map(); // package → how many of its files are being compiled, one inside the other

// Registers a change of one file.
//   of, file          the package, and the file in it
//   patch, writtenFor the file of the patch, and the packages with their versions that it fits
//   edit(source)      returns the changed source, or the same if there is nothing to change
//   finish(exports)   changes the exports of the file; returns false if there is nothing to change
function change({ edit, finish, ...described }) {
  changes.push({ edit, finish, ...described, done: false });
}

function inPackage(name, ...steps) {
  return path.join(path.sep, "node_modules", ...name.split("/"), ...steps);
}

function edited(source, one) {
  const text = one.edit ? one.edit(source) : source;
  if (one.edit && text === source) refuse(one);
  return text;
}

function finished(exports, one) {
  if (one.finish && one.finish(exports) === false) refuse(one);
  one.done = true;
}

function refuse({ of, file, patch, writtenFor }) {
  throw new Error(`patch failed: wealist/toolkit/${patch} was written for ${writtenFor}: ${of}/${file} has nothing to change`);
}

const compile = Module.prototype._compile;
Module.prototype._compile = function (content, filename, ...rest) {
  const name = [chosen.core, chosen.bindings].find((each) => filename.includes(inPackage(each, "lib")));
  const here = changes.filter(({ of, file }) => of === name && filename.endsWith(inPackage(of, ...file.split("/"))));
  const depth = depths.get(name) ?? 0;
  depths.set(name, depth + 1);
  const result = compile.call(this, here.reduce(edited, content), filename, ...rest);
  for (const one of here) finished(this.exports, one);
  depths.set(name, depth);
  // The package is loaded. A patch whose file was never loaded has failed, too.
  if (name && depth === 0) changes.filter((one) => one.of === name && !one.done).forEach(refuse);
  return result;
};

module.exports = { change, chosen };

// Loaded into Node before jsii (`node --require`). jsii's Python starts one Node, which starts another to do the work
// and passes every message on. Here, the first does the work itself: it runs the program of the other, which talks to
// its parent on descriptor 3.
"use strict";
const Module = require("node:module");
const fs = require("node:fs");
const path = require("node:path");

const RELAY = path.join("bin", "jsii-runtime.js");
const PROGRAM = "../lib/program.js";

const compile = Module.prototype._compile;
Module.prototype._compile = function (content, filename, ...rest) {
  if (!filename.endsWith(RELAY)) return compile.call(this, content, filename, ...rest);
  Module.prototype._compile = compile;
  talk();
  this.require(PROGRAM);
};

function talk() {
  const { readSync, writeSync } = fs;
  fs.readSync = (descriptor, ...rest) => readSync(descriptor === 3 ? 0 : descriptor, ...rest);
  fs.writeSync = (descriptor, ...rest) => writeSync(descriptor === 3 ? 1 : descriptor, ...rest);
  // Python waits for what is printed in this form, on stderr. Anything else on stdout would be taken for an answer.
  for (const stream of ["stdout", "stderr"])
    process[stream].write = (chunk, encoding, done) => {
      const printed = Buffer.from(chunk, typeof encoding === "string" ? encoding : undefined).toString("base64");
      writeSync(2, JSON.stringify({ [stream]: printed }) + "\n");
      for (const callback of [encoding, done]) if (typeof callback === "function") callback();
      return true;
    };
  // jsii asks for this argument, and would copy all of its packages without: it is among NODE_OPTIONS.
  process.execArgv.push("--preserve-symlinks");
}

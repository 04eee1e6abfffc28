// Runs jsii's program in the Node that Python starts: `node fast_runtime.cjs lib__program.js`.
// Without it, jsii starts a Node that starts a second one, which runs the program and communicates on descriptor 3; the
// first one forwards every message.
"use strict";
const fs = require("node:fs");
const workers = require("node:worker_threads");

require("./readable_addresses.cjs");
require("./fast_loading.cjs");

const { readSync, writeSync } = fs;
fs.readSync = (descriptor, ...rest) => readSync(descriptor === 3 ? 0 : descriptor, ...rest);
fs.writeSync = (descriptor, ...rest) => writeSync(descriptor === 3 ? 1 : descriptor, ...rest);

// Python reads stdout as responses, and prints output on stderr in this form.
for (const stream of ["stdout", "stderr"])
  process[stream].write = (chunk, encoding, done) => {
    const text = Buffer.from(chunk, typeof encoding === "string" ? encoding : undefined).toString("base64");
    writeSync(2, JSON.stringify({ [stream]: text }) + "\n");
    for (const callback of [encoding, done]) if (typeof callback === "function") callback();
    return true;
  };

// jsii copies its files to a temporary folder, under other names. Here they stay in the package.
workers.Worker = class extends workers.Worker {
  constructor(file, ...rest) {
    super(file.replace("runtime-index-worker.js", "lib__runtime-index-worker.js"), ...rest);
  }
};

require(process.argv[2]);

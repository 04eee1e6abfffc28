// Loaded into Node before jsii. Edits what Node compiles, nothing on disk.
"use strict";
const Module = require("node:module");
const path = require("node:path");

const PROVIDER = inPackage("@cdktf/provider-aws/lib/index.js");
const EDITS = {
  // It requires every resource of AWS at once: here, each of them when it is first used.
  [PROVIDER]: [
    /^exports\.(\w+) = require\((".\/[\w-]+")\);$/gm,
    "Object.defineProperty(exports, '$1', { configurable: true, enumerable: true, get: () => require($2) });",
  ],
  // Only archives of assets need it.
  [inPackage("cdktf/lib/private/fs.js")]: [
    'const archiver = require("archiver");',
    'const archiver = (...options) => require("archiver")(...options);',
  ],
  // Each reference would carry a trace of where in Node it was made, which the JSON has no place for.
  [inPackage("cdktf/lib/tokens/private/stack-trace.js")]: [/^function captureStackTrace\(below\) \{$/m, "$& return [];"],
};

function inPackage(file) {
  return path.join("node_modules", ...file.split("/"));
}

const compile = Module.prototype._compile;
Module.prototype._compile = function (content, filename, ...rest) {
  const edited = Object.keys(EDITS).find((file) => filename.endsWith(file));
  const result = compile.call(this, edited ? content.replace(...EDITS[edited]) : content, filename, ...rest);
  if (edited === PROVIDER) {
    // Python still imports its bindings. What it will construct is loaded meanwhile: route53_record, exported as
    // route53Record. A name that is not found here is loaded later, when it is used.
    const wanted = new Set((process.env.WEALIST_PROVIDER_MODULES ?? "").replaceAll("_", "").split(","));
    for (const name of Object.keys(this.exports)) if (wanted.has(name.toLowerCase())) void this.exports[name];
  }
  return result;
};

// Loaded into Node before jsii (`node --require`). The index of @cdktf/provider-aws requires every
// resource of AWS at once; here each of its lines
//     exports.vpc = require("./vpc");
// becomes a getter that requires the resource when it is first used.
"use strict";
const Module = require("node:module");
const path = require("node:path");

const INDEX = path.join("@cdktf", "provider-aws", "lib", "index.js");
const EAGER = /^exports\.(\w+) = require\((".\/[\w-]+")\);$/gm;
const LAZY =
  "Object.defineProperty(exports, '$1', { configurable: true, enumerable: true, get: () => require($2) });";

// A process that turned fast loading off may have inherited NODE_OPTIONS from one that had it on.
if (process.env.WEALIST_FAST_LOADING !== "0") {
  const compile = Module.prototype._compile;
  Module.prototype._compile = function (content, filename, ...rest) {
    if (!filename.endsWith(INDEX)) return compile.call(this, content, filename, ...rest);
    Module.prototype._compile = compile;
    // The `exports.a = exports.b = void 0` preamble stays: the getters below redefine each of them.
    return compile.call(this, content.replace(EAGER, LAZY), filename, ...rest);
  };
}

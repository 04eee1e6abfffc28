// Loaded into Node before jsii. Edits what Node compiles, nothing on disk.
"use strict";
const { change, chosen } = require("./patch.cjs");

const patch = "fast_loading.cjs";
const BINDINGS = "@cdktf/provider-aws 20.1 and 21.22, @cdktn/provider-aws 25.8";
const CORE = "cdktf 0.21, cdktn 0.24";

// exports.vpc = require("./vpc"), or in newer bindings __importStar(require("./vpc/index"))
const EXPORT = /^exports\.(\w+) = ((?:__importStar\()?require\("\.\/[\w/-]+"\)\)?);$/gm;
const ANY_EXPORT = /^exports\.\w+ = [^;]*\brequire\(/m;

// It requires every resource of AWS at once: here, each of them when it is first used.
change({
  of: chosen.bindings,
  file: "lib/index.js",
  patch,
  writtenFor: BINDINGS,
  edit: (source) => {
    const lazy = "Object.defineProperty(exports, '$1', { configurable: true, enumerable: true, get: () => $2 });";
    const text = source.replace(EXPORT, lazy);
    return ANY_EXPORT.test(text) ? source : text;
  },
  finish: (exports) => {
    // Python still imports its bindings. What it will construct is loaded meanwhile: route53_record, exported as
    // route53Record. A name that is not found here is loaded later, when it is used.
    const wanted = new Set(chosen.modules.map((name) => name.replaceAll("_", "")));
    for (const name of Object.keys(exports)) if (wanted.has(name.toLowerCase())) void exports[name];
  },
});

// Only archives of assets need what makes them.
change({
  of: chosen.core,
  file: "lib/private/fs.js",
  patch,
  writtenFor: CORE,
  edit: (source) =>
    source.replace(
      /^const (\w+) = require\("(archiver|fflate)"\);$/m,
      'const $1 = new Proxy(() => {}, { apply: (_, it, given) => require("$2")(...given), get: (_, name) => require("$2")[name] });',
    ),
});

// Each reference would carry a trace of where in Node it was made, which the JSON has no place for.
change({
  of: chosen.core,
  file: "lib/tokens/private/stack-trace.js",
  patch,
  writtenFor: CORE,
  edit: (source) => source.replace(/^function captureStackTrace\(below\) \{$/m, "$& return [];"),
});

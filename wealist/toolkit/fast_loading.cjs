// Loaded into Node before jsii. Patches the packages as Node compiles them; no file is changed.
"use strict";
const { change, chosen } = require("./patch.cjs");

const patch = "fast_loading.cjs";
const BINDINGS = "@cdktf/provider-aws 20.1 and 21.22, @cdktn/provider-aws 25.8";
const CORE = "cdktf 0.21, cdktn 0.24";

// exports.vpc = require("./vpc"), or in newer bindings __importStar(require("./vpc/index"))
const EXPORT = /^exports\.(\w+) = ((?:__importStar\()?require\("\.\/[\w/-]+"\)\)?);$/gm;
const ANY_EXPORT = /^exports\.\w+ = [^;]*\brequire\(/m;

// The index requires every resource of AWS at once. Patched, it requires each one at its first use.
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
    // Load the modules that Python will construct while it imports their bindings: route53_record is exported as
    // route53Record. A name without an export here is loaded at its first use.
    const wanted = new Set(chosen.modules.map((name) => name.replaceAll("_", "")));
    for (const name of Object.keys(exports)) if (wanted.has(name.toLowerCase())) void exports[name];
  },
});

// The archiver is only needed for archives of assets.
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

// Each reference would record a stack trace of Node, which the JSON does not contain.
change({
  of: chosen.core,
  file: "lib/tokens/private/stack-trace.js",
  patch,
  writtenFor: CORE,
  edit: (source) => source.replace(/^function captureStackTrace\(below\) \{$/m, "$& return [];"),
});

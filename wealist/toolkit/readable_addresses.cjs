// Loaded into Node before jsii (`node --require`). Gives every element of a stack its Terraform address:
//     construct path  network/private-subnet/a   →   network_private_subnet_a
// where cdktf would append a hash to each nested id. A method of the stack overridden in Python would say the
// same, at the price of two calls across the process boundary for each of some 400 elements.
"use strict";
const Module = require("node:module");
const path = require("node:path");

const STACK = path.join("cdktf", "lib", "terraform-stack.js");
const owners = new WeakMap(); // stack → address → path of the construct that has it

function allocateLogicalId(element) {
  const owner = element.node.path;
  const address = owner.slice(this.node.path.length + 1).replace(/[/-]/g, "_");
  const taken = owners.get(this) ?? new Map();
  owners.set(this, taken);
  const other = taken.get(address) ?? owner;
  taken.set(address, other);
  if (other !== owner) {
    // Else one construct's JSON would overwrite the other's. cdktf tells all that its validations find.
    const problem = `${owner} and ${other} both get the Terraform address '${address}'`;
    this.node.addValidation({ validate: () => [problem] });
  }
  return address;
}

const compile = Module.prototype._compile;
Module.prototype._compile = function (content, filename, ...rest) {
  const result = compile.call(this, content, filename, ...rest);
  if (filename.endsWith(STACK)) this.exports.TerraformStack.prototype.allocateLogicalId = allocateLogicalId;
  return result;
};

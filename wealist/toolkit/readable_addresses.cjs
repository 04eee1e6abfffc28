// Loaded into Node before jsii (`node --require`). Gives every element of a stack its Terraform address:
//     construct path  network/private-subnet/a   →   network_private_subnet_a
// where cdktf would append a hash to each nested id. A method of the stack overridden in Python would say the
// same, at the price of two calls across the process boundary for each of some 400 elements.
"use strict";
const { change, chosen } = require("./patch.cjs");

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

change({
  of: chosen.core,
  file: "lib/terraform-stack.js",
  patch: "readable_addresses.cjs",
  writtenFor: "cdktf 0.21, cdktn 0.24",
  finish: ({ TerraformStack }) => {
    if (!TerraformStack?.prototype.allocateLogicalId) return false;
    TerraformStack.prototype.allocateLogicalId = allocateLogicalId;
    return true;
  },
});

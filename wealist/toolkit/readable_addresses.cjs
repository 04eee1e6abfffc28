// Loaded into Node before jsii (`node --require`). Gives every element of a stack its Terraform address:
//     construct path  network/private-subnet/a   →   network_private_subnet_a
// cdktf itself would append a hash to each nested id. The same method in Python would need two calls across the process
// boundary for each of some 400 elements.
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
    // Otherwise the JSON of one construct would overwrite that of the other. cdktf reports all failed validations.
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

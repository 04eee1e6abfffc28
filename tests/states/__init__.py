"""Terraform states that hold addresses and nothing else.

`hcl-*.txt` list what the states of the hand-written HCL of this system hold, as `terraform state list` prints it.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

HCL: Final = {path.stem: path.read_text(encoding="utf-8").split() for path in Path(__file__).parent.glob("hcl-*.txt")}
"""File → the addresses of a state of the hand-written HCL."""
LINEAGE: Final = "31086106-13a1-8f5c-e8a3-0688731fe0bd"
_ADDRESS: Final = re.compile(
    r"(?:(?P<module>module\..+?)\.)?(?P<data>data\.)?(?P<type>[a-z]\w*)\.(?P<name>[\w-]+)(?:\[(?P<key>[^]]+)\])?"
)


def state(addresses: Iterable[str], *, lineage: str | None = LINEAGE) -> dict[str, Any]:
    """A state of format 4 that holds an instance of each address, without any attribute.

    Args:
        addresses: As `terraform state list` prints them.
        lineage: Of the state; None leaves it out.
    """
    resources = [_resource(address) for address in addresses]
    named = {} if lineage is None else {"lineage": lineage}
    return {"version": 4, "terraform_version": "1.11.4", "serial": 7, **named, "outputs": {}, "resources": resources}


def _resource(address: str) -> dict[str, Any]:
    found = _ADDRESS.fullmatch(address)
    if not found:
        raise ValueError(address)
    key = {} if found["key"] is None else {"index_key": json.loads(found["key"])}
    return {
        **({"module": found["module"]} if found["module"] else {}),
        "mode": "data" if found["data"] else "managed",
        "type": found["type"],
        "name": found["name"],
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{**key, "schema_version": 0, "attributes": {}}],
    }

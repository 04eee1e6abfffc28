"""The instance types that EC2 offers in any region, by the lists that moto carries.

RDS and ElastiCache name theirs after them: `db.t3.micro`, `cache.t3.micro`. moto itself is not imported. A region's own
list is too strict: AWS adds types to regions faster than moto is released.
"""

import functools
import gzip
import json
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_OFFERED: Final = "ec2/resources/instance_type_offerings/region/*.json.gz"
_NEAREST: Final = 3


@functools.cache
def offered() -> frozenset[str]:
    """Return the name of every type."""
    spec = find_spec("moto")
    folder = Path(str(spec.origin)).parent if spec else Path()
    regions = [json.loads(gzip.decompress(file.read_bytes())) for file in folder.glob(_OFFERED)]
    return frozenset(each["InstanceType"] for region in regions for each in region)


def nearest(value: str, prefix: str) -> list[str]:
    """Return the types whose names are most like a value, the nearest first.

    Args:
        value: What somebody wrote, with or without the prefix.
        prefix: Of the service: `db.`, `cache.`; empty for EC2.
    """
    found = get_close_matches(value.removeprefix(prefix), sorted(offered()), n=_NEAREST)
    return [f"{prefix}{each}" for each in found]

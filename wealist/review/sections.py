"""Resources by the part of the architecture that they belong to: an address begins with the name of its construct.

aws_vpc.network_vpc, aws_subnet.network_private_a  → network 2
aws_lb.load_balancer_alb, aws_lb_listener.load_balancer_https → load balancer 2
"""

from collections.abc import Iterable
from itertools import groupby, takewhile


def by_section(addresses: Iterable[str]) -> list[tuple[str, int]]:
    """The sections and how many addresses belong to each, the largest first.

    Addresses of one section begin with the same word; the section's name is all that they begin with.
    """
    names = sorted(_words(address) for address in addresses)
    groups = [list(group) for _, group in groupby(names, lambda words: words[0])]
    sections = [(" ".join(_common(group)), len(group)) for group in groups]
    return sorted(sections, key=lambda section: (-section[1], section[0]))


def _words(address: str) -> tuple[str, ...]:
    """`module.state_backend.aws_s3_bucket.state` → `state`, `backend`; `aws_subnet.network_a["x"]` → `network`, `a`."""
    steps = address.split("[", 1)[0].split(".")
    name = steps[1] if len(steps) > 1 else steps[0]
    return tuple(name.split("_"))


def _common(names: list[tuple[str, ...]]) -> list[str]:
    """The words that names begin with; of a name alone, all but the last."""
    if len(names) == 1:
        return list(names[0][:-1] or names[0])
    return [words[0] for words in takewhile(lambda words: len(set(words)) == 1, zip(*names, strict=False))]

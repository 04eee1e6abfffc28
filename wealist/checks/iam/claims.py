"""What a workflow's token must claim to be trusted, and whether two policies can trust the same token.

    statement ─ demands ─► claim → patterns, of which the token's value matches one
    two statements share a token, unless the patterns of some claim cannot both match

A claim that only one of them asks for tells nothing apart, and a condition that is not read here is taken to hold: the
answer may be a share that no real token has, but never the reverse.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from wealist.checks.iam.documents import Statement
from wealist.model.iam.evaluate import listed
from wealist.spec.account import OIDC_HOST

KNOWN_TO_AWS: Final = frozenset(
    {
        "actor", "actor_id", "aud", "enterprise_id", "environment", "job_workflow_ref", "ref", "repository",
        "repository_id", "sub", "workflow",
    }
)  # fmt: skip
"""The claims that AWS reads of GitHub's tokens; a condition on another one never holds.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""
_CASELESS: Final = frozenset({"environment", "repository"})
"""Claims in which GitHub takes capital and small letters for the same."""
_PREFIX: Final = f"{OIDC_HOST}:"
_ANY: Final = "any characters"
_ONE: Final = "any one character"

Pattern = tuple[str, ...]
"""Characters, `_ANY` and `_ONE`."""


class Demand(NamedTuple):
    """One condition on a claim.

    Attributes:
        claim: `ref`.
        operator: as written: `StringEquals`.
        values: as written, of which the token's must match one.
    """

    claim: str
    operator: str
    values: tuple[str, ...]

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The values, taken apart; any, where the operator compares in a way that is not read here."""
        if self.operator not in {"StringEquals", "StringLike"}:
            return ((_ANY,),)
        wild = {"*": _ANY, "?": _ONE} if self.operator == "StringLike" else {}
        folded = (value.lower() if self.claim in _CASELESS else value for value in self.values)
        return tuple(tuple(wild.get(each, each) for each in value) for value in folded)


def demands(statement: Statement) -> Iterator[Demand]:
    """Every condition of a statement on a claim of GitHub's token."""
    for operator, keys in statement.conditions.items():
        for key, values in keys.items():
            # IAM reads a key whatever the case of its letters.
            if key.lower().startswith(_PREFIX):
                yield Demand(key.lower().removeprefix(_PREFIX), operator, tuple(listed(values)))


def exactly(statement: Statement, claim: str) -> set[str]:
    """The values that a statement asks of a claim by `StringEquals`; none where it does not."""
    asked = [set(each.values) for each in demands(statement) if (each.claim, each.operator) == (claim, "StringEquals")]
    return set.intersection(*asked) if asked else set()


def share(one: Statement, other: Statement) -> bool:
    """Whether one token may be trusted by both statements."""
    return not any(
        ours.claim == theirs.claim
        and not any(overlap(mine, yours) for mine in ours.patterns for yours in theirs.patterns)
        for ours in demands(one)
        for theirs in demands(other)
    )


def overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether some text matches both patterns."""
    ahead, seen = [(0, 0)], {(0, 0)}
    while ahead:
        here, there = ahead.pop()
        if (here, there) == (len(one), len(other)):
            return True
        for step in _steps(one[here : here + 1], other[there : there + 1]):
            after = (here + step[0], there + step[1])
            if after not in seen:
                seen.add(after)
                ahead.append(after)
    return False


def _steps(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[int, int]]:
    """How far two patterns may move on from their next elements, of which either is missing at its end."""
    if one and one[0] == _ANY:
        yield 1, 0
    if other and other[0] == _ANY:
        yield 0, 1
    if one and other and (one[0] == other[0] or {one[0], other[0]} & {_ANY, _ONE}):
        yield int(one[0] != _ANY), int(other[0] != _ANY)

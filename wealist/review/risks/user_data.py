"""What instances run at their first start, compared as the script that it is."""

from collections.abc import Iterator
from typing import Final

from wealist.review.changes import Action, Change, Plan
from wealist.review.difference import difference
from wealist.review.finding import Finding, Kind, Severity, code
from wealist.review.values import first

ATTRIBUTES: Final = ("user_data", "user_data_base64")


def find(change: Change, _plan: Plan) -> Iterator[Finding]:
    """A changed script."""
    if change.action not in {Action.UPDATE, Action.REPLACE}:
        return
    for attribute in ATTRIBUTES:
        lines = tuple(difference(first(change.before, attribute), first(change.after, attribute)))
        if lines:
            words = ("changes ", code(attribute), ": what instances run at their first start")
            yield Finding(Severity.CAUTION, Kind.USER_DATA, change.address, words, lines)

"""The day that it is. Only what reports asks for it: no date decides what is synthesized, planned or refused."""

import datetime as dt


def today() -> dt.date:
    """The day in UTC, by the clock of this machine."""
    return dt.datetime.now(dt.UTC).date()

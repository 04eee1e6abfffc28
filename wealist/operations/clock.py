"""The current date. Only reports use it: no date decides what is synthesized, planned or refused."""

import datetime as dt


def today() -> dt.date:
    """Return the current date in UTC."""
    return dt.datetime.now(dt.UTC).date()

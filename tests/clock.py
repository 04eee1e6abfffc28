"""Run a program on another date: `python -m tests.clock 2031-11-28 main.py`, `… never -m wealist check --all`.

The date applies to `datetime` and `time.time` of that process. With `never`, reading the date raises an error.
"""

import datetime as dt
import runpy
import sys
import time
from datetime import date, datetime
from typing import Any, Final, Self

NEVER: Final = "never"


def turn(offset: dt.timedelta | None) -> None:
    """Shift the clock of this process by an offset; with None, reading the date raises an AssertionError."""
    real_time = time.time

    def ahead() -> dt.timedelta:
        if offset is None:
            raise AssertionError("the program read the date")
        return offset

    class OtherDate(date):
        @classmethod
        def today(cls) -> Self:
            day = datetime.now(dt.UTC).date() + ahead()
            return cls(day.year, day.month, day.day)

    class OtherDatetime(datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Self:
            return super().now(tz) + ahead()

        @classmethod
        def utcnow(cls) -> Self:
            return cls.now(dt.UTC).replace(tzinfo=None)

    replaced: dict[str, Any] = {"date": OtherDate, "datetime": OtherDatetime}
    for name, kind in replaced.items():
        setattr(dt, name, kind)
    if offset is not None:
        time.time = lambda: real_time() + offset.total_seconds()


def main(day: str, program: list[str]) -> None:
    """Run a script, or a module after `-m`, on a date."""
    here = dt.datetime.now(dt.UTC).date()
    turn(None if day == NEVER else dt.date.fromisoformat(day) - here)
    module = program[0] == "-m"
    sys.argv = program[1:] if module else program
    run: Any = runpy.run_module if module else runpy.run_path
    run(sys.argv[0], run_name="__main__", **({"alter_sys": True} if module else {}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

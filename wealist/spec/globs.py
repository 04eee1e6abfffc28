"""Path patterns of a load balancer: `*` matches any text, `?` any one character. They are case-sensitive.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_PathPatternConditionConfig.html
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from string import ascii_letters, digits, punctuation
from typing import Final

_VISIBLE: Final = ascii_letters + digits + punctuation
_WILDCARDS: Final = frozenset("*?")


class _Automaton:
    """A state machine for one pattern. A state has one bit for each position in the pattern that a text can reach."""

    def __init__(self, pattern: str, letters: Iterable[str]) -> None:
        places = re.sub(r"\*+", "*", pattern)
        self._stars = _bits(places, "*")
        self._taking = {letter: _bits(places, {"?", letter}) for letter in letters}
        self.start = self._skip_stars(1)
        self.end = 1 << len(places)

    def step(self, reached: int, letter: str) -> int:
        """Return the state after one more letter; 0 if no continuation can match."""
        return self._skip_stars((reached & self._taking[letter]) << 1 | reached & self._stars)

    def _skip_stars(self, reached: int) -> int:
        return reached | (reached & self._stars) << 1


@lru_cache(maxsize=1024)
def example(*required: tuple[str, ...], unless: tuple[str, ...] = ()) -> str | None:
    """Return a shortest text that some patterns match, by a breadth-first search over the states of all patterns.

    Args:
        required: Groups of patterns. At least one pattern of each group matches the text.
        unless: Patterns that do not match the text.

    Returns:
        The text, in visible ASCII characters; None if there is none.
    """
    letters = _letters("".join(sum((*required, unless), ())))
    groups = [[_Automaton(pattern, letters) for pattern in group] for group in (*required, unless)]
    start = tuple(tuple(each.start for each in group) for group in groups)
    frontier, seen = {start: ""}, {start}
    while frontier:
        following = {}
        for state, text in frontier.items():
            *wanted, unwanted = (
                any(reached & each.end for each, reached in zip(group, places, strict=True))
                for group, places in zip(groups, state, strict=True)
            )
            if all(wanted) and not unwanted:
                return text
            for letter in letters:
                after = tuple(
                    tuple(each.step(reached, letter) for each, reached in zip(group, places, strict=True))
                    for group, places in zip(groups, state, strict=True)
                )
                if after not in seen and all(map(any, after[:-1])):
                    seen.add(after)
                    following[after] = text + letter
        frontier = following
    return None


def overlap(one: str, other: str) -> bool:
    """Whether a path exists that both patterns match."""
    return example((one,), (other,)) is not None


def _bits(places: str, letters: Iterable[str]) -> int:
    return sum(1 << place for place, each in enumerate(places) if each in letters)


def _letters(patterns: str) -> list[str]:
    """Return the letters in patterns, and one that represents all others."""
    named = set(patterns) - _WILDCARDS
    others = (letter for letter in _VISIBLE if letter not in named | _WILDCARDS)
    return [*sorted(named), *islice(others, 1)]

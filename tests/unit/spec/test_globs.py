"""Path patterns, compared with every text of a few letters."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import example as of
from hypothesis import given
from hypothesis import strategies as st

from wealist.spec.globs import example, overlap

LETTERS = "ab/"
PATTERNS = st.text(alphabet=LETTERS + "*?", max_size=5)
GROUPS = st.lists(PATTERNS, min_size=1, max_size=2).map(tuple)


def texts(longest: int) -> Iterator[str]:
    """Yield every text of the letters and one further letter, short texts first."""
    for length in range(longest + 1):
        yield from map("".join, product(LETTERS + "x", repeat=length))


def takes(patterns: tuple[str, ...], text: str) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


@of(("*",), ("*a",), ("?",))
@of(("a*b",), ("*",), ())
@given(GROUPS, GROUPS, st.lists(PATTERNS, max_size=2).map(tuple))
def test_an_example_is_found_exactly_if_one_exists(
    one: tuple[str, ...], other: tuple[str, ...], unless: tuple[str, ...]
) -> None:
    found = example(one, other, unless=unless)
    short = (text for text in texts(5) if takes(one, text) and takes(other, text) and not takes(unless, text))
    expected = next(short, None)
    if found is None:
        assert expected is None
    else:
        assert takes(one, found)
        assert takes(other, found)
        assert not takes(unless, found)
        assert expected is None or len(found) == len(expected)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("/api/*", "/api/users/*", True),
        ("/api/users/*", "/api/boards/*", False),
        ("/*/b", "/a/*", True),
        ("/a?", "/a", False),
        ("/A", "/a", False),
        ("**", "*", True),
        ("", "", True),
    ],
)
def test_two_patterns_overlap_if_a_path_matches_both(one: str, other: str, *, expected: bool) -> None:
    assert overlap(one, other) is expected
    assert overlap(other, one) is expected


def test_an_example_is_the_shortest_path() -> None:
    assert example(("/api/users/*",), ("*/actuator", "*/actuator/*")) == "/api/users/actuator"


def test_an_example_can_contain_characters_that_no_pattern_contains() -> None:
    assert example(("*",), unless=("", "a*")) == "b"

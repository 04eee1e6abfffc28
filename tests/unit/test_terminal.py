"""The simulated terminal shows what a real one would."""

import pytest

from tests.terminal import Terminal


def shown(*writes: str, width: int = 10) -> str:
    terminal = Terminal(width)
    for text in writes:
        terminal.write(text)
    return terminal.shown()


@pytest.mark.parametrize(
    ("writes", "expected"),
    [
        (["plain\n", "lines\n"], "plain\nlines\n"),
        (["\x1b[1;31mred\x1b[0m\n"], "red\n"),
        (["at work 1\r", "done\x1b[K\n"], "done\n"),
        (["one\ntwo", "\r\x1b[2K\x1b[1A\x1b[2K", "both\n"], "both\n"),
        (["0123456789\n", "next\n"], "0123456789\nnext\n"),
        (["0123456789abc\n"], "0123456789\nabc\n"),
        (["\x1b[?25lhidden\x1b[?25h\n"], "hidden\n"),
    ],
)
def test_text_and_control_sequences_are_rendered(writes: list[str], expected: str) -> None:
    assert shown(*writes) == expected


@pytest.mark.parametrize("sequence", ["\x1b[2J", "\x1b]0;title\x07"])
def test_an_unknown_control_sequence_is_an_error(sequence: str) -> None:
    with pytest.raises(ValueError, match="unsupported control sequence"):
        shown(sequence)

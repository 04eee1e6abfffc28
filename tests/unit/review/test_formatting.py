"""Names and values of a plan are never interpreted as markup."""

import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from wealist.review.difference import Line
from wealist.review.finding import Code
from wealist.review.formatting import code_span, code_tag, diff_block, markdown_sentence, plain_text
from wealist.review.values import truncate, visible

pytestmark = pytest.mark.exhaustive

EVIL = st.text(
    alphabet=st.one_of(
        st.sampled_from(list("`~<>@#*_[]()!|\\&\"'/:.- \n\r\t\u202e\u2066\u200b\u2028\x1b\x00\ud800\u00a0")),
        st.characters(),
    ),
    max_size=60,
)
ATTACKS = [
    "@OrangesCloud/everyone",
    "#1 GH-2 OrangesCloud/app#3 0123456789abcdef0123456789abcdef01234567",
    "```\n@team\n```",
    "``````",
    "</code></summary></details><img src=x onerror=alert(1)>",
    "</details>",
    "<!-- wealist-plan-review:prod -->",
    "\n\n# heading\n\n- list",
    "[click](javascript:alert(1)) ![x](https://evil.example/x.png) https://evil.example www.evil.example",
    "`",
    "` @x `",
    "",
    " ",
]


def tokens(markdown: str) -> list[Token]:
    """Parse CommonMark with HTML, and return all tokens including inline ones."""
    parsed = MarkdownIt("commonmark", {"html": True}).parse(markdown)
    return [inner for token in parsed for inner in (token.children or [token])]


def check_span(text: str) -> None:
    found = [token for token in tokens(f"- a {code_span(text)} b") if token.type not in STRUCTURE]
    assert [token.type for token in found] == ["text", "code_inline", "text"]
    assert [found[0].content, found[2].content] == ["a ", " b"]


STRUCTURE = {
    "bullet_list_open",
    "bullet_list_close",
    "list_item_open",
    "list_item_close",
    "paragraph_open",
    "paragraph_close",
}


@settings(deadline=None, max_examples=40)
@given(EVIL)
def test_random_texts_are_code_spans(text: str) -> None:
    check_span(text)


@pytest.mark.parametrize("text", ATTACKS)
def test_known_attacks_are_code_spans(text: str) -> None:
    check_span(text)


class Tags(HTMLParser):
    """The tags, attributes, comments and text of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += [tag, *(name for name, _ in attrs)]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.append(f"comment {data}")


@settings(deadline=None, max_examples=40)
@given(EVIL)
@example(ATTACKS[4])
@example(ATTACKS[6])
def test_random_texts_are_code_elements(text: str) -> None:
    found = Tags(code_tag(text))
    assert found.tags == ["code", "/code"]
    assert found.text == truncate(visible(text))
    assert "\n" not in code_tag(text)


@settings(deadline=None, max_examples=40)
@given(st.lists(EVIL, max_size=6), st.sampled_from(["", "  "]))
@example(ATTACKS, "  ")
def test_a_fence_contains_every_line(texts: list[str], indent: str) -> None:
    lines = [line for text in texts for line in (Line("+", "a", text), Line(" ", "", text))]
    before = "- item\n" if indent else ""
    found = [token for token in tokens(f"{before}{diff_block(lines, indent=indent)}\n\nafter") if token.type == "fence"]
    assert len(found) == 1
    assert found[0].content.count("\n") == len(lines)


@settings(deadline=None, max_examples=40)
@given(EVIL)
def test_invisible_characters_are_escaped(text: str) -> None:
    shown = visible(text)
    assert not [each for each in shown if each != " " and unicodedata.category(each)[0] in "CZ"]
    assert shown.encode().decode() == shown


def test_letters_of_all_languages_are_not_escaped() -> None:
    assert visible("서울 Zürich é") == "서울 Zürich é"


def test_bidirectional_marks_are_escaped() -> None:
    assert visible("a\u202eb\u2066c\u200bd") == r"a\u{202e}b\u{2066}c\u{200b}d"


def test_a_long_value_is_truncated_with_a_count() -> None:
    assert re.fullmatch(r"`x{400}… \(100 more characters\)`", code_span("x" * 500))


def test_only_words_from_the_plan_are_code() -> None:
    words = ("lets ", Code("@x"), " in")
    assert markdown_sentence(words) == "lets `@x` in"
    assert plain_text(words) == "lets @x in"

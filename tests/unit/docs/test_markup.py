"""Rendered Markdown shows exactly the characters of a value."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.docs.described import TABLE, rendered, words
from wealist.docs.markdown import code, table, text


@given(st.text(min_size=1))
def test_rendered_values_keep_their_characters(value: str) -> None:
    shown = "".join(each if each.isprintable() else " " for each in value).split()
    for written, expected in ((text(value), shown), (code(value), shown or ["-"])):
        cell = rendered(table(["a"], [[written]]))
        assert set(re.findall(r"<[^>]*>", cell)) <= {
            *(f"<{slash}{tag}>" for tag in TABLE | {"code"} for slash in ("", "/"))
        }
        assert words(table(["a"], [[written]])).replace("a", "", 1).split() == expected

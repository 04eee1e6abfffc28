"""Literals of Terraform templates are found at any depth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wealist.model.identifiers import literals


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("plain", ["plain"]),
        ("${aws_vpc.x.id}", ["${}"]),
        ("s3://${aws_s3_bucket.x.id}/y", ["s3://${}/y"]),
        ('${var.a == "b" ? "c.io" : local.d}', ["b", "c.io", "${}"]),
        ('${join("", ["${path.module}/x", {a = "y"}])}z', ["", "${}/x", "y", "${}z"]),
        ('${{for a in b : a => {c = "d"}}}', ["d", "${}"]),
        ("$${not} ${x}", ["$${not} ${}"]),
        ('{"a": "${b}", "c": "d"}', ['{"a": "${}", "c": "d"}']),
        ('%{ if x == "y" }a%{ endif }', ["y", "${}a${}"]),
        ('${f("a\\"}b")}', ['a\\"}b', "${}"]),
        ("${cut off", ["${}"]),
        ('${"cut off', ["cut off", "${}"]),
    ],
)  # fmt: skip
def test_literals_of_nested_expressions_are_returned(template: str, found: list[str]) -> None:
    assert list(literals(template)) == found


@given(st.text(alphabet='${}%"\\ab', max_size=40))
def test_malformed_templates_are_read_without_an_error(text: str) -> None:
    assert all(isinstance(each, str) for each in literals(text))


@given(st.text(alphabet="abc.-/:", max_size=20))
def test_quoted_strings_in_expressions_are_returned(text: str) -> None:
    assert text in literals(f'${{false ? x : "{text}"}}')

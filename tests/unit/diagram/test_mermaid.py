"""Mermaid text is a valid flowchart for any names."""

import re

import pytest

from tests.unit.diagram.builders import HOSTILE, drawn, hostile, small
from wealist.diagram import mermaid
from wealist.errors import OperatorError

_LABEL = r'"(?:[\w \-.,:/*()+@가-힣→←·]|<br/>|#\d+;)+"'
LINE = re.compile(
    rf"flowchart (?:LR|TB)|  subgraph n\d+\[{_LABEL}\]|  end|  n\d+\[{_LABEL}\]|  n\d+ -->(?:\|{_LABEL}\|)? n\d+"
)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_each_line_is_valid_in_a_flowchart(name: str, language: str) -> None:
    for drawing in drawn(name).values():
        text = mermaid(drawing, language)
        assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []
        assert text.count("subgraph") == text.count("  end\n")


def test_boxes_facts_and_arrows_are_written() -> None:
    assert mermaid(small(), "en") == (
        "flowchart LR\n"
        '  subgraph n0["wealist-x-vpc<br/>VPC<br/>CIDR block 10.9.0.0/16"]\n'
        '  n1["wealist-x-alb<br/>Application Load Balancer"]\n'
        '  n2["wealist-x-asg<br/>Auto Scaling group<br/>min 2"]\n'
        "  end\n"
        '  n1 -->|"8080"| n2\n'
    )


def test_markup_in_names_is_escaped() -> None:
    text = mermaid(hostile(), "ko")
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []
    assert "<script" not in text
    assert text.count("".join(f"#{ord(each)};" for each in "<>")) == 0
    assert f"#{ord('<')};script#{ord('>')};alert(1)" in text
    assert HOSTILE not in text


def test_names_are_not_translated() -> None:
    text = mermaid(small(), "ko")
    assert "애플리케이션 로드 밸런서" in text
    assert "wealist-x-alb" in text


def test_unknown_languages_are_rejected() -> None:
    with pytest.raises(OperatorError, match="language") as refused:
        mermaid(small(), "fr")
    assert "en" in refused.value.remedy

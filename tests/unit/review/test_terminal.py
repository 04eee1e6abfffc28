"""A review on a terminal fits on one screen: the worst first, the verdict last."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests import plans
from tests.unit.review.builders import change, review_of
from wealist.review.formatting import count_by_section
from wealist.review.terminal import SCREEN, screen, show
from wealist.review.verdict import Review

FILES = ("plan: /tmp/plan.tfplan", "JSON: /tmp/plan.json")
WIDTHS = [80, 100, 120]
TABLE = change("aws_dynamodb_table.t", "delete", before={})


def lines(review: Review, width: int = 100, files: tuple[str, ...] = ()) -> list[str]:
    return [line.plain for line in screen(review, Console(width=width, file=io.StringIO()), files=files)]


def updates(number: int) -> list[dict[str, Any]]:
    return [
        change(f"aws_eip.network_a{each}", "update", before={"a": "x" * 300}, after={"a": "y" * 300})
        for each in range(number)
    ]


@plans.each_plan("dev-multi-az")
def test_a_recorded_plan_fits_on_one_screen(name: str) -> None:
    review = plans.review(name)
    for width in WIDTHS:
        shown = lines(review, width, FILES)
        assert len(shown) <= SCREEN, width
        assert max(map(len, shown)) <= width
        assert shown[-3:] == [f"{review.stack}: {review.verdict}", *FILES]


def test_wrapped_sentences_have_single_spaces(tmp_path: Path) -> None:
    review = review_of(tmp_path, change("aws_s3_bucket.artifacts", "delete", before={"force_destroy": True}))
    for width in range(50, 70):
        sentence = " ".join(line.strip() for line in lines(review, width))
        assert "is destroyed; it holds objects" in sentence, width
        assert "  " not in sentence, width


@pytest.mark.parametrize("number", [1, 300])
def test_a_destroyed_table_comes_before_many_other_changes(number: int, tmp_path: Path) -> None:
    shown = lines(review_of(tmp_path, *updates(number), TABLE))
    assert shown[1:3] == ["DANGER: Permanent data loss", "  aws_dynamodb_table.t is destroyed; it holds data"]
    assert len(shown) <= SCREEN


def test_a_small_change_is_shown_with_its_values(tmp_path: Path) -> None:
    small = change("aws_eip.a", "update", before={"domain": "x"}, after={"domain": "y"})
    assert lines(review_of(tmp_path, small)) == [
        "plan: 1 to update (account unknown)",
        "1 to update",
        "  aws_eip.a",
        '    - domain: "x"',
        '    + domain: "y"',
        "plan: no risk found",
    ]


def test_risks_that_do_not_fit_are_counted(tmp_path: Path) -> None:
    shown = lines(
        review_of(tmp_path, *(change(f"aws_dynamodb_table.t{each}", "delete", before={}) for each in range(99)))
    )
    more = next(int(line.split()[2]) for line in shown if line.endswith("more risks"))
    assert sum(line.startswith("  aws_dynamodb_table.t") for line in shown) + more >= 99


def test_many_new_resources_are_counted_by_section(tmp_path: Path) -> None:
    new = [change(f"aws_eip.network_{each}", "create", after={}) for each in range(21)]
    shown = lines(review_of(tmp_path, *new, change("aws_lb.load_balancer_alb", "create", after={})))
    (table,) = [line.split() for line in shown if "load balancer" in line or "network" in line]
    assert table == ["21", "network", "1", "load", "balancer"]
    assert not any("aws_eip" in line for line in shown)


@pytest.mark.parametrize(
    ("addresses", "sections"),
    [
        (["aws_vpc.network_vpc", 'aws_subnet.network_private["a_b.c"]'], [("network", 2)]),
        (["aws_lb.load_balancer_alb", "aws_lb_listener.load_balancer_https"], [("load balancer", 2)]),
        (["aws_lb.load_balancer_alb"], [("load balancer", 1)]),
        (["module.state_backend.aws_s3_bucket.state"], [("state", 1)]),
        (["aws_vpc.main"], [("main", 1)]),
        ([], []),
    ],
)
def test_sections_are_named_by_the_common_prefix(addresses: list[str], sections: list[tuple[str, int]]) -> None:
    assert count_by_section(addresses) == sections


def test_only_a_terminal_gets_colours(tmp_path: Path) -> None:
    review = review_of(tmp_path, TABLE)
    screens = []
    for is_terminal in (True, False):
        file = io.StringIO()
        console = Console(
            file=file,
            width=100,
            force_terminal=is_terminal,
            color_system="standard" if is_terminal else "auto",
            no_color=False,
        )
        show(review, console)
        screens.append(file.getvalue())
    assert "\x1b[1;31mDANGER" in screens[0]
    assert "\x1b" not in screens[1]

"""Builders of estimates."""

from pathlib import Path
from typing import Any

from tests.synthesized import Stack
from wealist.costs.assumptions import Assumptions
from wealist.costs.estimate import Estimate, Row, estimate
from wealist.costs.prices import Prices
from wealist.model import stack as model


def estimated(stack: Stack, prices: Prices | None = None, **assumed: float) -> Estimate:
    return estimate(model.parse(stack.document, Path("cdk.tf.json")), Assumptions(**assumed), prices)


def of_resources(*resources: tuple[str, dict[str, Any]], **assumed: float) -> Estimate:
    """Return the estimate of a stack with only these resources: `("aws_lb.a", {…})`."""
    blocks: dict[str, dict[str, Any]] = {}
    for address, values in resources:
        kind, name = address.split(".")
        blocks.setdefault(kind, {})[name] = values
    providers = [{"region": "ap-northeast-2"}, {"alias": "cdn", "region": "us-east-1"}]
    return estimated(Stack({**STACK, "provider": {"aws": providers}, "resource": blocks}), None, **assumed)


STACK = {"//": {"metadata": {"stackName": "made-up"}}, "terraform": {}}


def rows(found: Estimate, what: str) -> list[Row]:
    return [row for row in found.rows if row.what == what]


def usd(found: Estimate, what: str) -> float:
    return sum(row.usd or 0 for row in rows(found, what))

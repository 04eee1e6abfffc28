"""The page of judged types is current."""

from tests import review_scope
from wealist.checks.rules.rows import RULES
from wealist.model.types import rows


def test_the_page_of_judged_types_is_current() -> None:
    assert review_scope.PATH.read_text(encoding="utf-8") == review_scope.text(), "run: python -m tests.review_scope"


def test_no_weaker_setting_repeats_a_rule() -> None:
    demanded = {(kind, rule.path) for rule in RULES for kind in rule.types if rule.operator == "equals"}
    facts = {(kind, path) for kind, row in rows().items() for path in row.weaker}
    assert not demanded & facts

"""Rules about the account's baseline (ADR 70)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from wealist.spec.account import CDN_CERTIFICATE_REGION, DOMAIN, REGION
from wealist.spec.baseline import BASELINE, INVALID, Baseline
from wealist.spec.problems import ABSENT, Problem, from_validation, unknown_fields
from wealist.spec.rules.alerts import is_address, wrong_addresses
from wealist.spec.settings import Invalid

_OWNER: Final = "account"
_REGIONS: Final = (REGION, CDN_CERTIFICATE_REGION)
"""Regions of this project's resources."""
_MOST_EMAILS: Final = 10
"""https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html"""
_LEAST_DAYS: Final = 90
"""AWS keeps its own event history for so many days, without a bucket.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
"""
_LONGEST: Final[Mapping[str, int]] = {"name": 64, "title": 50, "phone": 25}
"""https://docs.aws.amazon.com/accounts/latest/reference/API_PutAlternateContact.html"""
_PHONE: Final = re.compile(r"\+\d[\d ()-]{5,}")
_EXAMPLE: Final = f'write one such as "operators@{DOMAIN}"'


def check_baseline(baseline: Baseline = BASELINE, invalid: Invalid = INVALID) -> list[Problem]:
    """Return every problem of a baseline. If it has values of the wrong type, return only those.

    Args:
        baseline: The settings.
        invalid: Its invalid groups.
    """
    if invalid:
        return from_validation(_OWNER, baseline, invalid)
    rules = (
        unknown_fields,
        _budget_has_amount_and_addresses,
        _contact_can_be_reached,
        _regions_are_those_of_the_project,
        _records_are_kept_long_enough,
        _security_hub_has_config,
    )
    return [replace(problem, owner=_OWNER) for rule in rules for problem in rule(baseline)]


def _budget_has_amount_and_addresses(baseline: Baseline) -> Iterator[Problem]:
    budget = baseline.budget
    if budget is None:
        return
    if budget.monthly_usd < 1:
        remedy = "write the limit of a month in US dollars, such as 400"
        yield Problem("budget.monthly_usd", budget.monthly_usd, "is below 1", remedy)
    if not budget.emails:
        yield Problem("budget.emails", budget.emails, "has no address", f"{_EXAMPLE}, or write budget=None")
    if len(budget.emails) > _MOST_EMAILS:
        remedy = f"write {_MOST_EMAILS} at most: a mailing list is one address"
        yield Problem("budget.emails", budget.emails, "has more addresses than AWS accepts", remedy)
    yield from wrong_addresses("budget.emails", budget.emails, _EXAMPLE)


def _contact_can_be_reached(baseline: Baseline) -> Iterator[Problem]:
    contact = baseline.security_contact
    if contact is None:
        return
    if not is_address(contact.email):
        yield Problem("security_contact.email", contact.email, "is not an e-mail address", _EXAMPLE)
    if not _PHONE.fullmatch(contact.phone):
        remedy = 'write it with the country code, such as "+82 2 1234 5678"'
        yield Problem("security_contact.phone", contact.phone, "is not a phone number", remedy)
    for field, most in _LONGEST.items():
        value = getattr(contact, field)
        if not 0 < len(value) <= most:
            message = "is empty, or longer than AWS accepts"
            yield Problem(f"security_contact.{field}", value, message, f"write 1 to {most} characters")


def _regions_are_those_of_the_project(baseline: Baseline) -> Iterator[Problem]:
    for number, region in enumerate(baseline.guard_duty_regions):
        field = f"guard_duty_regions[{number}]"
        if region not in _REGIONS:
            remedy = f"write {' or '.join(_REGIONS)}: this project has no resources elsewhere"
            yield Problem(field, region, "is not a region of this project", remedy)
        elif region in baseline.guard_duty_regions[:number]:
            yield Problem(field, region, "is a duplicate", "write each region once")


def _records_are_kept_long_enough(baseline: Baseline) -> Iterator[Problem]:
    for field in ("trail_days", "access_log_days"):
        days = getattr(baseline, field)
        if days is not None and days < _LEAST_DAYS:
            message = f"is below the {_LEAST_DAYS} days of AWS's own event history"
            yield Problem(field, days, message, "write 365, or None for no record")


def _security_hub_has_config(baseline: Baseline) -> Iterator[Problem]:
    if baseline.security_hub and not baseline.config:
        message = "checks the records of AWS Config, and config is False"
        yield Problem("security_hub", ABSENT, message, "write config=True, or security_hub=False")

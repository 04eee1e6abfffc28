"""What a valid baseline of the account is (ADR 70)."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from wealist.spec.account import CDN_CERTIFICATE_REGION, DOMAIN, REGION
from wealist.spec.baseline import BASELINE, INVALID, Baseline
from wealist.spec.problems import ABSENT, Problem, from_validation
from wealist.spec.rules.addresses import is_address, wrong_addresses
from wealist.spec.rules.fields import unknown_fields
from wealist.spec.settings import Invalid

_OWNER: Final = "account"
_REGIONS: Final = (REGION, CDN_CERTIFICATE_REGION)
"""Where this project makes anything."""
_MOST_EMAILS: Final = 10
"""https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html"""
_LEAST_DAYS: Final = 90
"""Less than what AWS keeps of its own, without a bucket.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
"""
_LONGEST: Final[Mapping[str, int]] = {"name": 64, "title": 50, "phone": 25}
"""https://docs.aws.amazon.com/accounts/latest/reference/API_PutAlternateContact.html"""
_PHONE: Final = re.compile(r"\+\d[\d ()-]{5,}")
_EXAMPLE: Final = f'write one such as "operators@{DOMAIN}"'


def check_baseline(baseline: Baseline = BASELINE, invalid: Invalid = INVALID) -> list[Problem]:
    """Every problem of a baseline; of one with values of a wrong type, those alone.

    Args:
        baseline: The settings.
        invalid: Its groups that are not valid.
    """
    if invalid:
        return from_validation(_OWNER, baseline, invalid)
    return [
        *unknown_fields(_OWNER, baseline),
        *_budget_tells_somebody(baseline),
        *_contact_can_be_reached(baseline),
        *_threats_are_looked_for_in_our_regions(baseline),
        *_records_are_kept(baseline),
        *_security_hub_has_what_it_judges(baseline),
    ]


def _budget_tells_somebody(baseline: Baseline) -> Iterator[Problem]:
    budget = baseline.budget
    if budget is None:
        return
    if budget.monthly_usd < 1:
        remedy = "write what a month may cost in US dollars, such as 400"
        yield Problem(_OWNER, "budget.monthly_usd", budget.monthly_usd, "is below 1", remedy)
    if not budget.emails:
        remedy = f"{_EXAMPLE}, or write budget=None"
        yield Problem(_OWNER, "budget.emails", budget.emails, "tells nobody", remedy)
    if len(budget.emails) > _MOST_EMAILS:
        remedy = f"write {_MOST_EMAILS} at most: a mailing list is one address"
        yield Problem(_OWNER, "budget.emails", budget.emails, "has more addresses than AWS tells", remedy)
    yield from wrong_addresses(_OWNER, "budget.emails", budget.emails, _EXAMPLE)


def _contact_can_be_reached(baseline: Baseline) -> Iterator[Problem]:
    contact = baseline.security_contact
    if contact is None:
        return
    if not is_address(contact.email):
        yield Problem(_OWNER, "security_contact.email", contact.email, "is no e-mail address", _EXAMPLE)
    if not _PHONE.fullmatch(contact.phone):
        remedy = 'write it with the country\'s code, such as "+82 2 1234 5678"'
        yield Problem(_OWNER, "security_contact.phone", contact.phone, "is no phone number", remedy)
    for field, most in _LONGEST.items():
        value = getattr(contact, field)
        if not 0 < len(value) <= most:
            remedy = f"write 1 to {most} characters"
            yield Problem(_OWNER, f"security_contact.{field}", value, "is nothing that AWS takes", remedy)


def _threats_are_looked_for_in_our_regions(baseline: Baseline) -> Iterator[Problem]:
    for number, region in enumerate(baseline.guard_duty_regions):
        field = f"guard_duty_regions[{number}]"
        if region not in _REGIONS:
            remedy = f"write {' or '.join(_REGIONS)}: this project makes nothing elsewhere"
            yield Problem(_OWNER, field, region, "is no region of this project", remedy)
        elif region in baseline.guard_duty_regions[:number]:
            yield Problem(_OWNER, field, region, "is there twice", "write each region once")


def _records_are_kept(baseline: Baseline) -> Iterator[Problem]:
    for field in ("trail_days", "access_log_days"):
        days = getattr(baseline, field)
        if days is not None and days < _LEAST_DAYS:
            problem = f"is below the {_LEAST_DAYS} days for which AWS shows calls anyway"
            yield Problem(_OWNER, field, days, problem, "write 365, or None for no record")


def _security_hub_has_what_it_judges(baseline: Baseline) -> Iterator[Problem]:
    if baseline.security_hub and not baseline.config:
        problem = "judges what AWS Config records, and config is False"
        yield Problem(_OWNER, "security_hub", ABSENT, problem, "write config=True, or security_hub=False")

"""Rules about the account's baseline."""

from typing import Any

import pytest

from wealist.spec.baseline import Baseline, Budget, SecurityContact
from wealist.spec.rules.baseline import check_baseline
from wealist.spec.settings import collecting_invalid

ADDRESS = "operators@wealist.co.kr"
MANY = tuple(f"operator-{number}@wealist.co.kr" for number in range(11))
CONTACT = {"name": "Security", "title": "Team", "email": ADDRESS, "phone": "+82 2 1234 5678"}
REPORTED: dict[str, dict[str, Any]] = {
    f'budget.emails = () has no address; write one such as "{ADDRESS}", or write budget=None': {
        "budget": Budget(monthly_usd=400, emails=())
    },
    f"budget.emails[1] = 'operators' is not an e-mail address; write one such as \"{ADDRESS}\"": {
        "budget": Budget(monthly_usd=400, emails=(ADDRESS, "operators"))
    },
    f"budget.emails = {MANY!r} has more addresses than AWS accepts; write 10 at most: a mailing list is one address": {
        "budget": Budget(monthly_usd=400, emails=MANY)
    },
    "budget.monthly_usd = 0 is below 1; write the limit of a month in US dollars, such as 400": {
        "budget": Budget(monthly_usd=0, emails=(ADDRESS,))
    },
    "guard_duty_regions[1] = 'eu-west-1' is not a region of this project; "
    "write ap-northeast-2 or us-east-1: this project has no resources elsewhere": {
        "guard_duty_regions": ("ap-northeast-2", "eu-west-1")
    },
    "guard_duty_regions[1] = 'us-east-1' is a duplicate; write each region once": {
        "guard_duty_regions": ("us-east-1", "us-east-1")
    },
    "security_hub checks the records of AWS Config, and config is False; write config=True, or security_hub=False": {
        "security_hub": True
    },
    "trail_days = 89 is below the 90 days of AWS's own event history; write 365, or None for no record": {
        "trail_days": 89
    },
    "access_log_days = 0 is below the 90 days of AWS's own event history; write 365, or None for no record": {
        "access_log_days": 0
    },
    "security_contact.phone = 'call me' is not a phone number; "
    'write it with the country code, such as "+82 2 1234 5678"': {
        "security_contact": SecurityContact(**CONTACT | {"phone": "call me"})
    },
    f"security_contact.email = 'nobody' is not an e-mail address; write one such as \"{ADDRESS}\"": {
        "security_contact": SecurityContact(**CONTACT | {"email": "nobody"})
    },
    "security_contact.name = '' is empty, or longer than AWS accepts; write 1 to 64 characters": {
        "security_contact": SecurityContact(**CONTACT | {"name": ""})
    },
    f"security_contact.title = {'x' * 51!r} is empty, or longer than AWS accepts; write 1 to 50 characters": {
        "security_contact": SecurityContact(**CONTACT | {"title": "x" * 51})
    },
    "guard_duty_region = ('us-east-1',) is not a setting; did you mean 'guard_duty_regions'?": {
        "guard_duty_region": ("us-east-1",)
    },
}


@pytest.mark.parametrize("text", REPORTED)
def test_an_invalid_setting_is_reported_with_its_remedy(text: str) -> None:
    (problem,) = check_baseline(Baseline(**REPORTED[text]), [])
    assert str(problem) == f"account: {text}"


@pytest.mark.parametrize("settings", [{}, {"security_hub": True, "config": True}, {"trail_days": 90}])
def test_the_defaults_and_complete_settings_are_valid(settings: dict[str, Any]) -> None:
    assert check_baseline(Baseline(**settings), []) == []


def test_a_missing_value_is_reported_with_the_file_that_describes_it() -> None:
    with collecting_invalid() as invalid:
        baseline = Baseline(budget=Budget(monthly_usd=400))  # type: ignore[call-arg]
    (problem,) = check_baseline(baseline, invalid)
    assert str(problem) == "account: budget.emails is missing; wealist/spec/baseline.py describes it"

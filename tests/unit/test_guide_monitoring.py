"""docs/monitoring.md says what to do about everything that somebody may be told of."""

import re
from pathlib import Path
from typing import Final

import yaml

from wealist.constructs.alarms import rows

PROJECT: Final = Path(__file__).parents[2]
RULES: Final = PROJECT / "modules/instance_bootstrap/monitoring/rules.yml"
GUIDE: Final = (PROJECT / "docs/monitoring.md").read_text(encoding="utf-8")


def runbook(title: str) -> dict[str, str]:
    """Alert → what to look at: the table below a title."""
    section = GUIDE.partition(f"### {title}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {name: cells[-1] for cells in lines for name in re.findall(r"`([\w-]+)`", cells[0])}


def test_every_alarm_has_a_line_that_says_what_to_do_and_no_line_is_of_none() -> None:
    lines = runbook("Alarms of CloudWatch")
    assert set(lines) == set(rows())
    assert all(len(line) > 20 for line in lines.values())


def test_every_alert_of_prometheus_has_one_too() -> None:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    alerts = {rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule}
    assert set(runbook("Alerts of Prometheus")) == alerts


def test_every_mail_of_an_alarm_says_what_is_wrong_in_a_sentence() -> None:
    for row in rows().values():
        assert re.fullmatch(r"[A-Z].+\.", row["meaning"])

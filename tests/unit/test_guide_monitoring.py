"""docs/monitoring.md has a runbook row for each alarm and alert."""

import re
from pathlib import Path
from typing import Final

import yaml

from wealist.constructs.alarms import rows

PROJECT: Final = Path(__file__).parents[2]
RULES: Final = PROJECT / "modules/instance_bootstrap/monitoring/rules.yml"
GUIDE: Final = (PROJECT / "docs/monitoring.md").read_text(encoding="utf-8")


def runbook(title: str) -> dict[str, str]:
    """Return alert → advice, from the table below a heading."""
    section = GUIDE.partition(f"### {title}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {name: cells[-1] for cells in lines for name in re.findall(r"`([\w-]+)`", cells[0])}


def test_each_cloudwatch_alarm_has_a_row_and_each_row_an_alarm() -> None:
    lines = runbook("Alarms of CloudWatch")
    assert set(lines) == set(rows())
    assert all(len(line) > 20 for line in lines.values())


def test_each_prometheus_alert_has_a_row_and_each_row_an_alert() -> None:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    alerts = {rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule}
    assert set(runbook("Alerts of Prometheus")) == alerts


def test_alarm_descriptions_are_sentences() -> None:
    for row in rows().values():
        assert re.fullmatch(r"[A-Z].+\.", row["meaning"])

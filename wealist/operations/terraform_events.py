"""What Terraform reports while it works, one JSON object a line.

apply -json ─► apply_complete ─► the step's count
             ├ change_summary ─► how many there will be; at the end, how many there were
             └ diagnostic ─────► messages, as Terraform prints them for people

https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

import json
from collections.abc import Mapping
from typing import Any

from wealist.progress import Step


class Events:
    """Counts the resources that are done, and keeps the errors."""

    def __init__(self, step: Step, total: int = 0) -> None:
        """Count from nothing.

        Args:
            step: Shows the count.
            total: How many there will be, where Terraform does not report it: `apply` of a plan file.
        """
        self._step = step
        self._total = total
        self._done = 0
        self.messages = ""
        """Errors, and lines that are no events."""

    def read(self, line: str) -> None:
        """Take the next line."""
        try:
            event = json.loads(line)
            kind = event["type"]
        except (ValueError, LookupError, TypeError):
            self.messages += line
            return
        if kind == "apply_complete" and event["hook"].get("action") != "read":
            self._done += 1
            self._step.count(self._done, max(self._done, self._total), "resources")
        elif kind == "change_summary" and event["changes"].get("operation") == "plan":
            self._total = sum(event["changes"].get(each, 0) for each in ("add", "change", "remove"))
        elif kind == "change_summary":
            counts = event["changes"]
            self._step.add(f"({counts['add']} added, {counts['change']} changed, {counts['remove']} destroyed)")
        elif kind == "diagnostic" and event["diagnostic"]["severity"] == "error":
            self.messages += _message(event["diagnostic"])


def _message(diagnostic: Mapping[str, Any]) -> str:
    address = diagnostic.get("address")
    place = f"  with {address}\n\n" if address else ""
    return f"Error: {diagnostic['summary']}\n\n{place}{diagnostic.get('detail', '')}\n\n"

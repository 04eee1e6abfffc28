"""A complete review as JSON, for programs and for the artifact that a comment links to."""

import json
from dataclasses import asdict
from typing import Any

from wealist.review.changes import Change, attribute_lines
from wealist.review.formatting import plain_text
from wealist.review.verdict import Review


def as_json(review: Review) -> str:
    """Return the complete review as JSON."""
    result = review.gate_result
    content = {
        "stack": review.stack,
        "account": review.account,
        "verdict": review.verdict,
        "severity": review.severity.name.lower() if review.severity else None,
        "counts": review.plan.counts,
        "costs": asdict(review.costs) | {"usd": round(review.costs.usd, 2)} if review.costs else None,
        "unjudged": dict(review.unjudged),
        "unread": list(review.plan.unread),
        "stopped": [
            {"change": stop.name, "address": stop.change.address, "gates": list(stop.gates)} for stop in result.stopped
        ],
        "acknowledged": [stop.name for stop in result.acknowledged],
        "acknowledged_without_effect": list(result.unused),
        "risks": [
            {
                "severity": finding.severity.name.lower(),
                "kind": finding.kind.name.lower(),
                "address": finding.address,
                "deposed": finding.deposed,
                "text": plain_text(finding.words),
                "lines": [str(line) for line in finding.lines],
            }
            for finding in review.findings
        ],
        "changes": [_change(change) for change in review.ranked],
        "outputs": [_change(output) for output in review.plan.outputs],
        "drift": [_change(change) for change in review.plan.drift],
        "unrelated_drift": review.plan.unrelated_drift,
    }
    return json.dumps(content, indent=2) + "\n"


def refusal(stack: str, message: str, remedy: str) -> str:
    """Return the error about a plan that cannot be reviewed as JSON."""
    return json.dumps({"stack": stack, "error": message, "remedy": remedy}, indent=2) + "\n"


def _change(change: Change) -> dict[str, Any]:
    return {
        "address": change.address,
        "action": change.action.value,
        "order": change.order.value if change.order else None,
        "reason": change.reason,
        "replace_paths": [list(path) for path in change.replace_paths],
        "imported": change.imported,
        "deposed": change.deposed,
        "moved_from": change.moved_from,
        "lines": [str(line) for line in attribute_lines(change)],
    }

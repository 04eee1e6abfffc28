"""Builders of small plans in the format of `terraform show -json`, and of their reviews."""

import base64
import io
import json
from pathlib import Path
from typing import Any

from rich.console import Console

from wealist.model.plan import parse
from wealist.review import as_json, markdown, page, terminal
from wealist.review.changes import Plan
from wealist.review.command import build_review
from wealist.review.finding import Finding, Kind, Severity
from wealist.review.formatting import plain_text
from wealist.review.masking import mask_text
from wealist.review.options import Gate
from wealist.review.reading import read_plan
from wealist.review.risks import findings
from wealist.review.secrets import SecretIndex
from wealist.review.verdict import Review

Json = dict[str, Any]


def change(address: str, *actions: str, before: Any = None, after: Any = None, **parts: Any) -> Json:
    """Return a resource change. Keywords are keys of `change`; with the prefix `of_`, keys of the resource."""
    kind = address.rpartition("module.")[2].split(".")[-2]
    own = {name.removeprefix("of_"): value for name, value in parts.items() if name.startswith("of_")}
    body = {name: value for name, value in parts.items() if not name.startswith("of_")}
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        **own,
        "change": {"actions": list(actions), "before": before, "after": after, **body},
    }


def unchanged(address: str, values: Json) -> Json:
    return change(address, "no-op", before=values, after=values)


def modified(address: str, before: Json, after: Json) -> Json:
    """An update in which `after` replaces some of the values."""
    return change(address, "update", before=before, after={**before, **after})


def document(*changes: Json, **parts: Any) -> Json:
    return {"format_version": "1.2", "complete": True, "errored": False, "resource_changes": list(changes), **parts}


def configuration(environment: str = "dev", **parts: Any) -> Json:
    """Return the configuration of a stack of this project."""
    tags = {"Environment": environment, "ManagedBy": "terraform"}
    expressions = {
        "allowed_account_ids": {"constant_value": ["290008131187"]},
        "default_tags": [{"tags": {"constant_value": tags}}],
    }
    return {"provider_config": {"aws": {"name": "aws", "expressions": expressions}}, "root_module": parts}


def planned(*changes: Json, **parts: Any) -> Plan:
    return read_plan(parse(json.dumps(document(*changes, **parts)).encode(), name="plan.json"))


def found(*changes: Json, kind: Kind | None = None, **parts: Any) -> list[tuple[Severity, str]]:
    """Return severity and sentence of the findings of one kind, the worst first.

    Without a kind, all except broken rules: resources of tests lack most of the arguments that rules demand.
    """
    return [
        (each.severity, plain_text(each.words))
        for each in risks(*changes, **parts)
        if each.kind is kind or (kind is None and each.kind is not Kind.RULE)
    ]


def risks(*changes: Json, **parts: Any) -> tuple[Finding, ...]:
    return findings(planned(*changes, **parts))


def updated(
    address: str, before: dict[str, Any], after: dict[str, Any], kind: Kind | None = None
) -> list[tuple[Severity, str]]:
    return found(modified(address, before, after), kind=kind)


def written(folder: Path, *changes: Json, **parts: Any) -> Path:
    """Write a plan and return its path."""
    path = folder / "plan.json"
    path.write_text(json.dumps(document(*changes, **parts)), encoding="utf-8")
    return path


def review_of(
    folder: Path, *changes: Json, gates: tuple[Gate, ...] = (), acknowledge: str = "", **parts: Any
) -> Review:
    text = folder / "acknowledgements.txt"
    text.write_text(acknowledge, encoding="utf-8")
    plan = written(folder, *changes, **parts)
    return build_review(plan, gates=gates, acknowledgements=str(text), with_unchanged=True)


def policy(*statements: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **more: Any) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def shown(folder: Path, *changes: dict[str, Any], **parts: Any) -> str:
    """Return the review of a plan in all formats."""
    review = review_of(folder, *changes, **parts)
    screen = io.StringIO()
    terminal.show(review, Console(file=screen, width=10_000, force_terminal=True))
    texts = (markdown.comment(review, artifact_url=None), as_json.as_json(review), page.page(review))
    return screen.getvalue() + "".join(texts)


def cleaned(text: str, *secrets: str) -> str:
    """Return a text without secrets, given some that a plan holds elsewhere."""
    return mask_text(text, SecretIndex(secrets))


def script(text: str) -> str:
    return base64.b64encode(f"#!/bin/sh\n{text}\necho end\n".encode()).decode()


def failed_check(message: str) -> dict[str, Any]:
    return {"address": {"to_display": "check.a"}, "status": "fail", "instances": [{"problems": [{"message": message}]}]}

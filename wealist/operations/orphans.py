"""What a killed apply made and its state does not know: found before the next apply makes it a second time.

plan.json ─┬─ what is to be created, by type and Name ──┐
           └─ ids that the state knows ─────────────────┤
AWS ─ what is tagged as this stack's, or bears its name ┴─► import blocks

Terraform writes its state every 20 seconds at best, so that what a killed apply made since is not in it. AWS makes some
things again without a word, and refuses others because their name is taken. Their parts (`found.PARTS`) are not looked
for: setting them again changes nothing, or Terraform's own error names the one that exists.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from wealist.operations.aws import Clients, clients
from wealist.operations.errors import BAD_INPUT, OperatorError
from wealist.operations.found import NAMED, things


@dataclass(frozen=True, order=True)
class Orphan:
    """A thing in AWS that a plan would make again.

    Attributes:
        address: Where the plan would make it.
        id: What an `import` block takes.
    """

    address: str
    id: str


def write_imports(plan_json: Path, environ: Mapping[str, str], out: Path) -> int:
    """Reads a plan, looks into AWS, and writes `import` blocks of what an apply would make a second time.

    https://developer.hashicorp.com/terraform/language/import

    Args:
        plan_json: What `terraform show -json` wrote of a plan made after the kill.
        environ: The environment variables that lead to AWS.
        out: Where the blocks go, as Terraform JSON: a file beside the stack's, written whole or not at all.

    Returns:
        How many things there are to take in.

    Raises:
        OperatorError: the plan is none, AWS refuses to answer, or the file cannot be written.
    """
    found = _read(plan_json, environ)
    blocks = {"import": [{"to": orphan.address, "id": orphan.id} for orphan in found]} if found else {}
    draft = out.with_name(f".{out.name}.draft")  # Terraform reads no hidden files
    try:
        draft.write_text(json.dumps(blocks, indent=2) + "\n", encoding="utf-8")
        draft.replace(out)
    except OSError as error:
        raise OperatorError(
            f"{out} cannot be written: {error.strerror}", remedy="name a file in the stack's folder of cdktf.out"
        ) from None
    return len(found)


def _read(plan_json: Path, environ: Mapping[str, str]) -> list[Orphan]:
    """What `find` finds, with what can go wrong on the way in an operator's words."""
    try:
        return find(json.loads(plan_json.read_text(encoding="utf-8")), clients(environ))
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(
            f"AWS does not answer: {error}", remedy="export the credentials that Terraform planned with"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OperatorError(
            f"{plan_json} is no plan of a stack as JSON ({type(error).__name__})",
            remedy="run `python -m wealist plan ENV`, and give the path that it prints behind `json:`",
            exit_code=BAD_INPUT,
        ) from None


def find(planned: Mapping[str, Any], client: Clients) -> list[Orphan]:
    """The things that an apply of the plan would make a second time.

    Args:
        planned: A plan as data (`terraform show -json`), made after the kill.
        client: Makes boto3 clients that may read what the stack holds.

    Returns:
        Each thing with its address. Two things for one address are both there: an operator must look at them.
    """
    wanted = {(kind, name): address for kind, name, address in _created(planned)}
    kinds = {kind for kind, _ in wanted}
    known = set(_known(planned.get("prior_state", {}).get("values", {}).get("root_module", {})))
    found = (thing for thing in things(client, kinds, _environment(planned)) if thing.id not in known)
    return sorted(
        {Orphan(wanted[thing.type, thing.name], thing.id) for thing in found if (thing.type, thing.name) in wanted}
    )


def _created(planned: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Type, name and address of what a plan creates."""
    for change in planned.get("resource_changes", []):
        if change["mode"] == "managed" and change["change"]["actions"] == ["create"]:
            for name in _names(change["type"], change["change"]["after"]):
                if name:
                    yield change["type"], name, change["address"]


def _names(kind: str, after: Mapping[str, Any]) -> list[str | None]:
    """What a thing of a type is found by, of the values that a plan gives it."""
    if kind in NAMED:
        return [after.get(NAMED[kind].argument)]
    match kind:
        case "aws_cloudfront_distribution":
            return list(after.get("aliases") or [])  # an alias is one distribution's; the list of them has no tags
        case "aws_codedeploy_deployment_group":
            return [f"{after.get('app_name')}:{after.get('deployment_group_name')}"]
        # A zone gets its tags after it was made, and may have been left without them.
        case "aws_cloudfront_origin_access_control" | "aws_codedeploy_app" | "aws_route53_zone":
            return [after.get("name")]
        case _:
            return [(after.get("tags") or {}).get("Name")]


def _environment(planned: Mapping[str, Any]) -> str:
    """The value of the tag that the provider gives to everything of the stack."""
    provider = planned["configuration"]["provider_config"]["aws"]["expressions"]
    return str(provider["default_tags"][0]["tags"]["constant_value"]["Environment"])


def _known(module: Mapping[str, Any]) -> Iterator[str]:
    """Ids and ARNs of everything in a state."""
    for resource in module.get("resources", []):
        yield from (value for name in ("id", "arn") if (value := resource["values"].get(name)))
    for child in module.get("child_modules", []):
        yield from _known(child)

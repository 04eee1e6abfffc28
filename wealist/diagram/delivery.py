"""From a push to the instances: what workflows may write, and what CodeDeploy then does.

GitHub ─► role ─┬─► registry ──────────┐
                ├─► bucket             ├─► instances
                └─► deployment group ──┘
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from wealist.diagram.canvas import Canvas
from wealist.diagram.drawing import Drawing
from wealist.diagram.reading import Reading, at, kinds
from wealist.model.iam.references import arn_of
from wealist.model.stack import Resource
from wealist.spec.account import ACCOUNT_ID, OIDC_HOST, REGION

_FLEETS: Final = "aws_autoscaling_group"
_CDN: Final = "aws_cloudfront_distribution"


class Use(NamedTuple):
    """A right that is drawn as an arrow from whoever has it to what it is on."""

    action: str
    type: str
    edge: str


_OF_WORKFLOWS: Final = (
    Use("ecr:PutImage", "aws_ecr_repository", "push"),
    Use("s3:PutObject", "aws_s3_bucket", "upload"),
    Use("cloudfront:CreateInvalidation", _CDN, "invalidate"),
    Use("codedeploy:CreateDeployment", "aws_codedeploy_deployment_group", "deploy"),
)
_OF_INSTANCES: Final = (Use("ecr:BatchGetImage", "aws_ecr_repository", "pull"),)
STEPS: Final = (
    "ApplicationStop",
    "DownloadBundle",
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
)
"""What CodeDeploy does on each instance, in its order.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""


def delivery(reading: Reading) -> Drawing:
    """From a push to the instances: the workflow's role, what it writes, and where that goes."""
    canvas = Canvas("delivery", reading)
    _delivery(canvas)
    return canvas.drawing()


def deployment(reading: Reading) -> Drawing:
    """What CodeDeploy does on each instance, one after the other."""
    canvas = Canvas("deployment", reading, "DOWN")
    for group in canvas.place_all("aws_codedeploy_deployment_group"):
        style = "".join(map(str, at(reading.resources[group], "deployment_style.deployment_option")))
        box = canvas.add(f"steps {style}", "delivery")
        before = group
        for number, step in enumerate(_steps(style), start=1):
            after = canvas.add(f"{style} {number}", "step", f"{number}. {step}", box)
            canvas.link(before, after, kind="then", flow="delivery")
            before = after
    return canvas.drawing()


def _delivery(canvas: Canvas) -> None:
    """GitHub's workflows and what they may write; CodeDeploy and the instances that it deploys to."""
    for role, use, resource in _workflow_rights(canvas.reading):
        canvas.link(canvas.add("github", "github"), canvas.place(role), kind="becomes", flow="delivery")
        canvas.link(role, canvas.place(resource), kind=use.edge, flow="delivery")
    for group, fleet in _deployed(canvas.reading):
        canvas.link(canvas.place(group), canvas.place(fleet), kind="installs", flow="delivery")
        for repository in _pulled(canvas.reading, fleet):
            canvas.link(canvas.place(repository), fleet, kind="pull", flow="delivery")


def delivery_in_short(canvas: Canvas) -> None:
    """The same for the overview: what is of one type is one node, and buckets are left out."""
    reading = canvas.reading
    registry, groups = (_together(canvas, kind) for kind in ("aws_ecr_repository", "aws_codedeploy_deployment_group"))
    for _, use, resource in _workflow_rights(reading):
        target = {"push": registry, "deploy": groups}.get(use.edge, resource)
        if target != resource or resource in canvas:
            canvas.link(canvas.add("github", "github"), target, kind=use.edge, flow="delivery")
    for _, fleet in _deployed(reading):
        canvas.link(groups, fleet, kind="installs", flow="delivery")
        if _pulled(reading, fleet):
            canvas.link(registry, fleet, kind="pull", flow="delivery")


def _together(canvas: Canvas, kind: str) -> str:
    """Put all resources of a type as one node; returns its id, of none a node that is not there."""
    reading = canvas.reading
    held = [each.address for each in reading.all(kind)]
    owned = [each for address in held for each in reading.owned.get(address, ())]
    label = ", ".join(reading.label(address) for address in held)
    return canvas.add(kind, str(kinds()[kind]["kind"]), label, addresses=[*held, *owned]) if held else ""


def _workflow_rights(reading: Reading) -> Iterator[tuple[str, Use, str]]:
    """The roles of GitHub's workflows, and what each may do to what."""
    for role in reading.documents.roles if reading.documents else ():
        if any(OIDC_HOST in who for each in role.trust for _, who in each.principals):
            for use in _OF_WORKFLOWS:
                for resource in reading.all(use.type):
                    if any(role.rights.may(use.action, arn) for arn in _arns(reading, resource)):
                        yield role.address, use, resource.address


def _arns(reading: Reading, resource: Resource) -> Iterator[str]:
    """The ARN of a resource, and of what lies in it."""
    if arn := arn_of(resource):
        yield from (arn, f"{arn}/x")
    for application in reading.targets(resource.address, "aws_codedeploy_app"):
        name = f"{reading.label(application)}/{reading.label(resource.address)}"
        yield f"arn:aws:codedeploy:{REGION}:{ACCOUNT_ID}:deploymentgroup:{name}"


def _deployed(reading: Reading) -> Iterator[tuple[str, str]]:
    """Deployment group and fleet that have a target group in common."""
    for group in reading.all("aws_codedeploy_deployment_group"):
        groups = set(reading.targets(group.address, "aws_lb_target_group"))
        for fleet in reading.all(_FLEETS):
            if groups & set(reading.targets(fleet.address, "aws_lb_target_group")):
                yield group.address, fleet.address


def _pulled(reading: Reading, fleet: str) -> list[str]:
    roles = set(reading.roles_of(fleet))
    held = [each.rights for each in reading.documents.roles if each.address in roles] if reading.documents else []
    return [
        each.address
        for use in _OF_INSTANCES
        for each in reading.all(use.type)
        if any(rights.may(use.action, arn_of(each) or "") for rights in held)
    ]


def _steps(style: str) -> tuple[str, ...]:
    """What happens on an instance; traffic is held back by a load balancer only where the style says so."""
    return ("BlockTraffic", *STEPS, "AllowTraffic") if style == "WITH_TRAFFIC_CONTROL" else STEPS

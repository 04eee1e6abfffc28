"""The drawings of delivery: what GitHub workflows may write, and what CodeDeploy does on each instance.

GitHub ─► role ─┬─► registry ──────────┐
                ├─► bucket             ├─► instances
                └─► deployment group ──┘
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from wealist.diagram.canvas import Canvas
from wealist.diagram.drawing import Drawing
from wealist.diagram.resource_graph import ResourceGraph, at, kinds
from wealist.model.iam.arns import resource_arn
from wealist.model.stack import Resource
from wealist.spec.account import ACCOUNT_ID, OIDC_HOST, REGION

_FLEETS: Final = "aws_autoscaling_group"
_CDN: Final = "aws_cloudfront_distribution"


class Use(NamedTuple):
    """A right that is drawn as an arrow from a role to a resource."""

    action: str
    type: str
    edge: str


_WORKFLOW_USES: Final = (
    Use("ecr:PutImage", "aws_ecr_repository", "push"),
    Use("s3:PutObject", "aws_s3_bucket", "upload"),
    Use("cloudfront:CreateInvalidation", _CDN, "invalidate"),
    Use("codedeploy:CreateDeployment", "aws_codedeploy_deployment_group", "deploy"),
)
_EVENTS: Final = (
    "ApplicationStop",
    "DownloadBundle",
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
)
"""Lifecycle events of a deployment on one instance, in order.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""


def delivery(graph: ResourceGraph) -> Drawing:
    """Draw the role of GitHub's workflows, the resources it may write, and the instances that receive deployments."""
    canvas = Canvas("delivery", graph)
    for role, use, resource in _workflow_rights(graph):
        canvas.link(canvas.add("github", "github"), canvas.place(role), kind="becomes", flow="delivery")
        canvas.link(role, canvas.place(resource), kind=use.edge, flow="delivery")
    for group, fleet in _deployed(graph):
        canvas.link(canvas.place(group), canvas.place(fleet), kind="installs", flow="delivery")
        for repository in _pulled(graph, fleet):
            canvas.link(canvas.place(repository), fleet, kind="pull", flow="delivery")
    return canvas.drawing()


def deployment(graph: ResourceGraph) -> Drawing:
    """Draw the lifecycle events of a deployment on one instance, one after another."""
    canvas = Canvas("deployment", graph, "DOWN")
    for group in canvas.place_all("aws_codedeploy_deployment_group"):
        style = "".join(map(str, at(graph.resources[group], "deployment_style.deployment_option")))
        box = canvas.add(f"steps {style}", "delivery")
        previous = group
        for number, event in enumerate(_events(style), start=1):
            step = canvas.add(f"{style} {number}", "step", f"{number}. {event}", box)
            canvas.link(previous, step, kind="then", flow="delivery")
            previous = step
    return canvas.drawing()


def delivery_summary(canvas: Canvas) -> None:
    """Add delivery to the overview: one node for all resources of a type, and no buckets of its own."""
    graph = canvas.graph
    registry, groups = (_merged(canvas, type_) for type_ in ("aws_ecr_repository", "aws_codedeploy_deployment_group"))
    for _, use, resource in _workflow_rights(graph):
        target = {"push": registry, "deploy": groups}.get(use.edge, resource)
        if target != resource or resource in canvas:
            canvas.link(canvas.add("github", "github"), target, kind=use.edge, flow="delivery")
    for _, fleet in _deployed(graph):
        canvas.link(groups, fleet, kind="installs", flow="delivery")
        if _pulled(graph, fleet):
            canvas.link(registry, fleet, kind="pull", flow="delivery")


def _merged(canvas: Canvas, type_: str) -> str:
    """Add all resources of a type as one node. Returns its id, or nothing if there are none."""
    graph = canvas.graph
    addresses = [each.address for each in graph.all(type_)]
    if not addresses:
        return ""
    owned = [each for address in addresses for each in graph.owned.get(address, ())]
    label = ", ".join(map(graph.label, addresses))
    return canvas.add(type_, str(kinds()[type_]["kind"]), label, addresses=[*addresses, *owned])


def _workflow_rights(graph: ResourceGraph) -> Iterator[tuple[str, Use, str]]:
    """Yield each role that GitHub's workflows may assume, with each of its rights and the resource it applies to."""
    for role in graph.documents.roles if graph.documents else ():
        if any(OIDC_HOST in who for each in role.trust for _, who in each.principals):
            for use in _WORKFLOW_USES:
                for resource in graph.all(use.type):
                    if any(role.rights.allows(use.action, arn) for arn in _arns(graph, resource)):
                        yield role.address, use, resource.address


def _arns(graph: ResourceGraph, resource: Resource) -> Iterator[str]:
    """Yield the ARNs of a resource and of an object inside it."""
    if arn := resource_arn(resource):
        yield from (arn, f"{arn}/x")
    for application in graph.targets(resource.address, "aws_codedeploy_app"):
        name = f"{graph.label(application)}/{graph.label(resource.address)}"
        yield f"arn:aws:codedeploy:{REGION}:{ACCOUNT_ID}:deploymentgroup:{name}"


def _deployed(graph: ResourceGraph) -> Iterator[tuple[str, str]]:
    """Yield each deployment group with each Auto Scaling group that shares a target group with it."""
    for group in graph.all("aws_codedeploy_deployment_group"):
        groups = set(graph.targets(group.address, "aws_lb_target_group"))
        for fleet in graph.all(_FLEETS):
            if groups & set(graph.targets(fleet.address, "aws_lb_target_group")):
                yield group.address, fleet.address


def _pulled(graph: ResourceGraph, fleet: str) -> list[str]:
    """Return the addresses of the image repositories that the instances of a fleet may pull from."""
    roles = graph.documents.roles if graph.documents else ()
    rights = [each.rights for each in roles if each.address in graph.roles_of(fleet)]
    return [
        each.address
        for each in graph.all("aws_ecr_repository")
        if any(own.allows("ecr:BatchGetImage", resource_arn(each) or "") for own in rights)
    ]


def _events(style: str) -> tuple[str, ...]:
    """Return the lifecycle events for a deployment option. A load balancer blocks traffic only with traffic control."""
    return ("BlockTraffic", *_EVENTS, "AllowTraffic") if style == "WITH_TRAFFIC_CONTROL" else _EVENTS

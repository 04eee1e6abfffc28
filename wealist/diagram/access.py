"""Who may open connections to whom, by security groups; and who may become which role, with its policies."""

from typing import Final

from wealist.diagram.canvas import Canvas
from wealist.diagram.drawing import Drawing
from wealist.diagram.reading import Reading
from wealist.diagram.rules import INTERNET, traffic

_POLICIES: Final = ("aws_iam_policy", "aws_iam_role_policy")


def security_groups(reading: Reading) -> Drawing:
    """The security groups as a graph: an arrow for each pair that a rule lets through, with its ports."""
    canvas = Canvas("security_groups", reading)
    for each in traffic(reading):
        ends = []
        for end in (each.source, each.target):
            if end in reading.resources:
                ends.append(canvas.place(end))
            elif end == INTERNET:
                side = "to" if not each.is_ingress else "from"
                ends.append(canvas.add(f"{end} {side}", "internet"))
            else:
                ends.append(canvas.add(end, "block", end))
        canvas.link(
            ends[0], ends[1], each.ports.removeprefix("tcp "), kind="traffic", flow="traffic", addresses=[each.rule]
        )
    return canvas.drawing()


def roles(reading: Reading) -> Drawing:
    """Each role: who may become it, and the policies that it has."""
    canvas = Canvas("roles", reading)
    for role in reading.all("aws_iam_role"):
        placed = canvas.place(role.address)
        for who in _trusted(reading, role.address):
            canvas.link(canvas.add(f"principal {who}", "principal", who), placed, kind="becomes", flow="roles")
        for policy in _policies(reading, role.address):
            canvas.link(placed, canvas.place(policy), kind="holds", flow="roles")
    return canvas.drawing()


def _trusted(reading: Reading, role: str) -> list[str]:
    documents = reading.documents
    found = [each for each in documents.roles if each.address == role] if documents else []
    principals = [who for each in found for statement in each.trust for _, who in statement.principals]
    return [who.rpartition("oidc-provider/")[2] for who in principals]


def _policies(reading: Reading, role: str) -> list[str]:
    attachments = reading.referrers(role, "aws_iam_role_policy_attachment")
    managed = [policy for each in attachments for policy in reading.targets(each, *_POLICIES)]
    return list(dict.fromkeys([*managed, *reading.referrers(role, "aws_iam_role_policy")]))

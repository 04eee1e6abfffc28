"""Values that mention what they should refer to, and mean something else: none is a reference."""

from typing import Any, Final

from tests.guarded import Edit, faults
from tests.unit.checks.faults.edits import INGRESS, add, both, put

_ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
_ATTACHED: Final = "aws_iam_role_policy_attachment.identity_ec2_s3_attachment.policy_arn"
_USER_DATA: Final = "aws_launch_template.backend_fleet_launch_template.user_data"
_ANYBODY: Final = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*"}]}'


def _never(reference: str, instead: str) -> str:
    return f'${{false ? {reference} : "{instead}"}}'


def _document(document: dict[str, Any]) -> None:
    document["data"]["aws_iam_policy_document"] = {"anybody": {"statement": [{"actions": ["s3:*"]}]}}


def _policy_of_a_bucket(value: str) -> Edit:
    return put("aws_s3_bucket.frontend_site_bucket.policy", to=value)


FAULTS: Final = [
    *faults(
        "reachability.coverage",
        {
            "a rule names a group that is never meant": put(
                f"{INGRESS}.firewall_ec2_to_rds_5432_ingress.referenced_security_group_id",
                to=_never("aws_security_group.firewall_ec2_sg.id", "sg-0123"),
            ),
            "a rule names a group by what somebody wrote there": put(
                f"{INGRESS}.firewall_ec2_to_rds_5432_ingress.referenced_security_group_id",
                to="${aws_security_group.firewall_ec2_sg.description}",
            ),
            "a route names a gateway that is never meant": put(
                "aws_route.network_private_default_route.nat_gateway_id",
                to=_never("aws_nat_gateway.network_nat.id", "nat-0123"),
            ),
            "a subnet group names a subnet that is never meant": put(
                "aws_db_subnet_group.database_subnet_group.subnet_ids.0",
                to=_never("aws_subnet.network_private_subnet_a.id", "subnet-0123"),
            ),
        },
    ),
    *faults(
        "launch_template.user_data",
        {
            "a script mentions the module in a comment": put(
                _USER_DATA, to='${base64encode("curl example.com #${module.backend_fleet_bootstrap.user_data_base64}")}'
            ),
            "a script is never the module's": put(
                _USER_DATA, to=_never("module.backend_fleet_bootstrap.user_data_base64", "Y3VybA==")
            ),
        },
    ),
    *faults(
        "iam.literal",
        {
            "a policy is attached that is never meant": put(
                _ATTACHED, to=_never("aws_iam_policy.identity_ec2_s3_policy.arn", _ADMINISTRATOR)
            ),
            "a policy is attached by its description": both(
                put("aws_iam_policy.identity_ec2_s3_policy.description", to=_ADMINISTRATOR),
                put(_ATTACHED, to="${aws_iam_policy.identity_ec2_s3_policy.description}"),
            ),
            "a secret has a policy by a function": add("aws_secretsmanager_secret", policy="${jsonencode({})}"),
            "a policy is of a role by its name": add(
                "aws_iam_role_policy", role="wealist-terraform-plan-role", policy=_ANYBODY
            ),
        },
    ),
    *faults(
        "iam.known",
        {
            "a bucket has a policy by a data source": both(
                _document, _policy_of_a_bucket("${data.aws_iam_policy_document.anybody.json}")
            ),
            "a bucket has a policy by a function": _policy_of_a_bucket('${jsonencode({Principal = "*"})}'),
        },
    ),
]

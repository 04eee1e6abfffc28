"""Roles passed to services that must not run as them: one fault each."""

from typing import Final

from tests.guarded import Edit, Fault, faults
from tests.unit.checks.faults.edits import add, put
from tests.unit.checks.faults.iam_edits import ACCOUNT

_PROFILE: Final = "aws_iam_instance_profile.identity_instance_profile.role"
_TEMPLATE: Final = "aws_launch_template.backend_fleet_launch_template.iam_instance_profile"
_CODEDEPLOY: Final = "aws_codedeploy_deployment_group.deployments_user_service_group.service_role_arn"
_FLOW_LOG: Final = "aws_flow_log.flow_logs_flow_log.iam_role_arn"
_INSTANCES: Final = "aws_iam_role.identity_ec2_role"
_ADMIN: Final = f"arn:aws:iam::{ACCOUNT}:role/admin"

_EDITS: Final[dict[str, Edit]] = {
    "instances run as a role of another stack": put(_PROFILE, to="AdminRole"),
    "instances run as CodeDeploy": put(_PROFILE, to="${aws_iam_role.deploy_identity_codedeploy_role.name}"),
    "instances run as one role or the other": put(_PROFILE, to=f'${{true ? "AdminRole" : {_INSTANCES}.name}}'),
    "instances run as what a description says": put(_PROFILE, to=f"${{{_INSTANCES}.description}}"),
    "a template takes a profile of another stack": put(
        f"{_TEMPLATE}.arn", to=f"arn:aws:iam::{ACCOUNT}:instance-profile/admin"
    ),
    "a template takes a profile by its name": put(_TEMPLATE, to={"name": "admin"}),
    "a template takes no profile": put(_TEMPLATE, to=None),
    "deployments run as a role of another stack": put(_CODEDEPLOY, to=_ADMIN),
    "deployments run as the instances": put(_CODEDEPLOY, to=f"${{{_INSTANCES}.arn}}"),
    "flow logs are written as a role of another account": put(_FLOW_LOG, to="arn:aws:iam::111111111111:role/logs"),
    "a lifecycle hook is handed a role": add(
        "aws_autoscaling_lifecycle_hook", name="wait", role_arn=f"${{{_INSTANCES}.arn}}"
    ),
    "a group starts with a hook that is handed a role": put(
        "aws_autoscaling_group.backend_fleet_asg.initial_lifecycle_hook", to=[{"name": "wait", "role_arn": _ADMIN}]
    ),
}

FAULTS: Final = [
    *faults("iam.role-passing", _EDITS),
    Fault(
        "the database is watched by a role of another stack",
        "dev",
        put("aws_db_instance.database_instance.monitoring_role_arn", to=_ADMIN),
        "iam.role-passing",
    ),
]

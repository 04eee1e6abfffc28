"""Instances and deployments, softened: each rule of theirs must notice its own."""

from typing import Final

from tests.guarded import Edit, faults
from tests.unit.checks.faults.edits import add, put

_TEMPLATE: Final = "aws_launch_template.backend_fleet_launch_template"
_GROUP: Final = "aws_autoscaling_group.backend_fleet_asg"
_DEPLOYMENT: Final = "aws_codedeploy_deployment_group.deployments_user_service_group"


def _without(path: str) -> Edit:
    return put(path, to=None)


COMPUTE: Final = [
    *faults(
        "EC2.170",
        {
            "metadata without a token": put(f"{_TEMPLATE}.metadata_options.http_tokens", to="optional"),
            "metadata by default": _without(f"{_TEMPLATE}.metadata_options"),
        },
    ),
    *faults(
        "launch_template.hop_limit_of_containers",
        {
            "metadata one hop further": put(f"{_TEMPLATE}.metadata_options.http_put_response_hop_limit", to=3),
        },
    ),
    *faults(
        "launch_template.hop_limit",
        {
            "metadata in the containers of another template": add(
                "aws_launch_template", metadata_options={"http_put_response_hop_limit": 2}
            ),
        },
    ),
    *faults(
        "launch_template.encrypted_volumes",
        {
            "a plain root volume": put(f"{_TEMPLATE}.block_device_mappings.0.ebs.encrypted", to="false"),
            "the image's own volume": put(f"{_TEMPLATE}.block_device_mappings", to=[]),
        },
    ),
    *faults(
        "EC2.3",
        {
            "a plain data volume": add("aws_ebs_volume", size=20),
        },
    ),
    *faults(
        "EC2.25",
        {
            "instances with public addresses": put(
                f"{_TEMPLATE}.network_interfaces.0.associate_public_ip_address", to="true"
            ),
            "addresses as the subnet says": _without(f"{_TEMPLATE}.network_interfaces"),
        },
    ),
    *faults(
        "launch_template.key_pair",
        {
            "somebody holds a key": put(f"{_TEMPLATE}.key_name", to="office"),
        },
    ),
    *faults(
        "launch_template.monitoring",
        {
            "metrics every five minutes": put(f"{_TEMPLATE}.monitoring.enabled", to=False),
        },
    ),
    *faults(
        "launch_template.user_data",
        {
            "a script of one's own": put(f"{_TEMPLATE}.user_data", to="IyEvYmluL3NoCg=="),
        },
    ),
    *faults(
        "AutoScaling.1",
        {
            "sick instances stay": put(f"{_GROUP}.health_check_type", to="EC2"),
        },
    ),
    *faults(
        "autoscaling.version",
        {
            "versions come by surprise": put(f"{_GROUP}.launch_template.version", to="$Latest"),
        },
    ),
    *faults(
        "autoscaling.desired_capacity",
        {
            "an apply undoes scaling": _without(f"{_GROUP}.lifecycle"),
        },
    ),
    *faults(
        "autoscaling.tags",
        {
            "instances without tags": put(f"{_GROUP}.tag.0.propagate_at_launch", to=False),
        },
    ),
    *faults(
        "codedeploy.traffic_control",
        {
            "deployments cut requests": put(
                f"{_DEPLOYMENT}.deployment_style.deployment_option", to="WITHOUT_TRAFFIC_CONTROL"
            ),
            "deployments know no load balancer": _without(f"{_DEPLOYMENT}.load_balancer_info"),
        },
    ),
    *faults(
        "codedeploy.rollback",
        {
            "failures stay": put(f"{_DEPLOYMENT}.auto_rollback_configuration.enabled", to=False),
        },
    ),
]

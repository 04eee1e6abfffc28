"""Auto Scaling groups and their instances (architecture, section 4).

launch template (IMDSv2, encrypted gp3, user data) → Auto Scaling group → target groups
                                                      ├─ target tracking on CPU (backend)
                                                      └─ launch hook (backend, deployed in place)
"""

from collections.abc import Sequence
from typing import Final

from cdktf import TerraformResourceLifecycle, Token
from cdktf_cdktf_provider_aws.autoscaling_group import (
    AutoscalingGroup,
    AutoscalingGroupInstanceRefresh,
    AutoscalingGroupInstanceRefreshPreferences,
    AutoscalingGroupLaunchTemplate,
    AutoscalingGroupTag,
)
from cdktf_cdktf_provider_aws.autoscaling_lifecycle_hook import AutoscalingLifecycleHook
from cdktf_cdktf_provider_aws.autoscaling_policy import (
    AutoscalingPolicy,
    AutoscalingPolicyTargetTrackingConfiguration,
    AutoscalingPolicyTargetTrackingConfigurationPredefinedMetricSpecification,
)
from cdktf_cdktf_provider_aws.launch_template import (
    LaunchTemplate,
    LaunchTemplateBlockDeviceMappings,
    LaunchTemplateBlockDeviceMappingsEbs,
    LaunchTemplateIamInstanceProfile,
    LaunchTemplateMetadataOptions,
    LaunchTemplateMonitoring,
    LaunchTemplateNetworkInterfaces,
    LaunchTemplateTagSpecifications,
)
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup
from cdktf_cdktf_provider_aws.subnet import Subnet
from constructs import Construct

from wealist.constructs.firewall import Group
from wealist.constructs.identity import InstanceIdentity
from wealist.spec.account import ACCOUNT_ID, REGION
from wealist.spec.environment import Environment
from wealist.spec.naming import ECR_REGISTRY, MONITORING_FILES, Names
from wealist.spec.services import NODE_EXPORTER_PORT, Service
from wealist.toolkit.hcl_module import HclModule

_IMAGES: Final = {
    "amazon_linux_2": "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-5.10-hvm-x86_64-gp2",
    "al2023": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
}
"""Operating system → AWS's public parameter of its newest image, which EC2 reads at each launch (ADR 0013).

https://docs.aws.amazon.com/linux/al2023/ug/ec2.html#launch-via-aws-cli
"""
_DAY_SECONDS: Final = 86_400


class Fleet(Construct):
    """One Auto Scaling group, its launch template and its user data.

    Args:
        role: `backend` or `monitoring`; also the value of the instances' tag `Role`.
        sizes: Minimum, maximum and initial number of instances.
        grace_seconds: Health check grace period. A period shorter than a boot causes a replacement loop.
        installs_revisions: Adds a launch hook, so that a new instance installs the last revision of each service
            before it gets requests.

    Attributes:
        group: The Auto Scaling group.
        bootstrap: The module that renders the user data.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        role: str,
        config: Environment,
        instance_type: str,
        root_volume_gib: int,
        sizes: tuple[int, int, int],
        grace_seconds: int,
        subnets: Sequence[Subnet],
        security_group: Group,
        identity: InstanceIdentity,
        target_groups: Sequence[LbTargetGroup],
        installs_revisions: bool = False,
    ) -> None:
        super().__init__(scope, id_)
        names = config.names
        hook = names(f"{role}-launch")
        topic = f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:{names.alerts_topic}"
        self.bootstrap = HclModule(
            self,
            "bootstrap",
            module="instance_bootstrap",
            variables={
                "role": role,
                "environment": config.name,
                "region": REGION,
                "name_prefix": names.environment_prefix,
                "operating_system": config.operating_system,
                "ecr_registry": ECR_REGISTRY,
                "services": [
                    {
                        "name": service.full_name,
                        "port": service.port,
                        "health_path": service.target_health_path,
                        "metrics_path": service.metrics_path,
                    }
                    | ({"deployment": _deployment(names, service)} if installs_revisions else {})
                    for service in config.services
                ],
                "launch_hook": {
                    "name": hook,
                    "auto_scaling_group": names(f"{role}-asg"),
                    "bundles_url": f"s3://{names.codedeploy_artifacts_bucket}/",
                    "install_seconds": config.install_seconds,
                }
                if installs_revisions
                else {},
                "grafana": {
                    "port": config.grafana.port,
                    "root_path": config.grafana.path_pattern.removesuffix("*"),
                    "health_path": config.grafana.health_path,
                    "domain": config.api.domain,
                },
                "node_exporter_port": NODE_EXPORTER_PORT,
                "monitoring": {
                    "data_volume": names.monitoring_data_volume,
                    "data_volume_gib": config.monitoring.data_volume_gib,
                    "files_url": f"s3://{names.deploy_scripts_bucket}/{MONITORING_FILES}",
                    **({"topic_arn": topic} if config.alerts else {}),
                },
            },
        )
        # The provider's default tags do not apply to the instances and volumes that a group launches.
        tags = {"Name": names(role), "Role": role, **config.tags}
        template = self._launch_template(
            names(f"{role}-lt"),
            image=_IMAGES[config.operating_system],
            instance_type=instance_type,
            root_volume_gib=root_volume_gib,
            security_group=security_group,
            identity=identity,
            user_data=self.bootstrap.output("user_data_base64"),
            tags=tags,
        )
        self._grace_seconds = grace_seconds
        low, high, wanted = sizes
        self.group = AutoscalingGroup(
            self,
            "asg",
            name=names(f"{role}-asg"),
            min_size=low,
            max_size=high,
            desired_capacity=wanted,
            vpc_zone_identifier=[subnet.id for subnet in subnets],
            target_group_arns=[group.arn for group in target_groups],
            health_check_type="ELB",
            health_check_grace_period=grace_seconds,
            max_instance_lifetime=config.max_instance_lifetime_days * _DAY_SECONDS,
            launch_template=AutoscalingGroupLaunchTemplate(
                id=template.id, version=Token.as_string(template.latest_version)
            ),
            # Free of charge. The alarm `instances-missing` (alarms.toml) compares them.
            enabled_metrics=["GroupDesiredCapacity", "GroupInServiceInstances"] if config.alerts else None,
            instance_refresh=AutoscalingGroupInstanceRefresh(
                strategy="Rolling", preferences=AutoscalingGroupInstanceRefreshPreferences(min_healthy_percentage=50)
            ),
            tag=[AutoscalingGroupTag(key=key, value=tags[key], propagate_at_launch=True) for key in tags],
            # Scaling changes it; Terraform would set it back at every apply.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["desired_capacity"]),
        )
        if installs_revisions:
            AutoscalingLifecycleHook(
                self,
                "launch-hook",
                name=hook,
                autoscaling_group_name=self.group.name,
                lifecycle_transition="autoscaling:EC2_INSTANCE_LAUNCHING",
                # An instance that does not answer the hook was not set up.
                default_result="ABANDON",
                heartbeat_timeout=config.launch_seconds,
            )

    def _launch_template(
        self,
        name: str,
        *,
        image: str,
        instance_type: str,
        root_volume_gib: int,
        security_group: Group,
        identity: InstanceIdentity,
        user_data: str,
        tags: dict[str, str],
    ) -> LaunchTemplate:
        return LaunchTemplate(
            self,
            "launch-template",
            name=name,
            image_id=f"resolve:ssm:{image}",
            instance_type=instance_type,
            update_default_version=True,
            iam_instance_profile=LaunchTemplateIamInstanceProfile(arn=identity.profile.arn),
            user_data=user_data,
            # Containers are one hop further; they read the role's credentials.
            metadata_options=LaunchTemplateMetadataOptions(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=2
            ),
            monitoring=LaunchTemplateMonitoring(enabled=True),
            network_interfaces=[
                LaunchTemplateNetworkInterfaces(
                    associate_public_ip_address="false",
                    delete_on_termination="true",
                    security_groups=[security_group.resource.id],
                )
            ],
            block_device_mappings=[
                LaunchTemplateBlockDeviceMappings(
                    device_name="/dev/xvda",
                    ebs=LaunchTemplateBlockDeviceMappingsEbs(
                        volume_type="gp3",
                        volume_size=root_volume_gib,
                        encrypted="true",
                        delete_on_termination="true",
                    ),
                )
            ],
            tag_specifications=[
                LaunchTemplateTagSpecifications(resource_type=kind, tags=tags) for kind in ("instance", "volume")
            ],
            tags={"Name": name},
        )

    def starts_after(self, addresses: list[str]) -> None:
        """Create the group after the resources that its instances need at boot, and delete it before them."""
        self.group.depends_on = addresses

    def track_cpu(self, name: str, target_percent: int) -> None:
        """Add target tracking on the average CPU use of the instances."""
        AutoscalingPolicy(
            self,
            "cpu",
            name=name,
            autoscaling_group_name=self.group.name,
            policy_type="TargetTrackingScaling",
            estimated_instance_warmup=self._grace_seconds,
            target_tracking_configuration=AutoscalingPolicyTargetTrackingConfiguration(
                target_value=target_percent,
                predefined_metric_specification=AutoscalingPolicyTargetTrackingConfigurationPredefinedMetricSpecification(
                    predefined_metric_type="ASGAverageCPUUtilization"
                ),
            ),
        )


def _deployment(names: Names, service: Service) -> dict[str, str]:
    """Return the names of a service's CodeDeploy application, deployment group and target group."""
    return {
        "application": names(service.full_name),
        "group": names(f"{service.full_name}-group"),
        "target_group": names(f"{service.name}-tg"),
    }

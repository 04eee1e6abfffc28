"""Image repositories, artifact buckets and CodeDeploy (architecture, section 7).

ECR repository per service (scanned, expiring)
buckets: codedeploy-artifacts, app-artifacts, deploy-scripts, app-resources
CodeDeploy application and deployment group per service → the backend's instances, the service's target group

In place, a deployment group selects instances by their tags, and a new instance installs the last revisions itself
(ADR 56). A deployment group with an Auto Scaling group would add CodeDeploy's own launch hooks to it.
"""

import json
from collections.abc import Mapping
from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.codedeploy_app import CodedeployApp
from cdktf_cdktf_provider_aws.codedeploy_deployment_group import (
    CodedeployDeploymentGroup,
    CodedeployDeploymentGroupAutoRollbackConfiguration,
    CodedeployDeploymentGroupBlueGreenDeploymentConfig,
    CodedeployDeploymentGroupBlueGreenDeploymentConfigDeploymentReadyOption,
    CodedeployDeploymentGroupBlueGreenDeploymentConfigGreenFleetProvisioningOption,
    CodedeployDeploymentGroupBlueGreenDeploymentConfigTerminateBlueInstancesOnDeploymentSuccess,
    CodedeployDeploymentGroupDeploymentStyle,
    CodedeployDeploymentGroupEc2TagSet,
    CodedeployDeploymentGroupEc2TagSetEc2TagFilter,
    CodedeployDeploymentGroupLoadBalancerInfo,
    CodedeployDeploymentGroupLoadBalancerInfoTargetGroupInfo,
)
from cdktf_cdktf_provider_aws.ecr_lifecycle_policy import EcrLifecyclePolicy
from cdktf_cdktf_provider_aws.ecr_repository import EcrRepository, EcrRepositoryImageScanningConfiguration
from constructs import Construct

from wealist.constructs.bucket import PrivateBucket
from wealist.constructs.fleet import Fleet
from wealist.constructs.identity import DeployIdentity
from wealist.constructs.load_balancer import LoadBalancer
from wealist.spec.environment import Environment
from wealist.spec.services import Service

_KEPT_IMAGES: Final = 30
_UNTAGGED_DAYS: Final = 7


class Artifacts(Construct):
    """Image repositories of the services, and buckets of builds and deployments.

    Attributes:
        buckets: Purpose, such as `deploy-scripts` → bucket.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Environment) -> None:
        super().__init__(scope, id_)
        names = config.names
        for service in config.services:
            self._repository(service, config)
        self.buckets = {
            id_of_bucket: PrivateBucket(self, id_of_bucket, name=name, may_be_destroyed=config.may_be_destroyed)
            for id_of_bucket, name in {
                "codedeploy-artifacts": names.codedeploy_artifacts_bucket,
                "app-artifacts": names.app_artifacts_bucket,
                "deploy-scripts": names.deploy_scripts_bucket,
                "app-resources": names.app_resources_bucket,
            }.items()
        }

    def _repository(self, service: Service, config: Environment) -> None:
        name = config.names(service.full_name)
        repository = EcrRepository(
            self,
            f"{service.full_name}-repository",
            name=name,
            # The document's deployments pull `latest`.
            image_tag_mutability="MUTABLE",
            image_scanning_configuration=EcrRepositoryImageScanningConfiguration(scan_on_push=True),
            force_delete=config.may_be_destroyed,
            lifecycle=None if config.may_be_destroyed else TerraformResourceLifecycle(prevent_destroy=True),
            tags={"Name": name},
        )
        EcrLifecyclePolicy(self, f"{service.full_name}-lifecycle", repository=repository.name, policy=_image_expiry())


class Deployments(Construct):
    """CodeDeploy's application and deployment group of each service."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Environment,
        identity: DeployIdentity,
        fleet: Fleet,
        load_balancer: LoadBalancer,
    ) -> None:
        super().__init__(scope, id_)
        names = config.names
        blue_green = config.deployment == "blue_green"
        for service in config.services:
            application = CodedeployApp(
                self,
                f"{service.full_name}-app",
                name=names(service.full_name),
                compute_platform="Server",
                tags={"Name": names(service.full_name)},
            )
            CodedeployDeploymentGroup(
                self,
                f"{service.full_name}-group",
                app_name=application.name,
                deployment_group_name=names(f"{service.full_name}-group"),
                service_role_arn=identity.role.arn,
                deployment_config_name="CodeDeployDefault.OneAtATime",
                deployment_style=CodedeployDeploymentGroupDeploymentStyle(
                    deployment_type="BLUE_GREEN" if blue_green else "IN_PLACE",
                    # Without this option, CodeDeploy ignores the load balancer, without a warning.
                    deployment_option="WITH_TRAFFIC_CONTROL",
                ),
                blue_green_deployment_config=_blue_green() if blue_green else None,
                load_balancer_info=CodedeployDeploymentGroupLoadBalancerInfo(
                    target_group_info=[
                        CodedeployDeploymentGroupLoadBalancerInfoTargetGroupInfo(
                            name=load_balancer.target_groups[service.name].name
                        )
                    ]
                ),
                ec2_tag_set=None if blue_green else _tag_filters({"Environment": config.name, "Role": "backend"}),
                autoscaling_groups=[fleet.group.name] if blue_green else None,
                # A blue/green deployment changes it to the copy of the group.
                lifecycle=TerraformResourceLifecycle(ignore_changes=["autoscaling_groups"]) if blue_green else None,
                auto_rollback_configuration=CodedeployDeploymentGroupAutoRollbackConfiguration(
                    enabled=True, events=["DEPLOYMENT_FAILURE"]
                ),
                tags={"Name": names(f"{service.full_name}-group")},
                # CodeDeploy adds hooks to the Auto Scaling group at the creation, as this role.
                depends_on=identity.attachments,
            )


def _tag_filters(tags: Mapping[str, str]) -> list[CodedeployDeploymentGroupEc2TagSet]:
    """Return filters for instances with all of these tags: one set for each, as CodeDeploy joins sets by AND."""
    return [
        CodedeployDeploymentGroupEc2TagSet(
            ec2_tag_filter=[
                CodedeployDeploymentGroupEc2TagSetEc2TagFilter(key=key, type="KEY_AND_VALUE", value=tags[key])
            ]
        )
        for key in tags
    ]


def _blue_green() -> CodedeployDeploymentGroupBlueGreenDeploymentConfig:
    return CodedeployDeploymentGroupBlueGreenDeploymentConfig(
        deployment_ready_option=CodedeployDeploymentGroupBlueGreenDeploymentConfigDeploymentReadyOption(
            action_on_timeout="CONTINUE_DEPLOYMENT"
        ),
        green_fleet_provisioning_option=CodedeployDeploymentGroupBlueGreenDeploymentConfigGreenFleetProvisioningOption(
            action="COPY_AUTO_SCALING_GROUP"
        ),
        # The first group belongs to Terraform, so CodeDeploy must not delete it (ADR 0002).
        terminate_blue_instances_on_deployment_success=(
            CodedeployDeploymentGroupBlueGreenDeploymentConfigTerminateBlueInstancesOnDeploymentSuccess(
                action="KEEP_ALIVE"
            )
        ),
    )


def _image_expiry() -> str:
    """Return the lifecycle policy: https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html."""

    def rule(priority: int, description: str, selection: dict[str, object]) -> dict[str, object]:
        return {
            "rulePriority": priority,
            "description": description,
            "selection": selection,
            "action": {"type": "expire"},
        }

    return json.dumps(
        {
            "rules": [
                rule(
                    1,
                    f"untagged images go after {_UNTAGGED_DAYS} days",
                    {
                        "tagStatus": "untagged",
                        "countType": "sinceImagePushed",
                        "countUnit": "days",
                        "countNumber": _UNTAGGED_DAYS,
                    },
                ),
                rule(
                    2,
                    f"the newest {_KEPT_IMAGES} images stay",
                    {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": _KEPT_IMAGES},
                ),
            ]
        }
    )

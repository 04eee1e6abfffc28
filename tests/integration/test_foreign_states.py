"""Planned and applied by the operator's commands on a state that is not the stack's own, in an embedded AWS."""

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
from tests.unit.test_guide_readme import README, typed
from wealist.operations import project
from wealist.operations.emulator.kept import announced
from wealist.operations.emulator.seed import Seed
from wealist.operations.emulator.server import EmulatedAws
from wealist.operations.life import ACCOUNT, Life, changes
from wealist.spec.account import STATE_BUCKET, state_key

OLD_KEYS: Final = "-backend-config=key="


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def life(synthesized: Path, work: Path) -> Iterator[Life]:
    """An embedded AWS that is kept up for other commands, with nothing applied."""
    with pytest.MonkeyPatch.context() as patched, EmulatedAws(log=work / "aws.log") as aws:
        patched.setattr(project, "WORK", work)
        with announced(aws):
            yield Life(aws.environment(), stacks=synthesized / "stacks", base=work / "life")


def put(life: Life, stack: str, content: bytes) -> None:
    life.client("s3").put_object(Bucket=STATE_BUCKET, Key=state_key(stack), Body=content)


def refused(work: Path, *command: str) -> str:
    """What a command of ours says when it refuses."""
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


@pytest.mark.parametrize("command", ["plan", "apply", "destroy"])
def test_no_command_goes_on_where_the_state_is_that_of_the_hand_written_hcl(
    life: Life, work: Path, command: str
) -> None:
    # What prod rests on is taken for applied already.
    for stack in ("bootstrap", "account"):
        put(life, stack, json.dumps(state([])).encode())
    put(life, "prod", json.dumps(state(HCL["hcl-prod"])).encode())
    said = refused(work, command, "prod")
    assert "error: the state of prod holds 71 resources that neither the stack nor its ledger knows" in said
    assert "module.vpc (" in said
    assert "remedy: apply nothing." in said


def test_a_state_that_is_damaged_is_said_to_be_after_what_terraform_says(life: Life, work: Path) -> None:
    put(life, "prod", json.dumps(state(HCL["hcl-dev"])).encode()[:200])
    said = refused(work, "plan", "prod")
    assert said.index("Unsupported state file format") < said.index("error: the state of prod cannot be read")


@pytest.mark.parametrize("version", [3, 4])
def test_a_state_without_lineage_is_refused(life: Life, work: Path, version: int) -> None:
    held: dict[int, dict[str, Any]] = {
        3: legacy("aws_vpc.network_vpc"),
        4: state(["aws_vpc.network_vpc"], lineage=None),
    }
    put(life, "prod", json.dumps(held[version]).encode())
    assert "error: the state of prod has no lineage" in refused(work, "plan", "prod")


def legacy(address: str) -> dict[str, Any]:
    """A state in the format of Terraform 0.11, which the newer ones still read."""
    resource = {
        "type": address.partition(".")[0],
        "primary": {"id": "vpc-1", "attributes": {"id": "vpc-1"}},
        "provider": "provider.aws",
    }
    root = {"path": ["root"], "outputs": {}, "resources": {address: resource}}
    return {"version": 3, "terraform_version": "0.11.14", "serial": 3, "modules": [root]}


def test_a_state_moves_from_its_old_key_by_the_readmes_commands_and_keeps_all_that_it_holds(
    synthesized: Path, tmp_path: Path
) -> None:
    commands = [shlex.split(line, comments=True)[1:] for line in typed(README) if line.startswith("terraform init -")]
    connect, move = [
        command for command in commands if "-reconfigure" in command or command == ["init", "-migrate-state"]
    ]
    old = f"{ACCOUNT}/wealist.tfstate"
    (named,) = [word for word in connect if word.startswith(OLD_KEYS)]
    assert named == f"{OLD_KEYS}prod/network.tfstate"

    with EmulatedAws(seeds={Seed.STATE_BUCKET}, log=tmp_path / "aws.log") as aws:
        life = Life(aws.environment(), stacks=synthesized / "stacks", base=tmp_path)
        life.apply(ACCOUNT)
        s3 = life.client("s3")
        # As it was applied before the keys changed.
        s3.copy_object(Bucket=STATE_BUCKET, Key=old, CopySource=f"{STATE_BUCKET}/{state_key(ACCOUNT)}")
        s3.delete_object(Bucket=STATE_BUCKET, Key=state_key(ACCOUNT))

        terraform = life.terraform(ACCOUNT)
        terraform.run(*(word.replace(named, f"{OLD_KEYS}{old}") for word in connect), capture=True)
        before = terraform.state()
        assert before["resources"]
        with pytest.raises(Exception, match="still connected to another state"):
            terraform.init()
        # -force-copy answers the question that Terraform asks an operator: whether to copy the state.
        terraform.run(*move, "-force-copy", capture=True)
        moved = json.loads(s3.get_object(Bucket=STATE_BUCKET, Key=state_key(ACCOUNT))["Body"].read())
        assert (moved["lineage"], moved["resources"]) == (before["lineage"], before["resources"])
        assert changes(life.plan(ACCOUNT)) == {}

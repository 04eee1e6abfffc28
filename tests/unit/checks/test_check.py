"""What is refused, what cannot be read, and what the command prints of it."""

import datetime as dt
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import main
from tests.synthesized import environment, stacks
from wealist import project
from wealist.checks import accepted
from wealist.checks.accepted import Accepted, accept
from wealist.checks.check import GUARDS, UNPROVEN, check, read_synthesis, refuse_unproven
from wealist.checks.report import report
from wealist.errors import OperatorError
from wealist.model import types
from wealist.model.stack import holdings
from wealist.spec.environments import load

TODAY = dt.date(2026, 11, 22)
OPENED = {
    "security_group_id": "${aws_security_group.firewall_redis_sg.id}",
    "ip_protocol": "tcp",
    "from_port": 6379,
    "to_port": 6379,
    "cidr_ipv4": "0.0.0.0/0",
    "description": "Redis for everybody",
}


def write(folder: Path, documents: dict[str, Any]) -> Path:
    """What `main.py` writes, as far as it is read."""
    for name, document in documents.items():
        stack = folder / "stacks" / name
        stack.mkdir(parents=True)
        (stack / "cdk.tf.json").write_text(json.dumps(document))
        for module in ("instance_bootstrap", "state_backend"):
            shutil.copytree(project.ROOT / "modules" / module, stack / "modules" / module)
    (folder / "manifest.json").write_text(json.dumps({"stacks": {name: {} for name in documents}}))
    return folder


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inventory of the tests' stacks."""
    folder = tmp_path_factory.mktemp("current")
    held = {name: holdings(stack.document) for name, stack in stacks().items()}
    accept(folder, held, ["dev", "prod"], before=Accepted(), destroyable=["dev"])
    return folder


@pytest.fixture(autouse=True)
def inventory(current: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it in the place of the committed one."""
    folder = shutil.copytree(current, tmp_path / "inventory")
    monkeypatch.setattr(accepted, "FOLDER", folder)
    return folder


@pytest.fixture
def documents() -> dict[str, Any]:
    return {name: json.loads(json.dumps(stack.document)) for name, stack in stacks().items()}


@pytest.fixture
def unsafe(tmp_path: Path, documents: dict[str, Any]) -> Path:
    documents["prod"]["resource"]["aws_vpc_security_group_ingress_rule"]["opened"] = OPENED
    return write(tmp_path / "out", documents)


@pytest.fixture
def few_guards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards enough for what is told of their findings: each guard has tests of its own."""
    few = ("reachability", "stateful", "rules", "inventory")
    monkeypatch.setattr("wealist.checks.check.GUARDS", {name: GUARDS[name] for name in few})


def test_the_documented_system_is_proven_safe_without_a_warning(tmp_path: Path, documents: dict[str, Any]) -> None:
    folder = write(tmp_path / "out", documents)
    assert check(read_synthesis(folder, load())).failed == ()
    assert refuse_unproven(folder, load()) == []


@pytest.mark.usefixtures("few_guards")
def test_an_unsafe_synthesis_is_rejected_with_all_findings(unsafe: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        refuse_unproven(unsafe, load())
    assert caught.value.exit_code == 1
    assert "prod: aws_vpc_security_group_ingress_rule.opened [reachability." in caught.value.message
    assert "waive it" in caught.value.remedy


@pytest.mark.usefixtures("few_guards")
def test_a_failed_proof_is_a_warning_if_unproven_output_is_requested(
    unsafe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(UNPROVEN, "1")
    head, *warnings = refuse_unproven(unsafe, load())
    assert "NOT PROVEN SAFE" in head
    assert any("aws_vpc_security_group_ingress_rule.opened [reachability." in each for each in warnings)


def test_only_the_value_1_allows_unproven_output(unsafe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wealist.checks.check.GUARDS", {"reachability": lambda synthesis: [_finding(synthesis)]})
    for value in ("", "0", "true", "yes"):
        monkeypatch.setenv(UNPROVEN, value)
        with pytest.raises(OperatorError):
            refuse_unproven(unsafe, load())


@pytest.mark.usefixtures("few_guards")
def test_a_violated_rule_is_a_warning_of_the_synthesis_and_fails_the_check(
    tmp_path: Path, documents: dict[str, Any]
) -> None:
    documents["prod"]["resource"]["aws_lb"]["load_balancer_alb"]["drop_invalid_header_fields"] = False
    folder = write(tmp_path / "out", documents)
    (rule, current) = refuse_unproven(folder, load())
    assert "prod: aws_lb.load_balancer_alb [ELB.4]" in rule
    assert "prod: aws_lb.load_balancer_alb [inventory.current]" in current
    assert {each.control for each in check(read_synthesis(folder, load())).failed} == {"ELB.4", "inventory.current"}


def test_an_inventory_that_was_edited_by_hand_is_rejected(
    tmp_path: Path, documents: dict[str, Any], inventory: Path
) -> None:
    file = inventory / "account.yaml"
    file.write_text(file.read_text().replace("wealist.co.kr", "wealist.com"))
    documents["prod"]["resource"]["aws_vpc"]["network_vpc"]["cidr_block"] = "10.1.0.0/17"
    documents["account"]["resource"]["aws_route53_zone"]["zone"]["comment"] = "other"
    with pytest.raises(OperatorError, match=r"account.yaml does not match its digest") as refused:
        refuse_unproven(write(tmp_path / "out", documents), load())
    assert refused.value.exit_code == 2


@pytest.mark.integration  # a whole synthesis
def test_a_rejected_synthesis_exits_with_1_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "out"))
    monkeypatch.setitem(GUARDS, "reachability", lambda synthesis: [_finding(synthesis)])
    assert main.main() == 1
    assert "what was synthesized is not proven safe, and was not written:" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def _finding(_: object) -> Any:
    from wealist.checks.finding import Finding  # noqa: PLC0415

    return Finding("prod", "aws_vpc.network_vpc", "reachability.internet", "is open", "close it")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON, or is cut off"),
        ("[]", "holds a list, not a stack"),
        ("{}", "is not a stack of cdktf"),
        ('{"//": {"metadata": {"stackName": "prod"}}, "terraform": {}, "resource": []}', "holds a list at resource"),
    ],
)
def test_a_file_that_is_not_a_stack_is_reported_by_name(
    tmp_path: Path, documents: dict[str, Any], text: str, told: str
) -> None:
    folder = write(tmp_path / "out", documents)
    file = folder / "stacks" / "prod" / "cdk.tf.json"
    file.write_text(text)
    with pytest.raises(OperatorError) as caught:
        read_synthesis(folder, load())
    assert (caught.value.exit_code, str(file) in caught.value.message) == (2, True)
    assert told in caught.value.message


def test_a_missing_synthesis_is_reported_with_the_command_to_run(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        read_synthesis(tmp_path, load())
    assert (caught.value.exit_code, "make synth" in caught.value.remedy) == (2, True)


def test_an_environment_without_a_stack_is_reported(tmp_path: Path, documents: dict[str, Any]) -> None:
    folder = write(tmp_path / "out", documents)
    with pytest.raises(OperatorError, match="lacks the stack stage"):
        read_synthesis(folder, [*load(), environment("dev").model_copy(update={"name": "stage"})])


@pytest.mark.parametrize(("name", "every"), [(None, False), ("prod", True)])
def test_the_check_requires_one_environment_or_all(name: str | None, every: bool) -> None:  # noqa: FBT001
    with pytest.raises(OperatorError) as caught:
        report(name, every=every, controls=False, drill=False, today=TODAY)
    assert caught.value.exit_code == 2


def test_the_check_rejects_rows_that_contradict_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = types.parse('[aws_sqs_quue]\nwhat = "x"\ndata = false\nby_hand = "nobody"\n')
    monkeypatch.setattr(types, "rows", lambda: wrong)
    with pytest.raises(OperatorError, match=r"types.toml: \[aws_sqs_quue\] is not a type of the provider") as caught:
        report("prod", every=False, controls=False, drill=False, today=TODAY)
    assert caught.value.exit_code == 2


@pytest.mark.exhaustive  # the command reads the HCL of the state bucket, too
def test_the_check_prints_tables_and_findings_of_the_requested_environment(
    unsafe: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CDKTF_OUTDIR", str(unsafe))
    monkeypatch.delenv("COLUMNS", raising=False)
    assert report("dev", every=False, controls=False, drill=False, today=TODAY)
    shown = capsys.readouterr().out
    assert "dev: who can open connections to whom" in shown
    assert "dev: who may become which role" in shown
    assert re.search(r"wealist-dev-github-actions-role .* ref refs/heads/deploy-dev", shown)
    assert "account: who may become which role" in shown
    assert not report("prod", every=False, controls=True, drill=True, today=TODAY)
    shown = capsys.readouterr().out
    assert "refuted" in shown
    assert "prod: what still works" in shown
    assert "aws_vpc_security_group_egress_rule.firewall_ec2_to_vpc_endpoints_443_egress" in shown
    assert "✗ prod: aws_vpc_security_group_ingress_rule.opened" in shown


@pytest.mark.usefixtures("few_guards")
def test_the_check_prints_the_difference_to_the_inventory(
    tmp_path: Path, documents: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    documents["prod"]["resource"]["aws_autoscaling_group"]["backend_fleet_asg"]["max_size"] = 9
    monkeypatch.setenv("CDKTF_OUTDIR", str(write(tmp_path / "out", documents)))
    assert not report(None, every=True, controls=False, drill=False, today=TODAY)
    shown = capsys.readouterr().out
    assert "-  max_size: {dev: 2, prod: 6}" in shown
    assert "+  max_size: {dev: 2, prod: 9}" in shown
    assert "wealist accept" in shown
    assert report(None, every=True, controls=False, drill=False, today=TODAY, skip=["inventory"])


@pytest.mark.usefixtures("few_guards")
def test_the_check_prints_only_json_if_requested(
    unsafe: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CDKTF_OUTDIR", str(unsafe))
    assert not report(None, every=True, controls=False, drill=False, today=TODAY, as_json=True)
    printed = json.loads(capsys.readouterr().out)
    assert printed.keys() == {"findings", "waived", "notes"}
    assert {"stack", "address", "control", "problem", "remedy"} == printed["findings"][0].keys()
    assert all(len(each["reason"]) > 20 for each in printed["waived"])

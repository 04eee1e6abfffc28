"""Which syntheses are rejected, which cannot be read, and what `wealist check` prints."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest

import main
from tests.synthesized import environment, stacks
from wealist.checks import accepted, waivers
from wealist.checks.accepted import Accepted, accept
from wealist.checks.check import GUARDS, UNPROVEN, check, read_synthesis, refuse_unproven
from wealist.checks.finding import Finding
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
PROOF = Finding("prod", "aws_vpc.a", "reachability.internet", "is open", "close it")
RULE = Finding("prod", "aws_lb.a", "ELB.4", "is not set", "set it")


def write(folder: Path, documents: dict[str, Any]) -> Path:
    """Write stacks as `main.py` does."""
    for name, document in documents.items():
        stack = folder / "stacks" / name
        stack.mkdir(parents=True)
        (stack / "cdk.tf.json").write_text(json.dumps(document))
    (folder / "manifest.json").write_text(json.dumps({"stacks": {name: {} for name in documents}}))
    return folder


def accept_all(folder: Path, documents: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the committed inventory by one of these stacks."""
    monkeypatch.setattr(accepted, "FOLDER", folder)
    contents = {name: holdings(document) for name, document in documents.items()}
    accept(folder, contents, ["dev", "prod"], before=Accepted(), destroyable=["dev"])


def small_stacks(**resources: dict[str, Any]) -> dict[str, Any]:
    """Return the documents of four stacks with these resources."""
    return {
        name: {"//": {"metadata": {"stackName": name}}, "terraform": {}, "resource": resources.get(name, {})}
        for name in ("account", "bootstrap", "dev", "prod")
    }


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A synthesis of small stacks that equals the inventory. One proof and one rule report a finding."""
    documents = small_stacks(dev={"aws_vpc": {"a": {"x": 2}}}, prod={"aws_vpc": {"a": {"x": 6}}})
    accept_all(tmp_path / "inventory", documents, monkeypatch)
    guards = {**GUARDS, "reachability": lambda _: [PROOF], "rules": lambda _: [RULE]}
    chosen = {name: guards[name] for name in ("reachability", "rules", "inventory")}
    monkeypatch.setattr("wealist.checks.check.GUARDS", chosen)
    monkeypatch.setattr(waivers, "read", lambda: ())
    monkeypatch.setattr("wealist.checks.report.refuse_unknown_arguments", lambda _: None)
    monkeypatch.setattr(types, "refuse_contradictions", lambda: None)
    monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "out"))
    return write(tmp_path / "out", documents)


@pytest.mark.exhaustive  # seconds of every guard
def test_the_documented_system_is_proven_safe_without_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = {name: stack.document for name, stack in stacks().items()}
    accept_all(tmp_path / "inventory", documents, monkeypatch)
    folder = write(tmp_path / "out", documents)
    assert check(read_synthesis(folder, load())).failed == ()
    assert refuse_unproven(folder, load()) == []


@pytest.mark.parametrize("value", [None, "", "0", "true"])
def test_a_synthesis_with_a_failed_proof_is_rejected_unless_unproven_output_is_requested(
    small: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is not None:
        monkeypatch.setenv(UNPROVEN, value)
    with pytest.raises(OperatorError) as caught:
        refuse_unproven(small, load())
    assert caught.value.exit_code == 1
    assert caught.value.message.endswith(f"was not written:\n  {PROOF}")
    assert "waive it" in caught.value.remedy


def test_a_failed_proof_is_a_warning_if_unproven_output_is_requested(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(UNPROVEN, "1")
    head, *warnings = refuse_unproven(small, load())
    assert "NOT PROVEN SAFE" in head
    assert warnings == [str(PROOF), str(RULE)]


def test_a_violated_rule_is_a_warning_of_the_synthesis_and_fails_the_check(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wealist.checks.check.GUARDS", {"rules": lambda _: [RULE]})
    assert refuse_unproven(small, load()) == [str(RULE)]
    assert check(read_synthesis(small, load())).failed == (RULE,)


def test_a_synthesis_that_differs_from_an_edited_inventory_is_rejected(small: Path) -> None:
    file = accepted.FOLDER / "environments.yaml"
    file.write_text(file.read_text().replace("prod: 6", "prod: 7"))
    stack = small / "stacks" / "prod" / "cdk.tf.json"
    stack.write_text(stack.read_text().replace('"x": 6', '"x": 8'))
    with pytest.raises(OperatorError, match=r"environments.yaml does not match its digest") as refused:
        refuse_unproven(small, load())
    assert refused.value.exit_code == 2


@pytest.mark.integration  # a whole synthesis
def test_a_rejected_synthesis_exits_with_1_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "out"))
    monkeypatch.setitem(GUARDS, "reachability", lambda _: [PROOF])
    assert main.main() == 1
    assert "what was synthesized is not proven safe, and was not written:" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON, or is cut off"),
        ("[]", "holds a list, not a stack"),
        ("{}", "is not a stack of cdktf"),
        ('{"//": {"metadata": {"stackName": "dev"}}, "terraform": {}}', "is the stack dev, not prod"),
    ],
)
def test_a_file_that_is_not_a_stack_is_reported_by_name(small: Path, text: str, message: str) -> None:
    file = small / "stacks" / "prod" / "cdk.tf.json"
    file.write_text(text)
    with pytest.raises(OperatorError, match=f"{file} {message}") as caught:
        read_synthesis(small, load())
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("manifest", [None, "[1]", '{"stacks": [1]}', '{"stacks": null}'])
def test_a_missing_synthesis_is_reported_with_the_command_to_run(tmp_path: Path, manifest: str | None) -> None:
    if manifest:
        (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(OperatorError, match="holds no synthesis") as caught:
        read_synthesis(tmp_path, load())
    assert (caught.value.exit_code, "make synth" in caught.value.remedy) == (2, True)


def test_an_environment_without_a_stack_is_reported(small: Path) -> None:
    with pytest.raises(OperatorError, match="lacks the stack stage"):
        read_synthesis(small, [*load(), environment("dev").model_copy(update={"name": "stage"})])


@pytest.mark.parametrize(("name", "every"), [(None, False), ("prod", True)])
def test_the_check_requires_one_environment_or_all(name: str | None, every: bool) -> None:  # noqa: FBT001
    with pytest.raises(OperatorError) as caught:
        report(name, every=every, controls=False, drill=False, today=TODAY)
    assert caught.value.exit_code == 2


def test_the_check_rejects_rows_that_contradict_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = types.parse('[aws_sqs_quue]\nwhat = "x"\ndata = false\nby_hand = "nobody"\n')
    monkeypatch.setattr(types, "rows", lambda: wrong)
    monkeypatch.setattr("wealist.checks.report.refuse_unknown_arguments", lambda _: None)
    with pytest.raises(OperatorError, match=r"types.toml: \[aws_sqs_quue\] is not a type of the provider") as caught:
        report("prod", every=False, controls=False, drill=False, today=TODAY)
    assert caught.value.exit_code == 2


@pytest.mark.exhaustive  # seconds of every guard
def test_the_check_prints_tables_and_findings_of_the_requested_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    documents: dict[str, Any] = {name: json.loads(json.dumps(stack.document)) for name, stack in stacks().items()}
    accept_all(tmp_path / "inventory", documents, monkeypatch)
    documents["prod"]["resource"]["aws_vpc_security_group_ingress_rule"]["opened"] = OPENED
    monkeypatch.setenv("CDKTF_OUTDIR", str(write(tmp_path / "out", documents)))
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


def test_the_check_prints_the_difference_to_the_inventory(
    monkeypatch: pytest.MonkeyPatch, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = small / "stacks" / "prod" / "cdk.tf.json"
    stack.write_text(stack.read_text().replace('"x": 6', '"x": 9'))
    monkeypatch.setattr("wealist.checks.report.show", lambda *_, **__: None)
    assert not report(None, every=True, controls=False, drill=False, today=TODAY)
    shown = capsys.readouterr().out
    assert "-  x: {dev: 2, prod: 6}" in shown
    assert "+  x: {dev: 2, prod: 9}" in shown
    skipped = ["inventory", "reachability", "ELB"]
    assert report(None, every=True, controls=False, drill=False, today=TODAY, skip=skipped)


@pytest.mark.usefixtures("small")
def test_the_check_prints_only_json_if_requested(capsys: pytest.CaptureFixture[str]) -> None:
    assert not report(None, every=True, controls=False, drill=False, today=TODAY, as_json=True)
    printed = json.loads(capsys.readouterr().out)
    assert printed.keys() == {"findings", "waived", "notes"}
    assert [each["control"] for each in printed["findings"]] == ["ELB.4", "reachability.internet"]
    assert {"stack", "address", "control", "problem", "remedy"} == printed["findings"][0].keys()

"""Prowler runs against the embedded AWS only, and its output is read or rejected."""

import json
from pathlib import Path

import pytest

from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations.audit import prowler
from wealist.operations.audit.prowler import Framework, Requirement, Row

HEAD = "CHECK_ID;STATUS;STATUS_EXTENDED;RESOURCE_UID;REMEDIATION_RECOMMENDATION_URL\n"


def program(folder: Path, script: str) -> Path:
    """Write a script in place of Prowler."""
    path = folder / "bin" / "prowler"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "https://sts.ap-northeast-2.amazonaws.com",
        "http://10.0.0.1:5000",
        "http://127.0.0.1.example.com",
        "127.0.0.1",
    ],
)
def test_an_endpoint_on_another_machine_is_refused(endpoint: str, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="AWS_ENDPOINT_URL = ") as refused:
        prowler.run(program(tmp_path, "touch asked"), {"AWS_ENDPOINT_URL": endpoint}, ["a_check"], tmp_path / "out")
    assert repr(endpoint) in refused.value.message
    assert "make audit" in refused.value.remedy
    assert refused.value.exit_code == BAD_INPUT
    assert not (tmp_path / "out").exists()


def test_a_missing_endpoint_is_refused() -> None:
    with pytest.raises(OperatorError, match="AWS_ENDPOINT_URL = None"):
        prowler.refuse_elsewhere({})


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:5000", "http://localhost:5000", "http://[::1]:5000"])
def test_an_endpoint_on_this_machine_is_accepted(endpoint: str) -> None:
    prowler.refuse_elsewhere({"AWS_ENDPOINT_URL": endpoint})


def test_a_missing_prowler_is_reported_with_the_target_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="there is no Prowler at") as refused:
        prowler.refuse_missing(tmp_path / "prowler")
    assert "make audit" in refused.value.remedy


HERE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:5000", "PROWLER_CLOUD_API_KEY": "theirs"}


def test_prowler_reaches_only_the_embedded_aws_and_gets_no_settings_of_the_user(tmp_path: Path) -> None:
    script = 'env > environment; while [ "$1" != --checks-file ]; do shift; done; cat "$2" > checks; exit 5'
    with pytest.raises(OperatorError, match="Prowler ended with 5"):
        prowler.run(program(tmp_path, script), HERE, ["b_check", "a_check"], tmp_path / "out")
    environment = (tmp_path / "out" / "environment").read_text().splitlines()
    assert "HTTPS_PROXY=http://127.0.0.1:5000" in environment
    assert not any(line.startswith("PROWLER_") for line in environment)
    assert json.loads((tmp_path / "out" / "checks").read_text()) == {"aws": ["a_check", "b_check"]}


@pytest.mark.parametrize("code", [0, 3])
def test_failed_checks_are_rows_and_not_an_error(code: int, tmp_path: Path) -> None:
    script = (
        f"printf '{HEAD.strip()}\\na_check;FAIL;it is open;arn:aws:s3:::b;https://guide\\n' > prowler.csv; exit {code}"
    )
    rows = prowler.run(program(tmp_path, script), HERE, ["a_check"], tmp_path / "out")
    assert rows == [Row("a_check", "FAIL", "it is open", "arn:aws:s3:::b", "https://guide")]


def test_a_failure_of_prowler_shows_its_output(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="ImportError: boto3") as refused:
        prowler.run(program(tmp_path, "echo ImportError: boto3 >&2; exit 1"), HERE, [], tmp_path / "out")
    assert "make audit" in refused.value.remedy


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "FileNotFoundError"),
        (b"", "no rows"),
        (HEAD.replace("STATUS;", "").encode() + b"a_check;it is open;b;c\n", "KeyError: 'STATUS'"),
        (HEAD.encode() + b"a_check;FAIL\n", "AttributeError"),
        (HEAD.encode() + b"a_check;\xff\n", "UnicodeDecodeError"),
    ],
    ids=["missing", "empty", "another version", "truncated", "not UTF-8"],
)
def test_invalid_output_is_rejected(text: bytes | None, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "prowler.csv"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(OperatorError, match="cannot be read") as refused:
        prowler.read(path)
    assert problem in refused.value.message


FRAMEWORK = Framework("cis_9.9", "CIS 9.9", "audit-cis.md")


def test_requirements_are_read_from_prowlers_compliance_files(tmp_path: Path) -> None:
    folder = tmp_path / "lib/python3.11/site-packages/prowler/compliance/aws"
    folder.mkdir(parents=True)
    entries = [{"Id": "1.1", "Description": "Keep contacts", "Checks": []}]
    entries += [{"Id": "S3.1", "Name": "Block", "Description": "Long", "Checks": ["s3_block"]}]
    (folder / "cis_9.9_aws.json").write_text(json.dumps({"Requirements": entries}))
    found = prowler.requirements(tmp_path / "bin" / "prowler", FRAMEWORK)
    assert found == [Requirement("1.1", "Keep contacts", ()), Requirement("S3.1", "Block", ("s3_block",))]
    assert prowler.checks_of([found]) == {"s3_block"}


def test_an_unknown_framework_is_reported(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"has no framework cis_9\.9_aws"):
        prowler.requirements(tmp_path / "bin" / "prowler", FRAMEWORK)

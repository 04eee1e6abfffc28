"""Run Prowler, an auditor of AWS accounts, against the embedded AWS and nothing else.

embedded AWS on this machine ─ Prowler, in its own virtualenv ─► rows: a check of a resource passed or failed
Prowler's compliance files ─► frameworks ─► requirements, each with its checks
"""

import csv
import json
import os
import shutil
import subprocess
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from wealist.errors import BAD_INPUT, OperatorError
from wealist.spec.account import CDN_CERTIFICATE_REGION, REGION

REGIONS: Final = (REGION, CDN_CERTIFICATE_REGION)
"""The regions that the system uses. The organisation closes the others (docs/account.md)."""
_ENDPOINT: Final = "AWS_ENDPOINT_URL"
_FAILED_CHECKS: Final = 3
"""Prowler's exit code if checks failed. It is not an error here: `verdicts` judges the rows."""
_OUTPUT: Final = "prowler"
_COLUMNS: Final = ("CHECK_ID", "STATUS", "STATUS_EXTENDED", "RESOURCE_UID", "REMEDIATION_RECOMMENDATION_URL")
_TAIL: Final = 2000


@dataclass(frozen=True)
class Framework:
    """A compliance framework of Prowler.

    Attributes:
        file: Prowler's file name, without the provider.
        title: The framework's own name.
        page: The file name of its report.
    """

    file: str
    title: str
    page: str


FRAMEWORKS: Final = (
    Framework("aws_foundational_security_best_practices", "AWS Foundational Security Best Practices", "audit-fsbp.md"),
    Framework("cis_3.0", "CIS Amazon Web Services Foundations Benchmark 3.0", "audit-cis.md"),
    Framework("kisa_isms_p_2023", "KISA ISMS-P 2023", "audit-isms-p.md"),
)


@dataclass(frozen=True)
class Requirement:
    """A requirement of a framework.

    Attributes:
        id: The framework's id: `S3.1`, `2.1.4`.
        title: The framework's title.
        checks: The ids of Prowler's checks; empty if only people can answer.
    """

    id: str
    title: str
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """The result of one check for one resource.

    Attributes:
        check: The id of Prowler's check: `s3_bucket_level_public_access_block`.
        status: PASS, FAIL or MANUAL.
        problem: Prowler's text about the resource.
        resource: The resource's id, mostly an ARN.
        guide: The URL of Prowler's page about the check.
    """

    check: str
    status: str
    problem: str
    resource: str
    guide: str


def run(program: Path, environ: Mapping[str, str], checks: Collection[str], folder: Path) -> list[Row]:
    """Run checks on the embedded AWS.

    Args:
        program: The `prowler` of its virtualenv.
        environ: The process environment that leads boto3 to the embedded AWS.
        checks: The ids of Prowler's checks.
        folder: The folder for its output; emptied first.

    Raises:
        OperatorError: The process environment leads elsewhere, Prowler fails, or its output is invalid.
    """
    refuse_elsewhere(environ)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    checks_file = folder / "checks.json"
    checks_file.write_text(json.dumps({"aws": sorted(checks)}), encoding="utf-8")
    output = ["--output-formats", "csv", "--output-directory", str(folder), "--output-filename", _OUTPUT]
    log = ["--log-file", str(folder / "prowler.log"), "--log-level", "ERROR", "--no-banner", "--no-color"]
    done = subprocess.run(
        [str(program), "aws", "--checks-file", str(checks_file), "--region", *REGIONS, *output, *log],
        cwd=folder,
        env=_isolated(environ, folder),
        capture_output=True,
        text=True,
        check=False,
    )
    (folder / "printed.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode not in {0, _FAILED_CHECKS}:
        raise OperatorError(
            f"Prowler ended with {done.returncode}:\n{(done.stdout + done.stderr)[-_TAIL:].strip()}",
            remedy=f"read {folder}; if the virtualenv is broken, delete {program.parents[1]} and run `make audit` "
            "again, which installs Prowler",
        )
    return read(folder / f"{_OUTPUT}.csv")


def refuse_elsewhere(environ: Mapping[str, str]) -> None:
    """Refuse a process environment that leads to another machine: an audit reads the whole account.

    Raises:
        OperatorError: The endpoint is not on this machine; exit code 2.
    """
    host = urlsplit(environ.get(_ENDPOINT, "")).hostname or ""
    try:
        is_here = ip_address(host).is_loopback
    except ValueError:
        is_here = host == "localhost"
    if not is_here:
        raise OperatorError(
            f"{_ENDPOINT} = {environ.get(_ENDPOINT)!r} is not the embedded AWS, and the audit reads no other account",
            remedy="run `make audit`, which uses a running embedded AWS or starts one",
            exit_code=BAD_INPUT,
        )


def refuse_missing(program: Path) -> None:
    """Refuse to start without Prowler, before everything is applied, which takes minutes.

    Raises:
        OperatorError: Prowler is missing; exit code 2.
    """
    if not program.is_file():
        raise OperatorError(
            f"there is no Prowler at {program}", remedy="run `make audit`, which installs it", exit_code=BAD_INPUT
        )


def _isolated(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return a process environment in which Prowler reaches only the embedded AWS, and reads no user's settings."""
    kept = {name: value for name, value in environ.items() if not name.startswith("PROWLER_")}
    endpoint = environ[_ENDPOINT]  # as an HTTPS proxy, it rejects every other host
    return kept | {"HOME": str(folder), "HTTPS_PROXY": endpoint, "https_proxy": endpoint, "PATH": os.environ["PATH"]}


def read(path: Path) -> list[Row]:
    """Read Prowler's CSV.

    Raises:
        OperatorError: The file is missing, or does not have the format of this version of Prowler.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file, delimiter=";", strict=True))
        rows = [Row(*(line[column].strip() for column in _COLUMNS)) for line in lines]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, AttributeError) as error:
        raise _unreadable(path, f"{type(error).__name__}: {error}") from None
    if not rows:
        raise _unreadable(path, "it has no rows")
    return rows


def _unreadable(path: Path, problem: str) -> OperatorError:
    return OperatorError(
        f"Prowler's output {path} cannot be read: {problem}",
        remedy="run `make audit` again; if another version of Prowler is installed, adapt "
        "wealist/operations/audit/prowler.py to its columns",
    )


def requirements(program: Path, framework: Framework) -> list[Requirement]:
    """Read the requirements of a framework from Prowler's compliance files.

    Raises:
        OperatorError: This version of Prowler does not have the framework.
    """
    files = sorted(
        program.parents[1].glob(f"lib/python*/site-packages/prowler/compliance/aws/{framework.file}_aws.json")
    )
    if not files:
        raise OperatorError(
            f"the Prowler at {program} has no framework {framework.file}_aws",
            remedy="name the framework of its version in wealist/operations/audit/prowler.py",
        )
    document = json.loads(files[0].read_text(encoding="utf-8"))
    return [_requirement(entry) for entry in document["Requirements"]]


def _requirement(entry: Mapping[str, Any]) -> Requirement:
    return Requirement(entry["Id"], entry.get("Name") or entry["Description"], tuple(entry["Checks"]))


def checks_of(frameworks: Iterable[Iterable[Requirement]]) -> set[str]:
    """Return the checks of all requirements of frameworks."""
    return {check for framework in frameworks for requirement in framework for check in requirement.checks}

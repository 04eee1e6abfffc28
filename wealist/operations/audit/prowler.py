"""Prowler, which audits AWS accounts, asked about the embedded AWS and nothing else.

embedded AWS on this machine ─ Prowler, in a virtualenv of its own ─► rows: a check of a resource passed or failed
the frameworks that it brings ─► requirements, each with its checks
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
"""Where the system has anything. Other regions are the organisation's to close (docs/account.md)."""
_ENDPOINT: Final = "AWS_ENDPOINT_URL"
_FAILED_CHECKS: Final = 3
"""Prowler's exit code where checks failed; what that means is decided here."""
_OUTPUT: Final = "prowler"
_COLUMNS: Final = ("CHECK_ID", "STATUS", "STATUS_EXTENDED", "RESOURCE_UID", "REMEDIATION_RECOMMENDATION_URL")
_TAIL: Final = 2000


@dataclass(frozen=True)
class Framework:
    """One of Prowler's frameworks.

    Attributes:
        file: Prowler's name of it, without the provider.
        title: As a reader knows it.
        page: The file of its report.
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
    """What a framework asks for.

    Attributes:
        id: The framework's: `S3.1`, `2.1.4`.
        title: In a few words.
        checks: Prowler's checks of it; none where only people can answer.
    """

    id: str
    title: str
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """What one check says of one resource.

    Attributes:
        check: Prowler's id: `s3_bucket_level_public_access_block`.
        status: PASS, FAIL or MANUAL.
        problem: Its words about the resource.
        resource: Its ARN, mostly.
        guide: The address of Prowler's page about the check.
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
        environ: The environment in which boto3 reaches the embedded AWS.
        checks: Prowler's ids.
        folder: For its output; is emptied first.

    Raises:
        OperatorError: the environment leads elsewhere, Prowler is not there, or ends without readable output.
    """
    refuse_elsewhere(environ)
    refuse_missing(program)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wanted = folder / "checks.json"
    wanted.write_text(json.dumps({"aws": sorted(checks)}), encoding="utf-8")
    output = ["--output-formats", "csv", "--output-directory", str(folder), "--output-filename", _OUTPUT]
    log = ["--log-file", str(folder / "prowler.log"), "--log-level", "ERROR", "--no-banner", "--no-color"]
    done = subprocess.run(
        [str(program), "aws", "--checks-file", str(wanted), "--region", *REGIONS, *output, *log],
        cwd=folder,
        env=_alone(environ, folder),
        capture_output=True,
        text=True,
        check=False,
    )
    (folder / "printed.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode not in {0, _FAILED_CHECKS}:
        raise OperatorError(
            f"Prowler ended with {done.returncode}:\n{(done.stdout + done.stderr)[-_TAIL:].strip()}",
            remedy=f"read {folder}; where its virtualenv is broken, delete {program.parents[1]}, and run `make audit` "
            "again: it sets Prowler up anew",
        )
    return read(folder / f"{_OUTPUT}.csv")


def refuse_elsewhere(environ: Mapping[str, str]) -> None:
    """Refuse an environment that does not lead to this machine: an audit reads everything that an account has.

    Raises:
        OperatorError: so it is; with exit code 2.
    """
    host = urlsplit(environ.get(_ENDPOINT, "")).hostname or ""
    try:
        is_here = ip_address(host).is_loopback
    except ValueError:
        is_here = host == "localhost"
    if not is_here:
        raise OperatorError(
            f"{_ENDPOINT} = {environ.get(_ENDPOINT)!r} is not the embedded AWS, and the audit reads no other account",
            remedy="run `make audit`, which starts one, or takes the one that is kept up",
            exit_code=BAD_INPUT,
        )


def refuse_missing(program: Path) -> None:
    """Refuse to go on without Prowler: applying everything takes minutes.

    Raises:
        OperatorError: it is not there; with exit code 2.
    """
    if not program.is_file():
        raise OperatorError(
            f"there is no Prowler at {program}", remedy="run `make audit`, which sets it up", exit_code=BAD_INPUT
        )


def _alone(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Give Prowler the embedded AWS as its only way out, and no settings of whoever runs it."""
    ours = {name: value for name, value in environ.items() if not name.startswith("PROWLER_")}
    endpoint = environ[_ENDPOINT]  # refuses to be a proxy of HTTPS
    return ours | {"HOME": str(folder), "HTTPS_PROXY": endpoint, "https_proxy": endpoint, "PATH": os.environ["PATH"]}


def read(path: Path) -> list[Row]:
    """Read Prowler's CSV.

    Raises:
        OperatorError: it is missing, or not as this version of Prowler writes it.
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
        remedy="run `make audit` again; where another version of Prowler was set up, adapt "
        "wealist/operations/audit/prowler.py to its columns",
    )


def requirements(program: Path, framework: Framework) -> list[Requirement]:
    """Read what a framework asks for, from the files that Prowler brings.

    Raises:
        OperatorError: this version of Prowler does not have it.
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


def checks_of(asked: Iterable[Iterable[Requirement]]) -> set[str]:
    """Return every check of the requirements of frameworks."""
    return {check for framework in asked for requirement in framework for check in requirement.checks}

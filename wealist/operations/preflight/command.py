"""The command: run every check concurrently, and print one table, or JSON.

IDENTITY ─ wrong account? then AWS is asked nothing else
INSIDE ─── checks of the account ─────────────────┐
OUTSIDE ── checks of GitHub, DNS and downloads ───┴─► rows        their actions ─► policy()
"""

import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from botocore.config import Config
from rich.console import Console

from wealist import project
from wealist.checks.tables import Table, stdout
from wealist.command_line import print_json
from wealist.emulator.server import EmulatedAws
from wealist.emulator.shared import shared_environment
from wealist.errors import BAD_INPUT, OperatorError
from wealist.model.stack import read
from wealist.operations import web
from wealist.operations.aws import Clients, clients
from wealist.operations.clock import today
from wealist.operations.emulated import synthesize_into
from wealist.operations.pipeline.github import GitHub
from wealist.operations.preflight.account import (
    identity,
    linked_roles,
    oidc_provider,
    parameters,
    state_bucket,
    states,
)
from wealist.operations.preflight.check import Group, Outcome, Row, Subject, run
from wealist.operations.preflight.downloads import downloads
from wealist.operations.preflight.end_of_support import support
from wealist.operations.preflight.names import buckets, certificates, delegation, zone
from wealist.operations.preflight.offerings import cache_nodes, database_classes, endpoint_services, instance_types
from wealist.operations.preflight.quotas import quotas
from wealist.operations.preflight.repository import record_newest_run, repository
from wealist.operations.preflight.rights import role_rights
from wealist.progress import step
from wealist.project import load_environment
from wealist.spec.account import (
    ACCOUNT_ID,
    GITHUB_ORGANISATION,
    INFRASTRUCTURE_REPOSITORY,
    PIPELINE,
    PROJECT,
    SHARED_STACKS,
    STATE_BUCKET,
)

IDENTITY: Final = ("sts:GetCallerIdentity",)
INSIDE: Final = (
    Group(instance_types, ("ec2:DescribeInstanceTypeOfferings",)),
    Group(database_classes, ("rds:DescribeOrderableDBInstanceOptions",)),
    Group(cache_nodes, ("elasticache:DescribeReservedCacheNodesOfferings",)),
    Group(endpoint_services, ("ec2:DescribeVpcEndpointServices",)),
    Group(
        quotas,
        (
            "servicequotas:GetServiceQuota",
            "servicequotas:GetAWSDefaultServiceQuota",
            "ec2:DescribeVpcs",
            "ec2:DescribeAddresses",
            "ec2:DescribeSecurityGroupRules",
            "ec2:DescribeVpcEndpoints",
            "autoscaling:DescribeAutoScalingGroups",
            "s3:ListAllMyBuckets",
        ),
    ),
    Group(buckets, ("s3:ListBucket", "s3:ListAllMyBuckets")),
    Group(zone, ("route53:ListHostedZones",)),
    Group(certificates, ("acm:ListCertificates", "acm:DescribeCertificate")),
    Group(oidc_provider, ("iam:GetOpenIDConnectProvider",)),
    Group(linked_roles, ("iam:ListRoles",)),
    Group(state_bucket, ("s3:GetBucketVersioning",)),
    Group(states, ("s3:GetObject", "s3:ListBucket")),
    Group(parameters, ("ssm:DescribeParameters",)),
    Group(role_rights, ("iam:SimulatePrincipalPolicy",)),
    Group(support),
)
"""Checks that ask the account only, or nothing."""
OUTSIDE: Final = (
    Group(delegation, ("route53:ListHostedZones", "route53:GetHostedZone")),
    Group(downloads),
    Group(repository),
)
"""Checks that also ask servers outside of the account."""
_RESOURCES: Final = {
    "iam:SimulatePrincipalPolicy": f"arn:aws:iam::{ACCOUNT_ID}:role/{PIPELINE}-*",
    "s3:GetBucketVersioning": f"arn:aws:s3:::{STATE_BUCKET}",
    "s3:GetObject": f"arn:aws:s3:::{STATE_BUCKET}/{PROJECT}/*",
    "s3:ListBucket": f"arn:aws:s3:::{PROJECT}-*",
}
"""Actions that are not allowed on every resource."""
_WORKERS: Final = 16
_ATTEMPTS: Final = 4
"""Attempts of one call, the first included. botocore waits longer after each, up to 20 seconds."""
_STYLES: Final = {
    Outcome.RIGHT: "green",
    Outcome.UNREACHABLE: "yellow",
    Outcome.DENIED: "yellow",
    Outcome.WRONG: "bold red",
}
"""Colours of the table, in the order of its rows."""


def policy() -> Mapping[str, Any]:
    """Return the IAM policy that the command needs: exactly the actions of all checks."""
    actions = {*IDENTITY, *(action for group in (*INSIDE, *OUTSIDE) for action in group.actions)}
    limited = [
        {"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in sorted(_RESOURCES.items())
    ]
    everywhere = {"Effect": "Allow", "Action": sorted(actions - _RESOURCES.keys()), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [everywhere, *limited]}


def preflight(name: str, *, emulated: bool, as_json: bool, record: Path | None = None) -> int:
    """Compare the real account and repository with what an environment expects, and print the rows.

    Args:
        name: The environment.
        emulated: Ask the embedded AWS instead of AWS, and no other server.
        as_json: Print JSON.
        record: A file for GitHub's description of the newest run of the pipeline.

    Returns:
        The exit code: 0 if every row is right, 1 if one is wrong, 2 if none is wrong but some are unknown.
    """
    if record and emulated:
        raise OperatorError(
            "--record asks GitHub, and --emulated asks only the embedded AWS",
            remedy="leave one of them out",
            exit_code=BAD_INPUT,
        )
    environment = load_environment(name)
    with project.exclusive_lock(f"preflight-{name}", wait=True):
        folder = synthesize_into(project.WORK / "preflight" / name) / "stacks"
        stacks = {each: read(folder / each / "cdk.tf.json") for each in (*SHARED_STACKS, name)}
    with _aws_environment(emulated=emulated) as environ, step(f"{name}: look"):
        client = cached_clients(clients(environ, limits()))
        rows = run_checks(Subject(environment, stacks, client, _github, today()), () if emulated else OUTSIDE)
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        print_table(name, rows, stdout())
    if record:
        record_newest_run(_github(), record)
    return exit_code(rows)


def run_checks(subject: Subject, outside: Iterable[Group] = OUTSIDE) -> list[Row]:
    """Run every check. If the credentials belong to another account, AWS is asked nothing else."""
    account = run(identity(subject), IDENTITY)
    groups = [each for each in (*INSIDE, *outside) if not each.actions or account.outcome is Outcome.RIGHT]
    checks = [(check, group.actions) for group in groups for check in group.checks(subject)]
    with ThreadPoolExecutor(_WORKERS) as workers:
        return [account, *workers.map(lambda each: run(*each), checks)]


def print_table(name: str, rows: Sequence[Row], console: Console) -> None:
    """Print the table, wrong rows last, and the count of each outcome."""
    order = list(_STYLES)
    cells = [
        (row.outcome, row.what, row.expected, row.found, row.remedy)
        for row in sorted(rows, key=lambda row: order.index(row.outcome))
    ]
    headings = ("outcome", "what", "expected", "found", "remedy")
    console.print(Table(f"{name}: preflight", headings, cells, {str(key): style for key, style in _STYLES.items()}))
    counts = Counter(row.outcome for row in rows)
    console.print(f"{name}: {', '.join(f'{counts[each]} {each}' for each in Outcome if counts[each])}", highlight=False)


def exit_code(rows: Iterable[Row]) -> int:
    """Return 0 if every row is right, 1 if one is wrong, else 2."""
    outcomes = {row.outcome for row in rows}
    return 1 if Outcome.WRONG in outcomes else 0 if outcomes <= {Outcome.RIGHT} else 2


def limits() -> Config:
    """Return the time-outs of boto3's calls, and how often they are repeated."""
    retries = {"mode": "standard", "total_max_attempts": _ATTEMPTS}
    return Config(connect_timeout=web.CONNECT_WITHIN, read_timeout=web.ANSWER_WITHIN, retries=retries)


def cached_clients(client: Clients) -> Clients:
    """Create each client once, and never two concurrently: boto3's client creation is not thread-safe."""
    cache: dict[tuple[str, str | None], Any] = {}
    lock = threading.Lock()

    def cached(service: str, region: str | None = None) -> Any:  # noqa: ANN401  boto3 builds its clients at run time
        with lock:
            if (service, region) not in cache:
                cache[service, region] = client(service, region)
            return cache[service, region]

    return cached


def _github() -> GitHub:
    return GitHub(f"{GITHUB_ORGANISATION}/{INFRASTRUCTURE_REPOSITORY}")


@contextmanager
def _aws_environment(*, emulated: bool) -> Iterator[Mapping[str, str]]:
    """Yield the process environment for AWS, or for the embedded AWS: a running one, or else a new one."""
    if not emulated:
        yield os.environ
    elif environ := shared_environment():
        yield environ
    else:
        with EmulatedAws(log=project.WORK / "preflight" / "aws.log") as aws:
            yield aws.environment()

"""Run every check at once, and print one table, or the same as JSON."""

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
from wealist.operations.preflight import called
from wealist.operations.preflight.account import identity
from wealist.operations.preflight.check import Group, Outcome, Row, Subject, run
from wealist.operations.preflight.groups import IDENTITY, INSIDE, OUTSIDE
from wealist.progress import step
from wealist.project import load_environment
from wealist.spec.account import GITHUB_ORGANISATION, INFRASTRUCTURE_REPOSITORY, SHARED_STACKS

_AT_ONCE: Final = 16
_ATTEMPTS: Final = 4
"""Of one call, the first included: botocore waits longer after each, up to 20 seconds."""
_ORDER: Final = (Outcome.RIGHT, Outcome.UNREACHABLE, Outcome.DENIED, Outcome.WRONG)
_STYLES: Final = {
    Outcome.RIGHT: "green",
    Outcome.WRONG: "bold red",
    Outcome.DENIED: "yellow",
    Outcome.UNREACHABLE: "yellow",
}


def preflight(name: str, *, emulated: bool, as_json: bool, record: Path | None = None) -> int:
    """Compare what an environment expects with the real account and repository, and print it.

    Args:
        name: The environment.
        emulated: Ask the embedded AWS in place of AWS, and nothing else.
        as_json: Print JSON.
        record: A file for what GitHub says of the newest run of the pipeline.

    Returns:
        The exit code: 0 all is right; 1 something is wrong; 2 nothing is wrong, and something could not be seen.
    """
    if record and emulated:
        raise OperatorError(
            "--record writes what GitHub says, and --emulated asks no GitHub",
            remedy="leave one of them out",
            exit_code=BAD_INPUT,
        )
    environment = load_environment(name)
    with project.exclusive_lock(f"preflight-{name}", wait=True):
        folder = synthesize_into(project.WORK / "preflight" / name) / "stacks"
        stacks = {each: read(folder / each / "cdk.tf.json") for each in (*SHARED_STACKS, name)}
    with _aws(emulated=emulated) as environ, step(f"{name}: look"):
        client = once(clients(environ, limits()))
        rows = look(Subject(environment, stacks, client, _github, today()), () if emulated else OUTSIDE)
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        show(name, rows, stdout())
    if record:
        called.record(_github(), record)
    return exit_code(rows)


def look(subject: Subject, outside: Iterable[Group] = OUTSIDE) -> list[Row]:
    """Run every check. AWS is asked nothing further where the credentials are not of the right account.

    Args:
        subject: What is looked at.
        outside: What is asked of others than AWS.
    """
    who = run(identity(subject), IDENTITY)
    groups = [each for each in (*INSIDE, *outside) if not each.actions or who.outcome is Outcome.RIGHT]
    checks = [(check, group.actions) for group in groups for check in group.checks(subject)]
    with ThreadPoolExecutor(_AT_ONCE) as workers:
        return [who, *workers.map(lambda each: run(*each), checks)]


def show(name: str, rows: Sequence[Row], console: Console) -> None:
    """Print the table, what is wrong last, and the sum of it."""
    ordered = sorted(rows, key=lambda row: _ORDER.index(row.outcome))
    cells = [(row.outcome, row.what, row.expected, row.found, row.remedy) for row in ordered]
    headings = ("outcome", "what", "expected", "found", "remedy")
    console.print(Table(f"{name}: preflight", headings, cells, {str(key): style for key, style in _STYLES.items()}))
    counted = Counter(row.outcome for row in rows)
    console.print(
        f"{name}: {', '.join(f'{counted[each]} {each}' for each in Outcome if counted[each])}", highlight=False
    )


def exit_code(rows: Iterable[Row]) -> int:
    """0 where all is right, 1 where something is wrong, else 2."""
    outcomes = {row.outcome for row in rows}
    return 1 if Outcome.WRONG in outcomes else 0 if outcomes <= {Outcome.RIGHT} else 2


def limits() -> Config:
    """Time-outs and repetitions of boto3's calls, throttling included."""
    retries = {"mode": "standard", "total_max_attempts": _ATTEMPTS}
    return Config(connect_timeout=web.CONNECT_WITHIN, read_timeout=web.ANSWER_WITHIN, retries=retries)


def once(client: Clients) -> Clients:
    """Make each client once, and one after another: making them is what boto3 cannot do in several threads."""
    made: dict[tuple[str, str | None], Any] = {}
    lock = threading.Lock()

    def kept(service: str, region: str | None = None) -> Any:  # noqa: ANN401  boto3 builds its clients at run time
        with lock:
            if (service, region) not in made:
                made[service, region] = client(service, region)
            return made[service, region]

    return kept


def _github() -> GitHub:
    return GitHub(f"{GITHUB_ORGANISATION}/{INFRASTRUCTURE_REPOSITORY}")


@contextmanager
def _aws(*, emulated: bool) -> Iterator[Mapping[str, str]]:
    """The process environment that leads to AWS, or to the embedded AWS that is kept up, or else to a new one."""
    if not emulated:
        yield os.environ
    elif kept := shared_environment():
        yield kept
    else:
        with EmulatedAws(log=project.WORK / "preflight" / "aws.log") as aws:
            yield aws.environment()

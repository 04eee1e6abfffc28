"""Cost of changing each setting that affects costs, found by synthesizing the environment with the other value.

[Toggle("network.nat", now="single", other="per_zone", difference=…), …]
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from wealist import project
from wealist.costs.assumptions import Assumptions
from wealist.costs.difference import CostDifference, estimate_difference
from wealist.costs.estimate import estimate
from wealist.model.stack import StackJson, read
from wealist.spec.environment import Alerts, Environment, ExternalDatabase, ManagedDatabase

_LARGER: Final = {"t3.micro": "t3.small", "t3.small": "t3.medium"}
_ALERTS: Final = Alerts(emails=("somebody@wealist.co.kr",))


@dataclass(frozen=True)
class Toggle:
    """A setting, and the cost of changing it.

    Attributes:
        setting: Name in the environment's file: `network.nat`.
        now: Current value.
        other: Other value.
        difference: Change of monthly costs.
    """

    setting: str
    now: str
    other: str
    difference: CostDifference


class Variant(NamedTuple):
    """An environment with another value of one setting."""

    setting: str
    now: str
    other: str
    environment: Environment


def toggles(*environments: Environment, assumptions: Assumptions | None = None) -> dict[str, tuple[Toggle, ...]]:
    """Return environment → toggles. Synthesizes all variants in one process, which takes seconds.

    Args:
        environments: The environments.
        assumptions: The assumed usage. Defaults to `Assumptions()`.
    """
    wanted = [(each, list(variants(each))) for each in environments]
    stacks = iter(_synthesized([one for each, others in wanted for one in (each, *(v.environment for v in others))]))
    found: dict[str, tuple[Toggle, ...]] = {}
    for each, others in wanted:
        base = estimate(next(stacks), assumptions)
        costs = [estimate_difference(base, estimate(next(stacks), assumptions)) for _ in others]
        found[each.name] = tuple(Toggle(*other[:3], cost) for other, cost in zip(others, costs, strict=True))
    return found


def variants(environment: Environment) -> Iterator[Variant]:
    """Yield a variant of the environment for each setting that affects costs."""
    now = environment
    is_multi = now.enable_multi_az
    yield _with(now, "enable_multi_az", is_multi, not is_multi)
    per_zone = now.network.nat == "per_zone"
    yield _with(now, "network.nat", now.network.nat, "single" if per_zone else "per_zone")
    zones = now.network.endpoint_zones or now.network.zones
    yield _with(now, "network.endpoint_zones", zones, zones[:1] if len(zones) > 1 else now.network.zones)
    is_managed = now.database.mode == "managed"
    database = ExternalDatabase() if is_managed else ManagedDatabase()
    yield _with(now, "database", now.database.mode, database, database.mode)
    alerts = (_ALERTS, "mails") if now.alerts is None else (None, "none")
    yield _with(now, "alerts", "none" if now.alerts is None else "mails", *alerts)
    if larger := _LARGER.get(now.backend.instance_type):
        yield _with(now, "backend.instance_type", now.backend.instance_type, larger)
    more = now.backend.desired_capacity + 1
    if more <= now.backend.max_size:
        yield _with(now, "backend.desired_capacity", now.backend.desired_capacity, more)


def _with(environment: Environment, setting: str, now: object, value: object, other: str = "") -> Variant:
    group, _, name = setting.rpartition(".")
    if group:
        inner = getattr(environment, group).model_copy(update={name: value})
        changed = environment.model_copy(update={group: inner})
    else:
        changed = environment.model_copy(update={name: value})
    return Variant(setting, _shown(now), other or _shown(value), changed)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _synthesized(environments: Sequence[Environment]) -> list[StackJson]:
    with TemporaryDirectory(prefix="wealist-costs-") as folder:
        out = [Path(folder, str(number)) for number in range(len(environments))]
        project.synthesize_variants([each.model_dump_json() for each in environments], out)
        names = (each.name for each in environments)
        return [read(path / "stacks" / name / "cdk.tf.json") for path, name in zip(out, names, strict=True)]

"""Synthesized stacks, with selectors whose errors list the candidates."""

import functools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.environments import BASELINE
from tests.synthesis_cache import cached
from wealist.model import stack as model
from wealist.spec.baseline import Baseline
from wealist.spec.environment import (
    Alerts,
    Backups,
    Cache,
    Environment,
    ExternalDatabase,
    GithubDeploy,
    ManagedDatabase,
    Monitoring,
)
from wealist.spec.environments import load

if TYPE_CHECKING:
    from cdktf import App

_MODULE = r"(?:module\.[\w-]+\.(?=(?:data\.|ephemeral\.)?aws_\w+\.))?"
_ADDRESS = re.compile(rf"(?<![\w.-])({_MODULE}(?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[a-z][a-z0-9_-]*)")


class Resource(model.Resource):
    """A resource. Its arguments are items: `resource["cidr_block"]`."""

    def __getitem__(self, name: str) -> Any:
        if name not in self.values:
            raise KeyError(f"{self.address} has no {name}; it has {', '.join(sorted(self.values))}")
        return self.values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def __repr__(self) -> str:
        return f"<{self.address}>"

    def refers_to(self, name: str) -> str | list[str]:
        """Return the address that an argument refers to; the addresses, if the argument is a list."""
        value = self[name]
        return [address_of(item) for item in value] if isinstance(value, list) else address_of(value)

    def statements(self, name: str = "policy") -> dict[str, dict[str, Any]]:
        """Return the statements of a policy document, by Sid."""
        return {statement["Sid"]: statement for statement in json.loads(self[name])["Statement"]}


class Stack:
    """One stack. Its selectors raise an AssertionError that lists the candidates.

    Attributes:
        document: The stack's JSON.
        resources: Managed resources, by address.
        data: Data sources and ephemeral resources, by address.
        modules: Module calls, by address.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        read = model.parse(document, Path("cdk.tf.json"))
        self.document = read.document
        self.resources, self.data, self.modules = (
            {address: Resource(each.address, each.type, each.values) for address, each in section.items()}
            for section in (read.resources, read.data, read.modules)
        )

    def all(self, kind: str, **wanted: object) -> list[Resource]:
        """Return all resources of a type with some arguments, sorted by address."""
        candidates = [resource for _, resource in sorted(self.resources.items()) if resource.type == kind]
        return [each for each in candidates if all(each.get(name) == value for name, value in wanted.items())]

    def only(self, kind: str, **wanted: object) -> Resource:
        """Return the only resource of a type with some arguments."""
        matches = self.all(kind, **wanted)
        if len(matches) != 1:
            candidates = "\n  ".join(
                f"{resource.address}: { {name: resource.get(name) for name in wanted} }" for resource in self.all(kind)
            )
            raise AssertionError(
                f"{len(matches)} resources are {kind} with {wanted}; candidates:\n  {candidates or '(none)'}"
            )
        return matches[0]

    def at(self, address: str) -> Resource:
        """Return the resource, data source, ephemeral resource or module call at an address."""
        everything = self.resources | self.data | self.modules
        if address not in everything:
            raise AssertionError(f"nothing is at {address}; there is\n  " + "\n  ".join(sorted(everything)))
        return everything[address]

    def target(self, resource: Resource, name: str) -> Resource:
        """Return the resource that an argument refers to."""
        return self.at(address_of(resource[name]))

    def pointing_at(self, resource: Resource, kind: str, name: str) -> list[Resource]:
        """Return the resources of a type with an argument that refers to a resource."""
        return [each for each in self.all(kind) if resource.address in addresses_in(each.get(name))]

    def policies(self, role: str) -> dict[str, Resource]:
        """Return the customer-managed policies of a role, by name."""
        attached = self.pointing_at(self.only("aws_iam_role", name=role), "aws_iam_role_policy_attachment", "role")
        policies = [self.target(attachment, "policy_arn") for attachment in attached]
        return {policy["name"]: policy for policy in policies}

    def region(self, resource: Resource) -> str:
        """Return the region of a resource's provider."""
        _, _, alias = resource.get("provider", "aws").partition(".")
        (provider,) = (each for each in self.document["provider"]["aws"] if each.get("alias", "") == alias)
        return str(provider["region"])


def addresses_in(value: object) -> list[str]:
    """Return the addresses in a value and its nested values, each once and in order."""
    expressions = (each for text in model.strings_in(value) for each in re.findall(r"(?<!\$)\$\{([^}]*)\}", text))
    return list(dict.fromkeys(address for each in expressions for address in _ADDRESS.findall(each)))


def address_of(value: str) -> str:
    """Return the address in a reference: `${aws_vpc.network_vpc.id}` → `aws_vpc.network_vpc`."""
    addresses = addresses_in(value)
    if len(addresses) != 1 or not value.startswith("${"):
        raise AssertionError(f"{value!r} is no reference to one resource")
    return addresses[0]


def attribute_of(value: str) -> str:
    """Return the attribute in a reference: `${aws_vpc.network_vpc.id}` → `id`."""
    return value.removesuffix("}").rpartition(".")[2]


def tags(resource: Resource) -> dict[str, str]:
    """Return a resource's tags, without the provider's default tags."""
    return dict(resource.get("tags") or {})


@functools.cache
def stacks() -> dict[str, Stack]:
    """Return all stacks, by name, as `main.py` synthesizes them."""
    documents = cached("committed", lambda app: _build(app, _committed()))
    return {name: Stack(document) for name, document in documents.items()}


def environment(name: str, **changes: object) -> Environment:
    """Return an environment with changes: `environment("prod", enable_multi_az=True)`."""
    (committed,) = (candidate for candidate in _committed() if candidate.name == name)
    return committed.model_copy(update=changes)


@functools.cache
def _committed() -> list[Environment]:
    return load()


SITE_CERTIFICATE = "arn:aws:acm:us-east-1:290008131187:certificate/11111111-2222-3333-4444-555555555555"
API_CERTIFICATE = "arn:aws:acm:ap-northeast-2:290008131187:certificate/11111111-2222-3333-4444-555555555555"


def all_changed(name: str) -> Environment:
    """Return an environment in which every setting differs, except those that would hide the effect of another.

    Its name, network, services and `may_be_destroyed` are unchanged. One endpoint has an existing certificate: the site
    in dev, the API in prod.
    """
    committed = environment(name)
    managed = ManagedDatabase(
        engine_version="18.1",
        instance_class="db.t3.medium",
        allocated_storage_gib=50,
        max_allocated_storage_gib=200,
        backup_retention_days=35,
        zone="c",
    )
    return environment(
        name,
        enable_multi_az=not committed.enable_multi_az,
        network=committed.network.model_copy(update={"nat": "per_zone", "endpoint_zones": ("a", "c")}),
        site=committed.site.model_copy(update={"certificate_arn": {"dev": SITE_CERTIFICATE}.get(name)}),
        api=committed.api.model_copy(update={"certificate_arn": {"prod": API_CERTIFICATE}.get(name)}),
        backend=committed.backend.model_copy(
            update={
                "instance_type": "t3.medium",
                "min_size": 3,
                "max_size": 9,
                "desired_capacity": 4,
                "cpu_target": 45,
                "root_volume_gib": 50,
            }
        ),
        monitoring=Monitoring(instance_type="t3.large", root_volume_gib=40, data_volume_gib=100, zone="a"),
        database=managed if committed.database.mode == "external" else ExternalDatabase(),
        cache=Cache(
            node_type="cache.t3.medium",
            nodes={"dev": 3, "prod": 5}[name],
            snapshot_retention_days=35,
            zones=("d", "a", "c"),
        ),
        deployment="blue_green",
        github_deploy=GithubDeploy(
            branch=f"release-{name}", environment=f"{name}-services", repositories=("user-service", "board-service")
        ),
        operating_system="al2023",
        max_instance_lifetime_days=21,
        generated_secrets_version=7,
        rotated_secrets={"db/user_db_password": 2},
        log_retention_days=90,
        backups=Backups(retention_days=60),
        alerts=Alerts(
            emails=("operators@wealist.co.kr", "somebody@wealist.co.kr"),
            database_connections=50,
        ),
    )


def whole(name: str, *, protected: bool) -> Environment:
    """Return an environment with every stateful part, protected or destroyable.

    If this setting differs from the committed one, so does Multi-AZ.
    """
    committed = environment(name)
    database = committed.database if committed.database.mode == "managed" else ManagedDatabase()
    multi_az = protected is committed.may_be_destroyed
    return environment(name, may_be_destroyed=not protected, enable_multi_az=multi_az, database=database)


def synthesized(config: Environment) -> Stack:
    """Return the stack of one environment."""
    return stacks()[config.name] if config in _committed() else _synthesized(config.model_dump_json())


def account_of(*environments: Environment, baseline: Baseline = BASELINE) -> Stack:
    """Return the account stack for some environments."""
    return _account_of(tuple(each.model_dump_json() for each in environments), baseline.model_dump_json())


@functools.cache
def _account_of(values: tuple[str, ...], baseline: str) -> Stack:
    configs = [Environment.model_validate_json(each) for each in values]
    settings = Baseline.model_validate_json(baseline)
    return Stack(
        cached(f"all of {' '.join(values)} on {baseline}", lambda app: _build(app, configs, settings))["account"]
    )


def _build(app: "App", environments: list[Environment], baseline: Baseline = BASELINE) -> None:
    """Build all stacks as `main.py` does. The import is here because a cached result does not need it."""
    from wealist.stacks.app import build  # noqa: PLC0415

    build(app, environments, baseline=baseline)


@functools.cache
def _synthesized(values: str) -> Stack:
    config = Environment.model_validate_json(values)

    def build(app: "App") -> None:
        from wealist.stacks.environment import EnvironmentStack  # noqa: PLC0415  as in `_build`

        EnvironmentStack(app, config)

    (document,) = cached(values, build).values()
    return Stack(document)

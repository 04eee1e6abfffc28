"""Proof that stacks and modules refer only to our own resources, to AWS services, and to what references.toml allows.

    strings of the JSON ─────┐                     ┌─ ours: account, regions, buckets and domains of these stacks
    arguments of modules ────┼─ identifiers ─ each ┼─ AWS's own: services and their endpoints
    locals, files of modules ┘                     ├─ allowed with a reason in references.toml
                                                   └─ otherwise: a finding

Identifiers are recognized by their format (wealist.model.identifiers), buckets and audiences by the argument that
holds them. References to resources of the stack are not checked.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import Final

from wealist.checks.entries import STRICT, Names, Reason, load, read, refused
from wealist.checks.finding import Finding, Synthesis
from wealist.model.identifiers import INTERPOLATION, Identifier, identifiers_in
from wealist.model.module import Module
from wealist.model.stack import StackJson, named_strings
from wealist.spec import account

CONTROL: Final = "references.foreign"
PATH: Final = Path(__file__).with_name("references.toml")
SHOWN: Final = "wealist/checks/references.toml"
_REMEDY: Final = f"refer to a resource of this stack, or allow the name with its reason in {SHOWN}"
_REGIONS: Final = frozenset({account.REGION, account.CDN_CERTIFICATE_REGION, INTERPOLATION})
_ACCOUNTS: Final = frozenset({account.ACCOUNT_ID, INTERPOLATION})
_IGNORED: Final = frozenset({"//", "depends_on", "description", "comment", "error_message", "provider"})
"""Keys of texts for people, and of Terraform addresses."""
_PUBLISHED: Final = frozenset({"CAA", "MX", "TXT"})
"""Types of DNS records that name other parties: mail servers, certificate authorities, ownership tokens."""
_BUCKET_ARGUMENT: Final = re.compile(r"(?:\w+_)?bucket(?:_name)?")
_AUDIENCES: Final = "client_id_list"
_ADDRESS: Final = re.compile(r"[\d.]+")
_PART: Final = r"[a-z0-9${}-]+"
_AWS_HOST: Final = re.compile(
    rf"com\.amazonaws\.(?P<of_endpoint>{_PART})(?:\.{_PART})+"
    rf"|(?:(?P<bucket>[a-z0-9${{}}.-]+)\.)?(?P<s3>s3)(?:\.(?P<of_s3>{_PART}))?\.amazonaws\.com"
    rf"|(?P<owner>{_PART})\.dkr\.ecr\.(?P<of_ecr>{_PART})\.amazonaws\.com"
    rf"|{_PART}(?:\.(?P<of_service>{_PART}))?\.amazonaws\.com"
)
"""Hosts of AWS services. Customers' endpoints have more labels: `x.execute-api.ap-northeast-2.amazonaws.com`."""
_FORMAT: Final = "its head describes the format"


@dataclass(frozen=True)
class Allowed:
    """One entry of the file: foreign identifiers, and the reason to allow them."""

    __pydantic_config__ = STRICT

    names: Names
    reason: Reason
    line: int


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Report every identifier that is neither ours nor AWS's nor allowed."""
    ours = Ours.of(synthesis)
    for _, stack in sorted(synthesis.stacks.items()):
        for address, strings in _read(stack):
            for key, text in strings:
                if key not in _IGNORED:
                    for name in ours.foreign(key, text):
                        yield Finding(stack.name, address, CONTROL, f"{key} names {name}", _REMEDY)
        for call, module in stack.called.items():
            for place, each in _identifiers_of(module):
                if not ours.is_known(each):
                    yield Finding(stack.name, call, CONTROL, f"{place} of {module.source} names {each}", _REMEDY)


def _read(stack: StackJson) -> Iterator[tuple[str, Iterable[tuple[str, str]]]]:
    """Yield the strings of a stack by address or section, with their keys."""
    for block in (*stack.resources.values(), *stack.data.values(), *stack.modules.values()):
        published = block.type == "aws_route53_record" and block.get("type") in _PUBLISHED
        yield block.address, (each for each in block.strings if not (published and each[0] == "records"))
    elsewhere = {"//", "data", "ephemeral", "module", "resource", "terraform"}
    yield from ((section, named_strings(held)) for section, held in stack.document.items() if section not in elsewhere)


@lru_cache(maxsize=64)
def _identifiers_of(module: Module) -> tuple[tuple[str, Identifier], ...]:
    """Return the identifiers in a module with their places, except in resources, which are part of the stack."""
    document = module.document
    defaults = {name: body.get("default") for name, body in document.get("variable", {}).items()}
    outputs = {name: body.get("value") for name, body in document.get("output", {}).items()}
    texts = [
        (f"{section}: {key}", text)
        for section, held in (("locals", document.get("locals")), ("outputs", outputs), ("variables", defaults))
        for key, text in named_strings(held)
    ]
    texts += [(file, text) for file in module.texts if not file.endswith(".tf") for text in module.lines(file)]
    return tuple((place, each) for place, text in texts for each in identifiers_in(text))


@dataclass(frozen=True)
class Ours:
    """The buckets and domains of this system.

    Attributes:
        buckets: Every bucket of the stacks and of their environments' settings.
        domains: The domain of the account, and those of the environments.
    """

    buckets: frozenset[str]
    domains: frozenset[str]

    @classmethod
    def of(cls, synthesis: Synthesis) -> "Ours":
        """Collect them from a synthesis."""
        made = {str(each.get("bucket")) for stack in synthesis.stacks.values() for each in stack.all("aws_s3_bucket")}
        described = synthesis.environments.values()
        named = {name for each in described for name in each.names.buckets}
        domains = {domain for each in described for domain in (each.site.domain, each.api.domain)}
        shared = {account.STATE_BUCKET, account.PLANS_BUCKET}
        return cls(frozenset(made | named | shared), frozenset(domains | {account.DOMAIN}))

    def foreign(self, key: str, text: str) -> Iterator[str]:
        """Yield the foreign identifiers in a string; `key` is the name of the argument."""
        found = identifiers_in(text)
        yield from (str(each) for each in found if not self.is_known(each))
        if key == _AUDIENCES and text not in {_AUDIENCES, account.OIDC_AUDIENCE}:
            yield f"the audience {text}"
        if not found and "${" not in text and _names_a_bucket(key) and text not in self.buckets:
            yield f"the bucket {text}"

    def is_known(self, identifier: Identifier) -> bool:
        """Return whether an identifier is ours, AWS's or allowed."""
        if is_allowed(identifier.text):
            return True
        is_ours = {
            "account": lambda: identifier.text in _ACCOUNTS,
            "address": lambda: not _is_public(identifier.text),
            "arn": lambda: self._is_our_arn(identifier.text),
            "host": lambda: self._is_our_host(identifier.text),
            "url": lambda: self._is_our_url(identifier),
        }.get(identifier.kind)
        return is_ours is not None and is_ours()

    def _is_our_arn(self, arn: str) -> bool:
        """Return whether an ARN is ours. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html."""
        _, partition, service, region, owner, resource, *_ = [*arn.split(":", 5), "", "", "", ""]
        if partition != "aws" or region not in {*_REGIONS, "", "*"} or owner not in {*_ACCOUNTS, "", "aws"}:
            return False
        if service == "s3" and not owner:
            return self._is_our_bucket(resource.partition("/")[0])
        return owner == account.ACCOUNT_ID or self._knows_all(resource)

    def _knows_all(self, path: str) -> bool:
        return all(self.is_known(each) for piece in path.split("/") for each in identifiers_in(piece))

    def _is_our_bucket(self, pattern: str) -> bool:
        """Return whether a bucket name or pattern is ours. A pattern must begin with the project's name, or be `*`."""
        if pattern in self.buckets or pattern in {"*", INTERPOLATION}:
            return True
        return bool(set(pattern) & set("*?")) and pattern.startswith(f"{account.PROJECT}-")

    def _is_our_url(self, url: Identifier) -> bool:
        authority, slash, path = url.text.partition("/")
        if url.scheme == "s3":
            return self._is_our_bucket(authority)
        host = authority.rpartition("@")[2].partition(":")[0]
        if "." not in host or _ADDRESS.fullmatch(host):  # a container, localhost, or an IP address
            return not _is_public(host)
        return is_allowed(f"{host}{slash}{path}") or self._is_our_host(f"{host}{slash}{path}")

    def _is_our_host(self, name: str) -> bool:
        """Return whether a host and its path are ours or AWS's, or only look like a host: `config.json`."""
        authority, _, path = name.partition("/")
        host = authority.partition(":")[0].lower()
        if host.rpartition(".")[2] in _not_hosts():
            return True
        if any(host == domain or host.endswith(f".{domain}") for domain in self.domains):
            return True
        return self._is_aws_host(host, path) and self._knows_all(path)

    def _is_aws_host(self, host: str, path: str) -> bool:
        """Return whether a host is an AWS service, or our registry or bucket."""
        found = _AWS_HOST.fullmatch(host)
        if found is None:
            return False
        if found["s3"] and not self._is_our_bucket(found["bucket"] or path.partition("/")[0]):
            return False
        regions = {found[each] for each in ("of_endpoint", "of_s3", "of_ecr", "of_service")} - {None}
        return regions <= _REGIONS and found["owner"] in {None, *_ACCOUNTS}


@lru_cache(maxsize=1024)
def _names_a_bucket(key: str) -> bool:
    return _BUCKET_ARGUMENT.fullmatch(key) is not None


def _is_public(host: str) -> bool:
    try:
        return IPv4Address(host).is_global
    except AddressValueError:
        return False


def is_allowed(name: str) -> bool:
    """Return whether references.toml allows an identifier."""
    return "/../" not in name and _allowed().fullmatch(name) is not None


@cache
def _allowed() -> re.Pattern[str]:
    entries = read(PATH, "allowed", Allowed, remedy=_FORMAT, beside=frozenset({"not_hosts"}))
    if wide := [name for entry in entries for name in entry.names if not name.strip("*?.${}/")]:
        raise refused(PATH, [f"{wide[0]!r} allows everything"], _FORMAT)
    return re.compile("|".join(_pattern(name) for entry in entries for name in entry.names))


def _pattern(name: str) -> str:
    """Return the expression for an entry: `*` matches any path at the end, and one path segment elsewhere."""
    inner = re.escape(name.removesuffix("*")).replace(r"\*", "[^/]*")
    return f"{inner}.*" if name.endswith("*") else inner


@cache
def _not_hosts() -> frozenset[str]:
    found = load(PATH, remedy=_FORMAT).get("not_hosts", {})
    return frozenset(each.lower() for names in found.values() for each in names)

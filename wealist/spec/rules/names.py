"""Rules about names: AWS's limits, the hosted zone, and conflicts between environments."""

import re
from collections.abc import Iterator
from itertools import product
from operator import attrgetter
from typing import Final

from wealist.spec.account import DOMAIN, PIPELINE, PIPELINE_WORD, SHARED_STACKS
from wealist.spec.environment import CERTIFICATE_REGIONS, Environment
from wealist.spec.naming import LIMITS
from wealist.spec.problems import Problem

_WORD: Final = re.compile(r"[a-z][a-z0-9]*")
_LABEL: Final = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
"""RFC 1123, section 2.1, in lower case, as Route 53 stores names."""


def name_is_a_dns_label(environment: Environment) -> Iterator[Problem]:
    """The name is part of bucket names, host names and state keys."""
    name = environment.name
    if not _WORD.fullmatch(name):
        remedy = "write lower-case letters and digits, a letter first"
        yield Problem("name", name, "is not a lower-case word", remedy)
    if name in SHARED_STACKS:
        yield Problem("name", name, "is the name of another stack", "choose another name")
    if name == PIPELINE_WORD:
        message = f"makes names that begin with {PIPELINE}, as those of the pipeline's own roles do"
        yield Problem("name", name, message, "choose another name")


def physical_names_fit_aws_limits(environment: Environment) -> Iterator[Problem]:
    """Check names here; AWS would reject them only during the apply."""
    if not _WORD.fullmatch(environment.name):
        return
    reported: set[str] = set()
    for kind, name in environment.names.limited(environment.services):
        if kind not in reported and (problem := LIMITS[kind].problem(name)):
            reported.add(kind)
            message = f"makes the {kind.replace('_', ' ')} name {name!r}, which {problem}"
            remedy = "choose a shorter or plainer name for the environment or service"
            yield Problem("name", environment.name, message, remedy)


def domains_are_inside_the_hosted_zone(environment: Environment) -> Iterator[Problem]:
    """Records and certificates of domains are created in the hosted zone of the account stack."""
    for part in ("site", "api"):
        domain = getattr(environment, part).domain
        if domain != DOMAIN and not domain.endswith(f".{DOMAIN}"):
            yield Problem(f"{part}.domain", domain, f"is outside the hosted zone {DOMAIN}", f"end it with .{DOMAIN}")
        elif not re.fullmatch(rf"{_LABEL}(\.{_LABEL})*", domain):
            remedy = "write labels of lower-case letters, digits and inner hyphens, joined by dots"
            yield Problem(f"{part}.domain", domain, "is not a host name", remedy)
    if environment.site.domain == environment.api.domain:
        message = "is the site's domain too, and one name cannot answer for both CloudFront and the load balancer"
        remedy = f"write api.{environment.site.domain}"
        yield Problem("api.domain", environment.api.domain, message, remedy)


def certificates_are_in_the_region_that_reads_them(environment: Environment) -> Iterator[Problem]:
    """CloudFront reads certificates from us-east-1, and a load balancer from its own region."""
    for part, region in CERTIFICATE_REGIONS.items():
        arn = getattr(environment, part).certificate_arn
        if arn is not None and not re.fullmatch(rf"arn:aws:acm:{region}:\d{{12}}:certificate/[\w-]+", arn):
            message = f"is not the ARN of an ACM certificate in {region}"
            remedy = f"give one of {region}, or None to have one made"
            yield Problem(f"{part}.certificate_arn", arn, message, remedy)


def names_are_distinct(one: Environment, other: Environment) -> Iterator[Problem]:
    """Two environments with one name would share a state."""
    if one.name == other.name:
        yield Problem("name", other.name, f"is taken by {one.name}", "choose another")


def domains_are_distinct(one: Environment, other: Environment) -> Iterator[Problem]:
    """Two environments with one domain would overwrite each other's records."""
    parts = ("site.domain", "api.domain")
    for theirs, ours in product(parts, parts):
        if (value := attrgetter(ours)(other)) == attrgetter(theirs)(one):
            yield Problem(ours, value, f"is taken by {one.name}", "choose another")

"""Rules about names: AWS's limits, the hosted zone, and environments beside each other."""

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
"""RFC 1123, section 2.1, in the lower case that Route 53 stores."""


def name_is_a_dns_label(environment: Environment) -> Iterator[Problem]:
    """The name stands in bucket names, host names and state keys."""
    name = environment.name
    if not _WORD.fullmatch(name):
        yield Problem(
            name, "name", name, "is not a lower-case word", "write lower-case letters and digits, a letter first"
        )
    if name in SHARED_STACKS:
        yield Problem(name, "name", name, "is the name of another stack", "choose another name")
    if name == PIPELINE_WORD:
        message = f"makes names that begin with {PIPELINE}, as those of the pipeline's own roles do"
        yield Problem(name, "name", name, message, "choose another name")


def physical_names_fit_aws_limits(environment: Environment) -> Iterator[Problem]:
    """Check names here; AWS would reject them only during the apply."""
    if not _WORD.fullmatch(environment.name):
        return
    reported: set[str] = set()
    for kind, name in environment.names.limited(environment.services):
        if kind not in reported and (problem := LIMITS[kind].problem(name)):
            reported.add(kind)
            yield Problem(
                environment.name,
                "name",
                environment.name,
                f"makes the {kind.replace('_', ' ')} name {name!r}, which {problem}",
                "choose a shorter or plainer name for the environment or service",
            )


def domains_are_inside_the_hosted_zone(environment: Environment) -> Iterator[Problem]:
    """The zone of the account stack is where their records and certificates are validated."""
    for part in ("site", "api"):
        domain = getattr(environment, part).domain
        if domain != DOMAIN and not domain.endswith(f".{DOMAIN}"):
            yield Problem(
                environment.name,
                f"{part}.domain",
                domain,
                f"is outside the hosted zone {DOMAIN}",
                f"end it with .{DOMAIN}",
            )
        elif not re.fullmatch(rf"{_LABEL}(\.{_LABEL})*", domain):
            yield Problem(
                environment.name,
                f"{part}.domain",
                domain,
                "is not a host name",
                "write labels of lower-case letters, digits and inner hyphens, joined by dots",
            )
    if environment.site.domain == environment.api.domain:
        yield Problem(
            environment.name,
            "api.domain",
            environment.api.domain,
            "is the site's domain too, and one name cannot answer for both CloudFront and the load balancer",
            f"write api.{environment.site.domain}",
        )


def certificates_are_in_the_region_that_reads_them(environment: Environment) -> Iterator[Problem]:
    """CloudFront reads from us-east-1 alone, a load balancer from its own region."""
    for part, region in CERTIFICATE_REGIONS.items():
        arn = getattr(environment, part).certificate_arn
        if arn is not None and not re.fullmatch(rf"arn:aws:acm:{region}:\d{{12}}:certificate/[\w-]+", arn):
            yield Problem(
                environment.name,
                f"{part}.certificate_arn",
                arn,
                f"is not the ARN of an ACM certificate in {region}",
                f"give one of {region}, or None to have one made",
            )


def names_are_distinct(one: Environment, other: Environment) -> Iterator[Problem]:
    """Two environments of one name would share a state and overwrite each other."""
    if one.name == other.name:
        yield Problem(other.name, "name", other.name, f"is taken by {one.name}", "choose another")


def domains_are_distinct(one: Environment, other: Environment) -> Iterator[Problem]:
    """Two environments of one domain would take its records from each other."""
    parts = ("site.domain", "api.domain")
    for theirs, ours in product(parts, parts):
        if (value := attrgetter(ours)(other)) == attrgetter(theirs)(one):
            yield Problem(other.name, ours, value, f"is taken by {one.name}", "choose another")

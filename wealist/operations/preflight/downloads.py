"""Checks that the files and container images exist which instances download at their first start.

    templates/*.tftpl ─ fetch "https://…/v${compose_version}/$file" ┐
    locals.versions ─── compose = "2.40.3", nginx_image = "…" ──────┴─► URLs ─ HEAD ─► there, or not

The requests come from this machine, not from an instance behind the NAT gateway.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import product
from typing import Final

import requests

from wealist.model.module import Module
from wealist.operations.preflight.check import Answer, Check, Subject
from wealist.operations.web import BUSY, session
from wealist.spec.account import REGION

SCHEME: Final = "https"
_FETCH: Final = re.compile(r'\bfetch "([^"]+)"')
_ASSIGNMENT: Final = re.compile(r'^[ \t]*(\w+)="?([^"\n]+?)"?$', re.MULTILINE)
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}|\$(\w+)")
_MACHINE: Final = "$(uname -m)"
_IMAGE_SUFFIX: Final = "_image"
_REGISTRIES: Final = {"docker.io": "registry-1.docker.io"}
"""The host of the registry, for images whose names have another host."""
_MANIFESTS: Final = ("oci.image.index.v1", "oci.image.manifest.v1", "docker.distribution.manifest.list.v2")
_PARAMETER: Final = re.compile(r'(\w+)="([^"]*)"')
_UNAUTHORIZED: Final = 401


def downloads(subject: Subject) -> Iterator[Check]:
    """Check each file and image that a module of the stack pins."""
    modules = subject.stack.called.values()
    remedy = "pin another version in the module's main.tf: instances would not start with this one"
    for url in sorted({each for module in modules for each in files(module)}):
        yield Check(f"download {url.rpartition('/')[2]}", f"at {url}", remedy, partial(file, url))
    for name in sorted({each for module in modules for each in images(module)}):
        yield Check(f"image {name.partition('@')[0].rpartition('/')[2]}", f"at {name}", remedy, partial(image, name))


def files(module: Module) -> set[str]:
    """Return the URLs that a module's scripts download, for each machine architecture that it pins a checksum for."""
    known = {f"{name}_version": version for name, version in _versions(module).items()} | {"region": REGION}
    machines = module.document.get("locals", {}).get("compose_sums") or [_MACHINE]
    urls = set()
    for text in module.texts.values():
        assigned = dict(_ASSIGNMENT.findall(text))
        for url, machine in product(_FETCH.findall(text), machines):
            urls.add(_substitute(_substitute(url, assigned), known).replace(_MACHINE, machine))
    return {url for url in urls if url.startswith("https://")}


def images(module: Module) -> set[str]:
    """Return the container images that a module runs."""
    return {image for name, image in _versions(module).items() if name.endswith(_IMAGE_SUFFIX)}


def _versions(module: Module) -> Mapping[str, str]:
    versions: Mapping[str, str] = module.document.get("locals", {}).get("versions", {})
    return versions


def _substitute(text: str, values: Mapping[str, str]) -> str:
    """Replace variables of Terraform's templates and of the shell by their values. Unknown variables stay."""
    return _VARIABLE.sub(lambda match: values.get(match[1] or match[2], match[0]), text)


def file(url: str) -> Answer:
    """Check that a file exists; redirects are followed."""
    return _answer(session().head(url, allow_redirects=True))


def manifest(name: str) -> str:
    """Return the URL of an image's manifest: `quay.io/prometheus/prometheus:v3` → `https://quay.io/v2/…`."""
    host, _, rest = name.partition("/")
    repository, _, digest = rest.partition("@")
    repository, _, tag = repository.partition(":")
    return f"{SCHEME}://{_REGISTRIES.get(host, host)}/v2/{repository}/manifests/{digest or tag}"


def image(name: str) -> Answer:
    """Check that a registry has the manifest of an image, with an anonymous token if the registry requires one.

    https://distribution.github.io/distribution/spec/auth/token/
    """
    url, client = manifest(name), session()
    client.headers["Accept"] = ", ".join(f"application/vnd.{kind}+json" for kind in _MANIFESTS)
    response = client.head(url)
    if response.status_code == _UNAUTHORIZED:
        client.headers["Authorization"] = f"Bearer {_token(response.headers.get('WWW-Authenticate', ''))}"
        response = client.head(url)
    return _answer(response)


def _token(challenge: str) -> str:
    parameters = dict(_PARAMETER.findall(challenge))
    realm = parameters.pop("realm", "")
    response = session().get(realm, params=parameters)
    response.raise_for_status()
    body = response.json()
    return str(body.get("token") or body.get("access_token"))


def _answer(response: requests.Response) -> Answer:
    """Judge a status. Raises HTTPError for a busy or failing server, which says nothing about the file."""
    if response.status_code in BUSY:
        response.raise_for_status()
    return Answer(response.ok, "there" if response.ok else f"{response.status_code} {response.reason}")

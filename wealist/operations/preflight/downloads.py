"""Whether what instances download at their first start is there: files and container images, as modules pin them.

    templates/*.tftpl ─ fetch "https://…/v${compose_version}/$file" ┐
    locals.versions ─── compose = "2.40.3", nginx_image = "…" ──────┴─► addresses ─ HEAD ─► there, or not

This machine asks, and not an instance behind the NAT gateway.
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
_ASSIGNED: Final = re.compile(r'^[ \t]*(\w+)="?([^"\n]+?)"?$', re.MULTILINE)
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}|\$(\w+)")
_MACHINE: Final = "$(uname -m)"
_IMAGE: Final = "_image"
_HUB: Final = {"docker.io": "registry-1.docker.io"}
"""Docker Hub's registry has another name than its images."""
_MANIFESTS: Final = ("oci.image.index.v1", "oci.image.manifest.v1", "docker.distribution.manifest.list.v2")
_PARAMETER: Final = re.compile(r'(\w+)="([^"]*)"')
_UNAUTHORIZED: Final = 401


def downloads(subject: Subject) -> Iterator[Check]:
    """Each file and image that a module of the stack pins."""
    modules = subject.stack.called.values()
    remedy = "pin another version in the module's main.tf: instances would not start with this one"
    for address in sorted({each for module in modules for each in files(module)}):
        yield Check(f"download {address.rpartition('/')[2]}", f"at {address}", remedy, partial(file, address))
    for name in sorted({each for module in modules for each in images(module)}):
        yield Check(f"image {name.partition('@')[0].rpartition('/')[2]}", f"at {name}", remedy, partial(image, name))


def files(module: Module) -> set[str]:
    """The addresses that a module's scripts fetch from, for each kind of machine that it pins a sum for."""
    known = {f"{name}_version": version for name, version in _versions(module).items()} | {"region": REGION}
    machines = module.document.get("locals", {}).get("compose_sums") or [_MACHINE]
    found = set()
    for text in module.texts.values():
        assigned = dict(_ASSIGNED.findall(text))
        for address, machine in product(_FETCH.findall(text), machines):
            found.add(_filled_in(_filled_in(address, assigned), known).replace(_MACHINE, machine))
    return {address for address in found if address.startswith("https://")}


def images(module: Module) -> set[str]:
    """The container images that a module runs."""
    return {image for name, image in _versions(module).items() if name.endswith(_IMAGE)}


def _versions(module: Module) -> Mapping[str, str]:
    found: Mapping[str, str] = module.document.get("locals", {}).get("versions", {})
    return found


def _filled_in(text: str, values: Mapping[str, str]) -> str:
    """A text with known values in the place of variables, of Terraform's templates or of the shell."""
    return _VARIABLE.sub(lambda found: values.get(found[1] or found[2], found[0]), text)


def file(address: str) -> Answer:
    """Ask whether a file is there, wherever its address leads."""
    return _answer(session().head(address, allow_redirects=True))


def manifest(name: str) -> str:
    """The address of an image's manifest: `quay.io/prometheus/prometheus:v3` has it below quay.io/v2."""
    host, _, rest = name.partition("/")
    repository, _, digest = rest.partition("@")
    repository, _, tag = repository.partition(":")
    return f"{SCHEME}://{_HUB.get(host, host)}/v2/{repository}/manifests/{digest or tag}"


def image(name: str) -> Answer:
    """Ask a registry for the manifest of an image, with the token that it gives to everybody.

    https://distribution.github.io/distribution/spec/auth/token/
    """
    url = manifest(name)
    asking = session()
    asking.headers["Accept"] = ", ".join(f"application/vnd.{kind}+json" for kind in _MANIFESTS)
    answer = asking.head(url)
    if answer.status_code == _UNAUTHORIZED:
        asking.headers["Authorization"] = f"Bearer {_token(answer.headers.get('WWW-Authenticate', ''))}"
        answer = asking.head(url)
    return _answer(answer)


def _token(challenge: str) -> str:
    parameters = dict(_PARAMETER.findall(challenge))
    realm = parameters.pop("realm", "")
    answer = session().get(realm, params=parameters)
    answer.raise_for_status()
    given = answer.json()
    return str(given.get("token") or given.get("access_token"))


def _answer(answer: requests.Response) -> Answer:
    """What a status says. A server that is busy or down says nothing about the file."""
    if answer.status_code in BUSY:
        answer.raise_for_status()
    return Answer(answer.ok, "there" if answer.ok else f"{answer.status_code} {answer.reason}")

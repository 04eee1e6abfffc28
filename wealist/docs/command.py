"""`wealist docs`: write docs/architecture and a site from the synthesized stacks."""

import http.server
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import typer

from wealist import progress, project
from wealist.checks.check import read_synthesis
from wealist.docs import site
from wealist.docs.messages import LANGUAGES, Messages
from wealist.docs.pages import FOLDER
from wealist.docs.write import write
from wealist.progress import step
from wealist.project import WORK, display_path, load_environments

_OUT: Final = WORK / "site"


def docs(out: Path | None, *, languages: Sequence[str] | None, serve: bool) -> None:
    """Write docs/architecture and the site.

    Args:
        out: The folder of the site. Defaults to `.wealist/site`.
        languages: The languages of the site. Defaults to all. docs/architecture always has all languages.
        serve: Serve the site on the loopback interface until Ctrl-C.

    Raises:
        OperatorError: the stacks cannot be described, a language is unknown, or the folder contains other files; with
            exit code 2. Nothing is written.
    """
    chosen = list(dict.fromkeys(languages or LANGUAGES))
    for language in chosen:
        Messages(language)
    folder = (out or _OUT).absolute()
    site.refuse_foreign(folder)
    synthesis = read_synthesis(project.synthesized_folder(), load_environments())
    with step("build the site"):
        site.build(synthesis, chosen, folder)
    with step(f"write {FOLDER}"):
        changed = write(synthesis)
    if changed:
        progress.note(f"updated {len(changed)} pages of {FOLDER}")
    typer.echo(f"{display_path(folder)}/index.html")
    if serve:
        with server(folder) as serving:
            progress.note(f"http://127.0.0.1:{serving.server_port}/ until Ctrl-C")
            serving.serve_forever()


def server(folder: Path) -> http.server.ThreadingHTTPServer:
    """Return a web server for a folder, on the loopback interface and a free port. The caller starts and closes it."""
    return http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    )

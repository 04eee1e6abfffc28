"""`wealist docs`: what was synthesized becomes pages in docs/architecture, and a site."""

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
        out: The site's folder; below `.wealist` where it is None.
        languages: Of the site; all where it is None. docs/architecture has all of them.
        serve: Serve the site on loopback until Ctrl-C.

    Raises:
        OperatorError: nothing was synthesized that can be described, a language is unknown, or the folder holds
            something else; with exit code 2, and nothing is written.
    """
    chosen = list(dict.fromkeys(languages or LANGUAGES))
    for language in chosen:
        Messages(language)
    place = (out or _OUT).absolute()
    site.refuse_foreign(place)
    synthesis = read_synthesis(project.synthesized_folder(), load_environments())
    with step("build the site"):
        site.build(synthesis, chosen, place)
    with step(f"write {FOLDER}"):
        changed = write(synthesis)
    if changed:
        progress.note(f"updated {len(changed)} pages of {FOLDER}")
    typer.echo(f"{display_path(place)}/index.html")
    if serve:
        with server(place) as serving:
            progress.note(f"http://127.0.0.1:{serving.server_port}/ until Ctrl-C")
            serving.serve_forever()


def server(folder: Path) -> http.server.ThreadingHTTPServer:
    """Return a server of a folder, on loopback and a free port; whoever calls it serves and closes."""
    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as its base class names it
        """Say nothing."""

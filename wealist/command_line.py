"""Help texts, shell completion and JSON output of the commands."""

import json
import tomllib
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import typer
from typer.core import TyperCommand

from wealist.project import ROOT
from wealist.spec.account import SHARED_STACKS
from wealist.spec.environments import load, names
from wealist.spec.problems import SpecError

Function = TypeVar("Function", bound=Callable[..., Any])


class Command(TyperCommand):
    """A command whose usage shows arguments as `ENV`, not `{ENV}`."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401 -- a type of typer's private copy of click
        """Return the words after the command's name in its usage."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002 -- click's parameter
        """Return the complete first sentence, for the list of commands. click would truncate it."""
        return super().get_short_help_str(limit=1000)


class Commands(typer.Typer):
    """A group of commands with plain help texts. rich would interpret `[default: …]` as markup."""

    def __init__(self, about: str) -> None:
        """Create an empty group."""
        super().__init__(help=about, rich_markup_mode=None, pretty_exceptions_enable=False)

    def command(  # type: ignore[override] # fewer settings than typer's
        self, name: str | None = None, *, epilog: str | None = None
    ) -> Callable[[Function], Function]:
        """Return the decorator that adds a command."""
        return super().command(name, cls=Command, epilog=epilog)


def stacks(incomplete: str) -> list[str]:
    """Complete the name of a stack."""
    return _matching([*SHARED_STACKS, *names()], incomplete)


def environments(incomplete: str) -> list[str]:
    """Complete the name of an environment."""
    return _matching(names(), incomplete)


def services(context: typer.Context, incomplete: str) -> list[str]:
    """Complete the name of a service of the environment that precedes it."""
    try:
        (environment,) = load([str(context.params.get("environment"))])
    except SpecError:
        return []
    return _matching((service.full_name for service in environment.services), incomplete)


def _matching(known: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in known if name.startswith(incomplete)]


def print_json(value: object) -> None:
    """Print a value as JSON on stdout."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def version() -> str:
    """Return the project's version from `pyproject.toml`."""
    project: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])

"""A fake AWS CLI for shell scripts, with options, `--query` and text output. Responses are recorded by tests.

Each call takes the next response that a test has recorded for it. The last one is repeated.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jmespath

from tests.instance import Instance

REFUSED: Final = 254
"""The exit code for an error of AWS: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-returncodes.html."""


def text_of(value: object) -> str:
    """Format a value as `--output text` does: scalars on one line, each list on its own line."""
    if not isinstance(value, list):
        return f"{value}\n"
    plain = [str(each) for each in value if not isinstance(each, list)]
    nested = [text_of(each) for each in value if isinstance(each, list)]
    return "".join(["\t".join(plain) + "\n" if plain else "", *nested])


def options_of(arguments: list[str]) -> dict[str, list[str]]:
    """Return option name → values of `--name value …`, without dashes."""
    options: dict[str, list[str]] = {}
    name = ""
    for argument in arguments:
        if argument.startswith("--"):
            name = argument.removeprefix("--")
        options.setdefault(name, []).extend([] if argument.startswith("--") else [argument])
    return options


def answer(recorded: Path, arguments: list[str]) -> int:
    """Print the next recorded response to a call. Return the exit code."""
    service, command, *rest = arguments
    options = options_of(rest)
    left = json.loads(recorded.read_text())
    calls = [f"{service} {command} {value}" for values in options.values() for value in values]
    call = next((each for each in calls if each in left), f"{service} {command}")
    found, *more = left.get(call, [{}])
    recorded.write_text(json.dumps(left | {call: more or [found]}))
    if isinstance(found, str):
        sys.stderr.write(f"\n{found}\n")
        return REFUSED
    if "query" in options:
        sys.stdout.write(text_of(jmespath.search(options["query"][0], found)))
    return 0


class RecordedAws:
    """The fake AWS CLI of an instance or of a workflow's runner."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        root = Path(__file__).parents[1]
        program = f"import sys; sys.path.insert(0, {str(root)!r}); from tests import aws_cli"
        call = "raise SystemExit(aws_cli.answer(aws_cli.Path(sys.argv[1]), sys.argv[2:]))"
        instance.stand_in("aws", f"""exec {sys.executable} -c "{program}; {call}" "$ROOT/answers" "$@" """)
        self._recorded: dict[str, tuple[Mapping[str, Any] | str, ...]] = {}
        self.answers("s3 cp", {})

    def answers(self, call: str, *answers: Mapping[str, Any] | str) -> None:
        """Record the responses to consecutive calls of `SERVICE COMMAND`. A string is an error message.

        With an option's value after the command (`deploy get-deployment-group app`), only for calls with that value.
        """
        self._recorded[call] = answers
        self._instance.put("answers", json.dumps(self._recorded))

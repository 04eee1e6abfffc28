"""Judge the bucket of every state, which is plain HCL, by the rules of every bucket and two of its own.

modules/state_backend/main.tf ─ hcl2 ─► a stack's JSON ─► rules

Parsing HCL takes a while: for `python -m wealist check`, not for every synthesis.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from wealist.checks.rules import Outcome, Scope, ask
from wealist.errors import BAD_INPUT, OperatorError
from wealist.model.stack import StackJson, parse
from wealist.project import ROOT

MODULE: Final = ROOT / "modules" / "state_backend"
ADDRESS: Final = "module.state_backend"
_STACK: Final = "bootstrap"
_JSON: Final = re.compile(r"\$\{jsonencode\((?P<object>.*)\)\}", re.DOTALL)
_LOCAL: Final = re.compile(r"\$\{local\.(\w+)\}")


def outcomes(module: Path = MODULE) -> Iterator[Outcome]:
    """How each rule comes out for the bucket of the module and its settings, at their addresses in the bootstrap stack.

    Raises:
        OperatorError: the module is no HCL, or makes no bucket; with exit code 2.
    """
    stack = _as_stack(module)
    scope = Scope(stack, None)
    if not stack.all("aws_s3_bucket"):
        raise _refused(module, "makes no aws_s3_bucket")
    for resource in stack.resources.values():
        yield from ask(resource, scope, prefix=f"{ADDRESS}.")


def _as_stack(module: Path) -> StackJson:
    from hcl2 import SerializationOptions, loads  # noqa: PLC0415 -- a quarter of a second, for one file

    path = module / "main.tf"
    plain = SerializationOptions(with_comments=False, strip_string_quotes=True)
    try:
        document = loads(path.read_text(encoding="utf-8"), serialization_options=plain)
    except Exception as error:
        # The parser raises what its grammar library does, of no common kind.
        raise _refused(module, f"cannot be read: {str(error).splitlines()[0]}") from error
    locals_ = {name: value for block in document.get("locals", []) for name, value in block.items()}
    resources: dict[str, dict[str, Any]] = {}
    for block in document.get("resource", []):
        for kind, named in block.items():
            for name, body in named.items():
                # Of every block the parser makes a list; of this one cdktf makes none.
                as_cdktf = body | {"lifecycle": next(iter(body.get("lifecycle", [])), {})}
                resources.setdefault(kind, {})[name] = _with_policy(as_cdktf, locals_, loads, plain)
    whole = {"//": {"metadata": {"stackName": _STACK}}, "terraform": {}, "resource": resources}
    return parse(whole, path)


def _with_policy(body: Mapping[str, Any], locals_: Mapping[str, str], loads: Any, plain: Any) -> dict[str, Any]:  # noqa: ANN401  hcl2 has no types
    """A resource with its policy as JSON, where it is one that `jsonencode` writes."""
    written = _JSON.fullmatch(str(body.get("policy", "")))
    if written is None:
        return dict(body)
    policy = loads(f"policy = {written['object']}\n", serialization_options=plain)["policy"]
    text = _LOCAL.sub(lambda local: locals_.get(local[1], local[0]), json.dumps(policy))
    return {**body, "policy": text}


def _refused(module: Path, problem: str) -> OperatorError:
    return OperatorError(f"{module / 'main.tf'} {problem}", remedy="mend the module", exit_code=BAD_INPUT)

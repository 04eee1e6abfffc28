"""The values of a plan as a review shows them: what a text holds is read, and nothing of it is hidden by its form."""

from dataclasses import dataclass

from wealist.checks.rules.operators import is_unknown, values_at
from wealist.model.plan_values import MASK, UNKNOWN, Sensitive, Steps, Value, follow
from wealist.review.secrets import lines


@dataclass(frozen=True, slots=True)
class JsonText:
    """A string that holds JSON, such as a policy: compared and shown as what it means."""

    value: Value


@dataclass(frozen=True, slots=True)
class Script:
    """User data, decoded."""

    text: str

    @property
    def lines(self) -> list[str]:
        """Its lines; two that differ in what is masked are not equal."""
        return lines(self.text)


def is_nothing(value: Value) -> bool:
    """Whether a value says nothing: many attributes turn from null to empty and back without any effect."""
    return value is None or (isinstance(value, str | list | dict) and not value)


def is_hidden(value: Value) -> bool:
    """Whether a value, or a part of it, is masked or known only after the apply: then nobody can judge it here."""
    if isinstance(value, JsonText):
        return is_hidden(value.value)
    if isinstance(value, str | Script):
        return MASK in (value.text if isinstance(value, Script) else value)
    if isinstance(value, dict):
        return any(map(is_hidden, (*value, *value.values())))
    if isinstance(value, list):
        return any(map(is_hidden, value))
    return value is UNKNOWN or isinstance(value, Sensitive)


def first(value: Value, *path: str) -> Value:
    """The value at a path through blocks, or None; a block that is a list of one is looked into."""
    for step in path:
        if isinstance(value, list) and value:
            value = value[0]
        if not isinstance(value, dict):
            return value if value is UNKNOWN else None
        value = value.get(step)
    return value


def label(value: Value, steps: Steps) -> str:
    """Steps as a difference shows them: `disk[1].size`, and `launch_template.id` in a list of one block."""
    text = ""
    for place, step in enumerate(steps):
        holder = follow(value, steps[:place])
        if isinstance(holder, list) and isinstance(step, int):
            text += f"[{step}]" if len(holder) > 1 else ""
        else:
            text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def every(value: Value, path: str) -> list[Value]:
    """All values at a path as types.toml and the rules write it; None where nothing is set.

    A part that is unknown or sensitive as a whole stands for what is inside it.
    """
    try:
        return values_at(value, path) if isinstance(value, dict) else [value] if is_unknown(value) else []
    except ValueError:  # something else stands where the path has a block
        return []


def at(value: Value, path: str) -> Value:
    """The first value at a path, or None."""
    return next(iter(every(value, path)), None)

"""Random mutations of plans. A seed and a plan always result in the same mutation.

a plan → other types of values, removed, renamed and duplicated keys, hostile texts, unknown actions → a planted secret
"""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any, Final

from tests.unit.review.builders import Json, allow, change, configuration, document, failed_check, policy, script

ROOT_KEYS: Final = ("resource_changes", "resource_drift", "output_changes", "checks", "configuration", "variables")
HOSTILE: Final = [
    "@OrangesCloud/everyone #1 GH-2",
    "```\n@team\n```",
    "</code></summary></details><img src=x onerror=alert(1)>",
    "<!-- wealist-plan-review:prod -->",
    "\n\n# heading\n\n- [click](javascript:alert(1)) ![x](https://evil.example/x.png)",
    "\x00\x07\x1b[31mred\x1b[0m\x7f\x9b",
    "\u202e\u2066\u200b\u2028\ufeff\ud800",
    "`" * 50,
    "long " * 5_000,
    "서울 🔥 Zürich",
    "password=",
    "-----BEGIN PRIVATE KEY-----",
    "{",
    '[{"Statement": [{"Effect": 1}]}]',
    '{"Version": "2012-10-17", "Statement": {"Action": null, "Resource": {}, "Condition": [1]}}',
    "0.0.0.0/0",
    "::/0",
    "999.1.1.1/99",
    "arn:aws:iam::aws:policy/AdministratorAccess",
]
VALUES: Final[list[Any]] = [
    None, True, False, 0, 1, -1, 2**70, 0.5, -1e300, 65536, "", " ", "true", "0", [], {}, [[]], [None], {"": None},
    [{}],
    {"a": {"b": [1, "x", None]}}, [1, "1", True], *HOSTILE,
]  # fmt: skip
ACTIONS: Final = [
    [], ["suspend"], ["create", "suspend"], ["delete", "delete"], ["forget"], ["create", "forget"], ["read"],
    ["update"],
    ["delete", "create"], ["create", "delete"], ["delete"], ["create"], ["no-op"], ["@team"],
]  # fmt: skip
SECRET: Final = "Zq7-planted+secret/{}"
NUMBER: Final = 4_815_162_300_000
"""The lowest planted number."""


def small() -> Json:
    """Return a plan with one example of each part."""
    rule = {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "security_group_id": "sg-1"}
    database = {"deletion_protection": True, "allocated_storage": 20, "engine_version": "16.3", "multi_az": False}
    return document(
        change("aws_vpc_security_group_ingress_rule.r", "create", after=rule),
        change("aws_iam_policy.p", "update", before={"policy": policy()}, after={"policy": policy(allow("*"))}),
        change("aws_db_instance.d", "update", before=database, after=database | {"deletion_protection": False}),
        change("aws_launch_template.l", "update", before={"user_data": script("a")}, after={"user_data": script("b")}),
        change("aws_s3_bucket.b", "delete", before={"bucket": "b", "id": "b"}, of_deposed="01234567"),
        change(
            "aws_thing.t[0]", "delete", "create", before={"a": [{"b": 1}]}, after={"a": []}, replace_paths=[["a", 0]]
        ),
        change("module.m.aws_eip.e", "no-op", before={}, after={}, importing={"id": "eipalloc-1"}),
        change("aws_eip.m", "no-op", before={"a": 1}, after={"a": 1}, of_previous_address="aws_eip.old"),
        output_changes={"x": {"actions": ["update"], "before": 1, "after": "2"}},
        resource_drift=[change("aws_eip.m", "update", before={"a": 1}, after={"a": 2})],
        relevant_attributes=[{"resource": "aws_eip.m", "attribute": ["a"]}],
        checks=[failed_check("no")],
        variables={"v": {"value": 1}},
        configuration=configuration(
            resources=[{"address": "aws_thing.t", "expressions": {"a": {"references": ["var.v"]}}}],
            outputs={"x": {"expression": {"references": ["aws_eip.m.a", "aws_eip.m"]}}},
        ),
        applyable=True,
        action_invocations=[
            {"address": "action.aws_lambda_invoke.a", "type": "aws_lambda_invoke", "config_values": {}}
        ],
        prior_state={"values": {"root_module": {"resources": []}}},
    )


class Mutation:
    """One broken plan.

    Attributes:
        plan: The plan, to be written as JSON.
        secrets: Planted secrets, which must not be shown.
    """

    def __init__(self, seed: int, base: Json) -> None:
        self._dice = random.Random(seed)  # noqa: S311  no secret
        self.plan: Any = self._extract(base)
        for _ in range(self._dice.choice([1, 1, 2, 3, 5, 8])):
            self._mutate()
        self.secrets = list(self._plant(seed))

    def text(self) -> bytes:
        """Return the plan's JSON, in which a random key is sometimes duplicated."""
        text = json.dumps(self.plan)
        if self._dice.random() < 0.1:
            place = text.find('": ', self._dice.randrange(len(text)))
            start = text.rfind('"', 0, place) if place > 0 else -1
            if start >= 0:
                text = f"{text[:start]}{text[start : place + 1]}: null, {text[start:]}"
        return text.encode()

    def _extract(self, base: Json) -> Json:
        """Return a plan with a random sample of its changes."""
        changes = base.get("resource_changes", [])
        kept = self._dice.sample(changes, min(len(changes), self._dice.randint(1, 8)))
        return copy.deepcopy(base | {"resource_changes": kept})

    def _mutate(self) -> None:
        kind = self._dice.choice(["value", "value", "hostile", "remove", "rename", "double", "action", "address"])
        if kind in {"action", "address"}:
            if changes := list(self._changes()):
                chosen = self._dice.choice(changes)
                if kind == "action":
                    chosen["change"]["actions"] = list(self._dice.choice(ACTIONS))
                else:
                    chosen[self._dice.choice(["address", "type", "previous_address"])] = self._dice.choice(HOSTILE)
            return
        holder, key = self._place()
        if kind == "remove":
            del holder[key]
        elif kind == "rename" and isinstance(holder, dict):
            holder[self._dice.choice([f"{key}_", "__proto__", *HOSTILE])] = holder.pop(key)
        elif kind == "double" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = copy.deepcopy(self._dice.choice(HOSTILE if kind == "hostile" else VALUES))

    def _place(self) -> tuple[Any, Any]:
        """Return a random place in the plan, usually within a change, where most values are."""
        changes = list(self._changes())
        at: Any = self.plan
        if changes and (chance := self._dice.random()) < 0.9:
            at = self._dice.choice(changes)
            at = at["change"] if chance < 0.8 and at["change"] else at
        while True:
            key = self._dice.choice(list(at) if isinstance(at, dict) else range(len(at)))
            inner = at[key]
            if not isinstance(inner, dict | list) or not inner or self._dice.random() < 0.15:
                return at, key
            at = inner

    def _changes(self) -> Iterator[Json]:
        """Yield the changes that still have the shape of one."""
        for part in ("resource_changes", "resource_drift"):
            for each in self.plan.get(part) or [] if isinstance(self.plan.get(part), list) else []:
                if isinstance(each, dict) and isinstance(each.get("change"), dict):
                    yield each

    def _plant(self, seed: int) -> Iterator[str]:
        """Plant a secret that is marked as sensitive in one change, and unmarked copies of it in the others."""
        holders = [
            (each["change"], side)
            for each in self._changes()
            for side in ("before", "after")
            if isinstance(each["change"].get(side), dict)
        ]
        if not holders:
            return
        planted: list[str | int] = [SECRET.format(seed), NUMBER + seed * 10 + 1]
        secret = self._dice.choice(planted)
        body, side = self._dice.choice(holders)
        body[side]["planted"] = secret
        body[f"{side}_sensitive"] = self._dice.choice([True, {"planted": True}])
        for other, place in holders:
            leak = self._dice.choice([secret, f"x {secret} y", [secret], {f"{secret}": 1}, json.dumps({"a": secret})])
            if other is not body:
                other[place][self._dice.choice(["leak", "tags", "user_data", "policy", "content"])] = leak
        yield str(secret)

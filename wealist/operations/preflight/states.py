"""The bucket of the states, their locks, and whether each state is the stack's own."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from wealist.model.stack import StackJson
from wealist.operations.foreign_state import managed_resources, unknown_addresses
from wealist.operations.preflight.check import Answer, Check, Subject, right, wrong
from wealist.spec.account import ACCOUNT_ID, STATE_BUCKET, STATE_LOCK_SUFFIX, STATE_STACK, state_key

_ABSENT: Final = frozenset({"NoSuchKey", "NoSuchBucket"})
_MOST_SHOWN: Final = 3


def state_bucket(subject: Subject) -> Iterator[Check]:
    """The bucket is ours, and keeps versions as the bootstrap stack has it."""
    (versioning,) = subject.stacks[STATE_STACK].all("aws_s3_bucket_versioning")
    wanted = str(versioning.block("versioning_configuration")["status"])
    yield Check(
        f"state bucket {STATE_BUCKET}",
        f"ours, versioning {wanted}",
        "apply the bootstrap stack (README, First deployment)",
        partial(_bucket, subject.client("s3"), wanted),
    )


def states(subject: Subject) -> Iterator[Check]:
    """Of each stack: nobody holds the lock of its state, and the state is its own."""
    s3 = subject.client("s3")
    for name, stack in subject.stacks.items():
        free = "wait until that command has ended; where it was killed: terraform force-unlock ID"
        yield Check(f"lock of the state of {name}", "free", free, partial(_lock, s3, name))
        remedy = "apply nothing: README, Recovery, has what to do about a state that is not the stack's own"
        yield Check(f"state of {name}", "the stack's own, or none yet", remedy, partial(_state, s3, stack))


def _bucket(s3: Any, wanted: str) -> Answer:  # noqa: ANN401  a boto3 client
    try:
        found = s3.get_bucket_versioning(Bucket=STATE_BUCKET, ExpectedBucketOwner=ACCOUNT_ID).get("Status", "never")
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return wrong("there is none")
        raise
    return Answer(found == wanted, f"ours, versioning {found}")


def _lock(s3: Any, name: str) -> Answer:  # noqa: ANN401  a boto3 client
    found = _object(s3, f"{state_key(name)}{STATE_LOCK_SUFFIX}")
    if found is None:
        return right("free")
    lock = _json(found) or {}
    return wrong(f"held by {lock.get('Who', 'somebody')} since {lock.get('Created')}, ID {lock.get('ID')}")


def _state(s3: Any, stack: StackJson) -> Answer:  # noqa: ANN401  a boto3 client
    found = _object(s3, state_key(stack.name))
    if found is None:
        return right("none yet: the first apply makes it")
    state = _json(found)
    if state is None or "resources" not in state:
        return wrong("no state of Terraform: it is damaged")
    held = list(managed_resources(state))
    if held and not state.get("lineage"):
        return wrong("has no lineage: it is damaged")
    if foreign := unknown_addresses(stack.name, held, stack.document):
        more = f" and {len(foreign) - _MOST_SHOWN} more" if len(foreign) > _MOST_SHOWN else ""
        return wrong(f"holds what neither stack nor inventory knows: {', '.join(foreign[:_MOST_SHOWN])}{more}")
    return right(f"the stack's own, serial {state.get('serial')}")


def _object(s3: Any, key: str) -> bytes | None:  # noqa: ANN401  a boto3 client
    """The content of an object; None where there is none."""
    try:
        content: bytes = s3.get_object(Bucket=STATE_BUCKET, Key=key, ExpectedBucketOwner=ACCOUNT_ID)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return None
        raise
    return content


def _json(content: bytes) -> dict[str, Any] | None:
    """An object of JSON; None where it is none."""
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None

"""What operators do on instances is written down, encrypted, for as long as the environment's logs are kept."""

import json
from typing import Final

from tests.policies import allows, grants_of
from tests.synthesized import Stack, address_of, environment

HERE: Final = "ap-northeast-2:290008131187"


def test_a_session_is_encrypted_and_written_to_a_log_group_of_its_environment(stack: Stack, name: str) -> None:
    document = stack.only("aws_ssm_document")
    assert (document["name"], document["document_type"]) == (f"wealist-{name}-session", "Session")
    inputs = json.loads(document["content"])["inputs"]
    group = stack.at(address_of(inputs["cloudWatchLogGroupName"]))
    assert group["name"] == f"/wealist/{name}/sessions"
    assert group["retention_in_days"] == environment(name).log_retention_days
    assert stack.target(group, "kms_key_id").address == address_of(inputs["kmsKeyId"])
    assert inputs["cloudWatchEncryptionEnabled"]
    assert inputs["cloudWatchStreamingEnabled"]


def test_a_session_that_nobody_uses_ends(stack: Stack) -> None:
    inputs = json.loads(stack.only("aws_ssm_document")["content"])["inputs"]
    assert 1 <= int(inputs["idleSessionTimeout"]) <= 60
    assert int(inputs["idleSessionTimeout"]) < int(inputs["maxSessionDuration"]) <= 1440


def test_instances_write_sessions_of_their_own_environment_alone_and_read_none(stack: Stack, name: str) -> None:
    given = grants_of(stack, f"wealist-{name}-ec2-role")
    other = {"dev": "prod", "prod": "dev"}[name]
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        assert allows(given, action, f"arn:aws:logs:{HERE}:log-group:/wealist/{name}/sessions:log-stream:operator-1")
        assert not allows(given, action, f"arn:aws:logs:{HERE}:log-group:/wealist/{other}/sessions:log-stream:x")
    assert not allows(
        given, "logs:GetLogEvents", f"arn:aws:logs:{HERE}:log-group:/wealist/{name}/sessions:log-stream:x"
    )

"""What operators do on instances, written down (ADR 74).

start-session --document-name wealist-<env>-session ─► agent (instances' role) ─► log group /wealist/<env>/sessions
                                                       └ encrypted on its way with the environment's key
"""

import json
from typing import Final

from cdktf_cdktf_provider_aws.ssm_document import SsmDocument
from constructs import Construct

from wealist.constructs.encryption import Encryption
from wealist.constructs.logs import log_group
from wealist.spec.account import ACCOUNT_ID, REGION
from wealist.spec.environment import Environment
from wealist.toolkit.policy import Statement

_IDLE_MINUTES: Final = "15"
_LONGEST_MINUTES: Final = "240"


class Sessions(Construct):
    """The document that a session is started by, and the group of its log.

    Attributes:
        group: the log group. The agent looks for it when it starts.
        write: what the instances' role needs for it.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Environment, encryption: Encryption) -> None:
        super().__init__(scope, id_)
        names = config.names
        self.group = log_group(self, "log-group", names.session_log_group, config, encryption)
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-schema.html
        content = {
            "schemaVersion": "1.0",
            "description": f"A shell on an instance of {names.environment_prefix}, written down",
            "sessionType": "Standard_Stream",
            "inputs": {
                "cloudWatchLogGroupName": self.group.name,
                "cloudWatchEncryptionEnabled": True,
                "cloudWatchStreamingEnabled": True,
                "kmsKeyId": encryption.key.arn,
                "idleSessionTimeout": _IDLE_MINUTES,
                "maxSessionDuration": _LONGEST_MINUTES,
                "runAsEnabled": False,
            },
        }
        SsmDocument(
            self,
            "document",
            name=names("session"),
            document_type="Session",
            document_format="JSON",
            content=json.dumps(content),
            tags={"Name": names("session")},
        )
        arn = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{names.session_log_group}:*"
        self.write = [
            Statement(
                sid="WriteSessions",
                why="the agent writes down what operators do on the instance (ADR 74)",
                actions=["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                resources=[arn],
            ),
            Statement(
                sid="FindSessionsGroup",
                why="the agent looks whether the group is encrypted; the call lists groups, and has no resource",
                actions=["logs:DescribeLogGroups"],
                resources=["*"],
            ),
        ]

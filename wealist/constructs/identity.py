"""The three roles and what each may do (architecture, section 9).

    instances   → wealist-<env>-ec2-role            ─ ssm-kms, ecr, s3, ssm-agent policies
    CodeDeploy  → wealist-<env>-codedeploy-role     ─ codedeploy policy
    GitHub      → wealist-<env>-github-actions-role ─ github-actions policy
                  (workflows of the branch deploy-<env>, or what `github_deploy` says)

Each policy is literal JSON in the output. None is broader than the document's; the ADRs say where one is narrower.
"""

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_aws.data_aws_iam_openid_connect_provider import DataAwsIamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_instance_profile import IamInstanceProfile
from cdktf_cdktf_provider_aws.iam_role import IamRole
from constructs import Construct

from wealist.constructs.codedeploy_policy import codedeploy_statements
from wealist.constructs.encryption import Encryption
from wealist.constructs.frontend import Frontend
from wealist.constructs.identity_policies import github_actions_statements, instance_policies
from wealist.constructs.role_policies import attach_policy
from wealist.spec.account import BOUNDARY_ARN, GITHUB_ORGANISATION, OIDC_URL
from wealist.spec.environment import Environment
from wealist.toolkit.policy import OWN_ACCOUNT, Statement, assumed_by_github, assumed_by_service


class _Role(Construct):
    """A role and its customer-managed policies.

    Attributes:
        role: the role.
        attachments: of its policies.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Environment,
        name: str,
        trust: str,
        policies: Mapping[str, Sequence[Statement]],
    ) -> None:
        """Makes the role.

        Args:
            scope: construct that owns it.
            id_: construct id.
            config: the environment.
            name: of the role, without the prefix.
            trust: its trust policy, as JSON.
            policies: what the policy is for → its statements.
        """
        super().__init__(scope, id_)
        names = config.names
        self.role = IamRole(
            self,
            "role",
            name=names(name),
            assume_role_policy=trust,
            permissions_boundary=BOUNDARY_ARN,
            tags={"Name": names(name)},
        )
        self.attachments = [
            attach_policy(self, what, role=self.role, name=names(f"{what}-policy"), statements=statements)
            for what, statements in policies.items()
        ]


class InstanceIdentity(Construct):
    """What the instances may do.

    Attributes:
        profile: the instance profile.
        attachments: of the role's policies, those of `allow` too.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Environment, encryption: Encryption) -> None:
        super().__init__(scope, id_)
        self._names = config.names
        self._ec2 = _Role(
            self,
            "ec2",
            config=config,
            name="ec2-role",
            trust=assumed_by_service("ec2.amazonaws.com"),
            policies=instance_policies(config.names, key_arn=encryption.key.arn),
        )
        self.profile = IamInstanceProfile(
            self, "instance-profile", name=config.names("ec2-profile"), role=self._ec2.role.name
        )
        self.attachments = self._ec2.attachments

    def allow(self, what: str, statements: Sequence[Statement]) -> None:
        """Give the instances further rights, as a policy of their own.

        Args:
            what: What the rights are for: the policy is named `wealist-<env>-<what>-policy`.
            statements: The rights, each with its reason (`why`).
        """
        name = self._names(f"{what}-policy")
        attachment = attach_policy(self._ec2, what, role=self._ec2.role, name=name, statements=statements)
        self.attachments.append(attachment)


class DeployIdentity(Construct):
    """What CodeDeploy may do.

    Attributes:
        role: the role.
        attachments: of its policies.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Environment) -> None:
        super().__init__(scope, id_)
        owner = _Role(
            self,
            "codedeploy",
            config=config,
            name="codedeploy-role",
            trust=assumed_by_service("codedeploy.amazonaws.com", OWN_ACCOUNT),
            policies={"codedeploy": codedeploy_statements(config)},
        )
        self.role, self.attachments = owner.role, owner.attachments


class PipelineIdentity(Construct):
    """What GitHub Actions may do, once it has shown who it is."""

    def __init__(
        self, scope: Construct, id_: str, *, config: Environment, encryption: Encryption, frontend: Frontend
    ) -> None:
        super().__init__(scope, id_)
        # Found, not made: an account has one provider for GitHub, and the account stack holds it.
        provider = DataAwsIamOpenidConnectProvider(self, "github", url=OIDC_URL)
        _Role(
            self,
            "github-actions",
            config=config,
            name="github-actions-role",
            trust=assumed_by_github(
                provider.arn,
                # As documented, the organisation in both spellings; then its immutable form.
                subjects=[
                    f"repo:{GITHUB_ORGANISATION}/*",
                    f"repo:{GITHUB_ORGANISATION.lower()}/*",
                    f"repo:{GITHUB_ORGANISATION}@*/*",
                ],
                claims=config.deploy_claims,
            ),
            policies={
                "github-actions": github_actions_statements(
                    config, key_arn=encryption.key.arn, distribution_arn=frontend.distribution.arn
                )
            },
        )

"""The three roles of an environment, their policies and trust (architecture, section 9).

    instances   → wealist-<env>-ec2-role            ─ ssm-kms, ecr, s3, ssm-agent policies
    CodeDeploy  → wealist-<env>-codedeploy-role     ─ codedeploy policy
    GitHub      → wealist-<env>-github-actions-role ─ github-actions policy
                  (workflows of the branch deploy-<env>, or of the setting `github_deploy`)

Each policy is literal JSON in the output. None is broader than the document's; ADRs name those that are narrower.
"""

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_aws.data_aws_iam_openid_connect_provider import DataAwsIamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_instance_profile import IamInstanceProfile
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from constructs import Construct

from wealist.constructs.codedeploy_policy import codedeploy_statements
from wealist.constructs.encryption import Encryption
from wealist.constructs.frontend import Frontend
from wealist.constructs.identity_policies import github_actions_statements, instance_policies
from wealist.spec.account import BOUNDARY_ARN, GITHUB_ORGANISATION, OIDC_URL
from wealist.spec.environment import Environment
from wealist.toolkit.policy import OWN_ACCOUNT, Statement, assumed_by_github, assumed_by_service, document, explain


def attach_policy(
    scope: Construct, what: str, *, role: IamRole, name: str, statements: Sequence[Statement]
) -> IamRolePolicyAttachment:
    """Create a customer-managed policy and attach it to a role.

    Returns the attachment: resources that use the role from their creation on must depend on it.

    Args:
        scope: Construct that owns both.
        what: Beginning of the construct ids.
        role: The role.
        name: Name of the policy.
        statements: Each with its reason.
    """
    policy = IamPolicy(scope, f"{what}-policy", name=name, policy=document(*statements))
    explain(policy, statements)
    return IamRolePolicyAttachment(scope, f"{what}-attachment", role=role.name, policy_arn=policy.arn)


class _Role(Construct):
    """A role and its customer-managed policies.

    Args:
        name: Name of the role, without the prefix `wealist-<env>-`.
        trust: Trust policy, as JSON.
        policies: Purpose of a policy → its statements.

    Attributes:
        role: The role.
        attachments: Attachments of its policies.
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
    """The role of the instances.

    Attributes:
        profile: The instance profile.
        attachments: Attachments of the role's policies, including those added by `allow`.
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
        """Add a policy to the role.

        Args:
            what: Purpose of the policy, which is named `wealist-<env>-<what>-policy`.
            statements: Each with its reason (`why`).
        """
        name = self._names(f"{what}-policy")
        attachment = attach_policy(self._ec2, what, role=self._ec2.role, name=name, statements=statements)
        self.attachments.append(attachment)


class DeployIdentity(Construct):
    """The role of CodeDeploy.

    Attributes:
        role: The role.
        attachments: Attachments of its policies.
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
    """The role that workflows of GitHub Actions assume to deploy."""

    def __init__(
        self, scope: Construct, id_: str, *, config: Environment, encryption: Encryption, frontend: Frontend
    ) -> None:
        super().__init__(scope, id_)
        # A data source: an account has one provider for GitHub, and the account stack creates it.
        provider = DataAwsIamOpenidConnectProvider(self, "github", url=OIDC_URL)
        _Role(
            self,
            "github-actions",
            config=config,
            name="github-actions-role",
            trust=assumed_by_github(
                provider.arn,
                # The organisation in the document's two spellings, then in GitHub's immutable form.
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

"""IAM as AWS evaluates it, for the checks of a stack and for the review of a plan.

policy.py          Statement: one statement of a policy document
evaluate.py        Grant: one action on one resource. Rights: all grants of a principal, and what they allow
catalog.py         catalog().expand("ec2:Describe*"): actions, their access level, ARN formats and condition keys
classification.py  actions that can escalate privileges or access data; the widest grant of AWS managed policies
forward_access.py  actions that AWS services perform with the permissions of their caller
arns.py            ARNs and names of a stack's resources
"""

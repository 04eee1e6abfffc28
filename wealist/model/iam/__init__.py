"""IAM as AWS evaluates it, for the checks of a stack and for the review of a plan.

policy.py       Statement: one statement of a document, typed, and taken apart into grants
evaluate.py     Grant: one action on one resource. Rights: all that a principal's policies say; allows, reaches, names,
                like, holds and asked answer as IAM does
catalog.py      catalog().expand("ec2:Describe*"): actions with their level, ARNs and condition keys  (actions/)
references.py   arn_of, name_of and resolved: what references in a policy stand for  (types.toml)
escalation.py   escalations(), leads_up: which actions change what a principal may do  (.toml)
data_access.py  accesses(): which actions read or write data, and what they ask of its key  (.toml)
"""

"""What a plan would do, written so that a reviewer sees in ten seconds whether it is dangerous.

terraform show -json → model.plan ─ checked ─→ changes ─ masked ─→ risks ─→ gates ─→ markdown, terminal, JSON

Nothing after `changes` ever holds a sensitive value: what must not be shown is taken out where the plan is read.
https://developer.hashicorp.com/terraform/internals/json-format
"""

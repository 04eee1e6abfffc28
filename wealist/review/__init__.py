"""Review of a Terraform plan: its risks, the worst first, and the gates that it fails.

terraform show -json → model.plan ─ validate ─→ reading ─ mask ─→ risks ─→ gates ─→ markdown, terminal, JSON, HTML

`reading` removes sensitive values; no later step holds any.
https://developer.hashicorp.com/terraform/internals/json-format
"""

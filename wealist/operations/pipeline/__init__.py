"""The commands that the GitHub workflows run: find changed stacks, plan, review and apply them.

pull request ─ changed ─→ plan ─┬─ the plan ─────→ S3, under its SHA-256 ──────────────────┐
                                ├─ record.json ──→ artifact of the run ─→ main ─ reviewed ─→ apply
                                └─ review.md ────→ comment

An apply runs only the plan that a record names. GitHub, and not a user, links that record to the merged pull request:
it is an artifact of the pull request's own run. The SHA-256 in it protects the plan against changes (ADR 22).
Nothing is applied where GitHub requires no reviewer (ADR 64), or with another version of Terraform than planned.
"""

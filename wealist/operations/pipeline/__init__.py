"""What the GitHub workflows run: which stacks changed, their plans, their reviews, and their applies.

pull request ─ changed ─→ plan ─┬─ the plan ─────→ S3, under its digest ───────────────────┐
                                ├─ record.json ──→ the run's artifact ─→ main ─ reviewed ─→ apply
                                └─ review.md ────→ a comment

An apply takes the plan that a record names and no other. The record is the artifact of the run that GitHub made for the
merged pull request, and for no other one; its digest is the plan's, so nobody can change the plan either (ADR 22).
Nothing is applied where GitHub would not ask a reviewer (ADR 64), nor by another Terraform than the one that planned.
"""

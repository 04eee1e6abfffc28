"""`wealist preflight ENV`: compare the real account and repository with what the stacks expect. Reads only.

    environment, synthesized stacks ─ expected ─┐
                                                ├─ Check.look ─► Row: what, expected, found, remedy, outcome
    AWS, GitHub, DNS, downloads ─── found ──────┘

Each module contains checks of one subject; `command.py` lists them all, with the IAM actions that they need.
"""

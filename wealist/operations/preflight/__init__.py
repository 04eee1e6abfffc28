"""`wealist preflight ENV`: what the real account and repository contradict of what the stacks expect. Reads only.

    spec, synthesized stacks ─ what is expected ─┐
                                                 ├─ Check.look ─► Row: what, expected, found, remedy, outcome
    AWS, GitHub, DNS, downloads ─ what is found ─┘

Each module lists checks about one subject; `groups.py` has them all, with the rights in AWS that they need.
"""

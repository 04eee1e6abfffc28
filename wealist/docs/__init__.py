"""Documents that are generated from what was synthesized: docs/architecture, in every language, and a site of them.

cdk.tf.json, spec, proofs ─► View ─ sections, messages.toml ─► Markdown ─┬─► docs/architecture (committed)
                                                                         └─► a static site, which needs no server
"""

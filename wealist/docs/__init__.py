"""Generate documentation from the synthesized stacks: docs/architecture in every language, and a static site.

cdk.tf.json, spec, proofs ─► View ─ sections, messages.toml ─► Markdown ─┬─► docs/architecture (committed)
                                                                         └─► a site that needs no web server
"""

"""Deployment bundles for CodeDeploy: one per service, and the commands that deploy it (architecture, section 7)."""

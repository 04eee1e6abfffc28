"""Audit the system with Prowler, and judge its findings by waivers.toml and audit.toml: `make audit`."""

"""Proofs on the synthesized JSON: nothing unsafe can be synthesized."""

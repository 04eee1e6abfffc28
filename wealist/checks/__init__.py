"""Checks of a synthesis: rules, proofs, inventory, waivers, report."""

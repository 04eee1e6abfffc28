"""The infrastructure of Wealist on AWS."""

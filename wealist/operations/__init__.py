"""The operators' commands on the synthesized JSON. They do not import cdktf, and start in milliseconds."""

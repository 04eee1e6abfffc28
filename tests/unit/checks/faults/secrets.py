"""Secrets for the tables of faults, assembled from parts, so that scanners of this repository do not report them.

A table refers to each by its name in lower case: `{aws_key}`.
"""

import base64
from typing import Final

from tests.unit.checks.secrets.shapes import HEX, SHAPES

AWS_KEY: Final = SHAPES["an AWS access key"][0]
AWS_SECRET: Final = "h4Qz9/Lw2nTf8Kd1+" + "Vx6Rb3YmJ0sPc7Ug5EaZi9t"
PRIVATE_KEY: Final = SHAPES["a private key"][0]
PKCS8: Final = SHAPES["the body of a private key"][0]
GITHUB_TOKEN: Final = SHAPES["a GitHub token"][0]
JWT: Final = SHAPES["a JSON web token"][0]
RANDOM: Final = "q7Xw2Lk9Zt4Vb8Nm1Rp6" + "Yc3Hd5Js0Gf7Qa2"
HEXADECIMAL: Final = HEX
SPELT: Final = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
PUNCTUATED: Final = ",;ORS@6ilI8ihN;5K" + "XSc7Tvo@hBKqFYY"
SCRIPT: Final = base64.b64encode(b"#!/bin/sh\nexport DB_URL=postgresql://wealist:hunter22@db/wealist\n").decode()
"""User data."""

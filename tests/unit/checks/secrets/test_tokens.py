"""Random strings are distinguished from names, at measured rates."""

import random
import re
import string
from pathlib import Path
from typing import Final

import pytest

from tests.unit.checks.faults import secrets as kinds
from wealist.checks.secrets.tokens import entropy, looks_random, preview, secrets_in
from wealist.model.iam.catalog import catalog
from wealist.project import ROOT

pytestmark = pytest.mark.exhaustive

_LETTERS_AND_DIGITS: Final = string.ascii_letters + string.digits
RANDOM: Final = "a string of high entropy"
ALPHABETS: Final = {
    "an AWS secret": (_LETTERS_AND_DIGITS + "+/", 40, 0.98),
    "a generated password": (_LETTERS_AND_DIGITS, 40, 0.98),
    "a short one": (_LETTERS_AND_DIGITS, 20, 0.92),
    "a URL-safe token": (_LETTERS_AND_DIGITS + "-_", 43, 0.98),
    "128 bits in hexadecimal": ("0123456789abcdef", 32, 0.98),
    "256 bits in hexadecimal": ("0123456789abcdef", 64, 0.99),
    "base 36": (string.ascii_lowercase + string.digits, 32, 0.95),
    "base 32": (string.ascii_uppercase + "234567", 52, 0.75),
}
"""What is made → its alphabet, its length, and the part of such strings that must be found."""


@pytest.mark.parametrize("kind", ALPHABETS)
def test_random_strings_look_random(kind: str) -> None:
    alphabet, length, part = ALPHABETS[kind]
    dice = random.Random(2026)  # noqa: S311  no secret
    found = [looks_random("".join(dice.choices(alphabet, k=length))) for _ in range(2000)]
    assert sum(found) / len(found) >= part


def test_random_strings_with_punctuation_are_found() -> None:
    dice = random.Random(2026)  # noqa: S311  no secret
    strings = ("".join(dice.choices(f"{_LETTERS_AND_DIGITS}!@#$%^&*.,:;", k=32)) for _ in range(2000))
    assert sum(any(True for _ in secrets_in(each)) for each in strings) / 2000 >= 0.93


def test_access_keys_with_words_are_found() -> None:
    assert [what for what, _ in secrets_in(f"secret={kinds.SPELT}")] == [RANDOM]
    assert list(secrets_in("https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata")) == []


@pytest.mark.parametrize(
    "name",
    [
        "identity_ec2_s3_policy",
        "wealist-dev-access-logs-290008131187",
        "al2023-ami-kernel-default-x86_64",
        "AmazonEC2ContainerServiceforEC2Role",
        "AllowVendedLogDeliveryForResource",
        "CodedeployDeploymentGroupEc2TagSetEc2TagFilter",
        "/usr/local/lib/docker/cli-plugins/docker-compose",
        "elasticache-replication-group-primary-2a",
        "0a0a0a0a0a0a0a0a0a0a0a0a",
    ],
)
def test_names_do_not_look_random(name: str) -> None:
    assert not looks_random(name)


def test_no_word_of_the_projects_code_looks_random() -> None:
    paths = (path for folder in ("wealist", "modules") for path in Path(ROOT, folder).rglob("*"))
    files = [path for path in paths if path.suffix in {".py", ".tf", ".tftpl", ".md"}]
    assert len(files) > 100
    shown = [(path, *each) for path in files for line in path.read_text().splitlines() for each in secrets_in(line)]
    # Known kinds stand in what looks for them.
    assert [each for each in shown if each[1] == RANDOM] == []


def test_few_iam_actions_look_random() -> None:
    actions = (action for service in ("ec2", "rds", "s3", "iam") for action in catalog().expand(f"{service}:*"))
    names = [action.name.partition(":")[2] for action in actions]
    assert len(names) > 1000
    assert sum(map(looks_random, names)) / len(names) < 0.005


@pytest.mark.parametrize(
    "public",
    [
        "658327ea-f89d-4fab-a63d-7e88639e58f6",
        "1f9d2c3b-4a5e-4f60-8a7b-9c0d1e2f3a4b",
        "arn:aws:acm:us-east-1:290008131187:certificate/1f9d2c3b-4a5e-4f60-8a7b-9c0d1e2f3a4b",
        "nginx@sha256:30f1c0d78e0ad60901648be663a710bdadf19e4c10ac6782c235200619158284",
        'x86_64  = "dba9d98e1ba5bfe11d88c99b9bd32fc4a0624a30fafe68eea34d61a3e42fd372"',
        "https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs",
        "https://${each.value}@example.com",
    ],
)
def test_public_ids_and_checksums_are_not_reported(public: str) -> None:
    assert list(secrets_in(public)) == []


def test_secrets_beside_public_ids_are_found() -> None:
    both = f"658327ea-f89d-4fab-a63d-7e88639e58f6 {kinds.RANDOM}"
    assert list(secrets_in(both)) == [(RANDOM, preview(kinds.RANDOM))]


def test_entropy_is_shannons() -> None:
    assert entropy("aaaa") == 0
    assert entropy("abab") == 1
    assert entropy("abcd") == 2
    assert re.fullmatch(r"4\.9\d*", str(entropy("abcdefghijklmnopqrstuvwxyz0123")))

"""Every known format of secrets is found, and common values are not reported."""

import pytest

from tests.unit.checks.secrets.harmless import harmless
from tests.unit.checks.secrets.shapes import HEX, SHAPES, WORD
from tests.unit.review.builders import cleaned
from wealist.checks.secrets.inline import secret_spans
from wealist.checks.secrets.names import WORDS
from wealist.checks.secrets.tokens import known_tokens, secret_patterns, secrets_in

pytestmark = pytest.mark.exhaustive

EXAMPLES = [(kind, text) for kind, texts in SHAPES.items() for text in texts]


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
@pytest.mark.parametrize("around", ["{}", "run {} now", '"{}",', "a={}\nb=1"])
def test_each_known_format_is_found_at_any_position(kind: str, text: str, around: str) -> None:
    assert kind in {what for _, _, what in known_tokens(around.format(text))}


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
def test_the_proof_and_the_review_find_the_same_formats(kind: str, text: str) -> None:
    assert kind in {what for what, _ in secrets_in(text)}
    masked = cleaned(f"see {text} end")
    assert not [secret for secret in (WORD[:20], HEX[:20], "hunter", "EXAMPLE", "GSM49", "EFAASC") if secret in masked]


def test_every_known_format_has_an_example() -> None:
    assert {row["name"] for row in secret_patterns()["shape"]} == set(SHAPES)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("curl -u admin:hunter22 https://a/", "curl -u admin:(sensitive value) https://a/"),
        ("mysql -uroot -phunter22 wealist", "mysql -uroot -p(sensitive value) wealist"),
        (
            f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={WORD};EndpointSuffix=x",
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=(sensitive value)",
        ),
        (f"https://b/k?X-Amz-Signature={HEX}&x=1", "https://b/k?X-Amz-Signature=(sensitive value)&x=1"),
    ],
)
def test_only_the_secret_part_is_masked(text: str, left: str) -> None:
    assert cleaned(text).startswith(left)


def test_nothing_harmless_is_masked() -> None:
    values = list(harmless())
    assert len(values) > 600
    assert [(each, str(cleaned(each))) for each in values if cleaned(each) != each] == []
    assert [each for each in values if list(known_tokens(each))] == []


@pytest.mark.parametrize("text", ["docker run -p 8080:80 x", "password: $X", "curl -u $A:$B x", "Bearer of bad news"])
def test_texts_similar_to_secrets_are_not_reported(text: str) -> None:
    assert list(secret_spans(text)) == []


def test_every_secret_word_contains_a_stem() -> None:
    names = ["password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "db_pass", "dbPass", "api_key"]
    assert not [name for name in names if not any(stem in name.lower() for stem in secret_patterns()["stems"])]
    assert WORDS.count("|") >= len(secret_patterns()["words"])

"""Rules about names: AWS's limits, the hosted zone, certificates, and conflicts between environments."""

from typing import Any

import pytest

from tests.unit.spec.builders import USER, build, line, problems
from wealist.spec.naming import LIMITS
from wealist.spec.rules import check

CERTIFICATE = "arn:aws:acm:{}:290008131187:certificate/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
LABELS = "write labels of lower-case letters, digits and inner hyphens, joined by dots"


def beside_stage(**overrides: Any) -> list[str]:
    """Return the problems of a valid environment, `stage`, and another one with changes."""
    qa = {
        "name": "qa",
        "network": {"cidr": "10.3.0.0/16"},
        "site": {"domain": "qa.wealist.co.kr"},
        "api": {"domain": "api.qa.wealist.co.kr"},
    }
    return [str(problem) for problem in check([build(), build(**qa | overrides)])]


@pytest.mark.parametrize("name", ["Stage", "stage-2", "2stage", "st_age", "st.age"])
def test_a_name_that_is_not_a_lower_case_word_is_reported(name: str) -> None:
    reason = "is not a lower-case word; write lower-case letters and digits, a letter first"
    assert f"{name}: name = {name!r} {reason}" in map(str, problems(name=name))


@pytest.mark.parametrize("name", ["account", "bootstrap"])
def test_names_of_other_stacks_are_reserved(name: str) -> None:
    assert line(name=name) == f"name = {name!r} is the name of another stack; choose another name"


def test_the_prefix_of_the_pipelines_names_is_reserved() -> None:
    reason = "makes names that begin with wealist-terraform, as those of the pipeline's own roles do"
    assert line(name="terraform") == f"name = 'terraform' {reason}; choose another name"
    assert problems(name="terraforms") == []


def test_a_name_has_ten_letters_at_most() -> None:
    assert problems(name="tenletters") == []
    text = line(name="elevenletts")
    assert "target group name 'wealist-elevenletts-monitoring-tg', which has 33 characters" in text
    assert text.endswith("; choose a shorter or plainer name for the environment or service")


@pytest.mark.parametrize("kind", LIMITS)
def test_a_name_over_the_limit_of_its_kind_is_reported_with_the_source(kind: str) -> None:
    length = LIMITS[kind].length
    found = [str(problem) for problem in problems(name="e" * length)]
    (text,) = (each for each in found if f"makes the {kind.replace('_', ' ')} name" in each)
    assert f"AWS accepts {length} at most (https://docs.aws.amazon.com/" in text


@pytest.mark.parametrize("name", ["notifications-and-mail", "user service"])
def test_a_service_whose_names_aws_would_reject_is_reported(name: str) -> None:
    found = [str(problem) for problem in problems(services=({**USER, "name": name},))]
    assert any(f"makes the target group name 'wealist-stage-{name}-tg', which" in each for each in found)


@pytest.mark.parametrize("part", ["site", "api"])
@pytest.mark.parametrize("domain", ["wealist.com", "notwealist.co.kr", "co.kr", "wealist.co.kr.example.com"])
def test_a_domain_outside_the_hosted_zone_is_reported(part: str, domain: str) -> None:
    reason = "is outside the hosted zone wealist.co.kr; end it with .wealist.co.kr"
    assert line(**{part: {"domain": domain}}) == f"{part}.domain = {domain!r} {reason}"


def test_the_domain_of_the_hosted_zone_is_allowed() -> None:
    assert problems(site={"domain": "wealist.co.kr"}) == []


@pytest.mark.parametrize(
    "domain", ["*.wealist.co.kr", "my site.wealist.co.kr", "a..wealist.co.kr", "-a.wealist.co.kr", "A.wealist.co.kr"]
)
def test_a_domain_that_is_not_a_host_name_is_reported(domain: str) -> None:
    assert line(site={"domain": domain}) == f"site.domain = {domain!r} is not a host name; {LABELS}"


def test_site_and_api_need_different_domains() -> None:
    text = line(api={"domain": "stage.wealist.co.kr"})
    assert text.startswith("api.domain = 'stage.wealist.co.kr' is the site's domain too, ")
    assert text.endswith("; write api.stage.wealist.co.kr")


@pytest.mark.parametrize(
    ("part", "wrong", "right"), [("site", "ap-northeast-2", "us-east-1"), ("api", "us-east-1", "ap-northeast-2")]
)
def test_a_certificate_in_the_wrong_region_is_reported(part: str, wrong: str, right: str) -> None:
    assert problems(**{part: {"certificate_arn": CERTIFICATE.format(right)}}) == []
    reason = f"is not the ARN of an ACM certificate in {right}; give one of {right}, or None to have one made"
    arn = CERTIFICATE.format(wrong)
    assert line(**{part: {"certificate_arn": arn}}) == f"{part}.certificate_arn = {arn!r} {reason}"


@pytest.mark.parametrize("arn", ["", "certificate", "arn:aws:iam::290008131187:server-certificate/x"])
def test_an_arn_of_something_else_than_a_certificate_is_reported(arn: str) -> None:
    assert line(site={"certificate_arn": arn}).startswith(f"site.certificate_arn = {arn!r} is not the ARN ")


def test_two_different_environments_have_no_problems() -> None:
    assert beside_stage() == []


def test_two_environments_with_one_name_are_reported() -> None:
    assert beside_stage(name="stage") == ["stage: name = 'stage' is taken by stage; choose another"]


@pytest.mark.parametrize(
    ("part", "domain"),
    [("site", "stage.wealist.co.kr"), ("api", "api.stage.wealist.co.kr"), ("site", "api.stage.wealist.co.kr")],
)
def test_two_environments_with_one_domain_are_reported(part: str, domain: str) -> None:
    expected = f"qa: {part}.domain = {domain!r} is taken by stage; choose another"
    assert beside_stage(**{part: {"domain": domain}}) == [expected]

"""What the rules say of names: AWS's limits, the hosted zone, certificates, and environments beside each other."""

import pytest

from tests.unit.spec.builders import USER, build, problems, the_problem
from wealist.spec.naming import LIMITS
from wealist.spec.rules import check

CERTIFICATE = "arn:aws:acm:{}:290008131187:certificate/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


def beside_stage(**overrides: object) -> list[tuple[object, ...]]:
    qa = {
        "name": "qa",
        "network": {"cidr": "10.3.0.0/16"},
        "site": {"domain": "qa.wealist.co.kr"},
        "api": {"domain": "api.qa.wealist.co.kr"},
    }
    found = check([build(), build(**qa | overrides)])
    return [(problem.owner, problem.field, problem.value, problem.message, problem.remedy) for problem in found]


@pytest.mark.parametrize("name", ["Stage", "stage-2", "2stage", "st_age", "st.age"])
def test_a_name_that_is_no_lower_case_word_is_reported(name: str) -> None:
    found = [problem for problem in problems(name=name) if problem.message == "is not a lower-case word"]
    assert [(problem.field, problem.value) for problem in found] == [("name", name)]
    assert found[0].remedy == "write lower-case letters and digits, a letter first"


@pytest.mark.parametrize("name", ["account", "bootstrap"])
def test_the_name_of_another_stack_is_reserved(name: str) -> None:
    problem = the_problem(name=name)
    assert (problem.field, problem.value, problem.message) == ("name", name, "is the name of another stack")
    assert problem.remedy == "choose another name"


def test_the_word_that_the_pipelines_own_names_begin_with_is_reserved() -> None:
    problem = the_problem(name="terraform")
    assert (problem.field, problem.value, problem.remedy) == ("name", "terraform", "choose another name")
    assert problem.message == "makes names that begin with wealist-terraform, as those of the pipeline's own roles do"
    assert problems(name="terraforms") == []


def test_a_name_of_ten_letters_is_no_problem_and_one_of_eleven_is() -> None:
    assert problems(name="tenletters") == []
    problem = the_problem(name="elevenletts")
    assert (problem.field, problem.value) == ("name", "elevenletts")
    assert "target group name 'wealist-elevenletts-monitoring-tg', which has 33 characters" in problem.message
    assert "32 at most" in problem.message
    assert "shorter" in problem.remedy


@pytest.mark.parametrize(
    ("kind", "length"),
    [
        ("target group", 32),
        ("load balancer", 32),
        ("replication group", 40),
        ("db instance", 63),
        ("bucket", 63),
        ("role", 64),
        ("application", 100),
        ("policy", 128),
        ("launch template", 128),
        ("security group", 255),
        ("auto scaling group", 255),
        ("repository", 256),
    ],
)
def test_a_name_over_awss_limit_is_reported_with_the_limit_and_its_source(kind: str, length: int) -> None:
    name = "e" * length
    found = [problem for problem in problems(name=name) if f"makes the {kind} name" in problem.message]
    assert found
    for problem in found:
        assert (problem.field, problem.value) == ("name", name)
        assert f"AWS accepts {length} at most (https://docs.aws.amazon.com/" in problem.message
    assert len(LIMITS) == 12, "a limit was added: give it a row above"


def test_a_service_whose_names_are_over_awss_limits_is_reported() -> None:
    found = problems(services=({**USER, "name": "notifications-and-mail"},))
    assert [problem.message.split(",")[0] for problem in found] == [
        "makes the target group name 'wealist-stage-notifications-and-mail-tg'"
    ]


def test_a_service_whose_name_aws_refuses_is_reported() -> None:
    found = problems(services=({**USER, "name": "user service"},))
    assert found
    assert any("'wealist-stage-user service" in problem.message for problem in found)


@pytest.mark.parametrize("part", ["site", "api"])
@pytest.mark.parametrize("domain", ["wealist.com", "notwealist.co.kr", "co.kr", "wealist.co.kr.example.com"])
def test_a_domain_outside_the_hosted_zone_is_reported(part: str, domain: str) -> None:
    problem = the_problem(**{part: {"domain": domain}})
    assert (problem.field, problem.value) == (f"{part}.domain", domain)
    assert problem.message == "is outside the hosted zone wealist.co.kr"
    assert problem.remedy == "end it with .wealist.co.kr"


def test_the_hosted_zone_itself_is_a_domain() -> None:
    assert problems(site={"domain": "wealist.co.kr"}) == []


@pytest.mark.parametrize(
    "domain", ["*.wealist.co.kr", "my site.wealist.co.kr", "a..wealist.co.kr", "-a.wealist.co.kr", "A.wealist.co.kr"]
)
def test_a_domain_that_is_no_host_name_is_reported(domain: str) -> None:
    problem = the_problem(site={"domain": domain})
    assert (problem.field, problem.value) == ("site.domain", domain)


def test_one_domain_for_site_and_api_is_reported_with_a_proposal() -> None:
    problem = the_problem(api={"domain": "stage.wealist.co.kr"})
    assert (problem.field, problem.value) == ("api.domain", "stage.wealist.co.kr")
    assert "is the site's domain too" in problem.message
    assert problem.remedy == "write api.stage.wealist.co.kr"


@pytest.mark.parametrize(
    ("part", "wrong", "right"), [("site", "ap-northeast-2", "us-east-1"), ("api", "us-east-1", "ap-northeast-2")]
)
def test_a_certificate_in_the_wrong_region_is_reported_with_the_right_one(part: str, wrong: str, right: str) -> None:
    assert problems(**{part: {"certificate_arn": CERTIFICATE.format(right)}}) == []
    problem = the_problem(**{part: {"certificate_arn": CERTIFICATE.format(wrong)}})
    assert (problem.field, problem.value) == (f"{part}.certificate_arn", CERTIFICATE.format(wrong))
    assert problem.message == f"is not the ARN of an ACM certificate in {right}"
    assert problem.remedy == f"give one of {right}, or None to have one made"


@pytest.mark.parametrize("arn", ["", "certificate", "arn:aws:iam::290008131187:server-certificate/x"])
def test_what_is_no_certificate_at_all_is_reported(arn: str) -> None:
    assert the_problem(site={"certificate_arn": arn}).field == "site.certificate_arn"


def test_two_different_environments_have_no_problems() -> None:
    assert beside_stage() == []


def test_two_environments_of_one_name_are_reported() -> None:
    assert beside_stage(name="stage") == [("stage", "name", "stage", "is taken by stage", "choose another")]


@pytest.mark.parametrize(("part", "domain"), [("site", "stage.wealist.co.kr"), ("api", "api.stage.wealist.co.kr")])
def test_two_environments_of_one_domain_are_reported(part: str, domain: str) -> None:
    assert beside_stage(**{part: {"domain": domain}}) == [
        ("qa", f"{part}.domain", domain, "is taken by stage", "choose another")
    ]


def test_a_site_on_the_api_domain_of_another_environment_is_reported() -> None:
    found = beside_stage(site={"domain": "api.stage.wealist.co.kr"})
    assert [problem[:2] for problem in found] == [("qa", "site.domain")]

"""Foreign identifiers are reported; our own, AWS's and allowed ones are not."""

from pathlib import Path

import pytest

from tests.syntheses import mutated, synthesis
from tests.unit.checks.faults.tables import edit_from
from wealist.checks import references
from wealist.checks.finding import Synthesis
from wealist.checks.references import Ours, is_allowed, prove
from wealist.errors import BAD_INPUT, OperatorError


@pytest.fixture(scope="module")
def committed() -> Synthesis:
    return synthesis()


def test_the_committed_system_refers_to_nothing_foreign(committed: Synthesis) -> None:
    assert [str(finding) for finding in prove(committed)] == []


def test_a_foreign_reference_is_reported_with_its_argument(committed: Synthesis) -> None:
    edit = edit_from({"aws_lb.load_balancer_alb access_logs bucket": "evil-logs"})
    (finding,) = prove(mutated(committed, "prod", edit))
    assert (finding.address, finding.problem) == ("aws_lb.load_balancer_alb", "bucket names the bucket evil-logs")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("quay.io/prometheus/prometheus:v3.13.2", True),
        ("quay.io/evil/prometheus:v3.13.2", False),
        ("quay.io", False),
        ("docker.io/grafana/grafana:12.4.10", True),
        ("docker.io/grafana/grafana-evil:12.4.10", False),
        ("github.com/docker/compose/releases/download/v1/x", True),
        ("github.com/docker/compose/releases/download/../../../../evil/x", False),
        ("ecs.application-autoscaling.amazonaws.com", True),
        ("evil.io/x.application-autoscaling.amazonaws.com", False),
    ],
)
def test_an_entry_allows_only_the_names_that_it_lists(name: str, *, allowed: bool) -> None:
    assert is_allowed(name) is allowed


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("https://s3.ap-northeast-2.amazonaws.com/wealist-frontend/x", []),
        ("https://s3.ap-northeast-2.amazonaws.com/evil/x", ["the url https://s3.ap-northeast-2.amazonaws.com/evil/x"]),
        ("s3.amazonaws.com/evil", ["the host s3.amazonaws.com/evil"]),
        ("http://169.254.169.254/latest/meta-data", []),
        ("http://127.0.0.1:9090/-/ready", []),
        ("http://prometheus:9090", []),
        ("http://8.8.8.8/x", ["the url http://8.8.8.8/x"]),
        ("10.0.0.0/16 and 0.0.0.0/0", []),
        ("config.json, docker.service and t3.small", []),
        ("write to ops@evil.io.", ["the host evil.io"]),
        ("arn:aws:ec2:::snapshot/snap-01234567", ["the arn arn:aws:ec2:::snapshot/snap-01234567"]),
    ],
)
def test_identifiers_are_recognized_by_their_format(committed: Synthesis, text: str, names: list[str]) -> None:
    assert list(Ours.of(committed).foreign("x", text)) == names


def test_an_entry_that_allows_everything_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "references.toml").write_text('[[allowed]]\nnames = ["*"]\nreason = "because it is so"\n[not_hosts]\n')
    monkeypatch.setattr(references, "PATH", tmp_path / "references.toml")
    with pytest.raises(OperatorError, match=r"references.toml '\*' allows everything") as refused:
        references._allowed.__wrapped__()  # noqa: SLF001  the answer of the committed file is kept
    assert refused.value.exit_code == BAD_INPUT

"""`wealist types add` inserts a valid row, and rejects known and unknown types."""

import stat
import sys
from pathlib import Path

import pytest

from tests.unit.copies import ROOT
from wealist import cli
from wealist.model import types
from wealist.model.new_type import add_type
from wealist.model.type_row import Type
from wealist.model.types import PATH, TypesError, parse, problems_with_provider

SMALL = """\
# The head.

[aws_db_instance]
what = "a database server"  # a remark
data = "holds the services' data"
by_hand = "an administrator"

# Queues, in every form.
[aws_sqs_queue]
what = "a queue"
data = false
by_hand = "an administrator"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "types.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def added(file: Path, kind: str) -> Type:
    add_type(kind, file)
    return parse(file.read_text(encoding="utf-8"))[kind]


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("aws_kinesis_stream", "kinesis:CreateStream"),
        ("aws_sfn_state_machine", "states:CreateStateMachine"),
        ("aws_cognito_user_pool", "cognito-idp:CreateUserPool"),
        ("aws_vpc_dhcp_options", "ec2:CreateDhcpOptions"),
        ("aws_lb_trust_store", "elasticloadbalancing:CreateTrustStore"),
        ("aws_cloudwatch_event_archive", "events:CreateArchive"),
        ("aws_transfer_server", "transfer:CreateServer"),
    ],
)
def test_a_new_row_lists_the_api_calls_of_the_type(file: Path, kind: str, action: str) -> None:
    assert action in added(file, kind).actions("create")


@pytest.mark.parametrize(
    "kind",
    ["aws_kinesis_stream", "aws_transfer_server", "aws_opensearch_domain", "aws_quicksight_dashboard", "data.aws_ami"],
)
def test_a_new_row_is_valid_and_agrees_with_the_provider(file: Path, kind: str) -> None:
    written = added(file, kind)
    assert problems_with_provider({kind: written}) == []
    assert {"what", "data"} <= set(written.undecided)


def test_a_new_row_lists_network_role_and_secret_arguments(file: Path) -> None:
    server, machine = added(file, "aws_transfer_server"), added(file, "aws_sfn_state_machine")
    assert server.network
    assert server.network["endpoint_details.subnet_ids"] == "subnet"
    assert "host_key" in server.secrets
    assert set(machine.roles) == {"role_arn"}
    assert {"network", "roles"} <= set(server.undecided)


def test_undecided_columns_are_returned_and_written(file: Path) -> None:
    undecided = add_type("aws_kinesis_stream", file)
    assert parse(file.read_text(encoding="utf-8"))["aws_kinesis_stream"].undecided == undecided
    assert {"what", "data", "exposes", "interrupts", "serves", "lookup"} <= set(undecided)


@pytest.mark.parametrize(
    ("kind", "order"),
    [
        ("aws_acmpca_policy", ["aws_acmpca_policy", "aws_db_instance", "aws_sqs_queue"]),
        ("aws_kinesis_stream", ["aws_db_instance", "aws_kinesis_stream", "aws_sqs_queue"]),
        ("aws_xray_group", ["aws_db_instance", "aws_sqs_queue", "aws_xray_group"]),
    ],
)
def test_a_row_is_inserted_in_alphabetical_order_and_other_rows_are_unchanged(
    file: Path, kind: str, order: list[str]
) -> None:
    add_type(kind, file)
    text = file.read_text(encoding="utf-8")
    assert [name for name, _ in types.split(text)[1]] == order
    start = text.index(f"[{kind}]")
    end = min(
        (place for each in ("# Queues", "[aws_db_instance]") if (place := text.find(each, start)) > 0), default=None
    )
    rest = text[:start] + (text[end:] if end else "")
    assert rest.rstrip() == SMALL.rstrip()


def test_a_second_row_for_a_type_is_rejected(file: Path) -> None:
    with pytest.raises(TypesError, match="has a row for aws_sqs_queue"):
        add_type("aws_sqs_queue", file)
    assert file.read_text(encoding="utf-8") == SMALL


def test_an_unknown_type_is_rejected_with_similar_names(file: Path) -> None:
    with pytest.raises(TypesError) as raised:
        add_type("aws_kinesis_streem", file)
    assert "did you mean aws_kinesis_stream" in raised.value.remedy


def test_no_row_is_added_to_an_invalid_file(file: Path) -> None:
    broken = SMALL.replace("data = false", "dat = false")
    file.write_text(broken, encoding="utf-8")
    with pytest.raises(TypesError, match="dat is not a column"):
        add_type("aws_kinesis_stream", file)
    assert file.read_text(encoding="utf-8") == broken


def test_a_failed_write_leaves_the_file_unchanged(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(TypesError, match="No space left on device"):
        add_type("aws_kinesis_stream", file)
    assert file.read_text(encoding="utf-8") == SMALL
    assert [each.name for each in file.parent.iterdir()] == ["types.toml"]


def test_the_file_keeps_its_mode(file: Path) -> None:
    file.chmod(0o640)
    add_type("aws_kinesis_stream", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.parametrize("kind", ["aws_sqs_queue", "aws_sqs_quue"])
def test_the_command_exits_with_2_and_a_remedy_if_it_rejects_a_type(
    kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = PATH.read_bytes()
    monkeypatch.setattr(sys, "argv", ["wealist", "types", "add", kind])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    printed = capsys.readouterr().err
    assert ended.value.code == 2
    assert "error:" in printed
    assert "remedy:" in printed
    assert PATH.read_bytes() == before
    assert ROOT / "wealist/model/types.toml" == PATH

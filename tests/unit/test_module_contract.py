"""What the contract accepts of a module call, what it refuses, and what its messages say."""

import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wealist.toolkit.hcl_types import misfits, parse_type
from wealist.toolkit.module_contract import (
    ModuleContractError,
    check_module_call,
    check_module_output,
    module_outputs,
)

VARIABLES = """
    variable "bucket_name" {
      description = "With \\"quotes\\" and a ${"template"}."
      type        = string
    }
    variable "days" {
      type    = number
      default = 90
    }
    variable "services" {
      type = list(object({
        # A comment, with an open bracket: (
        name = string
        port = optional(number, tonumber("80"))
      }))
      default = []
    }
    variable anything {}
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / "variables.tf").write_text(textwrap.dedent(VARIABLES))
    (folder / "outputs.tf").write_text('output "bucket_arn" {\n  value = "arn"\n}\n')
    # Declares nothing, so it is nobody's business here that it does not parse.
    (folder / "main.tf").write_text("resource {{{")
    return folder


def problems(module: Path, **inputs: object) -> tuple[str, ...]:
    """What the contract says of a call, which is complete but for what `inputs` changes."""
    complete = {"bucket_name": "b", "anything": 1}
    try:
        check_module_call(module, {**complete, **inputs})
    except ModuleContractError as error:
        return error.problems
    return ()


def test_a_call_with_every_required_input_fits(module: Path) -> None:
    check_module_call(module, {"bucket_name": "b", "anything": [1, "two"]})


def test_an_unknown_input_is_refused_with_the_nearest_names(module: Path) -> None:
    assert problems(module, bucketname="b") == (
        "bucketname: there is no such variable in variables.tf; did you mean bucket_name?",
    )


def test_an_unknown_input_like_no_other_is_answered_with_all_names(module: Path) -> None:
    (problem,) = problems(module, zzz=1)
    assert problem.endswith("there are anything, bucket_name, days, services")


def test_an_input_without_a_default_must_be_given(module: Path) -> None:
    assert problems(module, bucket_name=None) == (
        "bucket_name: required, but not given; pass a value of type string (variables.tf)",
    )


def test_none_leaves_an_optional_input_at_its_default(module: Path) -> None:
    assert problems(module, days=None) == ()


def test_every_problem_is_named_at_once(module: Path) -> None:
    with pytest.raises(ModuleContractError) as caught:
        check_module_call(module, {"dayz": 1, "days": "90", "services": [{"port": True, "nam": "x"}]})
    message = str(caught.value)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "dayz",
        "days",
        "services[0].port",
        "services[0].nam",
        "services[0].name",
        "bucket_name",
        "anything",
    ]
    assert str(module) in message
    assert all(problem in message for problem in caught.value.problems)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("written", "fitting", "misfit"),
    [
        ("string", "x", 1),
        ("string", "", None),
        ("number", 1.5, "1.5"),
        ("number", 0, True),
        ("bool", False, 0),
        ("list(string)", ("a", "b"), "ab"),
        ("list(string)", [], ["a", 1]),
        ("set(string)", ["a"], {"a"}),
        ("map(number)", {"a": 1}, {"a": "1"}),
        ("map(string)", {}, [("a", "b")]),
        ("map(string)", {"a": "b"}, {1: "b"}),
        ("list", [1, "a"], "a"),
        ("tuple([string, number])", ["a", 1], ["a"]),
        ("object({a = string, b = optional(bool)})", {"a": "x"}, {"b": True}),
        ("object({a = string})", {"a": "x"}, {"a": "x", "b": "y"}),
        ("object({a = optional(object({b = number}), {b = 1})})", {"a": {"b": 2}}, {"a": {"b": "2"}}),
        ("list(map(any))", [{"a": object()}], [[]]),
    ],
)
def test_a_value_must_be_of_the_declared_type(written: str, fitting: object, misfit: object) -> None:
    wanted = parse_type(written)
    assert list(misfits("x", wanted, fitting)) == []
    assert list(misfits("x", wanted, misfit)) != []


def test_a_misfit_tells_what_came_and_what_to_pass_instead() -> None:
    (problem,) = misfits("ports", parse_type("list(number)"), {8080})
    assert problem == "ports: needs list(number), got set {8080}; pass a list, of a set by sorted(...)"


class Resolvable:
    """As cdktf hands out booleans that are known later."""

    def resolve(self) -> None:
        """Called by cdktf at synth."""


@pytest.mark.parametrize("written", ["string", "number", "bool", "list(string)", "map(string)", "object({a = bool})"])
@pytest.mark.parametrize("token", ["${aws_vpc.this.id}", "${TfToken[TOKEN.12]}", -8.109562212591383e298, Resolvable()])
def test_what_is_known_later_satisfies_every_type(written: str, token: object) -> None:
    assert list(misfits("x", parse_type(written), token)) == []


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("list(object({a = bool}))", ["#{TfToken[TOKEN.2]}"]),
        ("list(number)", [-1.8881545897087507e289]),
        ("map(number)", {"&{TfToken[TOKEN.3]}": "String Map Token Value"}),
    ],
)
def test_lists_and_maps_that_are_known_later_satisfy_their_types(written: str, token: object) -> None:
    assert list(misfits("x", parse_type(written), token)) == []


def test_a_path_is_not_taken_for_a_token() -> None:
    assert list(misfits("x", parse_type("string"), Path("x"))) != []


TYPES = st.recursive(
    st.sampled_from(["string", "number", "bool", "any"]),
    lambda inner: st.one_of(
        inner.map("list({})".format),
        inner.map("set({})".format),
        inner.map("map({})".format),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: f"tuple([{', '.join(items)}])"),
        st.dictionaries(st.from_regex(r"[a-z_]{1,6}", fullmatch=True), inner, max_size=3).map(
            lambda attributes: f"object({{{', '.join(f'{name} = {wanted}' for name, wanted in attributes.items())}}})"
        ),
    ),
    max_leaves=8,
)


@given(TYPES)
def test_a_type_reads_back_as_it_is_written(written: str) -> None:
    assert str(parse_type(written)) == written


@settings(max_examples=50)
@given(
    TYPES,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    ),
)
def test_no_value_makes_the_check_itself_fail(written: str, value: object) -> None:
    assert all(isinstance(problem, str) for problem in misfits("x", parse_type(written), value))


@pytest.mark.parametrize(
    "written", ["strng", "list(", "list(string", "object({a})", "list(string) x", "optional()", ""]
)
def test_a_type_that_terraform_does_not_know_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_type(written)


def test_the_outputs_of_a_module_are_known(module: Path) -> None:
    assert module_outputs(module) == {"bucket_arn"}
    check_module_output(module, "bucket_arn")


def test_an_output_that_does_not_exist_is_refused_with_the_nearest(module: Path) -> None:
    with pytest.raises(ModuleContractError, match="did you mean bucket_arn"):
        check_module_output(module, "bucket_name_arn")


def test_a_folder_without_terraform_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModuleContractError, match=f"{tmp_path}.*\n.*no \\*.tf file"):
        module_outputs(tmp_path)


def test_hcl_that_does_not_parse_is_named_with_its_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "variables.tf").write_text('variable "a" {\n  type = = string\n}\n')
    with pytest.raises(ModuleContractError, match=r"variables\.tf does not parse: .* line 2"):
        check_module_call(tmp_path, {})


def test_a_type_that_terraform_would_refuse_is_named_with_its_variable(tmp_path: Path) -> None:
    (tmp_path / "variables.tf").write_text('variable "a" {\n  type = strng\n}\n')
    with pytest.raises(ModuleContractError, match=r"a: is of a type that Terraform does not know, strng"):
        check_module_call(tmp_path, {})


def test_a_module_is_read_once(module: Path) -> None:
    module_outputs(module)
    (module / "outputs.tf").unlink()
    assert module_outputs(module) == {"bucket_arn"}

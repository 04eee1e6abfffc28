from wealist.review.layout import MISSES, Section, fit_sections


def section(group: str, text: str) -> Section:
    return Section(group, group, lambda: text)


def test_a_long_risk_keeps_no_shorter_one_out() -> None:
    sections = [section("risks", "a" * 10), section("risks", "b" * 100), section("risks", "c" * 10)]
    groups, left = fit_sections(sections, 50)
    assert groups == {"risks": ["a" * 10, "c" * 10]}
    assert left == [sections[1]]


def test_what_matters_less_takes_no_place_from_a_risk_that_is_left_out() -> None:
    sections = [section("risks", "a" * 100), section("notes", "b"), section("risks", "c")]
    assert fit_sections(sections, 50) == ({"risks": ["c"]}, sections[:2])


def test_of_thousands_that_do_not_fit_only_some_are_written() -> None:
    written: list[int] = []

    def text(number: int) -> str:
        written.append(number)
        return "a" * 100

    sections = [Section("create", "create", lambda number=number: text(number)) for number in range(5_000)]  # type: ignore[misc]
    _, left = fit_sections(sections, 50)
    assert len(left) == len(sections)
    assert len(written) == MISSES


def test_sections_take_no_more_than_their_room() -> None:
    sections = [section("risks", "가" * 3)] * 2
    assert fit_sections(sections, 19)[0] == {"risks": ["가" * 3]}
    assert fit_sections(sections, 20)[0] == {"risks": ["가" * 3] * 2}

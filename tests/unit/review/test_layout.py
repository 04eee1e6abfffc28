from wealist.review.layout import MISSES, Section, fit_sections


def section(group: str, text: str) -> Section:
    return Section(group, group, lambda: text)


def test_shorter_sections_of_a_group_follow_one_that_does_not_fit() -> None:
    sections = [section("risks", "a" * 10), section("risks", "b" * 100), section("risks", "c" * 10)]
    groups, left = fit_sections(sections, 50)
    assert groups == {"risks": ["a" * 10, "c" * 10]}
    assert left == [sections[1]]


def test_later_groups_are_left_out_with_an_earlier_section() -> None:
    sections = [section("risks", "a" * 100), section("notes", "b"), section("risks", "c")]
    assert fit_sections(sections, 50) == ({"risks": ["c"]}, sections[:2])


def test_rendering_stops_after_many_sections_that_do_not_fit() -> None:
    written: list[int] = []

    def text(number: int) -> str:
        written.append(number)
        return "a" * 100

    sections = [Section("create", "create", lambda number=number: text(number)) for number in range(5_000)]  # type: ignore[misc]
    _, left = fit_sections(sections, 50)
    assert len(left) == len(sections)
    assert len(written) == MISSES


def test_sections_stay_within_the_budget() -> None:
    sections = [section("risks", "가" * 3)] * 2
    assert fit_sections(sections, 19)[0] == {"risks": ["가" * 3]}
    assert fit_sections(sections, 20)[0] == {"risks": ["가" * 3] * 2}

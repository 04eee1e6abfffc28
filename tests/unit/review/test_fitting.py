from wealist.review.fitting import MISSES, Piece, fitted


def piece(section: str, text: str) -> Piece:
    return Piece(section, section, lambda: text)


def test_a_long_risk_keeps_no_shorter_one_out() -> None:
    pieces = [piece("risks", "a" * 10), piece("risks", "b" * 100), piece("risks", "c" * 10)]
    sections, left = fitted(pieces, 50)
    assert sections == {"risks": ["a" * 10, "c" * 10]}
    assert left == [pieces[1]]


def test_what_matters_less_takes_no_place_from_a_risk_that_is_left_out() -> None:
    pieces = [piece("risks", "a" * 100), piece("notes", "b"), piece("risks", "c")]
    assert fitted(pieces, 50) == ({"risks": ["c"]}, pieces[:2])


def test_of_thousands_that_do_not_fit_only_some_are_written() -> None:
    written: list[int] = []

    def text(number: int) -> str:
        written.append(number)
        return "a" * 100

    pieces = [Piece("create", "create", lambda number=number: text(number)) for number in range(5_000)]  # type: ignore[misc]
    _, left = fitted(pieces, 50)
    assert len(left) == len(pieces)
    assert len(written) == MISSES


def test_pieces_take_no_more_than_their_room() -> None:
    pieces = [piece("risks", "가" * 3)] * 2
    assert fitted(pieces, 19)[0] == {"risks": ["가" * 3]}
    assert fitted(pieces, 20)[0] == {"risks": ["가" * 3] * 2}

from wealist.emulator.corrections import CORRECTIONS


def test_every_correction_says_why_and_where_aws_says_so() -> None:
    for correction in CORRECTIONS:
        assert "https://docs.aws.amazon.com/" in (correction.__doc__ or ""), correction.__name__

"""Tests of the site in a real browser: every page, at two widths, in both themes and languages."""

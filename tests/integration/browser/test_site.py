"""Every page of the site works in a real browser when it is opened from disk."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.integration.browser.visits import Visit

pytestmark = pytest.mark.timeout(2_400)
"""Seconds. The first test waits until every page has been visited, which takes minutes on a busy machine."""

LANGUAGES = ("en", "ko")
NAT = "aws_nat_gateway.network_nat"
IN_VIEW = """node => {
    const [at, view] = [node, node.closest(".diagram-view")].map(each => each.getBoundingClientRect());
    return at.left >= view.left && at.right <= view.right && at.top >= view.top && at.bottom <= view.bottom;
}"""
"""Whether a node is visible in its figure without scrolling."""
SECTIONS = 9
"""Sections of the architecture, each with at least one drawing."""


def of_environments(visits: dict[str, Visit]) -> dict[str, Visit]:
    return {path: seen for path, seen in visits.items() if Path(path).name in {"dev.html", "prod.html"}}


def test_the_site_has_the_same_pages_in_every_language(visits: dict[str, Visit]) -> None:
    english, korean = (
        {path.removeprefix(f"{each}/") for path in visits if path.startswith(f"{each}/")} for each in LANGUAGES
    )
    assert english == korean
    assert {"index.html", "dev.html", "prod.html"} <= english


def test_no_page_reports_an_error(visits: dict[str, Visit]) -> None:
    assert {path: seen.errors for path, seen in visits.items() if seen.errors} == {}


def test_no_page_makes_network_requests(visits: dict[str, Visit]) -> None:
    assert {path: seen.requests for path, seen in visits.items() if seen.requests} == {}


def test_no_page_scrolls_horizontally(visits: dict[str, Visit]) -> None:
    assert {path: seen.overflow for path, seen in visits.items() if seen.overflow} == {}


def test_axe_finds_no_accessibility_problem(visits: dict[str, Visit]) -> None:
    assert {path: seen.violations for path, seen in visits.items() if seen.violations} == {}


def test_every_figure_shows_its_nodes(visits: dict[str, Visit]) -> None:
    drawn = {path: seen.drawn for path, seen in of_environments(visits).items()}
    assert len(drawn) == len(LANGUAGES) * 2
    assert all(len(nodes) >= SECTIONS and min(nodes) > 1 for nodes in drawn.values()), drawn


@pytest.mark.parametrize("language", LANGUAGES)
def test_hovering_a_node_shows_its_terraform_address(language: str, site: Path, page: Page) -> None:
    figure = network(page, site, language)
    figure.locator(f'.d-node[data-address*="{NAT}"]').first.hover()
    expect(figure.locator(".diagram-panel")).to_contain_text(NAT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_search_of_a_figure_finds_an_address(language: str, site: Path, page: Page) -> None:
    figure = network(page, site, language)
    box = figure.get_by_role("searchbox")
    box.fill(NAT)
    expect(figure.locator(".is-hit")).not_to_have_count(0)
    assert figure.locator(".is-hit").first.evaluate(IN_VIEW)
    expect(figure.locator(".diagram-panel")).to_contain_text(NAT)
    box.fill("nothing-is-called-so")
    expect(figure.locator(".is-hit")).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_flow_is_highlighted_while_its_button_is_hovered(language: str, site: Path, page: Page) -> None:
    page.goto((site / language / "prod.html").as_uri())
    figure = page.locator("figure.diagram").first
    figure.locator("button[data-flow]").first.hover()
    expect(figure.locator(".is-flow").first).to_be_attached()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_search_of_the_site_finds_an_address(language: str, site: Path, page: Page) -> None:
    page.goto((site / language / "index.html").as_uri())
    page.locator('.md-search__button:visible, label[for="__search"]:visible').first.click()
    page.get_by_role("combobox").fill(NAT)
    found = page.get_by_role("option").filter(has_text=NAT).first
    expect(found).to_be_visible()
    target = str(found.get_attribute("href")).partition("?")[0]
    found.click()
    page.wait_for_url(lambda url: url.startswith(target))
    expect(page.locator("main")).to_contain_text(NAT)


def network(page: Page, site: Path, language: str) -> Locator:
    """Return the network figure of prod."""
    page.goto((site / language / "prod.html").as_uri())
    return page.locator("figure.diagram").filter(has=page.locator(f'.d-node[data-address*="{NAT}"]')).first

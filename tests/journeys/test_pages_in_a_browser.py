"""The landing page and the documentation in a real browser: they work, complain of nothing and ask nobody else."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from api.openapi.document import document
from pipelines.roster.migrations import upgrade
from tests.api.conftest import ROSTERING, serving, settings_for
from tests.api.roster import HEADER, KEY, SECRET, fill_everything, opened
from tests.journeys.browsing import Watch, browser, served
from tests.servers import PostgresServer

PATIENCE = 30_000  # milliseconds: a busy machine is no fault of the pages
expect.set_options(timeout=PATIENCE)
SCHOOLS = f"{ROSTERING}/schools"


@pytest.fixture(scope="module")
def address(postgres_server: PostgresServer) -> Iterator[str]:
    """A hub with a full roster, which is asked at another address than its public one."""
    template = postgres_server.migrated(upgrade)
    with postgres_server.database(template) as url, opened(url) as roster:
        roster.key()
        fill_everything(roster)
        settings = dataclasses.replace(settings_for(url), token_key="a key for tests of the pages, long enough")
        with serving(settings) as api, served(api.client.application) as address:
            yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened_browser:
        yield opened_browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1100, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_the_landing_page_shows_the_data(page: Page, address: str) -> None:
    watch = Watch(page)
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("RosterHub")
    for name in ("Schools", "Students"):
        expect(page.locator(".counts > div", has_text=name).locator("dd")).to_have_text("1")
    assert watch.complaints == []
    assert watch.elsewhere(address) == []


def test_the_landing_page_leads_to_the_documentation(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Documentation").click()
    expect(page.locator(".opblock-tag").first).to_be_visible()


@pytest.mark.parametrize("width", [360, 1100])
def test_the_landing_page_fits_its_window(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_documentation_loads_from_this_host_without_a_complaint(page: Page, address: str) -> None:
    watch = Watch(page)
    page.goto(f"{address}/docs")
    expect(page.locator(".opblock-tag")).to_have_count(len(document("1.0")["tags"]))
    page.wait_for_load_state("networkidle")
    assert watch.complaints == []
    assert watch.elsewhere(address) == []


def test_a_key_opens_what_one_tries(page: Page, address: str) -> None:
    watch = Watch(page)
    page.goto(f"{address}/docs")
    _authorize(page, {"api_key_value": HEADER})
    body = _try(page, "getAllSchools")
    assert [record["sourcedId"] for record in body["orgs"]] == ["school-1"]
    assert watch.complaints == []
    assert watch.elsewhere(address) == []


def test_client_credentials_open_what_one_tries(page: Page, address: str) -> None:
    watch = Watch(page)
    page.goto(f"{address}/docs")
    _authorize(page, {"client_id_clientCredentials": KEY, "client_secret_clientCredentials": SECRET})
    body = _try(page, "getAllSchools")
    (asked,) = (request for request in watch.requests if SCHOOLS in request.url)
    assert asked.headers["authorization"].startswith("Bearer ")
    assert [record["sourcedId"] for record in body["orgs"]] == ["school-1"]
    assert watch.elsewhere(address) == []


def _authorize(page: Page, fields: dict[str, str]) -> None:
    """Fill the fields of those ids in, which belong to one way to authorize, and take that way."""
    page.locator(".auth-wrapper .authorize").first.click()
    for id, text in fields.items():
        page.locator(f"#{id}").fill(text)
    form = page.locator(".auth-container", has=page.locator(f"#{next(iter(fields))}"))
    form.locator("button.authorize").click()
    expect(page.locator(".modal-ux button", has_text="Logout")).to_be_visible()
    page.locator(".close-modal").click()


def _try(page: Page, operation: str) -> Any:
    """Execute an operation with what its form proposes; the JSON that the page then shows, from a 200."""
    page.locator("#operations-tag-rostering").click()
    form = page.locator(f"#operations-rostering-{operation}")
    form.locator(".opblock-summary-control").click()
    form.get_by_role("button", name="Execute").click()
    expect(form.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    return json.loads(form.locator(".live-responses-table .highlight-code code").first.inner_text())

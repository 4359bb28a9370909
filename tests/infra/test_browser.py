"""The journeys' own ground: the portal is fresh for every test, and a page that misbehaves is noticed."""

from __future__ import annotations

import pytest

from reporting.demo.accounts import DEMO_SIGN_INS
from tests.browser import Watch, assert_accessible, sign_in

pytestmark = pytest.mark.journey


def test_a_user_signs_in_and_the_pages_behave(page, portal):
    page.goto("/accounts/login/")
    assert_accessible(page)
    account = DEMO_SIGN_INS[0]
    sign_in(page, account.username, account.password)
    assert account.full_name in page.content()
    assert_accessible(page)
    portal.query("UPDATE accounts_user SET full_name = 'changed by this test'")


def test_the_next_test_finds_the_city_as_seeded(portal):
    assert portal.query("SELECT count(*) FROM accounts_user WHERE full_name = 'changed by this test'") == [
        (0,)
    ]
    assert portal.worker.alive
    assert portal.redis.answers()


def test_an_outside_request_and_a_script_error_are_noticed(chromium):
    watch = Watch()
    context = chromium.new_context()
    watch.follow(context, "127.0.0.1:1")
    page = context.new_page()
    page.set_content("<img src='http://outside.invalid/x.png'><script>console.error('broken')</script>")
    page.wait_for_timeout(300)
    context.close()
    assert any("外部请求：http://outside.invalid" in problem for problem in watch.unexpected())
    assert any("broken" in problem for problem in watch.unexpected())
    watch.allow("outside|broken|ERR_")
    assert watch.unexpected() == []

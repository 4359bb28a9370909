"""What portal.js does: focus, autosave with mirror and conflict, uploads, shortcuts, guards. And all of it without script."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Watch
from tests.front import gallery

OpenPage = Callable[..., Page]
SECTION = "/assessment/section/?as=contact"


@pytest.fixture(autouse=True)
def fresh_card() -> Iterator[None]:
    gallery.SAVED.update(revision=1, text="", mode="ok", uploads=[], choice="", asked=0)
    yield


def card_state(page: Page):
    return page.locator("#card-D02-02 [data-save-state]")


def soon(wanted: Callable[[], bool], seconds: float = 1.5) -> None:
    """What the page has sent arrives at the server; without asking the page, which may be gone."""
    until = time.monotonic() + seconds
    while not wanted() and time.monotonic() < until:
        time.sleep(0.02)
    assert wanted()


def left_here(page: Page) -> int:
    """How many drafts this machine keeps."""
    return page.evaluate("""() => new Promise((done, refuse) => {
        const asked = indexedDB.open("portal");
        asked.onerror = () => refuse(asked.error);
        asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", {keyPath: "key"});
        asked.onsuccess = () => {
            const work = asked.result.transaction([...asked.result.objectStoreNames]), counts = [];
            for (const name of asked.result.objectStoreNames) { counts.push(work.objectStore(name).count()); }
            work.oncomplete = () => { asked.result.close(); done(counts.reduce((sum, one) => sum + one.result, 0)); };
        };
    })""")


def test_error_summary_takes_focus_and_leads_into_the_field(open_page: OpenPage, watch: Watch) -> None:
    watch.allow("422")
    page = open_page("/enterprises/new/")
    page.get_by_label("企业名称").fill("鲁南机床（滕州）制造有限公司")
    page.get_by_label("统一社会信用代码").fill("９１３７ 0481")
    page.get_by_role("button", name="保存企业", exact=True).click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert page.title().startswith("有误：")
    page.get_by_role("link", name=re.compile("请填写职工人数")).click()
    expect(page.get_by_label("职工人数")).to_be_focused()
    expect(page.get_by_label("企业名称")).to_have_value("鲁南机床（滕州）制造有限公司")
    expect(page.get_by_label("统一社会信用代码")).to_have_value("９１３７ 0481")
    page.get_by_role("link", name=re.compile("请选择企业规模")).click()
    expect(page.get_by_label("大型")).to_be_focused()


def test_shortcut_saves_and_enter_does_not(open_page: OpenPage, watch: Watch) -> None:
    watch.allow("422")
    page = open_page("/enterprises/new/")
    page.get_by_label("企业名称").press("Enter")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_label("企业名称").press("Control+s")
    expect(page.get_by_role("alert")).to_be_visible()


def test_saved_form_offers_undo_once(open_page: OpenPage) -> None:
    page = open_page("/enterprises/new/")
    for label, value in {
        "企业名称": "甲公司", "统一社会信用代码": "91370481ma3c4d5e6f", "职工人数": "１，０２４人", "联系电话": "0632 5512345",
        "成立日期": "2019年3月5日",
    }.items():  # fmt: skip
        page.get_by_label(label).first.fill(value)
    page.get_by_label("区（市）").select_option("滕州市")
    page.get_by_label("中型").check()
    page.get_by_label("已核对营业执照").check()
    page.get_by_role("button", name="保存企业", exact=True).click()
    expect(page.get_by_text("已保存企业：甲公司")).to_be_visible()
    expect(page.get_by_role("button", name="撤销")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="撤销")).to_have_count(0)


def test_leaving_with_unsaved_changes_is_asked(open_page: OpenPage) -> None:
    page = open_page("/enterprises/new/")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == []
    page.get_by_label("企业名称").fill("改过")
    page.reload()
    assert asked == ["beforeunload"]


def test_autosave_keeps_revision_and_updates_the_score(open_page: OpenPage) -> None:
    page = open_page(SECTION)
    page.get_by_label("情况说明").type("已开展工资集体协商")
    expect(card_state(page)).to_have_text("未保存")
    expect(card_state(page)).to_have_text("已保存 14:02", timeout=5000)
    expect(page.locator("#score")).to_contain_text("33／46")
    assert gallery.SAVED["text"] == "已开展工资集体协商" and gallery.SAVED["revision"] == 2
    page.get_by_label("应签订人数").fill("320")
    page.get_by_label("应签订人数").press("Tab")
    expect(page.locator("[name=revision]").first).to_have_value("3")
    expect(card_state(page)).to_have_text("已保存 14:02")
    assert left_here(page) == 0 and page.evaluate("localStorage.length") == 0


def test_a_choice_is_sent_at_once(open_page: OpenPage) -> None:
    page = open_page(SECTION)
    page.get_by_label("是", exact=True).first.check()
    soon(lambda: gallery.SAVED["choice"] == "1")
    expect(card_state(page)).to_have_text("已保存 14:02")


def test_words_are_kept_from_the_first_key(open_page: OpenPage) -> None:
    page = open_page(SECTION)
    page.get_by_label("情况说明").press("a")
    page.wait_for_timeout(100)
    assert left_here(page) == 1 and gallery.SAVED["text"] == ""


@pytest.mark.parametrize("end", ["close", "hide", "reload"])
def test_words_typed_just_before_leaving_are_saved(open_page: OpenPage, end: str) -> None:
    """0.8 s before the tab is closed, the phone is locked or another app comes up."""
    page = open_page(SECTION)
    page.get_by_label("情况说明").type("最后一句")
    page.wait_for_timeout(800)
    assert gallery.SAVED["text"] == ""
    if end == "hide":
        page.evaluate("""() => {
            Object.defineProperty(document, "visibilityState", {value: "hidden", configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));
        }""")
    elif end == "reload":
        page.reload()
    else:
        page.close(run_before_unload=True)
    soon(lambda: gallery.SAVED["text"] == "最后一句", 5)


def test_autosave_shows_doubts_and_keeps_the_value(open_page: OpenPage) -> None:
    page = open_page(SECTION)
    page.get_by_label("已签订人数").fill("999")
    page.get_by_label("已签订人数").press("Tab")
    expect(page.locator("#signed_autosave_error")).to_have_text("已签订人数不能大于应签订人数，请核对")
    expect(page.get_by_label("已签订人数")).to_have_value("999")


def test_network_failure_mirrors_the_text_and_saves_it_on_return(open_page: OpenPage, watch: Watch) -> None:
    watch.allow("Failed to load resource|ERR_FAILED")
    page = open_page(SECTION)
    page.route("**/save/", lambda route: route.abort())
    page.get_by_label("情况说明").fill("断网时写的")
    expect(card_state(page)).to_have_text("未保存：网络中断，正在重试", timeout=5000)
    page.unroute("**/save/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_text("已填回本机留存的")).to_be_visible()
    expect(card_state(page)).to_have_text("已保存 14:02", timeout=5000)
    assert gallery.SAVED["text"] == "断网时写的"
    page.reload()
    expect(page.get_by_text("已填回本机留存的")).to_have_count(0)
    assert left_here(page) == 0


def test_what_was_filled_in_again_can_be_thrown_away(open_page: OpenPage, watch: Watch) -> None:
    watch.allow("Failed to load resource|ERR_FAILED")
    page = open_page(SECTION)
    page.route("**/save/", lambda route: route.abort())
    page.get_by_label("情况说明").fill("写错地方了")
    expect(card_state(page)).to_contain_text("网络中断")
    page.unroute("**/save/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.get_by_role("button", name="不要这些内容").click()
    expect(page.get_by_label("情况说明")).to_have_value("")
    expect(card_state(page)).to_have_text("已保存 14:02", timeout=5000)
    assert gallery.SAVED["text"] == "" and left_here(page) == 0


def test_back_on_the_network_it_saves_without_waiting_for_the_next_try(
    open_page: OpenPage, watch: Watch
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED")
    page = open_page(SECTION)
    page.context.set_offline(True)
    page.get_by_label("是", exact=True).first.check()
    expect(card_state(page)).to_have_text("未保存：网络中断，正在重试")
    page.context.set_offline(False)
    soon(lambda: gallery.SAVED["choice"] == "1", 3)


def test_a_busy_server_is_waited_for_as_long_as_it_says(open_page: OpenPage, watch: Watch) -> None:
    watch.allow("429")
    page = open_page(SECTION)
    gallery.SAVED["mode"] = 429
    page.get_by_label("是", exact=True).first.check()
    expect(card_state(page)).to_have_text("未保存：操作太频繁，2 秒后自动重试，内容已留在本机")
    page.get_by_label("否", exact=True).first.check()
    page.get_by_label("情况说明").fill("等待时写的")
    asked = gallery.SAVED["asked"]
    gallery.SAVED["mode"] = "ok"
    assert asked == 1, "typing does not ask a server that said when to come back"
    expect(card_state(page)).to_have_text("已保存 14:02", timeout=5000)
    assert (gallery.SAVED["choice"], gallery.SAVED["text"]) == ("0", "等待时写的")


def test_after_signing_in_again_in_another_tab_it_goes_out(open_page: OpenPage, watch: Watch) -> None:
    watch.allow("401")
    page = open_page(SECTION)
    gallery.SAVED["mode"] = 401
    page.get_by_label("是", exact=True).first.check()
    expect(card_state(page)).to_contain_text("登录已超时，内容已留在本机")
    expect(card_state(page).get_by_role("link", name="在新窗口登录")).to_be_visible()
    gallery.SAVED["mode"] = "ok"
    other = page.context.new_page()
    other.goto("/assessment/?as=nobody")
    other.wait_for_timeout(300)
    other.goto("/assessment/?as=contact")
    soon(lambda: gallery.SAVED["choice"] == "1", 3)
    expect(card_state(page)).to_have_text("已保存 14:02")
    assert left_here(page) == 0


def test_what_a_closed_tab_still_owes_goes_out_from_any_page(open_page: OpenPage, watch: Watch) -> None:
    watch.allow("401")
    page = open_page(SECTION)
    gallery.SAVED["mode"] = 401
    page.get_by_label("情况说明").fill("超时前写的")
    expect(card_state(page)).to_contain_text("登录已超时", timeout=5000)
    other = page.context.new_page()
    page.close()
    gallery.SAVED["mode"] = "ok"
    other.goto("/assessment/?as=staff")
    other.wait_for_timeout(1000)
    assert gallery.SAVED["text"] == ""  # another capacity, not the one that typed
    other.goto("/assessment/?as=contact")
    expect(other.get_by_text("本机留存的 1 项填写已补存。")).to_be_visible()
    assert gallery.SAVED["text"] == "超时前写的" and left_here(other) == 0


def test_a_refusal_is_shown_in_its_own_words_and_keeps_what_was_typed(
    open_page: OpenPage, watch: Watch
) -> None:
    watch.allow("422")
    page = open_page(SECTION)
    gallery.SAVED["mode"] = "refused"
    page.get_by_label("是", exact=True).first.check()
    expect(card_state(page)).to_contain_text("未保存：自评已定稿，不能修改。")
    expect(page.get_by_label("是", exact=True).first).to_be_checked()
    assert left_here(page) == 1


def test_one_field_changed_on_two_devices_shows_both_texts(open_page: OpenPage, watch: Watch) -> None:
    watch.allow("409")
    page = open_page(SECTION)
    gallery.SAVED["mode"] = "conflict"
    page.get_by_label("情况说明").fill("我写的")
    clash = page.locator("[data-clash=note]")
    expect(clash).to_contain_text("“情况说明”两处都改了。王敏（11-22 14:02） 保存的：", timeout=6000)
    expect(clash).to_contain_text("同事写的")
    expect(page.get_by_label("情况说明")).to_have_value("我写的")
    page.get_by_label("是", exact=True).first.check()  # the rest of the card goes on saving
    soon(lambda: gallery.SAVED["choice"] == "1")
    expect(clash).to_have_count(1)
    clash.get_by_role("button", name="用我的").click()
    expect(card_state(page)).to_have_text("已保存 14:02")
    expect(clash).to_have_count(0)
    assert gallery.SAVED["text"] == "我写的"


def test_leaving_a_text_box_moves_no_button_away_from_the_finger(open_page: OpenPage) -> None:
    page = open_page(SECTION)
    box, button = page.get_by_label("情况说明"), page.get_by_role("button", name="暂存").first
    box.evaluate("one => { one.dataset.room = 2000; Portal.start(one); }")
    box.focus()
    expect(page.get_by_text("还可填 2000 个字")).to_be_visible()
    before = button.bounding_box()
    box.blur()
    assert button.bounding_box() == before


def test_the_stored_text_can_be_taken_instead(open_page: OpenPage, watch: Watch) -> None:
    watch.allow("409")
    page = open_page(SECTION)
    gallery.SAVED["mode"] = "conflict"
    page.get_by_label("情况说明").fill("我写的")
    page.locator("[data-clash=note]").get_by_role("button", name="用已保存的").click(timeout=6000)
    expect(page.get_by_label("情况说明")).to_have_value("同事写的")
    expect(card_state(page)).to_have_text("已保存 14:02")
    assert left_here(page) == 0


def test_both_cards_side_by_side(open_page: OpenPage, watch: Watch) -> None:
    watch.allow("409")
    page = open_page(SECTION)
    gallery.SAVED["mode"] = "conflict"
    page.get_by_label("情况说明").fill("我写的")
    page.get_by_role("button", name="查看两份内容").click(timeout=6000)
    expect(page.get_by_role("heading", name="您填写的")).to_be_visible()
    expect(page.get_by_role("button", name="用我的")).to_be_visible()


def test_a_link_waits_for_the_last_words(open_page: OpenPage) -> None:
    page = open_page(SECTION)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("情况说明").fill("最后一句")
    page.get_by_role("link", name="暂存并返回").click()
    page.wait_for_url("**/assessment/")
    assert (gallery.SAVED["text"], asked) == ("最后一句", [])


def test_a_link_is_followed_though_nothing_can_be_saved(open_page: OpenPage, watch: Watch) -> None:
    """After three seconds the leaving guard asks; the words stay on this machine."""
    watch.allow("ERR_FAILED")
    page = open_page(SECTION)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.route("**/save/", lambda route: route.abort())
    page.get_by_label("情况说明").fill("断网时的最后一句")
    page.get_by_role("link", name="暂存并返回").click()
    page.wait_for_url("**/assessment/")
    assert asked == ["beforeunload"]


def test_upload_rows(open_page: OpenPage, watch: Watch) -> None:
    watch.allow("422")
    page = open_page(SECTION)
    chooser = page.locator("#card-D02-02 input[type=file]")
    chooser.set_input_files([
        {"name": "名册.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"},
        {"name": "程序.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"},
        {"name": "空.pdf", "mimeType": "application/pdf", "buffer": b""},
        {"name": "坏.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"},
        {"name": "旧版.doc", "mimeType": "application/msword", "buffer": b"\xd0\xcf"},
    ])  # fmt: skip
    expect(page.locator("#files")).to_contain_text("名册.pdf")
    # The server's own words, also for a kind of file the box does not take.
    expect(page.get_by_text("不支持 .doc，请另存为 .docx 后再上传。", exact=True)).to_be_visible()
    expect(
        page.get_by_text("文件须为 PDF、JPG、PNG、HEIC、DOCX、XLSX 格式，请转换后再上传。")
    ).to_be_visible()
    expect(page.get_by_text("文件是空的，请重新选择")).to_be_visible()
    expect(page.get_by_text("文件有密码，请去掉密码后重传")).to_be_visible()
    assert sorted(gallery.SAVED["uploads"]) == ["名册.pdf", "坏.pdf", "旧版.doc", "程序.exe"]


def test_the_camera_button_takes_pictures_only(open_page: OpenPage) -> None:
    """Android ignores `capture` on a box that also takes documents."""
    page = open_page(SECTION, width=360, touch=True)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="拍照").first.tap()
    asked = chooser.value.element.evaluate("one => [one.accept, one.getAttribute('capture')]")
    assert asked == ["image/*", "environment"]
    chooser.value.set_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff"})
    expect(page.locator("#files")).to_contain_text("IMG_1.jpg")
    with page.expect_file_chooser() as chooser:
        page.get_by_text("选择文件（可多选）").first.tap()
    accepted = chooser.value.element.evaluate("one => [one.accept, one.hasAttribute('capture')]")
    assert ".docx" in accepted[0] and accepted[1] is False


def wait_until_kept(page: Page, words: str) -> None:
    """What was typed is on this machine: before that, a phone out of power takes the last word with it."""
    page.wait_for_function(
        """words => new Promise((done, refuse) => {
        const asked = indexedDB.open("portal");
        asked.onerror = () => refuse(asked.error);
        asked.onsuccess = () => {
            const all = asked.result.transaction("drafts").objectStore("drafts").getAll();
            all.onsuccess = () => { asked.result.close(); done(JSON.stringify(all.result).includes(words)); };
        };
    })""",
        arg=words,
    )


def test_a_long_form_is_offered_again_until_the_server_has_it(open_page: OpenPage, watch: Watch) -> None:
    watch.allow("422|ERR_FAILED")
    page = open_page("/enterprises/new/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_label("备注").fill("写了很久的备注")
    page.get_by_label("企业名称").fill("甲公司")
    wait_until_kept(page, "甲公司")
    page.close()  # the phone is out of power

    page = page.context.new_page()
    page.goto("/enterprises/new/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="恢复这些内容").click()
    expect(page.get_by_label("备注")).to_have_value("写了很久的备注")

    # The network is gone when it is sent: kept. Refused: kept. Taken: gone, and not offered again.
    page.route("**/enterprises/new/", lambda route: route.abort())
    page.get_by_role("button", name="保存企业", exact=True).click()
    page.wait_for_timeout(300)
    page.unroute("**/enterprises/new/")
    page.goto("/enterprises/new/")
    page.get_by_role("button", name="恢复这些内容").click()
    page.get_by_role("button", name="保存企业", exact=True).click()
    expect(page.get_by_label("备注")).to_have_value("写了很久的备注")  # refused, still there
    page.goto("/enterprises/new/")
    page.get_by_role("button", name="恢复这些内容").click()
    for label, value in {
        "统一社会信用代码": "91370481ma3c4d5e6f",
        "职工人数": "12",
        "联系电话": "0632 5512345",
    }.items():
        page.get_by_label(label).first.fill(value)
    page.get_by_label("区（市）").select_option("滕州市")
    page.get_by_label("中型").check()
    page.get_by_label("已核对营业执照").check()
    page.get_by_role("button", name="保存企业", exact=True).click()
    expect(page.get_by_text("已保存企业：甲公司")).to_be_visible()
    page.goto("/enterprises/new/")
    page.wait_for_timeout(300)
    expect(page.get_by_role("button", name="恢复这些内容")).to_have_count(0)
    assert left_here(page) == 0


def test_native_file_words_are_hidden_behind_chinese(open_page: OpenPage) -> None:
    page = open_page("/enterprises/new/")
    expect(page.get_by_text("未选择文件")).to_be_visible()
    page.get_by_label("职工名册").set_input_files({"name": "名册.xlsx", "mimeType": "x/y", "buffer": b"1234"})
    expect(page.get_by_text("名册.xlsx（4 B）")).to_be_visible()


def test_calendar_fills_the_text_box(open_page: OpenPage) -> None:
    page = open_page("/enterprises/new/")
    page.get_by_label("从日历选择日期").fill("2026-11-05")
    expect(page.get_by_label("成立日期")).to_have_value("2026-11-05")


def test_another_answer_between_swap_and_settle_does_not_take_the_focus(open_page: OpenPage) -> None:
    """A row is exchanged; before it settles a badge of the menu arrives. The row's link of the same id is focused."""
    page = open_page("/enterprises/new/")
    page.evaluate("""() => {
        const main = document.getElementById("main"), tell = (name, xhr, target) =>
            document.body.dispatchEvent(new CustomEvent("htmx:" + name, {bubbles: true, detail: {xhr: xhr, target: target}}));
        main.insertAdjacentHTML("beforeend", '<p id="old"><a href="#x" id="edit-1">编辑</a></p><p id="badge"></p>');
        document.getElementById("edit-1").focus();
        const row = {}, badge = {};
        tell("beforeSwap", row, document.getElementById("old"));
        document.getElementById("old").outerHTML = '<p id="new"><a href="#x" id="edit-1">编辑</a></p>';
        tell("beforeSwap", badge, document.getElementById("badge"));
        tell("afterSettle", badge, document.getElementById("badge"));
        tell("afterSettle", row, document.getElementById("new"));
    }""")
    expect(page.locator("#edit-1")).to_be_focused()


def test_refused_swap_is_shown_and_focus_stays(open_page: OpenPage, watch: Watch) -> None:
    watch.allow("422")
    page = open_page(SECTION)
    page.locator("#swap").click()
    expect(page.locator("#swapped")).to_have_text("换好的内容")
    assert page.evaluate("document.activeElement !== document.body")


def test_card_filters(open_page: OpenPage) -> None:
    page = open_page(SECTION)
    page.get_by_role("button", name="只看退回").click()
    expect(page.locator("#card-D02-02")).to_be_hidden()
    expect(page.get_by_text("显示 1 项")).to_be_visible()
    page.get_by_role("button", name="全部").click()
    expect(page.locator("#card-D02-02")).to_be_visible()


def test_bulk_bar_counts(open_page: OpenPage) -> None:
    page = open_page("/enterprises/")
    expect(page.locator("[data-bulk-bar]")).to_be_hidden()
    page.get_by_label("选择本页全部企业").check()
    expect(page.locator("[data-bulk-bar]")).to_contain_text("已选 6 家")


def test_elder_mode_without_losing_what_is_typed(open_page: OpenPage) -> None:
    page = open_page("/enterprises/new/")
    page.get_by_label("企业名称").fill("写了一半")
    with page.expect_response("**/ui/elder/"):
        page.get_by_role("button", name="长辈版").click()
    expect(page.locator("html")).to_have_attribute("data-elder", "on")
    expect(page.get_by_label("企业名称")).to_have_value("写了一半")
    page.goto("/login-page/?as=nobody")
    expect(page.locator("html")).to_have_attribute("data-elder", "on")


def test_elder_mode_and_upload_without_script(open_page: OpenPage) -> None:
    page = open_page(SECTION, script=False)
    page.get_by_role("button", name="长辈版").click()
    assert page.locator("html").get_attribute("data-elder") == "on"
    page.locator("#card-D02-02 input[type=file]").set_input_files(
        {"name": "名册.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    )
    page.get_by_role("button", name="上传").click()
    assert gallery.SAVED["uploads"] == ["名册.pdf"]


def test_idle_warning_and_stay(open_page: OpenPage) -> None:
    page = open_page("/enterprises/")
    page.clock.install()
    # A badge still on its way would count as use when it arrives after the leap.
    page.reload(wait_until="networkidle")
    page.clock.run_for(26 * 60 * 1000)
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_be_visible()
    expect(page.get_by_role("button", name="继续填写")).to_be_focused()
    page.get_by_role("button", name="继续填写").click()
    expect(dialog).to_be_hidden()


def test_second_press_is_ignored(open_page: OpenPage) -> None:
    page = open_page("/confirm/")
    sent: list[str] = []
    page.route("**/confirm/", lambda route: sent.append(route.request.method))
    page.evaluate(
        "() => { const b = document.querySelector('main form .btn-primary'); b.click(); b.click(); }"
    )
    page.wait_for_timeout(500)
    assert sent == ["POST"]


ADD_FIELDS = """(form) => ["method", "action"].forEach((name) => {
    const field = document.createElement("input");
    field.name = name; field.type = "hidden"; field.value = "访谈"; form.append(field);
})"""


def test_fields_named_like_form_properties_break_nothing(open_page: OpenPage) -> None:
    """A form whose fields are called `method` and `action` is still sent once, and saved to its own address."""
    page = open_page("/confirm/")
    sent: list[str] = []
    page.route("**/confirm/", lambda route: sent.append(route.request.method))
    page.locator("main form").first.evaluate(ADD_FIELDS)
    page.evaluate(
        "() => { const b = document.querySelector('main form .btn-primary'); b.click(); b.click(); }"
    )
    page.wait_for_timeout(500)
    assert sent == ["POST"]
    page = open_page(SECTION)
    page.locator("#card-D02-02 form").first.evaluate(ADD_FIELDS)
    page.get_by_label("情况说明").type("已开展工资集体协商")
    expect(card_state(page)).to_have_text("已保存 14:02", timeout=5000)


def test_the_room_left_is_shown_and_nothing_is_cut(open_page: OpenPage) -> None:
    page = open_page("/enterprises/new/")
    box = page.get_by_label("企业名称")
    most = int(box.get_attribute("data-room") or 0)
    assert most and box.get_attribute("maxlength") is None
    box.fill("字" * (most - 1))
    expect(page.locator(".room:visible")).to_have_text("还可填 1 个字")
    box.fill("字" * (most + 2))
    expect(page.locator(".room.is-over")).to_have_text("超出 2 个字，请删减")
    expect(box).to_have_value("字" * (most + 2))


def test_the_key_of_a_form_survives_back(open_page: OpenPage) -> None:
    """The page is fetched anew, with a fresh key; sent again it must still lead to what the first sending made."""
    page = open_page("/enterprises/new/")
    key = page.locator("[name=form_key]").input_value()
    page.goto(page.url.replace("/enterprises/new/", "/enterprises/"))
    page.go_back()
    expect(page.locator("[name=form_key]")).to_have_value(key)
    page.goto(page.url)
    assert re.fullmatch(r"[0-9a-f]{32}", page.locator("[name=form_key]").input_value())

"""A small site of its own with every component on believable pages, for screenshots, axe and behaviour tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import include, path

from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.autosaving import FieldClash, autosave_response, read_shown
from zaozhuang_portal.kernel.components import Chip, Step, TimelineEntry
from zaozhuang_portal.kernel.errors import ConflictError, NotAllowed
from zaozhuang_portal.kernel.forms import CodeField, LooseDateField, LooseIntegerField, PhoneField, PortalForm
from zaozhuang_portal.kernel.http import error_response
from zaozhuang_portal.kernel.keyset import KeysetPage
from zaozhuang_portal.kernel.navigation import NavItem
from zaozhuang_portal.kernel.undo import offer_undo

NOW = datetime(2026, 11, 22, 6, 2, tzinfo=UTC)
DISTRICTS = ["滕州市", "山亭区", "薛城区", "高新区", "市中区", "峄城区", "台儿庄区"]
STAFF, CONTACT = frozenset({"DISTRICT_OFFICE"}), frozenset({"SUBJECT_CONTACT"})
NAV = [
    NavItem("home", "工作台", "home", "house-door", order=0, bottom_bar=True),
    NavItem("todo", "待办", "todo", "inbox", order=10, bottom_bar=True, badge_url_name="badge"),
    NavItem("enterprises", "企业", "enterprises", "building", STAFF, 200, group="培育"),
    NavItem("parks", "园区", "parks", "buildings", STAFF, 210, group="培育"),
    NavItem("pairings", "结对", "pairings", "link-45deg", STAFF, 220, group="培育"),
    NavItem("visits", "指导服务", "visits", "journal-check", STAFF, 230, group="培育"),
    NavItem("trainings", "培训", "trainings", "mortarboard", STAFF, 240, group="培育"),
    NavItem(
        "assessment", "自评", "assessment", "clipboard-check", CONTACT, 300, bottom_bar=True, group="评价"
    ),
    NavItem("section", "材料库", "section", "folder", CONTACT, 310, bottom_bar=True, group="评价"),
    NavItem("reviews", "核验", "reviews", "clipboard-check", STAFF, 320, group="评价"),
    NavItem("checks", "抽查", "checks", "shield-check", STAFF, 330, group="评价"),
    NavItem("report", "报告", "report", "file-earmark-word", STAFF, 400, group="总结"),
    NavItem("ledger", "台账", "ledger", "file-earmark-excel", STAFF, 410, group="总结"),
]
COMPANIES = [
    (
        "鲁南机床（滕州）制造有限公司",
        "91370481MA3C4D5E6F",
        "滕州市",
        "通用设备制造业",
        312,
        "ok",
        "已核验",
        "ON_TRACK",
    ),
    (
        "枣庄运河水乡食品股份有限公司",
        "91370405MA3N7P8Q9R",
        "台儿庄区",
        "农副食品加工业",
        186,
        "info",
        "已提交",
        "ON_TRACK",
    ),
    (
        "山东薛国锂电新材料科技有限公司",
        "91370403MA3T1U2W3X",
        "薛城区",
        "电气机械和器材制造业",
        1_024,
        "warn",
        "填写中",
        "BEHIND",
    ),
    (
        "山亭区翼云石头部落文旅发展有限公司",
        "91370406MA3Y4A5B6C",
        "山亭区",
        "商务服务业",
        74,
        "danger",
        "退回修改",
        "CRITICAL",
    ),
    (
        "枣庄市中区惠民纺织有限责任公司",
        "91370402MA3D7E8F9G",
        "市中区",
        "纺织业",
        265,
        "neutral",
        "未开始",
        "NO_DATA",
    ),
    (
        "峄城石榴产业发展集团有限公司",
        "91370404MA3H1J2K3L",
        "峄城区",
        "食品制造业",
        138,
        "draft",
        "待职代会审议",
        "ON_TRACK",
    ),
]


class GalleryActorMiddleware:
    """Stands in for the accounts app: `?as=contact|staff|nobody` picks the actor of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        who = request.GET.get("as", "staff")
        roles = {
            "staff": ("DISTRICT_OFFICE", "滕州市三方办公室（人社局）", "张秀兰"),
            "contact": ("SUBJECT_CONTACT", "鲁南机床（滕州）制造有限公司 经办人", "李建国"),
        }
        request.user = SimpleNamespace(is_authenticated=who in roles)
        request.actor = None
        if who in roles:
            role, label, name = roles[who]
            capacity = SimpleNamespace(key={"staff": "m1", "contact": "s1"}[who], role=role, label=label)
            other = SimpleNamespace(key="m2", role=role, label="市中区三方办公室（总工会）")
            user = SimpleNamespace(
                pk=7, full_name=name, elder_mode=False, density="normal", must_change_password=False
            )
            request.actor = SimpleNamespace(role=role, user=user, capacity=capacity)
            request.capacities = [capacity, other]
        return self.get_response(request)


class EnterpriseForm(PortalForm):
    name = forms.CharField(label="企业名称", max_length=60)
    credit_code = CodeField(
        label="统一社会信用代码", help_text="营业执照上的 18 位代码", min_length=18, max_length=18
    )
    district = forms.ChoiceField(
        label="区（市）", choices=[("", "请选择"), *((name, name) for name in DISTRICTS)]
    )
    scale = forms.ChoiceField(
        label="企业规模", choices=[("L", "大型"), ("M", "中型"), ("S", "小型")], widget=forms.RadioSelect
    )
    employees = LooseIntegerField(label="职工人数", unit="人")
    founded = LooseDateField(label="成立日期", required=False)
    phone = PhoneField(label="联系电话")
    roster = forms.FileField(label="职工名册", required=False)
    note = forms.CharField(
        label="备注", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )
    agree = forms.BooleanField(label="已核对营业执照")

    fieldsets = (
        ("基本信息", ("name", "credit_code", "district", "scale", "employees", "founded")),
        ("联系与材料", ("phone", "roster", "note", "agree")),
    )
    submit_label = "保存企业"
    cancel_url = "/enterprises/"
    extra_buttons = (("save_and_add", "保存并新增下一条"),)

    def clean(self) -> None:
        if self.data.get("name") == "重复":
            self.add_domain_error(ConflictError("该企业已在滕州市建档，请打开原记录办理。"))


class SignInForm(forms.Form):
    login = forms.CharField(label="用户名", widget=forms.TextInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label="密码", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


def show(name: str, **context: Any) -> Callable[[HttpRequest], HttpResponse]:
    return lambda request: render(request, name, {"now": NOW, **context})


def enterprises(request: HttpRequest) -> HttpResponse:
    page = KeysetPage(rows=COMPANIES, size=20, total=132, capped=False, next="after.x", has_last=True)
    chips = (
        [Chip("区（市）", "滕州市", "?"), Chip("状态", "已提交", "?q=1")]
        if request.GET.get("district")
        else []
    )
    rows = [] if request.GET.get("q") == "none" else COMPANIES
    context = {
        "rows": rows,
        "page": page,
        "chips": chips,
        "districts": DISTRICTS,
        "sort": request.GET.get("sort", "name"),
    }
    return render(request, "gallery/list.html", context)


def enterprise_form(request: HttpRequest) -> HttpResponse:
    form = EnterpriseForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        messages.success(request, f"已保存企业：{form.cleaned_data['name']}")
        offer_undo(request, "已新增 1 家企业", "/undo/", fields={"id": "7"})
        return redirect("/enterprises/")
    return render(request, "gallery/form.html", {"form": form}, status=422 if form.is_bound else 200)


def record(request: HttpRequest) -> HttpResponse:
    facts = [
        ("统一社会信用代码", "91370481MA3C4D5E6F"), ("管理单位", "滕州市"), ("所属行业", "通用设备制造业"), ("企业规模", "中型"),
        ("职工人数", "312 人"), ("联系人", "李建国"), ("联系电话", "0632-5512345"), ("备注", ""),
    ]  # fmt: skip
    entries = [
        TimelineEntry("提交自评", "李建国（企业经办人）", NOW, "#", note="受理编号 ZZ-2026-0481-0032"),
        TimelineEntry(
            "修改企业信息",
            "张秀兰（滕州市三方办公室）",
            NOW,
            changes=[("职工人数", "280", "312"), ("联系人", "", "李建国")],
        ),
        TimelineEntry("列入2026年度重点培育名单", "张秀兰（滕州市三方办公室）", date(2026, 3, 20)),
    ]
    steps = [
        Step("填报", "done", "11月9日"),
        Step("提交", "done", "11月20日"),
        Step("区（市）核验", "current"),
        Step("市级确认"),
    ]
    return render(request, "gallery/record.html", {"facts": facts, "entries": entries, "steps": steps})


SAVED: dict[str, Any] = {"revision": 1, "text": "", "mode": "ok", "uploads": [], "choice": "", "asked": 0}


def save_card(request: HttpRequest) -> HttpResponse:
    """`mode`: ok; a status to answer with (a throttled proxy, an ended session); 同事 filled the note before; its refusal."""
    mode, SAVED["asked"] = SAVED["mode"], SAVED["asked"] + 1
    if isinstance(mode, int):
        headers = {"Retry-After": "1"} if mode == 429 else {}
        return HttpResponse("Too many", status=mode, headers=headers)
    if mode == "refused":
        return error_response(request, 422, message="自评已定稿，不能修改。", code="locked")
    shown = read_shown(request.POST.get("shown", "")) or {}
    note, clashes = request.POST.get("note", "").replace("\r\n", "\n"), []
    if mode == "conflict" and "同事写的" not in shown.get("note", []) and note != "同事写的":
        clashes = [FieldClash("note", "情况说明", "同事写的", "同事写的", "王敏", NOW)]
    else:
        SAVED["text"] = note
    SAVED["revision"] += 1
    SAVED["choice"] = request.POST.get("p1", "")
    errors = {"signed": "已签订人数不能大于应签订人数，请核对"} if request.POST.get("signed") == "999" else {}
    box = "已答 33／46，暂计 <strong>62.5</strong> 分"
    return autosave_response(
        revision=SAVED["revision"],
        saved_at=NOW,
        fragments={"#score": box},
        errors=errors,
        clashes=clashes,
        conflict_url="/conflict/",
    )


def upload(request: HttpRequest) -> HttpResponse:
    file = request.FILES["file"]
    SAVED["uploads"].append(file.name)
    refusals = {
        "程": "文件须为 PDF、JPG、PNG、HEIC、DOCX、XLSX 格式，请转换后再上传。",
        "坏": "文件有密码，请去掉密码后重传",
        "旧": "不支持 .doc，请另存为 .docx 后再上传。",
    }
    if words := refusals.get(file.name[0]):
        return error_response(request, 422, message=words)
    attachment = {"name": file.name, "size": file.size, "url": "#"}
    return render(request, "gallery/uploaded.html", {"attachment": attachment})


def raising(error: Exception) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


def saved(request: HttpRequest) -> HttpResponse:
    return JsonResponse(SAVED)


def swap(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>换好的内容</p>", status=int(request.POST["status"]))


SECTION = {
    "indicator_set": SimpleNamespace(status="RECONSTRUCTION"),
    "files": [
        SimpleNamespace(
            name="劳动合同文本抽样（2026）.pdf", size=1_482_300, url="#", valid_until=date(2027, 6, 30)
        )
    ],
}
TILES = [
    ("滕州市", 4, "ON_TRACK"), ("山亭区", 3, "BEHIND"), ("", 0, ""),
    ("薛城区", 4, "ON_TRACK"), ("高新区", 2, "BEHIND"), ("市中区", 4, "ON_TRACK"),
    ("峄城区", 1, "CRITICAL"), ("台儿庄区", 0, "NO_DATA"),
]  # fmt: skip
CONFIRM = {
    "heading": "报送2026年度书面报告",
    "rows": [("报告单位", "滕州市"), ("数据截至", "2026年11月20日")],
    "consequence": "报送后不能修改，只有市三方委员会办公室退回才能重报。",
    "confirm_label": "报送报告",
    "cancel_url": "/",
}
CONFLICT = {
    "field_label": "“集体协商开展情况”",
    "mine": "已开展工资集体协商，签订专项合同。",
    "theirs": "2026年6月开展协商。",
    "theirs_by": "王敏",
    "theirs_at": NOW,
    "form_action": "#",
    "revision": 8,
    "fields": [("note", "x")],
}
DEADLINE = clock.describe_deadline(NOW, date(2026, 11, 30))
EMPTY_PAGES = ("todo", "parks", "pairings", "visits", "trainings", "reviews", "checks", "report", "ledger")
blank = show("gallery/blank.html")


def login_failed(request: HttpRequest) -> HttpResponse:
    return render(request, "account/login.html", {"form": SignInForm({"login": "a"})}, status=422)


urlpatterns = [
    # Chromium asks for it by itself on pages without a head.
    path("favicon.ico", lambda request: HttpResponse(status=204)),
    path("", show("gallery/home.html", deadline=DEADLINE, tiles=TILES), name="home"),
    path("enterprises/", enterprises, name="enterprises"),
    path("enterprises/new/", enterprise_form, name="enterprise_new"),
    path("enterprises/1/", record, name="record"),
    path("assessment/", show("gallery/assessment.html", **SECTION), name="assessment"),
    path("assessment/section/", show("gallery/section.html", revision=SAVED, **SECTION), name="section"),
    path("confirm/", show("components/confirm_page.html", **CONFIRM)),
    path("conflict/", show("components/conflict_page.html", **CONFLICT)),
    path("save/", save_card, name="save"),
    path("saved/", saved),
    path("swap/", swap),
    path("upload/", upload, name="upload"),
    path("undo/", blank),
    path("badge/", lambda request: HttpResponse("5"), name="badge"),
    path("login-page/", show("account/login.html", form=SignInForm())),
    path("login-failed/", login_failed),
    path("boom/", raising(RuntimeError("planned"))),
    path("forbidden/", raising(NotAllowed())),
    path("conflicting/", raising(ConflictError("该名单刚刚被他人确认，请刷新页面。"))),
    path("accounts/", include("zaozhuang_portal.accounts.sign_in_urls")),
    path("", include("zaozhuang_portal.kernel.urls")),
    *(path(f"{name}/", blank, name=name) for name in EMPTY_PAGES),
]
handler400 = "zaozhuang_portal.kernel.views.handle_400"
handler403 = "zaozhuang_portal.kernel.views.handle_403"
handler404 = "zaozhuang_portal.kernel.views.handle_404"
handler500 = "zaozhuang_portal.kernel.views.handle_500"

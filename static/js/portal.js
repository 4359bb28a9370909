/* Behaviour by data attributes (docs/front-end.md). No framework; every page works without this file.
   Chromium 86 is the floor: no Array.at, structuredClone, :has. */
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.remove("no-js");
  root.classList.add("has-js");

  var IDLE_WARNING = 5 * 60;

  function all(selector, scope) { return Array.prototype.slice.call((scope || document).querySelectorAll(selector)); }
  function make(tag, className, text) {
    var node = document.createElement(tag);
    if (className) { node.className = className; }
    if (text !== undefined) { node.textContent = text; }
    return node;
  }
  function cookie(name) {
    var found = document.cookie.match(new RegExp("(?:^|; )" + name + "=([^;]*)"));
    return found ? decodeURIComponent(found[1]) : "";
  }
  /* The token of now: signing in again, in another window, has changed it since the page was loaded. */
  function token(form) {
    var field = form && form.querySelector("[name=csrfmiddlewaretoken]"), present = cookie("csrftoken");
    if (field && present) { field.value = present; }
    return present || (field ? field.value : "");
  }
  function meta(name) { var node = document.querySelector('meta[name="' + name + '"]'); return node ? node.content : ""; }

  /* Retry-After in seconds: a number, or a date. */
  function seconds(value) {
    if (!value) { return 0; }
    var number = Number(value);
    if (isNaN(number)) { number = (Date.parse(value) - Date.now()) / 1000; }
    return number > 0 ? Math.ceil(number) : 0;
  }

  /* --- error summary: takes focus; a line leads into its field ---------------------------------------------------- */
  function focusSummary(scope) {
    var summary = (scope || document).querySelector("[data-error-summary]");
    if (summary) { summary.focus(); }
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("[data-error-summary] a[href^='#']");
    if (!link) { return; }
    var field = document.getElementById(link.getAttribute("href").slice(1));
    if (!field) { return; }
    event.preventDefault();
    var details = field.closest("details");
    if (details) { details.open = true; }
    var label = field.labels && field.labels[0];
    (label || field).scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });

  /* The entry of this page is in sight, however long the menu is. */
  function showCurrentEntry() {
    var entry = document.querySelector("#site-nav [aria-current]");
    var box = entry && entry.closest(".site-nav-inner");
    if (!box || box.scrollHeight <= box.clientHeight) { return; }
    var above = entry.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
    box.scrollTop = Math.max(0, above - box.clientHeight / 2);
  }
  showCurrentEntry();

  /* --- menus ------------------------------------------------------------------------------------------------------ */
  function closeMenus(except) { all("[data-menu][open]").forEach(function (menu) { if (menu !== except) { menu.open = false; } }); }
  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest ? event.target.closest("[data-menu]") : null);
    var toggle = event.target.closest && event.target.closest("[data-nav-toggle]");
    var nav = document.getElementById("site-nav");
    if (toggle && nav) {
      event.preventDefault();
      var open = nav.classList.toggle("is-open");
      toggle.setAttribute("aria-expanded", String(open));
      if (open) { var first = nav.querySelector(".nav-link-item:not(.nav-close)"); if (first) { first.focus(); } }
    } else if (nav && nav.classList.contains("is-open") && !nav.contains(event.target)) {
      closeNav(false);
    }
  });
  function closeNav(refocus) {
    var nav = document.getElementById("site-nav"), toggle = document.querySelector("[data-nav-toggle]");
    if (!nav || !nav.classList.contains("is-open")) { return; }
    nav.classList.remove("is-open");
    toggle.setAttribute("aria-expanded", "false");
    if (refocus) { toggle.focus(); }
  }
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    var editing = event.target.closest && event.target.closest("form[data-inline-edit]");
    if (editing) {
      editing.querySelector("[data-inline-cancel]").click();
      return;
    }
    var menu = document.querySelector("[data-menu][open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    closeNav(true);
  });

  /* --- 长辈版 at once, so that nothing typed is lost by a reload ---------------------------------------------------- */
  function elderSwitch(form) {
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      var wanted = form.elements.elder.value;
      token(form);
      fetch(address(form), { method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "manual" }).catch(function () {});
      if (wanted === "on") { root.setAttribute("data-elder", "on"); } else { root.removeAttribute("data-elder"); }
      form.elements.elder.value = wanted === "on" ? "off" : "on";
      var words = wanted === "on" ? "标准版" : "长辈版";
      var button = form.querySelector("button"), text = button.querySelector(".tool-text");
      button.setAttribute("aria-label", words);
      if (text) { text.textContent = words; }
    });
  }

  /* --- forms: one press, shortcuts, leaving guard ----------------------------------------------------------------- */
  var leaving = false;
  /* Where a form goes: a field named "action" or "method" hides the property of that name, never the attribute. */
  function address(form) { return form.getAttribute("action") || window.location.href; }
  function snapshot(form) {
    var parts = [];
    new FormData(form).forEach(function (value, name) {
      if (name !== "csrfmiddlewaretoken" && name !== "revision" && name !== "form_key") { parts.push(name + "=" + (typeof value === "string" ? value : value.name + value.size)); }
    });
    return parts.join("&");
  }
  var guarded = [], guards = [], keptOpen = false;
  function guard(form) { guarded.push({ form: form, start: form.querySelector(".is-invalid") ? null : snapshot(form) }); }
  function unsaved() {
    return guarded.some(function (entry) {
      return document.contains(entry.form) && (entry.start === null || snapshot(entry.form) !== entry.start);
    }) || guards.some(function (waits) { return waits(); });
  }
  window.addEventListener("beforeunload", function (event) {
    if (!leaving && unsaved()) { event.preventDefault(); event.returnValue = ""; }
  });

  function busy(form, pressed) {
    form.dataset.busy = "1";
    all("button[type=submit], button:not([type])", form).forEach(function (button) { button.setAttribute("aria-disabled", "true"); });
    if (pressed && pressed.textContent.trim() && !pressed.closest(".menu-panel, .tool")) {
      pressed.dataset.words = pressed.innerHTML;
      window.setTimeout(function () { if (form.dataset.busy) { pressed.textContent = "正在处理…"; } }, 300);
    }
  }
  function ready(form) {
    delete form.dataset.busy;
    all("[aria-disabled=true]", form).forEach(function (button) {
      button.removeAttribute("aria-disabled");
      if (button.dataset.words) { button.innerHTML = button.dataset.words; delete button.dataset.words; }
    });
  }
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || (form.getAttribute("method") || "").toLowerCase() !== "post") { return; }
    if (form.dataset.busy) { event.preventDefault(); return; }
    token(form);
    var pressed = event.submitter;
    if (form.hasAttribute("hx-post") || form.hasAttribute("data-hx-post")) { return; }
    leaving = !form.hasAttribute("data-download");
    if (leaving) { busy(form, pressed); }
  });
  window.addEventListener("pageshow", function (event) {
    leaving = false;
    if (event.persisted) { all("form[data-busy]").forEach(ready); }
  });

  function press(form, button) {
    if (button) { button.click(); } else if (form.requestSubmit) { form.requestSubmit(); } else { form.submit(); }
  }
  document.addEventListener("keydown", function (event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) { return; }
    var isSave = event.key.toLowerCase() === "s", isNext = event.key === "Enter";
    if (!isSave && !isNext) { return; }
    var form = (event.target.closest && event.target.closest("form[data-shortcuts], form[data-autosave]")) || document.querySelector("main form[data-shortcuts]");
    if (!form) { return; }
    var next = form.querySelector("button[name=save_and_add]");
    if (isNext && !next) { return; }
    event.preventDefault();
    if (form.hasAttribute("data-autosave")) { form.dispatchEvent(new CustomEvent("portal:flush")); return; }
    press(form, isNext ? next : form.querySelector("button[type=submit], button:not([type])"));
  });
  document.addEventListener("keydown", function (event) {
    /* Enter in a text box does not send a form of several fields (ux E6). */
    var field = event.target;
    if (event.key !== "Enter" || event.ctrlKey || event.isComposing || !field.matches || !field.matches("input:not([type=submit]):not([type=button]):not([type=file])")) { return; }
    var form = field.form;
    if (form && field.dataset.enter) { event.preventDefault(); press(form, document.getElementById(field.dataset.enter)); return; }
    if (form && form.hasAttribute("data-shortcuts") && form.querySelectorAll("input:not([type=hidden]), select, textarea").length > 1) { event.preventDefault(); }
  });

  /* --- small things -------------------------------------------------------------------------------------------------- */
  function copyButton(button) {
    if (!navigator.clipboard) { return; }
    button.hidden = false;
    var words = button.innerHTML;
    button.addEventListener("click", function () {
      var source = document.querySelector(button.dataset.copy);
      navigator.clipboard.writeText((source.value || source.textContent || "").trim()).then(function () {
        button.textContent = "已复制";
        window.setTimeout(function () { button.innerHTML = words; }, 2000);
      });
    });
  }
  /* A calendar beside the text box: pasting from a table keeps working (ux E7). */
  function dateField(input) {
    var frame = make("div", "date-field"), picker = make("input", "date-picker");
    picker.type = "date";
    picker.tabIndex = -1;
    picker.setAttribute("aria-label", "从日历选择日期");
    input.parentNode.insertBefore(frame, input);
    frame.appendChild(input);
    frame.appendChild(picker);
    picker.addEventListener("change", function (event) {
      event.stopPropagation();
      if (!picker.value) { return; }
      input.value = picker.value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
      input.focus();
    });
    picker.addEventListener("input", function (event) { event.stopPropagation(); });
  }
  /* Toggle 全部 / 只看未答 / 只看失分 / 只看退回: buttons with data-card-filter, cards with data-card-state="unanswered lost". */
  function cardFilter(group) {
    var status = group.querySelector("[data-filter-count]");
    group.addEventListener("click", function (event) {
      var button = event.target.closest("[data-card-filter]");
      if (!button) { return; }
      var wanted = button.dataset.cardFilter, shown = 0;
      all("[data-card-filter]", group).forEach(function (one) { one.setAttribute("aria-pressed", String(one === button)); });
      all("[data-card-state]").forEach(function (card) {
        var fits = !wanted || (" " + card.dataset.cardState + " ").indexOf(" " + wanted + " ") >= 0;
        card.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      if (status) { status.textContent = "显示 " + shown + " 项"; }
    });
  }
  /* 全选: a head checkbox with data-check-all, row boxes with data-check-row, a bar with data-bulk-bar; its box
     data-bulk-every chooses all pages, until a row is unticked. */
  function checkAll(table) {
    var head = table.querySelector("[data-check-all]"), bar = document.querySelector("[data-bulk-bar]");
    var every = bar && bar.querySelector("[data-bulk-every]");
    function refresh() {
      var boxes = all("[data-check-row]", table), chosen = boxes.filter(function (box) { return box.checked; });
      boxes.forEach(function (box) { var row = box.closest("tr"); if (row) { row.classList.toggle("is-selected", box.checked); } });
      if (head) { head.checked = boxes.length > 0 && chosen.length === boxes.length; head.indeterminate = chosen.length > 0 && chosen.length < boxes.length; }
      if (bar) { bar.hidden = !chosen.length; var count = bar.querySelector("[data-bulk-count]"); if (count) { count.textContent = every && every.checked ? every.dataset.bulkEvery : String(chosen.length); } }
    }
    function tick(on) { all("[data-check-row]", table).forEach(function (box) { box.checked = on; }); }
    if (every) { every.addEventListener("change", function () { tick(every.checked); refresh(); }); }
    if (bar && bar.tagName === "FORM") { bar.addEventListener("reset", function () { setTimeout(function () { tick(false); refresh(); }, 0); }); }
    table.addEventListener("change", function (event) {
      if (event.target === head) { tick(head.checked); }
      if (every && !event.target.checked) { every.checked = false; }
      refresh();
    });
    refresh();
  }
  /* 常用语: the ticks under a reason box become buttons that write their phrase into the box, where it can be changed. */
  function phrases(group) {
    var box = document.getElementById(group.dataset.phrasesFor);
    if (!box) { return; }
    all("label.phrase", group).forEach(function (label) {
      var phrase = label.querySelector("input").value, button = document.createElement("button");
      button.type = "button";
      button.className = "phrase";
      button.textContent = phrase;
      button.addEventListener("click", function () {
        box.value = box.value.trim() ? box.value.replace(/\s+$/, "") + "\n" + phrase : phrase;
        box.dispatchEvent(new Event("input", { bubbles: true }));
        box.focus();
      });
      group.replaceChild(button, label);
    });
  }
  function autoSubmit(field) { field.addEventListener("change", function () { press(field.form, null); }); }
  function printButton(button) { button.hidden = false; button.addEventListener("click", function () { window.print(); }); }

  /* --- idle warning -------------------------------------------------------------------------------------------------- */
  (function () {
    var limit = Number(meta("portal-idle-seconds")), last = Date.now(), dialog = null;
    if (!limit) { return; }
    function show(left) {
      dialog = dialog || document.getElementById("idle-dialog");
      if (!dialog) { return; }
      dialog.querySelector("[data-idle-left]").textContent = left >= 60 ? Math.ceil(left / 60) + " 分钟" : left + " 秒";
      if (!dialog.hidden) { return; }
      dialog.hidden = false;
      dialog.classList.add("d-block");
      dialog.before = document.activeElement;
      dialog.querySelector("[data-idle-stay]").focus();
    }
    function hide() {
      if (!dialog || dialog.hidden) { return; }
      dialog.hidden = true;
      dialog.classList.remove("d-block");
      if (dialog.before && dialog.before.focus) { dialog.before.focus(); }
    }
    function touch() { last = Date.now(); hide(); }
    document.addEventListener("portal:saved", touch);
    document.addEventListener("htmx:afterRequest", function (event) {
      var headers = event.detail && event.detail.requestConfig && event.detail.requestConfig.headers;
      if (!headers || !headers["X-Background"]) { touch(); }
    });
    document.addEventListener("click", function (event) {
      if (!event.target.closest || !event.target.closest("[data-idle-stay]")) { return; }
      fetch(window.location.href, { method: "HEAD", credentials: "same-origin", cache: "no-store" }).then(function (response) {
        if (response.redirected) { window.location.href = meta("portal-login-url") + "?next=" + encodeURIComponent(window.location.pathname + window.location.search); } else { touch(); }
      }).catch(touch);  /* no signal: the page stays, nobody can be asked whether the session still stands */
    });
    document.addEventListener("keydown", function (event) {
      if (!dialog || dialog.hidden) { return; }
      if (event.key === "Tab") { event.preventDefault(); dialog.querySelector("[data-idle-stay]").focus(); }
      if (event.key === "Escape") { dialog.querySelector("[data-idle-stay]").click(); }
    });
    window.setInterval(function () {
      var left = Math.round(limit - (Date.now() - last) / 1000);
      if (left <= 0) {
        hide();
        if (!unsaved() && !keptOpen) { window.location.href = meta("portal-login-url") + "?next=" + encodeURIComponent(window.location.pathname + window.location.search); }
      } else if (left <= Math.min(IDLE_WARNING, limit / 2)) { show(left); }
    }, 1000);
  })();

  /* --- htmx ----------------------------------------------------------------------------------------------------------- */
  document.addEventListener("htmx:configRequest", function (event) {
    var present = cookie("csrftoken");
    if (!present) { return; }
    event.detail.headers["X-CSRFToken"] = present;
    if (event.detail.parameters.csrfmiddlewaretoken) { event.detail.parameters.csrfmiddlewaretoken = present; }
  });
  document.addEventListener("htmx:beforeRequest", function (event) { root.classList.add("is-loading"); if (event.detail.target) { event.detail.target.setAttribute("aria-busy", "true"); } });
  document.addEventListener("htmx:afterRequest", function (event) { root.classList.remove("is-loading"); if (event.detail.target) { event.detail.target.removeAttribute("aria-busy"); } });
  /* Each answer remembers the focus it met: a badge may be swapped between the swap of a row and its settling. */
  document.addEventListener("htmx:beforeSwap", function (event) { if (event.detail.xhr) { event.detail.xhr.focusBefore = document.activeElement; } });
  document.addEventListener("htmx:afterSettle", function (event) {
    /* After outerHTML the old target is gone; out-of-band pieces are event targets of their own. */
    var before = event.detail.xhr && event.detail.xhr.focusBefore, given = event.detail.target, target = given && document.contains(given) ? given : event.target;
    start(target);
    if (event.target !== target) { start(event.target); }
    focusSummary(target);
    /* A swap never drops the focus to <body>; where it was there before (polling), it is left in peace. */
    if (before && before !== document.body && !document.contains(before) && document.activeElement === document.body) {
      var same = before.id && document.getElementById(before.id);
      var place = same || (target.querySelector && target.querySelector("[autofocus]")) || (document.contains(target) ? target : document.getElementById("main"));
      if (place && place !== document.body) {
        if (!place.matches("a[href], button, input, select, textarea, summary, [tabindex]")) { place.setAttribute("tabindex", "-1"); }
        place.focus({ preventScroll: true });
      }
    }
  });
  function offline(event) {
    var holder = document.getElementById("messages");
    if (!holder || event.detail.elt && event.detail.elt.matches && event.detail.elt.matches("[data-quiet], .nav-badge")) { return; }
    holder.innerHTML = "";
    var notice = make("div", "notice notice-danger");
    notice.setAttribute("role", "alert");
    notice.appendChild(make("div", "", event.type === "htmx:sendError" ? "网络中断，刚才的操作没有完成，请检查网络后重试。" : "系统出错，刚才的操作没有完成，请稍后重试。"));
    holder.appendChild(notice);
  }
  document.addEventListener("htmx:sendError", offline);
  document.addEventListener("htmx:responseError", offline);
  window.addEventListener("beforeprint", function () { all("details.disclosure").forEach(function (one) { one.open = true; }); });

  /* --- the key of a form that makes something stays with the page, also after Back: sent again it leads to the first record -- */
  function formKey(field) {
    var state = window.history.state || {}, keys = state.formKeys || {}, place = address(field.form) + "#" + all("input[name=form_key]").indexOf(field);
    if (keys[place]) { field.value = keys[place]; return; }
    keys[place] = field.value;
    try { window.history.replaceState(Object.assign({}, state, { formKeys: keys }), ""); } catch (error) { /* the server's key of this answer is used */ }
  }

  /* --- start ------------------------------------------------------------------------------------------------------------ */
  function once(selector, scope, act) {
    var nodes = all(selector, scope);
    if (scope && scope.matches && scope.matches(selector)) { nodes.push(scope); }
    nodes.forEach(function (node) {
      var mark = "started" + act.name;
      if (node[mark]) { return; }
      node[mark] = true;
      act(node);
    });
  }
  var behaviours = [], begun = false;
  function start(scope) { behaviours.forEach(function (one) { once(one.selector, scope, one.act); }); }
  /* `act(node)` once for every node of the page that matches, and of whatever htmx brings later. */
  function behave(selector, act) {
    behaviours.push({ selector: selector, act: act });
    if (begun) { once(selector, document, act); }
  }
  behave("input[name=form_key]", formKey);
  behave("form[action$='/ui/elder/']", elderSwitch);
  behave("form[data-guard]", guard);
  behave("input[data-date]", dateField);
  behave("[data-copy]", copyButton);
  behave("[data-print]", printButton);
  behave("[data-card-filters]", cardFilter);
  behave("table[data-selectable]", checkAll);
  behave("select[data-auto-submit]", autoSubmit);
  behave("[data-phrases-for]", phrases);
  function begin() { begun = true; start(document); focusSummary(document); }
  /* For the scripts beside this one, which are deferred as well and come after it. */
  window.Portal = {
    all: all, make: make, meta: meta, seconds: seconds, token: token, snapshot: snapshot, address: address, start: start, behave: behave,
    guardWith: function (waits) { guards.push(waits); },
    /* A page that works without a signal cannot be loaded again there: the idle limit leaves it standing. */
    keepOpen: function () { keptOpen = true; },
    leave: function () { leaving = true; }
  };
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", begin); } else { begin(); }
})();

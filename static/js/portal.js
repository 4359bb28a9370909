/* Behaviour by data attributes (docs/front-end.md). No framework; every page works without this file.
   Chromium 86 is the floor: no Array.at, structuredClone, :has. */
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.remove("no-js");
  root.classList.add("has-js");

  var IDLE_WARNING = 5 * 60;
  var AUTOSAVE_DELAY = 2000;
  var RETRY_DELAYS = [5000, 15000, 30000, 60000];
  var MIRROR = "portal-draft:";

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
      if (window.htmx) { window.htmx.process(editing); }  /* an answer not settled yet would leave the page */
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
      fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "manual" }).catch(function () {});
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
  function snapshot(form) {
    var parts = [];
    new FormData(form).forEach(function (value, name) {
      if (name !== "csrfmiddlewaretoken" && name !== "revision") { parts.push(name + "=" + (typeof value === "string" ? value : value.name + value.size)); }
    });
    return parts.join("&");
  }
  var guarded = [];
  function guard(form) { guarded.push({ form: form, start: form.querySelector(".is-invalid") ? null : snapshot(form) }); }
  function unsaved() {
    return guarded.some(function (entry) {
      return document.contains(entry.form) && (entry.start === null || snapshot(entry.form) !== entry.start);
    }) || cards.some(function (card) { return document.contains(card.form) && card.dirty(); });
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
    if (event.defaultPrevented || (form.method || "").toLowerCase() !== "post") { return; }
    if (form.dataset.busy) { event.preventDefault(); return; }
    token(form);
    var pressed = event.submitter;
    if (form.hasAttribute("data-wait-for-saves") && cards.some(function (card) { return card.dirty(); })) {
      event.preventDefault();
      waitForSaves(form, pressed);
      return;
    }
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
    if (form.hasAttribute("data-autosave")) { var card = cardOf(form); if (card) { card.flush(); } return; }
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

  /* --- autosave of a card: one request at a time, the newest last; text mirror until acknowledged ------------------ */
  var cards = [];
  function cardOf(form) { return cards.filter(function (card) { return card.form === form; })[0]; }

  function Card(form) {
    var self = this, timer = 0, running = false, again = false, attempt = 0, typed = 0, acknowledged = 0, stuck = false, sent = "";
    var state = form.querySelector("[data-save-state]");
    var key = MIRROR + (form.dataset.autosaveKey || form.action);
    this.form = form;
    this.dirty = function () { return typed !== acknowledged; };

    function say(name, words) {
      if (!state) { return; }
      var span = make("span", "save-state save-state-" + name, words);
      state.textContent = "";
      state.appendChild(span);
    }
    function mirror() {
      var kept = {};
      new FormData(form).forEach(function (value, name) {
        if (typeof value === "string" && name !== "csrfmiddlewaretoken" && name !== "revision") { (kept[name] = kept[name] || []).push(value); }
      });
      try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: kept })); } catch (error) { /* private mode or full: the server draft remains */ }
    }
    function forget() { try { localStorage.removeItem(key); } catch (error) { /* as above */ } }

    function changed(delay) {
      if (snapshot(form) === sent) { return; }
      typed += 1;
      if (stuck) { mirror(); return; }
      say("unsaved", "未保存");
      window.clearTimeout(timer);
      timer = window.setTimeout(send, delay);
    }
    form.addEventListener("input", function (event) { if (event.target.type !== "file") { changed(AUTOSAVE_DELAY); } });
    form.addEventListener("change", function (event) { if (event.target.type !== "file") { changed(150); } });
    form.addEventListener("submit", function (event) {
      if (event.submitter && event.submitter.hasAttribute("formaction")) { return; }
      event.preventDefault();
      event.stopPropagation();
      typed += 1;
      self.flush();
    });
    this.flush = function () { window.clearTimeout(timer); send(); };

    function send() {
      if (stuck) { return; }
      if (running) { again = true; return; }
      running = true;
      again = false;
      var mark = typed;
      sent = snapshot(form);
      say("saving", "正在保存…");
      fetch(form.action, {
        method: "POST", credentials: "same-origin",
        headers: { "X-Autosave": "1", "X-CSRFToken": token(form), Accept: "application/json" },
        body: new FormData(form)
      }).then(function (response) {
        var json = (response.headers.get("Content-Type") || "").indexOf("application/json") === 0;
        if (response.redirected || response.status === 401 || (!json && response.status < 500)) { throw { login: true }; }
        if (!json) { throw { retry: true }; }
        return response.json().then(function (body) { return { status: response.status, body: body }; });
      }).then(function (answer) { running = false; accept(answer.status, answer.body, mark); })
        .catch(function (problem) { running = false; failed(problem || {}); });
    }

    function accept(status, body, mark) {
      attempt = 0;
      if (status === 409) { conflict(body); return; }
      if (status >= 500 || body.revision === undefined) {
        mirror();
        say("failed", "未保存：" + (body.errors && body.errors[0] ? body.errors[0].message : "请稍后再试"));
        if (status >= 500) { later(); }
        return;
      }
      acknowledged = mark;
      if (form.elements.revision) { form.elements.revision.value = body.revision; }
      showErrors(body.errors || {});
      Object.keys(body.fragments || {}).forEach(function (selector) {
        var target = document.querySelector(selector);
        if (target && !target.contains(document.activeElement)) {
          target.innerHTML = body.fragments[selector];
          if (window.htmx) { window.htmx.process(target); }
        }
      });
      if (again || typed !== mark) { send(); return; }
      forget();
      say("saved", "已保存 " + (body.saved_at || ""));
      form.dispatchEvent(new CustomEvent("portal:saved", { bubbles: true, detail: body }));
    }
    function conflict(body) {
      /* Nothing is sent over the other's text; what is typed now waits in the mirror until one text is chosen. */
      stuck = true;
      mirror();
      if (!state) { return; }
      state.textContent = "";
      var span = make("span", "save-state save-state-conflict", "未保存：此项在别处已修改 ");
      if (body.conflict_url) {
        var button = make("button", "link-button", "查看两份内容");
        button.type = "submit";
        button.formAction = body.conflict_url;
        button.setAttribute("formaction", body.conflict_url);
        button.addEventListener("click", function () { leaving = true; });
        span.appendChild(button);
      }
      state.appendChild(span);
    }
    function failed(problem) {
      mirror();
      if (problem.login) {
        say("failed", "未保存：登录已超时，文字已留在本机，请重新登录后继续");
        return;
      }
      say("failed", "未保存：网络中断，正在重试");
      later();
    }
    function later() {
      window.clearTimeout(timer);
      timer = window.setTimeout(send, RETRY_DELAYS[Math.min(attempt, RETRY_DELAYS.length - 1)]);
      attempt += 1;
    }
    function showErrors(errors) {
      all("[data-autosave-error]", form).forEach(function (node) { node.parentNode.removeChild(node); });
      all("[aria-invalid]", form).forEach(function (node) { node.removeAttribute("aria-invalid"); node.classList.remove("is-invalid"); });
      Object.keys(errors).forEach(function (name) {
        var field = form.elements[name];
        if (field && field.length && !field.tagName) { field = field[field.length - 1]; }
        if (!field) { return; }
        var note = make("div", "invalid-feedback", errors[name]);
        note.setAttribute("data-autosave-error", "");
        note.id = (field.id || name) + "_autosave_error";
        field.setAttribute("aria-invalid", "true");
        field.classList.add("is-invalid");
        (field.closest(".form-check") || field).insertAdjacentElement("afterend", note);
      });
    }

    this.offerMirror = function () {
      var kept;
      try { kept = JSON.parse(localStorage.getItem(key) || "null"); } catch (error) { kept = null; }
      if (!kept) { return; }
      var differs = Object.keys(kept.values).some(function (name) { return !same(form.elements[name], kept.values[name]); });
      if (!differs) { forget(); return; }
      var bar = make("div", "notice notice-warn"), words = make("div", "", "本机留有 " + clock(kept.at) + " 未保存成功的内容。");
      var restore = make("button", "btn btn-sm btn-outline-primary", "恢复这些内容"), drop = make("button", "btn btn-sm btn-link", "不要了");
      restore.type = drop.type = "button";
      restore.addEventListener("click", function () { fill(kept.values); bar.parentNode.removeChild(bar); changed(0); });
      drop.addEventListener("click", function () { forget(); bar.parentNode.removeChild(bar); });
      words.appendChild(make("br"));
      words.appendChild(restore);
      words.appendChild(drop);
      bar.setAttribute("role", "status");
      bar.appendChild(words);
      form.insertBefore(bar, form.firstChild);
    };
    function controls(field) { return !field ? [] : field.tagName ? [field] : Array.prototype.slice.call(field); }
    function same(field, values) {
      var now = controls(field).filter(function (one) { return (one.type !== "radio" && one.type !== "checkbox") || one.checked; }).map(function (one) { return one.value; });
      return now.join("\n") === values.join("\n");
    }
    function fill(values) {
      all("input, select, textarea", form).forEach(function (one) {
        if (!one.name || one.type === "hidden" || one.type === "file") { return; }
        var wanted = values[one.name] || [];
        if (one.type === "radio" || one.type === "checkbox") { one.checked = wanted.indexOf(one.value) >= 0; }
        else if (wanted.length) { one.value = wanted[0]; }
      });
    }
  }
  function clock(at) {
    var day = new Date(at);
    function two(number) { return (number < 10 ? "0" : "") + number; }
    return day.getMonth() + 1 + "月" + day.getDate() + "日 " + two(day.getHours()) + ":" + two(day.getMinutes());
  }
  function waitForSaves(form, pressed) {
    busy(form, pressed);
    cards.forEach(function (card) { if (card.dirty()) { card.flush(); } });
    var tries = 0;
    (function check() {
      if (!cards.some(function (card) { return card.dirty(); })) { ready(form); press(form, pressed); return; }
      tries += 1;
      if (tries > 60) {
        ready(form);
        window.alert("还有内容没有保存成功，请看标红的“未保存”，处理后再提交。");
        return;
      }
      window.setTimeout(check, 250);
    })();
  }

  /* --- files -------------------------------------------------------------------------------------------------------- */
  function sizeWords(bytes) {
    return bytes < 1024 ? bytes + " B" : bytes < 1048576 ? Math.round(bytes / 1024) + " KB" : (bytes / 1048576).toFixed(1).replace(/\.0$/, "") + " MB";
  }
  /* The browser's own words follow its language: hide them behind ours (ux F23). */
  function dressFileInput(input) {
    input.classList.add("file-input");
    var button = make("button", "btn btn-outline-secondary", input.multiple ? "选择文件（可多选）" : "选择文件");
    var words = make("span", "muted", "未选择文件");
    button.type = "button";
    button.setAttribute("aria-hidden", "true");
    button.tabIndex = -1;
    button.addEventListener("click", function () { input.click(); });
    input.insertAdjacentElement("afterend", button);
    if (!input.closest("[data-upload]")) { button.insertAdjacentElement("afterend", words); }
    input.addEventListener("change", function () {
      var names = Array.prototype.map.call(input.files, function (file) { return file.name + "（" + sizeWords(file.size) + "）"; });
      words.textContent = names.length ? names.join("，") : "未选择文件";
    });
  }

  function setUpUpload(box) {
    var input = box.querySelector("input[type=file]"), list = box.querySelector("[data-upload-list]");
    var fallback = box.querySelector("[data-upload-fallback]"), camera = box.querySelector("[data-camera]");
    if (fallback) { fallback.hidden = true; fallback.classList.add("d-none"); }
    function take(files) { Array.prototype.forEach.call(files, function (file) { new Upload(box, list, input, file); }); }
    input.addEventListener("change", function () { take(input.files); input.value = ""; });
    box.addEventListener("submit", function (event) { event.preventDefault(); event.stopPropagation(); });
    if (camera) {
      camera.hidden = false;
      camera.addEventListener("click", function () {
        input.setAttribute("capture", "environment");
        input.click();
        window.setTimeout(function () { input.removeAttribute("capture"); }, 1000);
      });
    }
    ["dragover", "dragenter"].forEach(function (name) { box.addEventListener(name, function (event) { event.preventDefault(); box.classList.add("is-over"); }); });
    ["dragleave", "drop"].forEach(function (name) { box.addEventListener(name, function (event) { event.preventDefault(); box.classList.remove("is-over"); }); });
    box.addEventListener("drop", function (event) { if (event.dataTransfer) { take(event.dataTransfer.files); } });
  }

  function Upload(box, list, input, file) {
    var row = make("li", "file-row"), name = make("span", "file-name", file.name), size = make("span", "muted small nowrap", sizeWords(file.size));
    var bar = document.createElement("progress"), percent = make("span", "small nowrap", "等待上传"), note = make("span", "file-error");
    var stop = make("button", "btn btn-sm btn-link", "取消"), request = null;
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name + " 上传进度");
    stop.type = "button";
    [name, size, bar, percent, stop, note].forEach(function (node) { row.appendChild(node); });
    list.appendChild(row);

    function finish(message, retry) {
      note.textContent = message;
      bar.hidden = true;
      percent.textContent = "";
      stop.textContent = "移除";
      stop.onclick = function () { row.parentNode.removeChild(row); input.focus(); };
      if (retry) {
        var again = make("button", "btn btn-sm btn-outline-primary", "重试");
        again.type = "button";
        again.onclick = function () { row.removeChild(again); note.textContent = ""; bar.hidden = false; start(); };
        row.insertBefore(again, stop);
      }
    }
    function refusal() {
      var limit = Number(box.dataset.maxBytes || 0), accept = (input.accept || "").toLowerCase();
      if (!file.size) { return "文件是空的，请重新选择"; }
      if (limit && file.size > limit) { return "文件不能超过 " + sizeWords(limit); }
      var suffix = (file.name.match(/\.[^.]+$/) || [""])[0].toLowerCase();
      var known = accept.split(",").map(function (one) { return one.trim(); });
      if (accept && suffix && known.every(function (one) { return one.charAt(0) === "."; }) && known.indexOf(suffix) < 0) {
        return "文件须为 " + accept.replace(/\./g, "").replace(/,/g, "、").toUpperCase();
      }
      return "";
    }
    function start() {
      request = new XMLHttpRequest();
      token(box);
      var data = new FormData(box);
      data.delete(input.name);
      data.append(input.name, file, file.name);
      request.open("POST", box.dataset.uploadUrl);
      request.setRequestHeader("X-CSRFToken", token(box));
      request.setRequestHeader("HX-Request", "true");
      request.setRequestHeader("X-Upload", "1");
      request.upload.onprogress = function (event) {
        if (!event.lengthComputable) { return; }
        bar.value = Math.floor(event.loaded * 100 / event.total);
        percent.textContent = bar.value < 100 ? bar.value + "%" : "正在检查…";
      };
      request.onload = function () {
        if (request.status >= 200 && request.status < 300) { done(request.responseText); return; }
        finish(words(request), request.status >= 500 || request.status === 429);
      };
      request.onerror = function () { finish("上传未成功，请重试", true); };
      request.onabort = function () { row.parentNode.removeChild(row); };
      percent.textContent = "0%";
      stop.textContent = "取消";
      stop.onclick = function () { request.abort(); input.focus(); };
      request.send(data);
    }
    function done(html) {
      var target = box.dataset.target && document.querySelector(box.dataset.target);
      if (target) {
        row.parentNode.removeChild(row);
        target.insertAdjacentHTML("beforeend", html);
        var added = target.lastElementChild;
        if (added && window.htmx) { window.htmx.process(added); }
        start_(added || target);
      } else {
        bar.hidden = true;
        stop.hidden = true;
        percent.textContent = "✓ 已上传";
      }
      box.dispatchEvent(new CustomEvent("portal:uploaded", { bubbles: true }));
    }
    function words(answer) {
      if (answer.status === 413) { return "文件太大，没有上传"; }
      if (answer.status === 401 || answer.status === 403) { return "登录已超时或没有权限，请刷新页面后重试"; }
      var page = new DOMParser().parseFromString(answer.responseText || "", "text/html");
      return page.body.textContent.trim().replace(/\s+/g, " ").slice(0, 160) || "上传未成功，请重试";
    }
    var refused = refusal();
    if (refused) { finish(refused, false); } else { start(); }
  }

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
      });
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
        if (!unsaved()) { window.location.href = meta("portal-login-url") + "?next=" + encodeURIComponent(window.location.pathname + window.location.search); }
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
    start_(target);
    if (event.target !== target) { start_(event.target); }
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
  function start_(scope) {
    once("form[action$='/ui/elder/']", scope, elderSwitch);
    once("input[type=file][data-file-input]", scope, dressFileInput);
    once("[data-upload]", scope, setUpUpload);
    once("form[data-guard]", scope, guard);
    once("form[data-autosave]", scope, function autosave(form) { var card = new Card(form); cards.push(card); card.offerMirror(); });
    once("input[data-date]", scope, dateField);
    once("[data-copy]", scope, copyButton);
    once("[data-print]", scope, printButton);
    once("[data-card-filters]", scope, cardFilter);
    once("table[data-selectable]", scope, checkAll);
    once("select[data-auto-submit]", scope, autoSubmit);
    once("[data-phrases-for]", scope, phrases);
  }
  function begin() { start_(document); focusSummary(document); }
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", begin); } else { begin(); }
})();

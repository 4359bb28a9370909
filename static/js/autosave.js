/* Autosave of a card: one request at a time, the newest last; the text is mirrored until the server has acknowledged it.
   On pages with form[data-autosave] (docs/front-end.md); needs portal.js. */
(function () {
  "use strict";
  var Portal = window.Portal, all = Portal.all, make = Portal.make, snapshot = Portal.snapshot, token = Portal.token;
  var AUTOSAVE_DELAY = 2000;
  var RETRY_DELAYS = [5000, 15000, 30000, 60000];
  var MIRROR = "portal-draft:";
  var cards = [];
  function Card(form) {
    var self = this, timer = 0, running = false, again = false, attempt = 0, typed = 0, acknowledged = 0, stuck = false, sent = "";
    var state = form.querySelector("[data-save-state]");
    var key = MIRROR + (form.dataset.autosaveKey || Portal.address(form));
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
    form.addEventListener("portal:flush", self.flush);

    function send() {
      if (stuck) { return; }
      if (running) { again = true; return; }
      running = true;
      again = false;
      var mark = typed;
      sent = snapshot(form);
      say("saving", "正在保存…");
      fetch(Portal.address(form), {
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
        button.addEventListener("click", Portal.leave);
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

  function waiting() { return cards.some(function (card) { return document.contains(card.form) && card.dirty(); }); }
  /* A link followed right after typing: the last words are saved first. What cannot be saved is left to the leaving guard. */
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[href]"), tries = 0;
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || !waiting()) { return; }
    if (link.target || link.hasAttribute("download") || link.origin !== location.origin || link.getAttribute("href").charAt(0) === "#") { return; }
    event.preventDefault();
    cards.forEach(function (card) { if (card.dirty()) { card.flush(); } });
    (function follow() {
      tries += 1;
      if (!waiting() || tries > 30) { location.href = link.href; } else { window.setTimeout(follow, 100); }
    })();
  });

  Portal.behave("form[data-autosave]", function autosave(form) { var card = new Card(form); cards.push(card); card.offerMirror(); });
  Portal.guardWith(waiting);
})();

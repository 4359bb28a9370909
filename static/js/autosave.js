/* Autosave of a card: a choice at once, words after a pause and whenever the page may go; mirrored on this machine from the
   first key until the server has acknowledged it (mirror.js). Saves say what the device had been shown (`shown`), so that
   two devices on one card are merged by field. On pages with form[data-autosave] (docs/front-end.md). */
(function () {
  "use strict";
  var Portal = window.Portal, mirror = Portal.mirror, all = Portal.all, make = Portal.make, token = Portal.token;
  var TYPING = 2000, PATIENCE = 30000, RETRIES = [5, 15, 30, 60], LONGEST_WAIT = 600;
  var KEEPALIVE_BYTES = 60000, UNHEARD = 8;
  var cards = [];

  function Card(form) {
    var self = this, timer = 0, again = false, attempt = 0, clashes = {};
    var typed = 0, acknowledged = 0;             /* changes made, changes the server has */
    var sending = 0, newest = 0, heard = 0, sent = 0; /* number of the last request, of the one in flight, of the last answer; changes it carried */
    var waitsFor = "";                           /* "", "time" (the next try), "server" (Retry-After), "login", "change" (of what was refused) */
    var state = form.querySelector("[data-save-state]");
    var key = mirror.keyOf(form.dataset.autosaveKey || Portal.address(form));
    var known = {}, unheard = {};                /* per field: what the server showed; [number, value] sent without an answer */
    this.form = form;
    this.key = key;
    this.dirty = function () { return typed !== acknowledged; };
    /* What cannot go out by itself while one leaves: the leaving guard asks. */
    this.lost = function () { return self.dirty() && Boolean(waitsFor); };

    function texts() {
      var found = mirror.fields(form), plain = {};
      Object.keys(found).forEach(function (name) { plain[name] = found[name].join("\n"); });
      return plain;
    }
    function shown() {
      var found = {};
      Object.keys(known).forEach(function (name) {
        found[name] = [known[name]].concat((unheard[name] || []).map(function (pair) { return pair[1]; }));
      });
      return found;
    }
    (function () {
      var drawn = {};
      try { drawn = JSON.parse(form.elements.shown ? form.elements.shown.value : "{}") || {}; } catch (error) { /* the revision decides */ }
      var present = texts();
      Object.keys(present).forEach(function (name) {
        var given = name in drawn ? [].concat(drawn[name]) : [present[name]];
        known[name] = given.length ? given[0] : present[name];
        unheard[name] = given.slice(1).map(function (value) { return [0, value]; });
      });
    })();

    function say(name, words) {
      if (!state) { return; }
      state.textContent = "";
      state.appendChild(make("span", "save-state save-state-" + name, words));
    }
    function keep() {
      return mirror.put({
        key: key, user: mirror.who.split("/")[0], actor: mirror.who, at: Date.now(), url: Portal.address(form),
        page: location.pathname + location.search + (form.closest("[id]") ? "#" + form.closest("[id]").id : ""),
        label: label(), revision: form.elements.revision ? form.elements.revision.value : "0", values: mirror.fields(form), shown: shown()
      });
    }
    function label() {
      var code = form.parentNode.querySelector(".indicator-code") || (form.closest("section") || form).querySelector(".indicator-code");
      return code ? code.textContent : document.title;
    }
    function forget() { mirror.drop(key); }

    /* --- what a person does -------------------------------------------------------------------------------------------- */
    function changed(delay) {
      typed += 1;
      keep();
      if (waitsFor === "time" || waitsFor === "server") { return; }
      if (waitsFor !== "login") { waitsFor = ""; say("unsaved", "未保存"); }
      window.clearTimeout(timer);
      if (!delay) { send(); return; }
      timer = window.setTimeout(send, delay);
    }
    function isWords(field) { return field.tagName === "TEXTAREA" || ["text", "search", "tel", "email", "url", "number"].indexOf(field.type) >= 0; }
    form.addEventListener("input", function (event) { if (event.target.type !== "file" && isWords(event.target)) { changed(TYPING); } });
    form.addEventListener("change", function (event) {
      if (event.target.type === "file" || !event.target.name) { return; }
      if (isWords(event.target)) { if (typed !== sent) { self.flush(); } return; }
      changed(0);
    });
    form.addEventListener("submit", function (event) {
      if (event.submitter && event.submitter.hasAttribute("formaction")) { return; }
      event.preventDefault();
      event.stopPropagation();
      atOnce();
    });
    form.addEventListener("portal:flush", atOnce);
    function atOnce() { typed += 1; waitsFor = ""; attempt = 0; self.flush(); }

    /* --- sending -------------------------------------------------------------------------------------------------------- */
    function mayGo() { return self.dirty() && waitsFor !== "change" && waitsFor !== "server"; }
    this.flush = function () { if (mayGo()) { window.clearTimeout(timer); send(); } };
    this.retry = function () { if (mayGo()) { waitsFor = ""; attempt = 0; self.flush(); } };
    /* The page may go: what is not on its way yet goes now, beside whatever is under way. */
    this.leave = function () { if (mayGo() && typed !== sent) { window.clearTimeout(timer); send(true); } };

    function send(last) {
      if (newest && !last) { again = true; return; }
      var number = sending += 1, mark = sent = typed, values = texts(), stop = new AbortController();
      again = false;
      newest = number;
      Object.keys(values).forEach(function (name) {
        var before = unheard[name] = unheard[name] || [];
        if (values[name] !== known[name] && !before.some(function (pair) { return pair[1] === values[name]; })) { before.push([number, values[name]]); }
        while (before.length > UNHEARD) { before.shift(); }
      });
      if (form.elements.shown) { form.elements.shown.value = JSON.stringify(shown()); }
      keep();
      say("saving", "正在保存…");
      token(form);
      var body = new FormData(form), size = 0;
      body.forEach(function (value, name) { size += 3 * (String(value).length + name.length) + 150; });
      var limit = window.setTimeout(function () { stop.abort(); }, PATIENCE);
      var headers = mirror.headers({ actor: mirror.who });
      fetch(Portal.address(form), {
        method: "POST", credentials: "same-origin", headers: headers, body: body, signal: stop.signal, keepalive: size < KEEPALIVE_BYTES
      }).then(function (response) {
        var json = (response.headers.get("Content-Type") || "").indexOf("application/json") === 0;
        if (response.status === 429 || response.status === 503) { throw { wait: Portal.seconds(response.headers.get("Retry-After")), status: response.status }; }
        if (response.redirected || response.status === 401) { throw { login: true }; }
        if (!json) { throw { status: response.status }; }
        return response.json().then(function (answer) { return { status: response.status, body: answer }; });
      }).then(function (answer) { over(number); accept(answer.status, answer.body, mark, number, values); },
        function (problem) { over(number); if (number === sending) { failed(problem || {}); } })
        .then(function () { window.clearTimeout(limit); });
    }
    function over(number) { if (newest === number) { newest = 0; } }

    function accept(status, body, mark, number, values) {
      if (number < heard) { return; }
      if (body.revision === undefined) { if (number === sending) { refused(status, body); } return; }
      heard = number;
      attempt = 0;
      waitsFor = "";
      learn(body, number, values);
      if (form.elements.revision) { form.elements.revision.value = body.revision; }
      showErrors(body.errors || {});
      Object.keys(body.fragments || {}).forEach(function (selector) {
        var target = document.querySelector(selector);
        if (target && !target.contains(document.activeElement)) {
          target.innerHTML = body.fragments[selector];
          if (window.htmx) { window.htmx.process(target); }
        }
      });
      showClashes(body.clashes || [], body);
      if (typed !== mark) { keep(); if (again && !newest) { send(); } return; }
      if ((body.clashes || []).length || status === 409) {
        waitsFor = "change";
        keep();
        say("conflict", "未保存：" + (body.clashes || []).map(function (one) { return "“" + one.label + "”"; }).join("、") + "在别处已修改，请选择");
        return;
      }
      acknowledged = mark;
      forget();
      say("saved", "已保存 " + (body.saved_at || "") + ((body.taken || []).length ? "，已并入别处刚填的内容" : ""));
      form.dispatchEvent(new CustomEvent("portal:saved", { bubbles: true, detail: body }));
    }
    /* What the server holds now. A field filled elsewhere is taken over, unless this person has gone on typing in it. */
    function learn(body, number, values) {
      var now = texts(), stored = Object.keys(body.shown || {}).length ? body.shown : values, open = {};
      (body.clashes || []).forEach(function (one) { open[one.name] = true; });
      Object.keys(stored).forEach(function (name) {
        if (open[name] || !(name in known)) { return; }
        unheard[name] = (unheard[name] || []).filter(function (pair) { return pair[0] > number; });
        if ((body.taken || []).indexOf(name) >= 0) {
          if (now[name] !== values[name]) { return; }
          write(name, stored[name]);
        }
        known[name] = stored[name];
      });
      if (form.elements.shown) { form.elements.shown.value = JSON.stringify(shown()); }
    }
    function write(name, value) { var wanted = {}; wanted[name] = [value]; mirror.fill(form, wanted); }

    /* --- what went wrong ------------------------------------------------------------------------------------------------- */
    function refused(status, body) {
      var first = (body.errors || [])[0];
      keep();
      showErrors(body.fields || {});
      if (first && first.code === "csrf") { later(RETRIES[0], "未保存：登录状态刚刚更新，正在重试"); return; }
      if (status >= 500) { later(0, "未保存：" + (first && first.message || "系统出错，正在重试")); return; }
      waitsFor = first && first.code === "other_actor" ? "login" : "change";
      say("failed", "未保存：" + (first && first.message || "请刷新页面后重试") + (waitsFor === "login" ? "" : "（填写的内容已留在本机）"));
    }
    function failed(problem) {
      keep();
      if (problem.login) {
        waitsFor = "login";
        say("failed", "");
        if (!state) { return; }
        var words = make("span", "", "未保存：登录已超时，内容已留在本机，"), link = make("a", "", "在新窗口登录");
        link.href = Portal.meta("portal-login-url") || "/";
        link.target = "_blank";
        link.rel = "noopener";
        words.appendChild(link);
        words.appendChild(document.createTextNode("后会自动保存"));
        state.lastChild.appendChild(words);
        return;
      }
      if (problem.wait !== undefined) { later(problem.wait, problem.status === 429 ? "未保存：操作太频繁" : "未保存：系统正在恢复", true); return; }
      if (problem.status === 413) { waitsFor = "change"; say("failed", "未保存：内容太长，没有存上，请删减后再存"); return; }
      if (problem.status && problem.status < 500) { waitsFor = "change"; say("failed", "未保存：请刷新页面后重试（填写的内容已留在本机）"); return; }
      later(0, "未保存：" + (problem.status ? "系统出错" : "网络中断") + "，正在重试");
    }
    /* Again after `wait` seconds (0: the usual pauses), a little later for some, so that not everybody comes back at once. */
    function later(wait, words, tell) {
      var pause = Math.min(wait || RETRIES[Math.min(attempt, RETRIES.length - 1)], LONGEST_WAIT);
      pause = Math.ceil(pause * (1 + Math.random() / 5));
      attempt += 1;
      waitsFor = tell ? "server" : "time";
      say("failed", words + (tell ? "，" + pause + " 秒后自动重试，内容已留在本机" : ""));
      window.clearTimeout(timer);
      timer = window.setTimeout(function () { waitsFor = ""; send(); }, pause * 1000);
    }
    function showErrors(errors) {
      all("[data-autosave-error]", form).forEach(function (node) { node.parentNode.removeChild(node); });
      all("[aria-invalid]", form).forEach(function (node) { node.removeAttribute("aria-invalid"); node.classList.remove("is-invalid"); });
      Object.keys(errors).forEach(function (name) {
        var field = control(name);
        if (!field) { return; }
        var note = make("div", "invalid-feedback", errors[name]);
        note.setAttribute("data-autosave-error", "");
        note.id = (field.id || name) + "_autosave_error";
        field.setAttribute("aria-invalid", "true");
        field.classList.add("is-invalid");
        (field.closest(".form-check") || field).insertAdjacentElement("afterend", note);
      });
    }
    function control(name) {
      var field = form.elements[name];
      return field && field.length && !field.tagName ? field[field.length - 1] : field;
    }

    /* --- one field, two people: both texts, and nothing is written over ----------------------------------------------------- */
    function showClashes(found, body) {
      var open = {};
      found.forEach(function (one) {
        var before = clashes[one.name];
        open[one.name] = before && before.theirs === one.theirs ? before : null;
      });
      Object.keys(clashes).forEach(function (name) { if (!open[name]) { clashes[name].bar.parentNode.removeChild(clashes[name].bar); delete clashes[name]; } });
      found.forEach(function (one) { if (!open[one.name]) { clashes[one.name] = { theirs: one.theirs, bar: clashBar(one, body.conflict_url) }; } });
    }
    function clashBar(one, address) {
      var field = control(one.name), place = field && (field.closest(".rule-part") || field.closest(".radio-row") || field);
      var box = mirror.notice("“" + one.label + "”两处都改了。" + one.by + (one.at ? "（" + one.at + "）" : "") + " 保存的：");
      box.append(make("div", "prewrap", one.words)).append(make("p", "", "框中是您填写的，还没有保存。"));
      box.add("用我的", function () { known[one.name] = one.theirs; return chosen(one.name); });
      box.add("用已保存的", function () { known[one.name] = one.theirs; write(one.name, one.theirs); return chosen(one.name); });
      if (address) {
        var both = make("button", "btn btn-sm btn-link", "查看两份内容");
        both.type = "submit";
        both.setAttribute("formaction", address);
        both.addEventListener("click", function () { token(form); Portal.leave(); });
        box.append(both);
      }
      box.bar.setAttribute("data-clash", one.name);
      if (place) { place.insertAdjacentElement("beforeend", box.bar); } else { form.insertBefore(box.bar, form.firstChild); }
      return box.bar;
    }
    function chosen(name) {
      delete unheard[name];
      waitsFor = "";
      changed(0);
      return false;  /* the answer takes the notice away */
    }

    /* --- coming back: what the server does not have yet is filled in again and sent ------------------------------------------ */
    this.restore = function () {
      mirror.get(key).then(function (record) {
        if (!record || !record.values) { return; }
        var now = texts(), drawn = {}, back = [];
        Object.keys(record.values).forEach(function (name) {
          var mine = record.values[name].join("\n"), bases = (record.shown && record.shown[name]) || [];
          if (!(name in now) || now[name] !== known[name] || mirror.same([mine], [now[name]]) || mine === bases[0]) { return; }
          drawn[name] = known[name];
          if (bases.length) { known[name] = bases[0]; unheard[name] = bases.slice(1).map(function (value) { return [0, value]; }); }
          write(name, mine);
          back.push(name);
        });
        if (!back.length) {
          if (!self.dirty() && !locked()) { forget(); } else if (locked()) { showLocked(record); }
          return;
        }
        form.insertBefore(mirror.notice("已填回本机留存的 " + mirror.when(record.at) + " 没有保存成功的内容，正在保存。")
          .add("不要这些内容", function () {
            back.forEach(function (name) { known[name] = drawn[name]; write(name, drawn[name]); });
            changed(0);
          }).bar, form.firstChild);
        changed(0);
      });
    };
    function locked() { return !Object.keys(texts()).length; }
    /* The card may no longer be changed: what was typed is there to be copied. */
    function showLocked(record) {
      var words = [];
      Object.keys(record.values).forEach(function (name) {
        var mine = record.values[name].join("\n"), bases = (record.shown && record.shown[name]) || [];
        if (mine && mine !== bases[0]) { words.push(mine === "YES" ? "是" : mine === "NO" ? "否" : mine); }
      });
      if (!words.length) { forget(); return; }
      form.insertBefore(mirror.notice("本项现在不能修改。本机留有 " + mirror.when(record.at) + " 没有保存成功的内容，可复制留用：")
        .append(make("div", "prewrap", words.join("\n"))).add("不要了", forget).bar, form.firstChild);
    }
  }
  function present() { return cards.filter(function (card) { return document.contains(card.form); }); }
  function each(verb) { present().forEach(function (card) { card[verb](); }); }
  function waiting() { return present().some(function (card) { return card.dirty(); }); }
  /* A link followed right after typing: the last words are saved first. What cannot be saved is left to the leaving guard. */
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[href]"), tries = 0;
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || !waiting()) { return; }
    if (link.target || link.hasAttribute("download") || link.origin !== location.origin || link.getAttribute("href").charAt(0) === "#") { return; }
    event.preventDefault();
    each("flush");
    (function follow() {
      tries += 1;
      if (!waiting() || tries > 30) { location.href = link.href; } else { window.setTimeout(follow, 100); }
    })();
  });
  document.addEventListener("visibilitychange", function () { each(document.visibilityState === "hidden" ? "leave" : "retry"); });
  window.addEventListener("pagehide", function () { each("leave"); });
  window.addEventListener("beforeunload", function () { each("leave"); });
  window.addEventListener("online", function () { each("retry"); });
  window.addEventListener("focus", function () { each("retry"); });
  document.addEventListener("portal:flush-all", function () { each("retry"); });
  /* Another window of this person has signed in: what waited goes out, and this window keeps what it answers for. */
  if (mirror.wire) {
    mirror.wire.addEventListener("message", function (event) {
      if (!event.data || !event.data.ask) { return; }
      var have = present().map(function (card) { return card.key; }).filter(function (key) { return event.data.ask.indexOf(key) >= 0; });
      if (have.length) { mirror.wire.postMessage({ have: have }); }
      if (event.data.signedIn === mirror.who) { each("retry"); }
    });
  }

  Portal.behave("form[data-autosave]", function autosave(form) { var card = new Card(form); cards.push(card); card.restore(); });
  Portal.guardWith(function () { return present().some(function (card) { return card.lost(); }); });
})();

/* What was typed stays on this machine until the server has it: from the first key, over a killed browser, a dead network
   and an ended session; removed when the server has answered, on signing out, after seven days. IndexedDB, because
   localStorage reaches the disk only seconds later; localStorage where there is no IndexedDB. On every page; needs portal.js. */
(function () {
  "use strict";
  var Portal = window.Portal, all = Portal.all, make = Portal.make;
  var KEPT_DAYS = 7, SENT = "portal-sent";
  /* drafts: what was typed; outbox and photos: what waits for the server's receipt, texts and pictures apart (outbox.js). */
  var STORES = ["drafts", "outbox", "photos"];
  var place = null;

  /* --- the store: every call gives a promise that never fails -------------------------------------------------------- */
  function open() {
    place = place || new Promise(function (done) {
      var request;
      function without() { done(null); }
      window.setTimeout(without, 2000);
      try { request = window.indexedDB.open("portal", 2); } catch (error) { without(); return; }
      request.onupgradeneeded = function () {
        STORES.forEach(function (name) {
          if (!request.result.objectStoreNames.contains(name)) { request.result.createObjectStore(name, { keyPath: "key" }); }
        });
      };
      request.onerror = request.onblocked = without;
      request.onsuccess = function () {
        request.result.onversionchange = request.result.onclose = function () { request.result.close(); place = null; };
        done(request.result);
      };
    });
    return place;
  }
  /* The records of one store. `put` gives the key, or nothing where it could not be kept (a picture without IndexedDB). */
  function Table(name) {
    var prefix = name === "drafts" ? "portal-draft:" : "portal-" + name + ":";
    function ask(mode, act, instead) {
      return open().then(function (base) {
        return new Promise(function (done) {
          var work, request;
          function without() { try { done(instead()); } catch (error) { done(null); } }
          if (!base) { without(); return; }
          try { work = base.transaction(name, mode); request = act(work.objectStore(name)); } catch (error) { place = null; without(); return; }
          work.oncomplete = function () { done(request.result); };
          work.onabort = work.onerror = without;
        });
      });
    }
    function write(record) {
      if (record.blob) { return null; }
      localStorage.setItem(prefix + record.key, JSON.stringify(record));
      return record.key;
    }
    function read() {
      return Object.keys(localStorage).filter(function (key) { return key.indexOf(prefix) === 0; })
        .map(function (key) { return JSON.parse(localStorage.getItem(key)); });
    }
    function whole(found) { return (found || []).filter(function (record) { return record && record.key; }); }
    this.put = function (record) { return ask("readwrite", function (store) { return store.put(record); }, function () { return write(record); }); };
    this.get = function (key) {
      return ask("readonly", function (store) { return store.get(key); }, function () { return JSON.parse(localStorage.getItem(prefix + key) || "null"); });
    };
    this.drop = function (key) {
      return ask("readwrite", function (store) { return store.delete(key); }, function () { localStorage.removeItem(prefix + key); });
    };
    this.list = function () { return ask("readonly", function (store) { return store.getAll(); }, read).then(whole); };
    /* `change(records)` says in one transaction what becomes of them: {put: [records], drop: [keys], result}. Gives the result. */
    this.change = function (change) {
      return ask("readwrite", function (store) {
        var all = store.getAll(), answer = {};
        all.onsuccess = function () {
          var wanted = change(whole(all.result));
          (wanted.drop || []).forEach(function (key) { store.delete(key); });
          (wanted.put || []).forEach(function (record) { store.put(record); });
          answer.result = wanted.result;
        };
        return answer;
      }, function () {
        var wanted = change(whole(read()));
        (wanted.drop || []).forEach(function (key) { localStorage.removeItem(prefix + key); });
        (wanted.put || []).forEach(write);
        return wanted.result;
      });
    };
  }
  var tables = {};
  function table(name) { tables[name] = tables[name] || new Table(name); return tables[name]; }
  var put = table("drafts").put, get = table("drafts").get, drop = table("drafts").drop, list = table("drafts").list;

  /* --- the fields of a form: name → values, what a person can type or choose and nothing else ---------------------------- */
  function seen(form) {
    return Array.prototype.filter.call(form.elements, function (one) {
      return one.name && ["hidden", "file", "password", "submit", "button", "reset"].indexOf(one.type) < 0 && one.tagName !== "FIELDSET" && !one.matches(":disabled");
    });
  }
  function fields(form) {
    var found = {};
    seen(form).forEach(function (one) {
      var values = found[one.name] = found[one.name] || [];
      if ((one.type !== "radio" && one.type !== "checkbox") || one.checked) { values.push(one.value); }
    });
    return found;
  }
  function fill(form, values) {
    seen(form).forEach(function (one) {
      var wanted = values[one.name];
      if (!wanted) { return; }
      if (one.type === "radio" || one.type === "checkbox") { one.checked = wanted.indexOf(one.value) >= 0; return; }
      one.value = wanted[0] || "";
      var folded = one.value && one.closest("details");
      if (folded) { folded.open = true; }
    });
  }
  function same(left, right) { return left.join("\n").replace(/\r\n/g, "\n").trim() === right.join("\n").replace(/\r\n/g, "\n").trim(); }
  function when(at) {
    var day = new Date(at);
    function two(number) { return (number < 10 ? "0" : "") + number; }
    return day.getMonth() + 1 + "月" + day.getDate() + "日 " + two(day.getHours()) + ":" + two(day.getMinutes());
  }
  function notice(words, kind) {
    var bar = make("div", "notice notice-" + (kind || "warn")), box = make("div", "", words);
    bar.setAttribute("role", "status");
    bar.appendChild(box);
    return { bar: bar, add: function (label, act) {
      var button = make("button", "btn btn-sm btn-outline-primary", label);
      button.type = "button";
      button.addEventListener("click", function () { if (act() !== false) { bar.parentNode.removeChild(bar); } });
      box.appendChild(box.querySelector("button") ? document.createTextNode(" ") : make("br"));
      box.appendChild(button);
      return this;
    }, append: function (node) { box.appendChild(node); return this; } };
  }

  /* --- who is at the keyboard: "user/capacity"; nothing is mirrored for a stranger --------------------------------------- */
  var who = Portal.meta("portal-actor"), user = who.split("/")[0];
  function keyOf(name) { return user + ":" + name; }

  /* --- forms saved by hand, where there is much to type: offered again when the page is opened without having saved ------- */
  function isWritten(form) {
    return form.hasAttribute("data-mirror") || (form.querySelector("textarea:not([readonly])") && !form.querySelector("[type=password]") &&
      !["data-autosave", "data-inline-edit", "data-upload", "data-outbox-form"].some(function (name) { return form.hasAttribute(name); }));
  }
  function formKey(form) {
    var box = form.querySelector("textarea");
    return keyOf(form.getAttribute("data-mirror") || [location.pathname + location.search, form.getAttribute("action") || "", box ? box.name : ""].join("|"));
  }
  /* Whether the page holds what was typed, because the server has refused it. */
  function isHeld(form) { return form.hasAttribute("data-mirror-held") || Boolean(form.querySelector(".is-invalid, [aria-invalid=true]")); }
  function mirrorForm(form) {
    if (!user || !isWritten(form)) { return; }
    var key = formKey(form), drawn = fields(form), typed = false;
    function keep() {
      typed = true;
      put({ key: key, user: user, actor: who, at: Date.now(), page: location.pathname + location.search, label: document.title,
        formKey: form.elements.form_key ? form.elements.form_key.value : "", drawn: drawn, values: fields(form) });
    }
    function done() { typed = false; drop(key); }
    form.addEventListener("input", keep);
    form.addEventListener("change", function (event) { if (event.target.name) { keep(); } });
    form.addEventListener("submit", function () {
      if (typed) { keep(); }
      if (!form.hasAttribute("hx-post")) { remember(key); }
    });
    form.addEventListener("click", function (event) { if (event.target.closest(".button-row a[href]")) { done(); } });  /* 取消 */
    form.addEventListener("htmx:beforeOnLoad", function (event) {
      if (event.target === form && event.detail.xhr.status < 300) { done(); }
    });
    if (isHeld(form)) { get(key).then(function (record) { if (record) { drawn = record.drawn || drawn; } keep(); }); return; }
    get(key).then(function (record) { if (record && !typed) { offer(form, key, record, drawn, keep); } });
  }
  function offer(form, key, record, drawn, keep) {
    var before = record.drawn || {}, changed = Object.keys(record.values).filter(function (name) {
      return drawn[name] && !(before[name] && same(before[name], record.values[name])) && !same(drawn[name], record.values[name]);
    });
    if (!changed.length) { drop(key); return; }
    var bar = notice("本机留有 " + when(record.at) + " 填写、没有保存成功的内容。");
    changed.forEach(function (name) {
      if (!before[name] || same(before[name], drawn[name])) { return; }
      var box = seen(form).filter(function (one) { return one.name === name; })[0], label = box.labels && box.labels[0];
      bar.append(make("p", "", "“" + (label ? label.textContent.trim() : name) + "”在此期间已在别处改过，恢复会盖掉现在框中的内容。"));
    });
    bar.add("恢复这些内容", function () {
      var wanted = {};
      changed.forEach(function (name) { wanted[name] = record.values[name]; });
      /* If the first try did reach the server, this one leads to its record. */
      if (record.formKey && form.elements.form_key) { form.elements.form_key.value = record.formKey; }
      fill(form, wanted);
      keep();
      seen(form).forEach(function (one) { if (wanted[one.name]) { one.dispatchEvent(new Event("input", { bubbles: true })); } });
    }).add("不要了", function () { drop(key); });
    form.insertBefore(bar.bar, form.firstChild);
    var folded = form.closest("details");
    if (folded) { folded.open = true; }
  }
  function remember(key) {
    try { sessionStorage.setItem(SENT, JSON.stringify({ key: key, from: location.href.split("#")[0] })); } catch (error) { /* private mode: offered again */ }
  }
  /* The page after a form was sent. A redirect from the form's page onto a page of the portal says the server has it. */
  function settle() {
    var sent = null, entry = (performance.getEntriesByType("navigation") || [])[0];
    try { sent = JSON.parse(sessionStorage.getItem(SENT)); sessionStorage.removeItem(SENT); } catch (error) { /* as above */ }
    if (!sent) { return; }
    var again = document.querySelector("form[data-resubmit]");
    if (again) { again.addEventListener("submit", function () { remember(sent.key); }); return; }
    var held = all("form").some(function (form) { return isWritten(form) && isHeld(form) && formKey(form) === sent.key; });
    if (document.querySelector(".site-frame") && entry && entry.redirectCount && document.referrer.split("#")[0] === sent.from && !held) { drop(sent.key); }
  }

  /* --- cards that save themselves but stand on another page: what they still owe goes out from here --------------------- */
  var wire = null;
  try { wire = new BroadcastChannel("portal-drafts"); } catch (error) { /* the card's own page sends it */ }
  function claims(keys) {
    return new Promise(function (done) {
      var claimed = {};
      if (!wire) { done(claimed); return; }
      function hear(event) { (event.data.have || []).forEach(function (key) { claimed[key] = true; }); }
      wire.addEventListener("message", hear);
      wire.postMessage({ signedIn: who, ask: keys });
      window.setTimeout(function () { wire.removeEventListener("message", hear); done(claimed); }, 500);
    });
  }
  function deliver(record) {
    var body = new FormData();
    Object.keys(record.values).forEach(function (name) { record.values[name].forEach(function (value) { body.append(name, value); }); });
    body.append("shown", JSON.stringify(record.shown));
    body.append("revision", record.revision);
    return fetch(record.url, { method: "POST", credentials: "same-origin", body: body, headers: headers(record) }).then(function (response) {
      if (!response.ok || response.redirected) { throw response; }
      return drop(record.key);
    });
  }
  function headers(record) {
    return { "X-Autosave": "1", "X-Actor": record.actor.split("/")[1] || "", "X-CSRFToken": Portal.token(null), Accept: "application/json" };
  }
  function sendOwed() {
    list().then(function (records) {
      var oldest = Date.now() - KEPT_DAYS * 86400000;
      records.filter(function (record) { return !(record.at > oldest); }).forEach(function (record) { drop(record.key); });
      var own = records.filter(function (record) { return record.at > oldest && record.url && record.actor === who; });
      return claims(own.map(function (record) { return record.key; })).then(function (claimed) {
        own = own.filter(function (record) { return !claimed[record.key] && !here(record.key); });
        return own.reduce(function (before, record) {
          return before.then(function (left) { return deliver(record).then(function () { return left; }, function () { return left.concat(record); }); });
        }, Promise.resolve([])).then(function (left) { tellOwed(own.length - left.length, left); });
      });
    });
  }
  function here(key) { return all("form[data-autosave]").some(function (form) { return keyOf(form.dataset.autosaveKey) === key; }); }
  function tellOwed(done, left) {
    var holder = document.getElementById("messages");
    if (!holder || !(done || left.length)) { return; }
    if (done) { holder.appendChild(notice("本机留存的 " + done + " 项填写已补存。", "ok").bar); }
    if (!left.length) { return; }
    var owed = notice("本机还留有 " + left.length + " 项没有存上的填写，打开后可继续：");
    left.forEach(function (record) {
      var link = make("a", "", record.label || record.page);
      link.href = record.page;
      owed.append(document.createTextNode(" ")).append(link);
    });
    holder.appendChild(owed.bar);
  }

  /* --- signing out leaves nothing behind, and asks when something would be lost ------------------------------------------ */
  var askers = [];
  function leaveClean(form) {
    form.addEventListener("submit", function (event) {
      if (!user) { return; }
      event.preventDefault();
      event.stopPropagation();
      askers.reduce(function (before, asks) { return before.then(function (go) { return go && asks(); }); }, Promise.resolve(true))
        .then(function (go) { if (go) { leaveDrafts(form); } });
    });
  }
  function leaveDrafts(form) {
    var until = Date.now() + 3000;
    document.dispatchEvent(new CustomEvent("portal:flush-all"));
    (function look() {
      list().then(function (records) {
        var mine = records.filter(function (record) { return record.user === user; });
        if (mine.some(function (record) { return record.url; }) && Date.now() < until) { window.setTimeout(look, 100); return; }
        if (mine.length && !window.confirm("还有 " + mine.length + " 处填写没有存到服务器，只留在这台设备上。退出登录会清除它们。仍要退出吗？")) { return; }
        Portal.leave();
        Promise.all(mine.map(function (record) { return drop(record.key); })).then(function () { Portal.token(form); form.submit(); });
      });
    })();
  }

  Portal.mirror = { put: put, get: get, drop: drop, fields: fields, fill: fill, same: same, when: when, notice: notice, keyOf: keyOf, who: who, headers: headers, wire: wire,
    table: table, askBeforeSignOut: function (asks) { askers.push(asks); } };
  Portal.behave("form[method=post]", mirrorForm);
  Portal.behave("form[action$='/logout/']", leaveClean);
  settle();
  if (user) { sendOwed(); }
})();

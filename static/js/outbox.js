/* 待发送: what was saved without a signal waits here for the server's receipt (decision 0016). An id for every save, and the
   revision it was made on; pictures apart from texts. One tab sends at a time; any page of the portal of the same person
   does. Erased by a receipt that names the id, or by hand. On every page; needs portal.js and mirror.js. */
(function () {
  "use strict";
  var Portal = window.Portal, mirror = Portal.mirror, make = Portal.make, all = Portal.all;
  var RETRIES = [5, 15, 30, 60], LONGEST_WAIT = 600, PATIENCE = 45000, LEASE = 15000, LEASE_KEY = "lease";
  var user = mirror.who.split("/")[0], texts = mirror.table("outbox"), photos = mirror.table("photos");
  var tab = uuid(), received = {}, busy = null, again = false, timer = 0, attempt = 0, trouble = null, forced = false;

  /* crypto.randomUUID wants HTTPS and a newer browser. */
  function uuid() {
    var bytes = window.crypto.getRandomValues(new Uint8Array(16)), hex = "";
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    bytes.forEach(function (byte) { hex += (byte < 16 ? "0" : "") + byte.toString(16); });
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }
  function isMine(record) { return record.user === user; }
  function byTime(one, other) { return one.at - other.at; }
  function listMine() {
    return Promise.all([texts.list(), photos.list()]).then(function (found) {
      return { texts: found[0].filter(isMine).sort(byTime), photos: found[1].filter(isMine).sort(byTime),
        others: found[0].concat(found[1]).some(function (record) { return record.user && !isMine(record); }) };
    });
  }

  /* --- putting in ------------------------------------------------------------------------------------------------------- */
  /* A save. `after`: the save its form showed. One that was never sent, or refused, is contained in this one; one whose
     answer is not known yet goes first, under its own id. */
  function add(entry) {
    entry = Object.assign({ key: uuid(), user: user, at: Date.now(), state: "waiting", tried: 0, after: "" }, entry);
    return texts.change(function (records) {
      var before = records.filter(function (one) { return one.key === entry.after; })[0], gone = [entry.draft];
      if (before && (before.state !== "waiting" || !before.tried)) {
        gone.push(before.key);
        entry.after = before.after;
        if (before.state !== "conflict") { entry.revision = before.revision; }
      } else if (!before) {
        if (received[entry.after] !== undefined) { entry.revision = received[entry.after]; }
        entry.after = "";
      }
      return { put: [entry], drop: gone, result: entry };
    }).then(function (kept) { tell({ changed: entry.place }); return kept; });
  }
  function draft(record) { return texts.put(Object.assign({ user: user, at: Date.now(), state: "draft" }, record)).then(draw); }
  /* Nothing where this browser cannot keep a picture. */
  function addPhoto(record) {
    record = Object.assign({ key: uuid(), user: user, at: Date.now(), state: "waiting", photo: true }, record);
    return photos.put(record).then(function (kept) { tell({ changed: record.place }); return kept ? record : null; });
  }
  function remove(record) {
    return (record.photo ? photos : texts).drop(record.key).then(function () { tell({ changed: record.place, removed: record.key }); });
  }

  /* --- sending: one tab at a time, one record after the other; what is refused stays and does not keep up the rest ------------ */
  function lease(mine) {
    return texts.change(function (records) {
      var held = records.filter(function (one) { return one.key === LEASE_KEY; })[0], left = held ? held.until - Date.now() : 0;
      if (held && held.owner !== tab && left > 0 && left <= LEASE) { return { result: false }; }
      return mine ? { put: [{ key: LEASE_KEY, owner: tab, until: Date.now() + LEASE }], result: true } : { drop: [LEASE_KEY], result: true };
    });
  }
  function flush() {
    if (!user) { return Promise.resolve(); }
    if (busy) { again = true; return busy; }
    window.clearTimeout(timer);
    busy = listMine().then(function (mine) {
      var waiting = mine.texts.concat(mine.photos).some(function (one) { return one.state === "waiting"; });
      /* What was certainly not sent may still be replaced by a later save of the same form; 重发 tries all the same. */
      if (waiting && !navigator.onLine && !forced) { failed("网络不通，联网后自动发送", 0); return null; }
      forced = false;
      return waiting ? lease(true).then(function (got) { if (got) { return sendAll(); } later(3); }) : null;
    }).catch(function () { later(0); }).then(function () {
      busy = null;
      if (again) { again = false; return flush(); }
      return draw();
    });
    return busy;
  }
  function sendAll() {
    var renewing = window.setInterval(function () { lease(true); }, LEASE / 3);
    trouble = null;
    return sendNext(texts, {}).then(function (go) { return go && sendNext(photos, {}); }).then(function (go) {
      window.clearInterval(renewing);
      if (go && !trouble) { attempt = 0; }
      return lease(false);
    });
  }
  /* Gives whether to go on: false when nothing goes out now. */
  function sendNext(place, seen) {
    return place.change(function (records) {
      var there = {}, next;
      records.forEach(function (one) { there[one.key] = true; });
      next = records.filter(function (one) {
        return isMine(one) && one.state === "waiting" && !seen[one.key] && !(one.after && there[one.after]);
      }).sort(byTime)[0];
      if (next) { next.tried = (next.tried || 0) + 1; }
      return next ? { put: [next], result: next } : {};
    }).then(function (next) {
      if (!next) { return true; }
      seen[next.key] = true;
      draw(next.key);
      return post(next).then(function (go) { return go && sendNext(place, seen); });
    });
  }
  function bodyOf(record) {
    var body = new FormData();
    body.append("uid", record.key);
    if (record.photo) { body.append("file", record.blob, record.name); return body; }
    body.append("seen_revision", record.revision);
    Object.keys(record.values).forEach(function (name) { record.values[name].forEach(function (value) { body.append(name, value); }); });
    return body;
  }
  function post(record) {
    var stop = new AbortController(), limit = window.setTimeout(function () { stop.abort(); }, PATIENCE);
    return fetch(record.url, {
      method: "POST", credentials: "same-origin", body: bodyOf(record), signal: stop.signal, headers: mirror.headers({ actor: mirror.who })
    }).then(function (response) {
      var json = (response.headers.get("Content-Type") || "").indexOf("application/json") === 0;
      return (json ? response.json() : Promise.resolve(null)).then(function (body) { return answered(record, response, body); });
    }, function () { return failed("网络不通，联网后自动发送", 0); }).catch(function () { return failed("没有收到服务器的回执，将自动重发", 0); })
      .then(function (go) { window.clearTimeout(limit); return go; });
  }
  function answered(record, response, body) {
    var status = response.status, first = body && (body.errors || [])[0], words = first && first.message;
    if (response.redirected || status === 401) { return failed("登录已超时，内容已锁在本机，请原检查人登录后发送", null, true); }
    if (status === 429 || status === 503) { return failed("服务器暂时不收，稍后自动重发", Portal.seconds(response.headers.get("Retry-After"))); }
    if (first && first.code === "other_actor") { return failed("当前登录的不是原检查人，内容已锁在本机", null, true); }
    if (first && first.code === "csrf") { return failed("登录状态刚刚更新，正在重发", 0); }
    if (status >= 500) { trouble = { words: "系统出错，稍后自动重发" }; later(0); return true; }
    if (!body) { return status >= 400 ? refused(record, status === 413 ? "内容太大，服务器没有收" : status === 404 ? "这项检查已不由您检查，或已不在名单中" : "服务器没有接受这条记录（" + status + "）") : failed("没有收到服务器的回执，将自动重发", 0); }
    if (status < 300 && receiptOf(record, body) === record.key) { return settled(record, body); }
    if (status === 409 && body.theirs) { return set(record, { state: "conflict", words: words, theirs: body.theirs }); }
    return refused(record, words || "服务器没有接受这条记录");
  }
  function receiptOf(record, body) { return record.photo ? ((body.attachments || [])[0] || {}).uid : body.uid; }
  function settled(record, body) {
    received[record.key] = body.revision;
    return (record.photo ? photos : texts).change(function (records) {
      var next = records.filter(function (one) { return one.after === record.key; });
      next.forEach(function (one) { one.after = ""; one.revision = body.revision; });
      return { drop: [record.key], put: next };
    }).then(function () { tell({ receipt: record.key, place: record.place, photo: Boolean(record.photo), body: body }); return true; });
  }
  function refused(record, words) { return set(record, { state: "refused", words: words }); }
  /* A later save of the same form holds what this one says: it takes its place. */
  function set(record, changes) {
    return (record.photo ? photos : texts).change(function (records) {
      var next = records.filter(function (one) { return one.after === record.key && one.state === "waiting"; }), now = records.filter(function (one) { return one.key === record.key; })[0];
      if (next.length) {
        next.forEach(function (one) { one.after = ""; one.revision = record.revision; });
        return { drop: [record.key], put: next };
      }
      return now ? { put: [Object.assign(now, changes)] } : {};
    }).then(function () { tell({ changed: record.place, refused: record.key }); return true; });
  }
  function failed(words, wait, login) {
    trouble = { words: words, login: login };
    if (wait !== null) { later(wait); }
    return false;
  }
  function later(wait) {
    var pause = Math.min(wait || RETRIES[Math.min(attempt, RETRIES.length - 1)], LONGEST_WAIT);
    attempt += 1;
    window.clearTimeout(timer);
    timer = window.setTimeout(flush, Math.ceil(pause * (1 + Math.random() / 5)) * 1000);
  }
  function retry(record) {
    forced = true;
    return record && record.state !== "waiting" ? set(record, { state: "waiting", words: "" }).then(flush) : flush();
  }

  /* --- what other tabs and the page hear ------------------------------------------------------------------------------------ */
  function tell(detail) {
    if (mirror.wire) { mirror.wire.postMessage({ outbox: detail, user: user }); }
    hear(detail);
  }
  function hear(detail) {
    if (detail.receipt && detail.body) { received[detail.receipt] = detail.body.revision; }
    document.dispatchEvent(new CustomEvent("portal:outbox", { detail: detail }));
    draw();
  }
  if (mirror.wire) {
    mirror.wire.addEventListener("message", function (event) {
      var data = event.data || {};
      if (data.outbox && data.user === user) { hear(data.outbox); }
      if (data.signedIn === mirror.who) { flush(); }
    });
  }

  /* --- the line 「2 条待发送」 ----------------------------------------------------------------------------------------------- */
  var drawn = "", urls = [];
  function stateWords(record, sending) {
    if (record.key === sending) { return "正在发送…"; }
    if (record.state === "draft") { return "草稿，没有保存"; }
    if (record.state === "conflict") { return "他人已改同一项，请选择：" + (record.words || ""); }
    if (record.state === "refused") { return "没有被接受：" + record.words; }
    return "待发送";
  }
  function plain(record) {
    return [record.unit, record.label, mirror.when(record.at)].concat((record.said || []).map(function (pair) { return pair[0] + "：" + pair[1]; })).join("\n");
  }
  function button(words, act, label) {
    var one = make("button", "btn btn-sm btn-outline-secondary", words);
    one.type = "button";
    one.setAttribute("aria-label", words + " " + label);
    one.addEventListener("click", act);
    return one;
  }
  function copy(record, row) {
    var text = plain(record), box = make("textarea", "form-control", text);
    function byHand() { box.rows = 4; box.readOnly = true; box.setAttribute("aria-label", "可复制的内容"); row.appendChild(box); box.select(); document.execCommand("copy"); }
    if (!navigator.clipboard) { byHand(); return; }
    navigator.clipboard.writeText(text).then(function () { row.appendChild(make("span", "small", "已复制")); }, byHand);
  }
  function rowOf(record, sending) {
    var row = make("li", "outbox-row"), acts = make("div", "cluster"), name = record.photo ? record.label + " 照片 " + record.name : record.label, link;
    row.dataset.key = record.key;
    row.appendChild(make("strong", "", name));
    row.appendChild(make("span", "small outbox-state", mirror.when(record.at) + " · " + stateWords(record, sending)));
    if (record.state === "draft" || record.state === "conflict") {
      link = make("a", "btn btn-sm btn-outline-primary", record.state === "draft" ? "打开" : "查看两份");
      link.href = record.page;
      link.setAttribute("data-site-go", record.code || "");
      acts.appendChild(link);
    } else { acts.appendChild(button("重发", function () { attempt = 0; retry(record); }, name)); }
    if (record.photo) {
      link = make("a", "btn btn-sm btn-outline-secondary", "另存");
      link.href = URL.createObjectURL(record.blob);
      urls.push(link.href);
      link.download = record.name;
      acts.appendChild(link);
    } else { acts.appendChild(button("复制", function () { copy(record, row); }, name)); }
    acts.appendChild(button("删除", function () {
      if (window.confirm("“" + name + "”还没有存到服务器，删除后找不回来。确定删除？")) { remove(record); }
    }, name));
    row.appendChild(acts);
    return row;
  }
  function holder() { return document.querySelector("[data-outbox]") || document.getElementById("messages"); }
  function draw(sending) {
    return listMine().then(function (mine) {
      var records = mine.texts.concat(mine.photos), place = holder(), old = document.querySelector(".outbox"), box, head, list, focus;
      var sign = JSON.stringify([records.map(function (one) { return [one.key, one.state, one.words, one.at]; }), sending || "", trouble, mine.others]);
      if (!place || sign === drawn) { return; }
      drawn = sign;
      urls.splice(0).forEach(function (url) { URL.revokeObjectURL(url); });
      focus = old && old.contains(document.activeElement);
      box = make("section", "outbox no-print");
      box.setAttribute("aria-label", "待发送");
      if (records.length) {
        var waiting = records.filter(function (one) { return one.state !== "draft"; }).length, drafts = records.length - waiting;
        var fold = make("details"), words = [waiting ? waiting + " 条待发送" : "", drafts ? drafts + " 项草稿没有保存" : ""].filter(Boolean).join("，");
        fold.open = Boolean(old && old.querySelector("details[open]"));
        head = make("summary", "", words + (waiting && trouble ? "：" + trouble.words : "："));
        head.appendChild(make("span", "small", waiting ? "重发·复制·删除" : "打开·复制·删除"));
        fold.appendChild(head);
        list = make("ul", "outbox-list");
        records.forEach(function (one) { list.appendChild(rowOf(one, sending)); });
        fold.appendChild(list);
        box.appendChild(fold);
        if (waiting && trouble && trouble.login) {
          var link = make("a", "", "在新窗口登录");
          link.href = Portal.meta("portal-login-url") || "/";
          link.target = "_blank";
          link.rel = "noopener";
          box.appendChild(link);
        }
      }
      if (mine.others) { box.appendChild(make("p", "notice notice-warn", "有他人未发送的记录，请原检查人登录")); }
      if (old) { place.replaceChild(box, old); } else { place.appendChild(box); }
      if (!box.firstChild) { place.removeChild(box); }
      if (focus && head) { head.focus(); }
    });
  }

  /* --- signing out: 先发送／打印留存／丢弃 -------------------------------------------------------------------------------------- */
  function dropAll() {
    return Promise.all([texts, photos].map(function (place) {
      return place.change(function (records) { return { drop: records.filter(isMine).map(function (one) { return one.key; }) }; });
    }));
  }
  function print(mine) {
    var sheet = make("section", "outbox-print"), pictures = [];
    sheet.appendChild(make("h1", "", "没有发出的检查记录（打印留存）"));
    mine.texts.forEach(function (record) { sheet.appendChild(make("p", "prewrap", plain(record))); });
    mine.photos.forEach(function (record) {
      var picture = make("img"), url = URL.createObjectURL(record.blob);
      picture.alt = record.label + " " + record.name;
      pictures.push(new Promise(function (done) { picture.onload = picture.onerror = done; }));
      picture.src = url;
      sheet.appendChild(make("p", "", picture.alt));
      sheet.appendChild(picture);
    });
    document.body.appendChild(sheet);
    document.body.classList.add("is-printing-outbox");
    return Promise.all(pictures).then(function () {
      window.print();
      document.body.classList.remove("is-printing-outbox");
      all("img", sheet).forEach(function (picture) { URL.revokeObjectURL(picture.src); });
      document.body.removeChild(sheet);
    });
  }
  function askFirst(mine) {
    return new Promise(function (done) {
      var before = document.activeElement, shade = make("div", "modal d-block outbox-leave"), inner = make("div", "modal-content"), frame = make("div", "modal-dialog");
      var body = make("div", "modal-body"), row = make("div", "button-row"), count = mine.texts.length + mine.photos.length;
      var head = make("h2", "", "还有 " + count + " 条记录没有发出"), said = make("p", "", "只留在这台设备上。退出登录后本机不再保留检查内容。");
      head.id = "outbox-leave-title";
      shade.setAttribute("role", "alertdialog");
      shade.setAttribute("aria-modal", "true");
      shade.setAttribute("aria-labelledby", head.id);
      said.setAttribute("role", "status");
      function end(go) { document.body.removeChild(shade); if (before && before.focus) { before.focus(); } done(go); }
      function send() {
        said.textContent = "正在发送…";
        attempt = 0;
        flush().then(listMine).then(function (left) {
          var still = left.texts.length + left.photos.length;
          if (!still) { end(true); return; }
          mine = left;
          said.textContent = "还有 " + still + " 条没有发出" + (trouble ? "：" + trouble.words : "，见“待发送”中的说明") + "。";
        });
      }
      [["先发送", send, "btn-primary"], ["打印留存", function () { print(mine); }, "btn-outline-secondary"],
        ["丢弃", function () { dropAll().then(function () { end(true); }); }, "btn-outline-danger"], ["不退出", function () { end(false); }, "btn-link"]].forEach(function (one) {
        var act = make("button", "btn " + one[2], one[0]);
        act.type = "button";
        act.addEventListener("click", one[1]);
        row.appendChild(act);
      });
      shade.addEventListener("keydown", function (event) {
        var acts = all("button", row), at = acts.indexOf(document.activeElement);
        if (event.key === "Escape") { end(false); }
        if (event.key === "Tab") { event.preventDefault(); acts[(at + (event.shiftKey ? acts.length - 1 : 1)) % acts.length].focus(); }
      });
      [head, said, row].forEach(function (node) { body.appendChild(node); });
      inner.appendChild(body);
      frame.appendChild(inner);
      shade.appendChild(frame);
      document.body.appendChild(shade);
      row.firstChild.focus();
    });
  }
  mirror.askBeforeSignOut(function () {
    return listMine().then(function (mine) { return mine.texts.length + mine.photos.length ? askFirst(mine) : true; });
  });

  window.addEventListener("online", function () { attempt = 0; flush(); });
  window.addEventListener("focus", flush);
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "visible") { flush(); } });
  Portal.outbox = { add: add, draft: draft, addPhoto: addPhoto, remove: remove, list: listMine, flush: flush, retry: retry, uuid: uuid, tab: tab };
  if (user) { draw().then(flush); }
})();

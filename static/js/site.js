/* 现场检查: one line a screen, all of them in the page, so that it goes on without a signal; what is saved goes into 待发送
   (outbox.js), what is typed stays as a draft until the server's receipt. The page works without this file, line by line. */
(function () {
  "use strict";
  var Portal = window.Portal, mirror = Portal.mirror, outbox = Portal.outbox, make = Portal.make, all = Portal.all;
  var root = document.querySelector("[data-site]");
  if (!root || !outbox) { return; }
  var cards = {};

  /* What a form says, as pairs a person reads: copied, printed, set beside another's. */
  function told(form) {
    var pairs = [];
    all("input, select, textarea", form).forEach(function (one) {
      var group = one.closest("fieldset"), legend = group && group.querySelector("legend"), label = one.labels && one.labels[0], said = "";
      if (["hidden", "file", "submit", "button"].indexOf(one.type) >= 0 || one.closest(".phrases, .date-field .date-picker") || one.classList.contains("date-picker") || !one.name) { return; }
      if (one.type === "radio" || one.type === "checkbox") {
        if (one.checked) { pairs.push([legend ? legend.textContent.trim() : "", label ? label.textContent.trim() : one.value]); }
        return;
      }
      said = one.tagName === "SELECT" ? (one.value ? one.options[one.selectedIndex].text : "") : one.value.trim();
      if (said) { pairs.push([label ? label.textContent.trim().replace(/\s*[（*].*$/, "") : one.name, said]); }
    });
    return pairs;
  }

  function Card(form) {
    var self = this, state = form.querySelector("[data-save-state]"), place = form.dataset.place, holds = "", dirty = false, sent = {};
    var own = "draft:" + place + ":" + outbox.tab;
    this.form = form;
    this.place = place;
    this.code = form.dataset.code;
    this.isDirty = function () { return dirty; };
    function say(kind, words) {
      state.textContent = "";
      state.appendChild(make("span", "save-state save-state-" + kind, words));
    }
    function record() {
      var values = mirror.fields(form);
      return { place: place, code: self.code, url: Portal.address(form), page: form.dataset.page, unit: root.dataset.unit, label: form.dataset.label,
        values: values, said: told(form), revision: form.elements.seen_revision.value, after: holds };
    }
    function typed(event) {
      if (event.target.type === "file" || !event.target.name) { return; }
      dirty = true;
      say("unsaved", "未保存");
      self.reveal();
      outbox.draft(Object.assign(record(), { key: own }));
    }
    form.addEventListener("input", typed);
    form.addEventListener("change", typed);
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      event.stopPropagation();
      self.save(true);
    });
    /* 所见事实 and 性质 are asked for as soon as the verdict wants them. */
    this.reveal = function () {
      var chosen = form.querySelector("[name=judgement]:checked"), verdict = chosen ? chosen.value : "";
      all("[data-for-verdict]", form).forEach(function (part) {
        part.hidden = part.dataset.forVerdict.split(" ").indexOf(verdict) < 0;
      });
    };
    this.missing = function () {
      var verdict = form.querySelector("[name=judgement]:checked"), wanted = [];
      if (!form.querySelector("[name=judgement]")) { return wanted; }
      if (!verdict) { return ["判断"]; }
      if (verdict.value !== "MET" && !form.elements.seen.value.trim()) { wanted.push("所见事实"); }
      if (verdict.value === "NOT_MET" && !form.querySelector("[name=severity]:checked")) { wanted.push("性质"); }
      return wanted;
    };
    /* `asked`: the button was pressed; otherwise one goes on to another line, and what is not whole stays a draft. */
    this.save = function (asked) {
      var lacks = self.missing();
      if (lacks.length) { say("failed", (asked ? "还没有保存，请填写：" : "草稿已留在本机，还缺：") + lacks.join("、")); return Promise.resolve(false); }
      dirty = false;
      clearConflict();
      say("saving", "已存本机，正在发送…");
      return outbox.add(Object.assign(record(), { draft: own })).then(function (kept) {
        if (!kept) { dirty = true; say("failed", "本机存储空间不足，没有保存，请勿关闭本页"); return false; }
        holds = kept.key;
        sent[kept.key] = true;
        outbox.flush().then(self.refresh);
        return true;
      });
    };
    /* A save made elsewhere, while something is being typed here, does not become what this form goes out from. */
    this.received = function (detail) {
      if (!sent[detail.receipt] && (dirty || holds)) { return; }
      if (!sent[detail.receipt]) { mirror.fill(form, detail.body.values || {}); self.reveal(); }
      form.elements.seen_revision.value = detail.body.revision;
      if (holds === detail.receipt) { holds = ""; }
      Object.keys(detail.body.fragments || {}).forEach(function (selector) {
        var target = document.querySelector(selector);
        if (target) { target.innerHTML = detail.body.fragments[selector]; Portal.start(target); }
      });
      if (!dirty && !holds) { say("saved", "✓ 已存 " + detail.body.saved_at); }
      mark("done");
    };
    function mark(how) {
      all("[data-site-mark='" + self.code + "']").forEach(function (node) {
        node.textContent = { done: "✓ 已判断", local: "待发送", refused: "没有被接受", conflict: "两处都改了", draft: "草稿" }[how];
        node.dataset.state = how;
      });
      count();
    }
    /* What the queue says of this line: after loading, and whenever the queue changes. */
    this.refresh = function () {
      return outbox.list().then(function (mine) {
        var here = mine.texts.filter(function (one) { return one.place === place; }), last = here[here.length - 1];
        if (!last) { return; }
        if (last.state === "draft") { mark("draft"); return; }
        mark(last.state === "waiting" ? "local" : last.state);
        if (last.key !== holds && holds) { return; }
        if (last.state === "waiting" && !dirty) { say("unsaved", "已存本机，待发送"); }
        if (last.state === "refused") { say("failed", "没有保存：" + last.words); }
        if (last.state === "conflict") { say("conflict", "没有保存：他人已改同一项，请选择"); showConflict(last); }
      });
    };
    this.restore = function () {
      return outbox.list().then(function (mine) {
        var here = mine.texts.filter(function (one) { return one.place === place; }), last = here[here.length - 1];
        here.forEach(function (one) { sent[one.key] = true; });
        if (last && !dirty) {
          mirror.fill(form, last.values);
          if (last.state === "draft") { own = last.key; dirty = true; holds = last.after || ""; form.elements.seen_revision.value = last.revision; say("unsaved", "已填回本机的草稿，还没有保存"); } else { holds = last.key; }
        }
        self.reveal();
        return self.refresh();
      });
    };
    this.gone = function (key) { if (holds === key) { holds = ""; say("unsaved", "未保存"); } };

    /* --- two phones, one line: both texts, and nothing is written over ------------------------------------------------------ */
    function clearConflict() { all("[data-site-conflict]", form).forEach(function (node) { node.parentNode.removeChild(node); }); }
    function showConflict(entry) {
      if (form.querySelector("[data-site-conflict='" + entry.key + "']")) { return; }
      clearConflict();
      var theirs = entry.theirs, box = mirror.notice(theirs.by + "（" + theirs.at + "）已保存：");
      function words(pairs) { return pairs.map(function (pair) { return pair[0] + "：" + pair[1]; }).join("\n"); }
      box.append(make("div", "prewrap", words(theirs.said))).append(make("p", "", "您填写的，还没有保存：")).append(make("div", "prewrap", words(entry.said)));
      box.add("用我的", function () { holds = entry.key; form.elements.seen_revision.value = theirs.revision; mirror.fill(form, entry.values); self.save(true); });
      box.add("用已保存的", function () {
        holds = "";
        dirty = false;
        form.elements.seen_revision.value = theirs.revision;
        mirror.fill(form, theirs.values);
        self.reveal();
        outbox.remove(entry).then(function () { say("saved", "已用 " + theirs.by + " 保存的"); mark("done"); });
      });
      box.add("合并", function () {
        var both = {};
        Object.keys(entry.values).forEach(function (name) {
          var mine = entry.values[name], other = (theirs.values[name] || []), box = form.elements[name];
          var joins = box && box.tagName === "TEXTAREA" && other[0] && mine[0] && !mirror.same(mine, other);
          both[name] = joins ? [other[0] + "\n" + mine[0]] : mine[0] ? mine : other;
        });
        holds = entry.key;
        form.elements.seen_revision.value = theirs.revision;
        mirror.fill(form, both);
        self.reveal();
        dirty = true;
        say("unsaved", "两份文字已并在一起，请核对后保存");
        return false;
      });
      box.bar.setAttribute("data-site-conflict", entry.key);
      form.insertBefore(box.bar, form.firstChild);
    }
    this.reveal();
  }

  /* --- the screens ------------------------------------------------------------------------------------------------------------ */
  function screens() { return all("[data-site-screen]", root); }
  function present() { return screens().filter(function (one) { return !one.hidden; })[0]; }
  function show(code, keep) {
    var next = screens().filter(function (one) { return one.dataset.siteScreen === code; })[0], now = present();
    if (!next) { return false; }
    if (now && now !== next) {
      Object.keys(cards).forEach(function (place) { if (now.contains(cards[place].form) && cards[place].isDirty()) { cards[place].save(false); } });
    }
    screens().forEach(function (one) { one.hidden = one !== next; });
    if (!keep) { window.history.pushState({ site: code }, "", "?line=" + encodeURIComponent(code)); }
    window.scrollTo(0, 0);
    var head = next.querySelector("h2");
    if (head && !keep) { head.focus({ preventScroll: true }); }
    count();
    return true;
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("[data-site-go]");
    if (link && !event.ctrlKey && !event.metaKey && !event.button && show(link.dataset.siteGo)) { event.preventDefault(); }
  });
  window.addEventListener("popstate", function () {
    show(new URLSearchParams(location.search).get("line") || root.dataset.first, true);
  });
  /* Lines without a judgement, on the last screen and in the head of the list. */
  function count() {
    var open = all("[data-site-mark]", root).filter(function (node) { return node.closest("[data-site-index]") && !node.dataset.state; });
    all("[data-site-open]", root).forEach(function (node) { node.textContent = String(open.length); });
    all("[data-site-open-line]", root).forEach(function (node) {
      var mark = root.querySelector("[data-site-index] [data-site-mark='" + node.dataset.siteOpenLine + "']");
      node.hidden = Boolean(mark && mark.dataset.state);
    });
  }

  /* --- photos: kept here, sent apart --------------------------------------------------------------------------------------------- */
  function photoForm(form) {
    var list = form.querySelector("[data-photo-list]"), said = form.querySelector("[data-photo-said]"), place = form.dataset.place, shown = {};
    all("[data-photo-send]", form).forEach(function (node) { node.hidden = true; });
    function take(files) {
      Promise.all(Array.prototype.map.call(files, function (file) {
        return Portal.smaller(file).then(function (small) {
          return outbox.addPhoto({ place: place, code: form.dataset.code, url: Portal.address(form), page: form.dataset.page, unit: root.dataset.unit,
            label: form.dataset.label, name: small.name, blob: small });
        });
      })).then(function (kept) {
        var lost = kept.filter(function (one) { return !one; }).length;
        said.textContent = lost ? "有 " + lost + " 张照片本机存不下，没有留存，请腾出空间后重拍" : "照片已存本机，正在发送";
        draw();
        outbox.flush();
      });
    }
    all("input[type=file]", form).forEach(function (input) {
      input.addEventListener("change", function () { take(input.files); input.value = ""; });
    });
    form.addEventListener("submit", function (event) { event.preventDefault(); event.stopPropagation(); });
    function draw() {
      outbox.list().then(function (mine) {
        var here = {};
        mine.photos.filter(function (one) { return one.place === place; }).forEach(function (one) {
          here[one.key] = true;
          if (shown[one.key]) { return; }
          var row = shown[one.key] = make("li", "site-photo"), picture = make("img");
          picture.src = URL.createObjectURL(one.blob);
          picture.alt = one.name + "，待发送";
          row.appendChild(picture);
          row.appendChild(make("span", "small", "待发送"));
          list.appendChild(row);
        });
        Object.keys(shown).forEach(function (key) {
          if (here[key]) { return; }
          URL.revokeObjectURL(shown[key].querySelector("img").src);
          list.removeChild(shown[key]);
          delete shown[key];
        });
      });
    }
    document.addEventListener("portal:outbox", function (event) {
      var detail = event.detail, stored, row, link;
      if (detail.place !== place && detail.changed !== place) { return; }
      if (detail.receipt && detail.photo) {
        stored = detail.body.attachments[0];
        row = make("li", "site-photo");
        link = make("a", "", stored.name);
        link.href = stored.url;
        row.appendChild(link);
        row.appendChild(make("span", "small", "✓ 已上传"));
        list.appendChild(row);
        said.textContent = "";
      }
      draw();
    });
    draw();
  }

  all("form[data-outbox-form]", root).forEach(function (form) {
    if (form.hasAttribute("data-site-photos")) { photoForm(form); return; }
    var card = cards[form.dataset.place] = new Card(form);
    card.restore().then(count);
  });
  document.addEventListener("portal:outbox", function (event) {
    var detail = event.detail, card = cards[detail.place || detail.changed];
    if (!card || detail.photo) { return; }
    if (detail.receipt) { card.received(detail); }
    if (detail.removed) { card.gone(detail.removed); }
    card.refresh();
  });
  /* Loaded with a signal, this page goes on without one; loading it again would not. */
  Portal.keepOpen();
  Portal.guardWith(function () { return !navigator.onLine; });
  function signal() { all("[data-site-offline]", root).forEach(function (node) { node.hidden = navigator.onLine; }); }
  window.addEventListener("online", signal);
  window.addEventListener("offline", signal);
  signal();
  show((present() || { dataset: { siteScreen: root.dataset.first } }).dataset.siteScreen, true);
})();

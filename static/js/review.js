/* Review pages: what is ticked for return, what is being changed, common phrases. Every page works without it. */
(function () {
  "use strict";
  function all(selector, scope) { return Array.prototype.slice.call((scope || document).querySelectorAll(selector)); }

  /* 退回修改（3）: ticks on the review page, or on the return page. */
  function count() {
    var ticked = all("input[name=items]:checked").length;
    all("[data-return-count]").forEach(function (node) { node.textContent = ticked ? "（" + ticked + " 项）" : ""; });
    all("[data-return-total]").forEach(function (node) { node.textContent = String(ticked); });
  }

  /* 本节其余同意 agrees to what is shown: not to cards a filter hides, nor to what is being changed (its words would be lost). */
  document.addEventListener("htmx:configRequest", function (event) {
    var form = event.detail.elt;
    if (!form.matches || !form.matches("[data-agree-rest]")) { return; }
    var section = form.closest("section"), data = event.detail.formData;
    var codes = data.getAll("code").filter(function (code) {
      var card = document.getElementById("item-" + code);
      return card && card.offsetParent !== null;
    });
    data.delete("code");
    codes.forEach(function (code) { data.append("code", code); });
    all("details[data-change][open]", section).forEach(function (one) { data.append("skip", one.dataset.change); });
  });

  /* Unfolding a section is a look at it; 打开本节 unfolds it. */
  function lookForm(code) { return document.querySelector("[data-look='" + code + "']"); }
  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("[data-look] button");
    if (!button) { return; }
    var form = button.closest("form");
    form.dataset.sent = "1";
    document.querySelector("[data-fold='" + form.dataset.look + "']").open = true;
  });
  document.addEventListener("toggle", function (event) {
    var fold = event.target;
    if (!fold.matches || !fold.matches("[data-fold]") || !fold.open) { return; }
    var form = lookForm(fold.dataset.fold);
    if (form && !form.dataset.sent) { form.dataset.sent = "1"; form.requestSubmit(); }
  }, true);
  function unfoldTarget() {
    var place = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var fold = place && (place.closest("[data-fold]") || place.querySelector("[data-fold]"));
    if (fold && !fold.open) { fold.open = true; place.scrollIntoView(); }
  }
  window.addEventListener("hashchange", unfoldTarget);
  unfoldTarget();

  /* Saving closes 调整 and takes its button away: the focus goes to the head of the item. */
  document.addEventListener("htmx:afterSettle", function (event) {
    var item = event.target;
    count();
    if (item.matches && item.matches(".review-item") && (document.activeElement === document.body || !document.activeElement)) {
      var refused = item.querySelector(".is-invalid, [id^='error-']");
      var place = refused && refused.matches("input, select, textarea") ? refused : item.querySelector("h3");
      if (place) { place.focus({ preventScroll: true }); }
    }
  });

  /* Common phrases under the comment box in hand. */
  var list = document.querySelector("[data-phrases]");
  function offer(box) {
    if (!list || box.dataset.offered) { return; }
    box.dataset.offered = "1";
    var row = document.createElement("div");
    row.className = "phrases";
    all("li", list).forEach(function (phrase) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm btn-outline-secondary";
      button.textContent = phrase.textContent;
      button.addEventListener("click", function () {
        box.value = box.value.trim() ? box.value.replace(/\s+$/, "") + "\n" + phrase.textContent : phrase.textContent;
        box.dispatchEvent(new Event("input", { bubbles: true }));
        box.focus();
      });
      row.appendChild(button);
    });
    box.insertAdjacentElement("afterend", row);
  }
  all(".return-row input:checked").forEach(function (tick) { offer(tick.closest(".return-row").querySelector("[data-phrase-box]")); });
  document.addEventListener("focusin", function (event) {
    if (event.target.matches && event.target.matches("[data-phrase-box]")) { offer(event.target); }
  });
  document.addEventListener("change", function (event) {
    if (!event.target.matches || !event.target.matches("input[name=items]")) { return; }
    count();
    var row = event.target.closest(".return-row");
    if (row && event.target.checked) {
      var box = row.querySelector("[data-phrase-box]");
      offer(box);
      box.focus();
    }
  });
  count();
})();

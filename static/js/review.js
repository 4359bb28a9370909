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

  /* 本节其余同意 leaves alone what is being changed: its words would be lost. */
  document.addEventListener("htmx:configRequest", function (event) {
    var form = event.detail.elt;
    if (!form.matches || !form.matches("[data-agree-rest]")) { return; }
    var section = form.closest("section");
    all("details[data-change][open]", section).forEach(function (one) {
      event.detail.formData.append("skip", one.dataset.change);
    });
  });

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

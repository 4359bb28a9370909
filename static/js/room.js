/* The room left in a box with data-room="most": counted as the server counts, a line break is one (docs/front-end.md).
   Nothing is cut: what is too long may be typed and pasted, is said here, and refused by the server. Needs portal.js. */
(function () {
  "use strict";
  var Portal = window.Portal, NEAR = 0.9;
  Portal.behave("[data-room]", function room(box) {
    var most = parseInt(box.dataset.room, 10), words = Portal.make("div", "room"), long = box.tagName === "TEXTAREA";
    if (!most) { return; }
    words.hidden = true;
    words.setAttribute("aria-live", "polite");
    box.insertAdjacentElement("afterend", words);
    function show() {
      var left = most - box.value.length;
      var near = box.value.length >= most * NEAR || left < 0;
      /* Once there it stays: if the line went when the box is left, the button under the finger would move away. */
      words.hidden = !(near || (long && (document.activeElement === box || !words.hidden)));
      words.classList.toggle("is-over", left < 0);
      words.textContent = left < 0 ? "超出 " + -left + " 个字，请删减" : "还可填 " + left + " 个字";
    }
    ["input", "focus", "blur", "change"].forEach(function (name) { box.addEventListener(name, show); });
    show();
  });
})();

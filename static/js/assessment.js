/* Self-assessment pages: the filter of a card follows what the last save made of it. */
(function () {
  "use strict";
  document.addEventListener("portal:saved", function (event) {
    var card = event.target.closest && event.target.closest("[data-card-state]");
    var marks = card && card.querySelector("[data-card-marks]");
    if (marks) { card.dataset.cardState = marks.dataset.cardMarks; }
  });
})();

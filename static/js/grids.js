/* Row and column totals of a month grid while numbers are typed. The server writes the same totals; without script they
   are those of the last answer. data-sums-from: the first column that belongs to the row's total. */
(function () {
  "use strict";

  function amount(box) {
    var text = box.value.trim().replace(/(?:人次|人|件|户|家|个)$/, "").replace(/[,，\s]/g, "");
    return /^[0-9]+$/.test(text) ? parseInt(text, 10) : 0;
  }

  function put(cell, number) {
    if (cell && cell.textContent !== String(number)) { cell.textContent = String(number); }
  }

  function reckon(table) {
    var from = parseInt(table.getAttribute("data-sums-from") || "0", 10);
    var columns = [], all = 0;
    table.querySelectorAll("tbody > tr").forEach(function (row) {
      var sum = 0;
      row.querySelectorAll("input.grid-cell").forEach(function (box, at) {
        var number = amount(box);
        columns[at] = (columns[at] || 0) + number;
        if (at >= from) { sum += number; }
      });
      put(row.querySelector("[data-sum=row]"), sum);
      all += sum;
    });
    table.querySelectorAll("tfoot [data-sum=column]").forEach(function (cell, at) { put(cell, columns[at] || 0); });
    put(table.querySelector("tfoot [data-sum=all]"), all);
  }

  document.addEventListener("input", function (event) {
    var table = event.target.closest && event.target.closest("table[data-sums]");
    if (table) { reckon(table); }
  });
})();

/* The quota while one ticks candidates: confirmed + candidates + ticks of this page. The page works without it. */
(function () {
  "use strict";
  var form = document.querySelector("[data-roster-choice]");
  var meters = Array.prototype.slice.call(document.querySelectorAll("[data-quota][data-quota-live]"));
  if (!form || !meters.length) { return; }
  function set(meter, name, text) {
    var node = meter.querySelector("[data-quota-" + name + "]");
    if (node) { node.textContent = text; }
    return node;
  }
  function draw() {
    var ticked = form.querySelectorAll("input[name=subject]:checked").length;
    meters.forEach(function (meter) {
      var base = Number(meter.getAttribute("data-quota-base")), target = Number(meter.getAttribute("data-quota-target"));
      var now = base + ticked, gap = Math.max(target - now, 0);
      set(meter, "now", String(now));
      set(meter, "ticked", String(ticked));
      var tag = set(meter, "gap", gap ? "还差 " + gap + " 个" : "达到");
      tag.className = gap ? "tag tag-warn" : "tag tag-ok";
      meter.querySelector("[data-quota-bar]").value = Math.min(now, target);
    });
  }
  form.addEventListener("change", draw);
  draw();
}());

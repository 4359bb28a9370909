/* 记服务 with a bad network: sending asks first whether the server answers, photos are made smaller (the text is kept by
   mirror.js). The page works without this file. Chromium 86 is the floor. */
(function () {
  "use strict";
  var make = window.Portal.make, WAIT = 8000;
  function all(selector, scope) { return Array.prototype.slice.call((scope || document).querySelectorAll(selector)); }

  var form = document.querySelector("form[data-photo-form]");
  if (!form) { return; }

  /* --- sending: first ask whether the server answers, so that neither text nor photos are lost --------------------- */
  var sure = false, asking = false;
  function warn() {
    var old = form.querySelector("[data-offline]");
    if (old) { old.parentNode.removeChild(old); }
    var notice = make("div", "notice notice-danger");
    notice.setAttribute("role", "alert");
    notice.setAttribute("data-offline", "");
    notice.appendChild(make("div", "", "网络不通，还没有保存。填写的内容和照片都留在本页，联网后请再点“保存”。"));
    form.querySelector(".button-row").insertAdjacentElement("beforebegin", notice);
  }
  window.addEventListener("submit", function (event) {
    if (event.target !== form || sure) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (asking) { return; }
    asking = true;
    var pressed = event.submitter || form.querySelector("button[name=save]");
    var stop = new AbortController(), limit = window.setTimeout(function () { stop.abort(); }, WAIT);
    fetch("/healthz", { cache: "no-store", signal: stop.signal }).then(function () {
      sure = true;
      form.requestSubmit(pressed);
    }).catch(warn).then(function () { asking = false; window.clearTimeout(limit); });
  }, true);
  window.addEventListener("pageshow", function () { sure = false; });

  /* --- photos ------------------------------------------------------------------------------------------------------ */
  var names = form.querySelector("[data-photo-names]"), inputs = all("[data-photos]", form), hint = names ? names.textContent : "";
  function say() {
    var chosen = [];
    inputs.forEach(function (input) { Array.prototype.forEach.call(input.files, function (file) { chosen.push(file.name); }); });
    names.textContent = chosen.length ? "已选 " + chosen.length + " 张：" + chosen.join("，") : hint;
  }
  inputs.forEach(function (input) {
    input.addEventListener("change", function () {
      say();
      Promise.all(Array.prototype.map.call(input.files, window.Portal.smaller)).then(function (files) {
        var parcel = new DataTransfer();
        files.forEach(function (file) { parcel.items.add(file); });
        input.files = parcel.files;
        say();
      }).catch(function () { /* the chosen files go as they are */ });
    });
  });
})();

/* 记服务 with a bad network: the text is mirrored in the browser until the server has it, sending asks first whether
   the server answers, photos are made smaller. The page works without this file. Chromium 86 is the floor. */
(function () {
  "use strict";
  var PREFIX = "portal-draft:", LONGEST_SIDE = 2560, LARGE = 1024 * 1024, WAIT = 8000;
  function all(selector, scope) { return Array.prototype.slice.call((scope || document).querySelectorAll(selector)); }
  function make(tag, className, text) {
    var node = document.createElement(tag);
    if (className) { node.className = className; }
    if (text !== undefined) { node.textContent = text; }
    return node;
  }
  function read(key) { try { return JSON.parse(localStorage.getItem(key) || "null"); } catch (error) { return null; } }
  function forget(key) { try { localStorage.removeItem(key); } catch (error) { /* private mode */ } }

  all("[data-mirror-clear]").forEach(function (node) { forget(PREFIX + node.getAttribute("data-mirror-clear")); });

  var form = document.querySelector("form[data-mirror]");
  if (!form) { return; }
  var key = PREFIX + form.getAttribute("data-mirror");

  /* --- the text ---------------------------------------------------------------------------------------------------- */
  function values() {
    var kept = {};
    new FormData(form).forEach(function (value, name) {
      if (typeof value === "string" && ["csrfmiddlewaretoken", "confirmed", "kept", "form_key"].indexOf(name) < 0) { (kept[name] = kept[name] || []).push(value); }
    });
    return kept;
  }
  var timer = 0, untouched = JSON.stringify(values());
  function mirror() {
    try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), form_key: form.elements.form_key && form.elements.form_key.value, values: values() })); } catch (error) { /* private mode or full */ }
  }
  function later() { window.clearTimeout(timer); timer = window.setTimeout(mirror, 400); }
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  window.addEventListener("pagehide", function () { if (timer) { window.clearTimeout(timer); mirror(); } });
  function fill(kept) {
    all("input, select, textarea", form).forEach(function (one) {
      if (!one.name || one.type === "hidden" || one.type === "file") { return; }
      var wanted = kept[one.name] || [];
      if (one.type === "radio" || one.type === "checkbox") { one.checked = wanted.indexOf(one.value) >= 0; }
      else { one.value = wanted[0] || ""; }
    });
  }
  function offer() {
    var kept = read(key);
    if (!kept || form.hasAttribute("data-mirror-held")) { return; }
    if (JSON.stringify(kept.values) === untouched) { forget(key); return; }
    var bar = make("div", "notice notice-warn"), words = make("div", "", "本机留有上次没有保存成功的内容。");
    var restore = make("button", "btn btn-sm btn-outline-primary", "恢复这些内容"), drop = make("button", "btn btn-sm btn-link", "不要了");
    restore.type = drop.type = "button";
    restore.addEventListener("click", function () {
      /* If the first try did reach the server, this one leads to its record. */
      if (kept.form_key && form.elements.form_key) { form.elements.form_key.value = kept.form_key; }
      fill(kept.values); bar.parentNode.removeChild(bar); form.elements.topic.focus(); });
    drop.addEventListener("click", function () { forget(key); bar.parentNode.removeChild(bar); });
    words.appendChild(make("br"));
    words.appendChild(restore);
    words.appendChild(drop);
    bar.setAttribute("role", "status");
    bar.appendChild(words);
    form.insertBefore(bar, form.firstChild);
  }
  offer();

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
    mirror();
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
  function smaller(file) {
    return new Promise(function (done) {
      if (file.size <= LARGE || ["image/jpeg", "image/png"].indexOf(file.type) < 0) { done(file); return; }
      var image = new Image(), address = URL.createObjectURL(file);
      function asItIs() { URL.revokeObjectURL(address); done(file); }
      image.onerror = asItIs;
      image.onload = function () {
        var scale = LONGEST_SIDE / Math.max(image.naturalWidth, image.naturalHeight);
        if (scale >= 1) { asItIs(); return; }
        var canvas = document.createElement("canvas");
        canvas.width = Math.round(image.naturalWidth * scale);
        canvas.height = Math.round(image.naturalHeight * scale);
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(function (blob) {
          URL.revokeObjectURL(address);
          done(blob && blob.size < file.size ? new File([blob], file.name.replace(/\.png$/i, ".jpg"), { type: "image/jpeg" }) : file);
        }, "image/jpeg", 0.85);
      };
      image.src = address;
    });
  }
  inputs.forEach(function (input) {
    input.addEventListener("change", function () {
      say();
      Promise.all(Array.prototype.map.call(input.files, smaller)).then(function (files) {
        var parcel = new DataTransfer();
        files.forEach(function (file) { parcel.items.add(file); });
        input.files = parcel.files;
        say();
      }).catch(function () { /* the chosen files go as they are */ });
    });
  });
})();

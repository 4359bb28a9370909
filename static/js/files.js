/* Files: our words on the browser's file button, and the upload box with one row and one request for each file.
   On every page; needs portal.js. */
(function () {
  "use strict";
  var Portal = window.Portal, make = Portal.make, token = Portal.token;

  function sizeWords(bytes) {
    return bytes < 1024 ? bytes + " B" : bytes < 1048576 ? Math.round(bytes / 1024) + " KB" : (bytes / 1048576).toFixed(1).replace(/\.0$/, "") + " MB";
  }
  /* The browser's own words follow its language: hide them behind ours (ux F23). */
  function dressFileInput(input) {
    input.classList.add("file-input");
    var button = make("button", "btn btn-outline-secondary", input.multiple ? "选择文件（可多选）" : "选择文件");
    var words = make("span", "muted", "未选择文件");
    button.type = "button";
    button.setAttribute("aria-hidden", "true");
    button.tabIndex = -1;
    button.addEventListener("click", function () { input.click(); });
    input.insertAdjacentElement("afterend", button);
    if (!input.closest("[data-upload]")) { button.insertAdjacentElement("afterend", words); }
    input.addEventListener("change", function () {
      var names = Array.prototype.map.call(input.files, function (file) { return file.name + "（" + sizeWords(file.size) + "）"; });
      words.textContent = names.length ? names.join("，") : "未选择文件";
    });
  }

  function setUpUpload(box) {
    var input = box.querySelector("input[type=file]"), list = box.querySelector("[data-upload-list]");
    var fallback = box.querySelector("[data-upload-fallback]"), camera = box.querySelector("[data-camera]");
    if (fallback) { fallback.hidden = true; fallback.classList.add("d-none"); }
    function take(files) { Array.prototype.forEach.call(files, function (file) { new Upload(box, list, input, file); }); }
    input.addEventListener("change", function () { take(input.files); input.value = ""; });
    box.addEventListener("submit", function (event) { event.preventDefault(); event.stopPropagation(); });
    if (camera) {
      camera.hidden = false;
      camera.addEventListener("click", function () {
        input.setAttribute("capture", "environment");
        input.click();
        window.setTimeout(function () { input.removeAttribute("capture"); }, 1000);
      });
    }
    ["dragover", "dragenter"].forEach(function (name) { box.addEventListener(name, function (event) { event.preventDefault(); box.classList.add("is-over"); }); });
    ["dragleave", "drop"].forEach(function (name) { box.addEventListener(name, function (event) { event.preventDefault(); box.classList.remove("is-over"); }); });
    box.addEventListener("drop", function (event) { if (event.dataTransfer) { take(event.dataTransfer.files); } });
  }

  function Upload(box, list, input, file) {
    var row = make("li", "file-row"), name = make("span", "file-name", file.name), size = make("span", "muted small nowrap", sizeWords(file.size));
    var bar = document.createElement("progress"), percent = make("span", "small nowrap", "等待上传"), note = make("span", "file-error");
    var stop = make("button", "btn btn-sm btn-link", "取消"), request = null;
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name + " 上传进度");
    stop.type = "button";
    [name, size, bar, percent, stop, note].forEach(function (node) { row.appendChild(node); });
    list.appendChild(row);

    function finish(message, retry) {
      note.textContent = message;
      bar.hidden = true;
      percent.textContent = "";
      stop.textContent = "移除";
      stop.onclick = function () { row.parentNode.removeChild(row); input.focus(); };
      if (retry) {
        var again = make("button", "btn btn-sm btn-outline-primary", "重试");
        again.type = "button";
        again.onclick = function () { row.removeChild(again); note.textContent = ""; bar.hidden = false; start(); };
        row.insertBefore(again, stop);
      }
    }
    function refusal() {
      var limit = Number(box.dataset.maxBytes || 0), accept = (input.accept || "").toLowerCase();
      if (!file.size) { return "文件是空的，请重新选择"; }
      if (limit && file.size > limit) { return "文件不能超过 " + sizeWords(limit); }
      var suffix = (file.name.match(/\.[^.]+$/) || [""])[0].toLowerCase();
      var known = accept.split(",").map(function (one) { return one.trim(); });
      if (accept && suffix && known.every(function (one) { return one.charAt(0) === "."; }) && known.indexOf(suffix) < 0) {
        return "文件须为 " + accept.replace(/\./g, "").replace(/,/g, "、").toUpperCase();
      }
      return "";
    }
    function start() {
      request = new XMLHttpRequest();
      token(box);
      var data = new FormData(box);
      data.delete(input.name);
      data.append(input.name, file, file.name);
      request.open("POST", box.dataset.uploadUrl);
      request.setRequestHeader("X-CSRFToken", token(box));
      request.setRequestHeader("HX-Request", "true");
      request.setRequestHeader("X-Upload", "1");
      request.upload.onprogress = function (event) {
        if (!event.lengthComputable) { return; }
        bar.value = Math.floor(event.loaded * 100 / event.total);
        percent.textContent = bar.value < 100 ? bar.value + "%" : "正在检查…";
      };
      request.onload = function () {
        if (request.status >= 200 && request.status < 300) { done(request.responseText); return; }
        finish(words(request), request.status >= 500 || request.status === 429);
      };
      request.onerror = function () { finish("上传未成功，请重试", true); };
      request.onabort = function () { row.parentNode.removeChild(row); };
      percent.textContent = "0%";
      stop.textContent = "取消";
      stop.onclick = function () { request.abort(); input.focus(); };
      request.send(data);
    }
    function done(html) {
      var target = box.dataset.target && document.querySelector(box.dataset.target);
      if (target) {
        row.parentNode.removeChild(row);
        target.insertAdjacentHTML("beforeend", html);
        var added = target.lastElementChild;
        if (added && window.htmx) { window.htmx.process(added); }
        Portal.start(added || target);
      } else {
        bar.hidden = true;
        stop.hidden = true;
        percent.textContent = "✓ 已上传";
      }
      box.dispatchEvent(new CustomEvent("portal:uploaded", { bubbles: true }));
    }
    function words(answer) {
      if (answer.status === 413) { return "文件太大，没有上传"; }
      if (answer.status === 401 || answer.status === 403) { return "登录已超时或没有权限，请刷新页面后重试"; }
      var page = new DOMParser().parseFromString(answer.responseText || "", "text/html");
      return page.body.textContent.trim().replace(/\s+/g, " ").slice(0, 160) || "上传未成功，请重试";
    }
    var refused = refusal();
    if (refused) { finish(refused, false); } else { start(); }
  }

  Portal.behave("input[type=file][data-file-input]", dressFileInput);
  Portal.behave("[data-upload]", setUpUpload);
})();

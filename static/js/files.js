/* Files: our words on the browser's file button, and the upload box with one row and one request for each file.
   On every page; needs portal.js. */
(function () {
  "use strict";
  var Portal = window.Portal, make = Portal.make, token = Portal.token;
  var LONGEST_SIDE = 2560, LARGE = 1024 * 1024;

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
    /* Android opens the camera only for a box that takes nothing but pictures: 拍照 has one of its own. */
    if (camera) {
      camera.hidden = false;
      camera.addEventListener("click", function () {
        var photo = make("input");
        photo.type = "file";
        photo.accept = "image/*";
        photo.setAttribute("capture", "environment");
        photo.hidden = true;
        photo.addEventListener("change", function () { take(photo.files); box.removeChild(photo); });
        box.appendChild(photo);
        photo.click();
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
      var again = null;
      if (retry) {
        again = make("button", "btn btn-sm btn-outline-primary", "重试");
        again.type = "button";
        again.onclick = function () { row.removeChild(again); note.textContent = ""; bar.hidden = false; start(); };
        row.insertBefore(again, stop);
      }
      return again;
    }
    function wait(pause) {
      var again = finish("操作太频繁，" + pause + " 秒后自动重试", true);
      window.setTimeout(function () { if (document.contains(again)) { again.click(); } }, pause * 1000);
    }
    /* What the server need not see. The kind of file it judges itself: its words say what to do (旧版 .doc). */
    function refusal() {
      var limit = Number(box.dataset.maxBytes || 0);
      if (!file.size) { return "文件是空的，请重新选择"; }
      return limit && file.size > limit ? "文件不能超过 " + sizeWords(limit) : "";
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
      if (Portal.mirror.who) { request.setRequestHeader("X-Actor", Portal.mirror.who.split("/")[1]); }
      request.upload.onprogress = function (event) {
        if (!event.lengthComputable) { return; }
        bar.value = Math.floor(event.loaded * 100 / event.total);
        percent.textContent = bar.value < 100 ? bar.value + "%" : "正在检查…";
      };
      request.onload = function () {
        if (request.status >= 200 && request.status < 300) { done(request.responseText); return; }
        if (request.status === 429) { wait(Portal.seconds(request.getResponseHeader("Retry-After")) || 10); return; }
        finish(words(request), request.status >= 500 || request.status === 401);
      };
      request.onerror = function () {
        var again = finish("网络中断，没有上传，联网后自动重试", true);
        window.addEventListener("online", function () { if (document.contains(again)) { again.click(); } }, { once: true });
      };
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
      if (answer.status === 401) { return "登录已超时，请在新窗口登录后按“重试”"; }
      var plain = (answer.getResponseHeader("Content-Type") || "").indexOf("text/plain") === 0;
      var page = new DOMParser().parseFromString(plain ? "" : answer.responseText || "", "text/html"), said = page.querySelector("[role=alert] p");
      var found = plain ? answer.responseText : said ? said.textContent : "";
      return found.trim().replace(/\s+/g, " ") || (answer.status === 413 ? "文件太大，没有上传" : "上传未成功，请重试");
    }
    var refused = refusal();
    if (refused) { finish(refused, false); } else { start(); }
  }

  /* A photo of a telephone, at most 2560 px on its longer side (ux F22); anything else as it is. */
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
  Portal.smaller = smaller;
  Portal.behave("input[type=file][data-file-input]", dressFileInput);
  Portal.behave("[data-upload]", setUpUpload);
})();

// 承诺值: SHA-256 of digits LF nonce, made on this device; only the hash goes into the form that is sent.
(function () {
  "use strict";
  const box = document.querySelector("[data-commitment]");
  const field = document.getElementById("id_commitment");
  if (!box || !field || !window.crypto || !window.crypto.subtle) return;
  const hex = (bytes) => Array.from(new Uint8Array(bytes), (one) => one.toString(16).padStart(2, "0")).join("");
  const told = box.querySelector("[data-commit-told]");
  box.hidden = false;
  box.querySelector("[data-commit-make]").addEventListener("click", async () => {
    const digits = document.getElementById("commit-digits").value.normalize("NFKC").replaceAll(" ", "");
    if (!/^[0-9]{1,40}$/.test(digits)) {
      told.textContent = "数字只能是 0–9，1 至 40 位，请改正。";
      return;
    }
    const nonce = hex(window.crypto.getRandomValues(new Uint8Array(16)));
    const sum = await window.crypto.subtle.digest("SHA-256", new TextEncoder().encode(digits + "\n" + nonce));
    field.value = hex(sum);
    told.textContent = "请抄下：数字 " + digits + "，随机串 " + nonce;
  });
})();

// The question for the password, where the server lets other machines in.

import { clear, h } from "./dom.js";
import { post, Refused } from "./net.js";
import { loadWords, t } from "./words.js";

await loadWords(document.body.dataset.language);

const trouble = h("p", { class: "trouble", role: "alert" });
const field = h("input", { type: "password", autocomplete: "current-password", "aria-label": t("password"), autofocus: true });

async function send(event) {
  event.preventDefault();
  try {
    await post("login", { password: field.value });
    location.reload();
  } catch (error) {
    trouble.textContent = error instanceof Refused ? t("password.wrong") : t("offline");
    field.select();
  }
}

clear(
  document.body,
  h(
    "form",
    { class: "login", onsubmit: send },
    h("h1", {}, document.body.dataset.name),
    h("label", {}, t("password"), field),
    h("button", { class: "primary" }, t("enter")),
    trouble,
  ),
);
field.focus();

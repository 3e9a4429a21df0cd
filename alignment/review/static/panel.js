// The right side: the figure large, its texts and how they came about, what was said of it, its neighbours.

import { clear, h, svg } from "./dom.js";
import { stampAddress } from "./shelf.js";
import { t, tell } from "./words.js";

export const FIELDS = ["title", "caption", "description"];
export const KINDS = ["pattern", "textile", "cropped_pattern", "mural", "figure"];
const LONG = 70;

export class Panel {
  // `on` has edit(), kind(value), open(number) and settle(side).
  constructor(root, on) {
    this.root = root;
    this.on = on;
    this.fields = null;
  }

  get isEditing() {
    return this.fields !== null;
  }

  show(item, crop, sheet) {
    this.item = item;
    this.fields = null;
    this.root.scrollTop = 0;
    clear(
      this.root,
      h("div", { class: "crop" }, this.makeCrop(item, crop, sheet)),
      this.makeFacts(item),
      item.disputes.map((dispute) => this.makeDispute(dispute)),
      this.makeKinds(item),
      h("div", { class: "fields" }, FIELDS.map((name) => this.makeField(item, name))),
      item.notes.map(([who, note]) => h("p", { class: "note" }, h("b", {}, who), note)),
      this.makeRaw(item),
      this.makeNeighbours(item),
      this.makeHistory(item),
    );
  }

  clear() {
    this.item = this.fields = null;
    clear(this.root);
  }

  // The released pixels; of a box that was moved or drawn, the piece of the page that it now has.
  makeCrop(item, crop, sheet) {
    if (item.bbox && sheet && (item.moved || !crop)) {
      const [x0, y0, x1, y1] = item.bbox;
      const [width, height] = item.page_size;
      return svg(
        "svg",
        { viewBox: `${x0} ${y0} ${x1 - x0} ${y1 - y0}`, class: "piece", role: "img", "aria-label": t("crop") },
        svg("image", { href: sheet.src, width, height, preserveAspectRatio: "none" }),
      );
    }
    if (!crop) return h("p", { class: "empty" }, t("no.image"));
    crop.alt = t("crop");
    return crop;
  }

  makeFacts(item) {
    const rule = item.rule.startsWith("none:") ? `${t("no.text")}: ${item.rule.slice(5)}` : item.rule;
    const score = h("span", { class: `rating ${item.score < 0.5 ? "bad" : item.score < 0.85 ? "mid" : "good"}` }, item.score.toFixed(2));
    const state = h("span", { class: `state ${item.state}` }, tell("state", item.state));
    const who = item.who.length ? h("span", {}, item.who.join("、")) : null;
    const size = item.size_px[0] ? h("span", {}, `${item.size_px[0]}×${item.size_px[1]}`) : null;
    return h("p", { class: "facts" }, state, who, score, h("span", {}, rule), size, h("code", {}, item.pair_id));
  }

  makeKinds(item) {
    return h(
      "div",
      { class: "kinds", role: "radiogroup", "aria-label": t("kind") },
      KINDS.map((kind, n) =>
        h(
          "button",
          { role: "radio", "aria-checked": item.kind === kind, onclick: () => this.on.kind(kind), "data-kind": kind },
          h("kbd", {}, n + 1),
          tell("kind", kind),
        ),
      ),
    );
  }

  makeField(item, name) {
    const text = item[name];
    const steps = item.trail[name] || [];
    return h(
      "section",
      { class: `field ${name}`, "data-field": name },
      h("h3", {}, t(`field.${name}`)),
      h("div", { class: `text${text ? "" : " empty"}`, ondblclick: () => this.on.edit(name) }, text || t("empty")),
      steps.length
        ? h("details", {}, h("summary", {}, steps.map((step) => h("span", { class: "step" }, tell("step", step.step)))), steps.map(makeStep))
        : null,
    );
  }

  makeRaw(item) {
    if (!item.text_raw) return null;
    return h("details", { class: "raw" }, h("summary", {}, t("raw")), h("pre", {}, item.text_raw));
  }

  makeNeighbours(item) {
    if (!item.neighbours.length) return null;
    return h(
      "section",
      { class: "neighbours" },
      h("h3", {}, t("neighbours")),
      h(
        "div",
        { class: "stamps" },
        item.neighbours.map((entry) =>
          h(
            "button",
            { class: `stamp ${entry.state}`, title: entry.words, onclick: () => this.on.open(entry.number) },
            h("img", { src: stampAddress(entry.number), alt: "", loading: "lazy" }),
            h("span", {}, entry.words || "—"),
          ),
        ),
      ),
    );
  }

  makeHistory(item) {
    if (!item.history.length) return null;
    return h(
      "details",
      { class: "history" },
      h("summary", {}, t("history", { n: item.history.length })),
      h("ol", {}, item.history.map((line) => h("li", {}, `${line.time.slice(0, 16).replace("T", " ")} ${line.reviewer}: ${tell("action", line.action)}${line.blind ? ` · ${t("blind.mark")}` : ""}`))),
    );
  }

  makeDispute(dispute) {
    return h(
      "section",
      { class: "dispute", role: "alert" },
      h("h3", {}, t("dispute", { field: tell("claim", dispute.field) })),
      dispute.sides.map((side) =>
        h(
          "button",
          { onclick: () => this.on.settle(dispute, side), "data-side": side.reviewer },
          h("b", {}, side.payload.blind ? `${side.reviewer} · ${t("blind.mark")}` : side.reviewer),
          describeSide(side, dispute),
        ),
      ),
    );
  }

  // Texts become fields to type in; `focus` names the one that is typed in first.
  edit(focus) {
    this.fields = {};
    for (const name of FIELDS) {
      const section = this.root.querySelector(`[data-field="${name}"]`);
      const field = h("textarea", { rows: 1, spellcheck: "false", "aria-label": t(`field.${name}`), value: this.item[name] });
      const grow = () => {
        field.style.height = "auto";
        field.style.height = `${field.scrollHeight + 2}px`;
      };
      field.addEventListener("input", grow);
      section.querySelector(".text").replaceWith(field);
      this.fields[name] = field;
      grow();
    }
    const field = this.fields[focus || (this.item.description ? "description" : "caption")];
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
    this.root.querySelector(".fields").append(
      h(
        "p",
        { class: "editing" },
        h("button", { class: "primary", onclick: () => this.on.save() }, t("save"), h("kbd", {}, "Ctrl ↵")),
        h("button", { onclick: () => this.on.cancel() }, t("cancel"), h("kbd", {}, "Esc")),
      ),
    );
  }

  // The texts that are others than before.
  typed() {
    const changed = Object.entries(this.fields).filter(([name, field]) => field.value !== this.item[name]);
    return Object.fromEntries(changed.map(([name, field]) => [name, field.value]));
  }
}

function makeStep(step) {
  return h(
    "div",
    { class: "trail" },
    h("span", { class: "step", title: step.rules.join(", ") }, tell("step", step.step)),
    h("p", {}, step.pieces.map(([sign, text]) => makePiece(sign, text))),
  );
}

function makePiece(sign, text) {
  const tag = { "-": "del", "+": "ins" }[sign];
  const shown = tag ? text.replaceAll("\n", "⏎") : text;
  if (sign === "+" || shown.length <= LONG) return tag ? h(tag, {}, shown) : shown;
  // Long stretches that stay, or go as a whole, are told by their ends.
  const inner = [shown.slice(0, 24), h("span", { class: "gap", title: text }, ` … ${shown.length - 48} … `), shown.slice(-24)];
  return tag ? h(tag, {}, inner) : h("span", {}, inner);
}

// Whether it accepts what the machine made, whatever others made of it.
export function isOfMachine({ action, payload }) {
  return action === "accept" && Boolean(payload.blind || payload.machine);
}

function describeSide(side, { field, sides }) {
  const { payload } = side;
  if (isOfMachine(side)) return `${tell("action", side.action)}: ${t("side.machine")}`;
  // Beside that it is what was changed that the other accepts.
  if (side.action === "accept" && sides.some(isOfMachine)) return `${tell("action", side.action)}: ${t("side.changed")}`;
  const value = payload[field] ?? payload.kind ?? payload.texts?.map((text) => text.text).join(" ") ?? payload.bbox?.join(", ");
  return value ? `${tell("action", side.action)}: ${String(value).slice(0, 160)}` : tell("action", side.action);
}

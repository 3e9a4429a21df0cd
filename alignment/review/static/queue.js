// The queue: all numbers are known, but only the lines in sight are in the document and fetched.

import { clear, h } from "./dom.js";
import { ask, look } from "./net.js";
import { t, tell } from "./words.js";

const LINE = 46;
const MARGIN = 8;
const STATES = ["open", "accepted", "changed", "rejected", "deferred", "conflict"];

export class Queue {
  constructor(root, onchoose) {
    this.root = root;
    this.inner = h("div", { class: "lines", role: "listbox" });
    this.root.append(this.inner);
    this.onchoose = onchoose;
    this.numbers = new Uint32Array();
    this.states = new Uint8Array();
    this.places = new Map();
    this.entries = new Map();
    this.asked = new Set();
    this.drawn = new Map();
    this.others = {};
    this.at = -1;
    root.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(root);
  }

  async load(filters) {
    const words = new URLSearchParams(Object.entries(filters).filter(([, value]) => value));
    const answer = await fetch(`api/queue?${words}`);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const buffer = await answer.arrayBuffer();
    const count = buffer.byteLength / 5;
    this.numbers = new Uint32Array(buffer, 0, count);
    this.states = new Uint8Array(buffer, 4 * count, count);
    this.places = new Map();
    this.numbers.forEach((number, place) => this.places.set(number, place));
    this.at = -1;
    this.drawn.clear();
    this.inner.style.height = `${count * LINE}px`;
    this.root.scrollTop = 0;
    this.draw();
  }

  // Of what another look told nothing is left, in the document either.
  clear() {
    this.numbers = new Uint32Array();
    this.states = new Uint8Array();
    this.at = -1;
    for (const known of [this.places, this.entries, this.asked, this.drawn]) known.clear();
    this.others = {};
    clear(this.inner);
  }

  get number() {
    return this.at < 0 ? 0 : this.numbers[this.at];
  }

  stateAt(place) {
    return STATES[this.states[place]];
  }

  isTaken(place) {
    return this.numbers[place] in this.others;
  }

  // The next place from here on with something to decide that no one else looks at; -1 where there is none.
  findOpen(from = this.at, skip = new Set()) {
    const count = this.numbers.length;
    for (let step = 1; step <= count; step++) {
      const place = (from + step + count) % count;
      if (!this.states[place] && !this.isTaken(place) && !skip.has(this.numbers[place])) return place;
    }
    return -1;
  }

  // One line up or down, past what others look at.
  step(by) {
    let place = this.at + by;
    while (place >= 0 && place < this.numbers.length && this.isTaken(place)) place += by;
    return place >= 0 && place < this.numbers.length ? place : -1;
  }

  choose(place) {
    this.at = place;
    const top = place * LINE;
    const { scrollTop, clientHeight } = this.root;
    if (top < scrollTop + LINE || top > scrollTop + clientHeight - 2 * LINE) {
      this.root.scrollTop = Math.max(0, top - clientHeight / 3);
    }
    this.draw();
  }

  put(entry) {
    this.entries.set(entry.number, entry);
    this.setState(entry.number, entry.state);
  }

  setState(number, state) {
    const place = this.places.get(number);
    if (place !== undefined) this.states[place] = STATES.indexOf(state);
    const entry = this.entries.get(number);
    if (entry) entry.state = state;
    this.draw();
  }

  // A figure drawn just now stands behind the one that it was drawn beside.
  insert(number, after) {
    if (this.places.has(number)) return;
    const place = (this.places.get(after) ?? this.numbers.length - 1) + 1;
    const numbers = Array.from(this.numbers);
    const states = Array.from(this.states);
    numbers.splice(place, 0, number);
    states.splice(place, 0, 0);
    this.numbers = Uint32Array.from(numbers);
    this.states = Uint8Array.from(states);
    this.places = new Map(numbers.map((n, i) => [n, i]));
    if (this.at >= place) this.at += 1;
    this.inner.style.height = `${numbers.length * LINE}px`;
    this.draw();
  }

  draw() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.drawNow();
    });
  }

  drawNow() {
    const first = Math.max(0, Math.floor(this.root.scrollTop / LINE) - MARGIN);
    const last = Math.min(
      this.numbers.length,
      Math.ceil((this.root.scrollTop + this.root.clientHeight) / LINE) + MARGIN,
    );
    const lines = [];
    const missing = [];
    for (let place = first; place < last; place++) {
      const number = this.numbers[place];
      const entry = this.entries.get(number);
      if (!entry && !this.asked.has(number)) missing.push(number);
      lines.push(this.findLine(place, number, entry));
    }
    this.drawn = new Map(lines.map((line) => [line.place, line]));
    const elements = lines.map((line) => line.element);
    const isSame = elements.length === this.inner.children.length && elements.every((e, n) => e === this.inner.children[n]);
    if (!isSame) clear(this.inner, elements);
    if (missing.length) this.fetchEntries(missing);
  }

  // A line that stays as it was keeps its element: a click may have begun on it.
  findLine(place, number, entry) {
    const words = [number, this.states[place], place === this.at, this.others[number], entry && JSON.stringify(entry)];
    const key = words.join("|");
    const known = this.drawn.get(place);
    if (known && known.key === key) return known;
    return { place, key, element: this.makeLine(place, number, entry) };
  }

  makeLine(place, number, entry) {
    const state = this.stateAt(place);
    const other = this.others[number];
    const line = h(
      "button",
      {
        class: `line ${state}${place === this.at ? " current" : ""}${other ? " taken" : ""}`,
        role: "option",
        "aria-selected": place === this.at,
        tabindex: -1,
        "data-number": number,
        onclick: () => this.onchoose(place),
      },
      h("span", { class: "mark", title: tell("state", state) }),
      h("span", { class: `words${entry && !entry.words ? " empty" : ""}` }, entry ? entry.words || t("no.text") : "…"),
      h("span", { class: "score" }, entry ? entry.score.toFixed(2) : ""),
      h("span", { class: "where" }, entry ? describe(entry, other) : ""),
    );
    line.style.top = `${place * LINE}px`;
    return line;
  }

  async fetchEntries(numbers) {
    const asked = look;
    numbers.forEach((number) => this.asked.add(number));
    try {
      const found = await ask(`api/entries?numbers=${numbers.join(",")}`);
      if (asked !== look) return;
      found.forEach((entry) => this.entries.set(entry.number, entry));
      this.forget();
      this.draw();
    } catch {
      // Asked for again when it is next in sight.
    } finally {
      numbers.forEach((number) => this.asked.delete(number));
    }
  }

  forget() {
    for (const number of this.entries.keys()) {
      if (this.entries.size <= 1000) return;
      this.entries.delete(number);
    }
  }
}

function describe(entry, other) {
  const where = entry.page ? `${entry.document.replace(/\.pdf$/i, "")} · ${entry.page}` : entry.document;
  const who = other || entry.who;
  return [where, tell("kind", entry.kind), who].filter(Boolean).join(" · ");
}

// What can be done on the sheet besides looking: each mode draws, takes drags and keys, and has a result.

import { svg } from "./dom.js";
import { isNear } from "./sheet.js";

const HANDLE = 8;
const LEAST = 4;
const HANDLES = [
  ["nw", 0, 0], ["n", 0.5, 0], ["ne", 1, 0], ["e", 1, 0.5],
  ["se", 1, 1], ["s", 0.5, 1], ["sw", 0, 1], ["w", 0, 0.5],
];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// A box with handles: `fresh` lets a drag beside it begin another.
export class BoxMode {
  constructor(action, box, size, fresh) {
    this.action = action;
    this.box = box.slice();
    this.size = size;
    this.fresh = fresh;
    this.draws = fresh;
    this.hidesOwn = action === "move";
  }

  draw(sheet) {
    const at = sheet.place(this.box);
    const handles = HANDLES.map(([name, fx, fy]) =>
      svg("rect", {
        class: `handle ${name}`,
        "data-handle": name,
        x: at.x + fx * at.width - HANDLE / 2,
        y: at.y + fy * at.height - HANDLE / 2,
        width: HANDLE,
        height: HANDLE,
      }),
    );
    return [svg("rect", { class: "editing", "data-handle": "all", ...at }), ...handles];
  }

  grip(sheet, event) {
    const name = event.target.dataset.handle;
    const start = sheet.toPage(event);
    const box = this.box.slice();
    if (name && !(this.fresh && event.shiftKey)) {
      return { drag: ([x, y]) => this.pull(name, box, x - start[0], y - start[1]) };
    }
    if (!this.fresh) return null;
    return {
      drag: ([x, y]) => {
        const xs = [start[0], x].sort((a, b) => a - b);
        const ys = [start[1], y].sort((a, b) => a - b);
        this.set([xs[0], ys[0], xs[1], ys[1]]);
      },
    };
  }

  pull(name, [x0, y0, x1, y1], dx, dy) {
    if (name === "all") {
      const [w, h] = this.size;
      const mx = Math.min(w - x1, Math.max(-x0, dx));
      const my = Math.min(h - y1, Math.max(-y0, dy));
      this.box = [x0 + mx, y0 + my, x1 + mx, y1 + my];
      return;
    }
    if (name.includes("w")) x0 = Math.min(x0 + dx, x1 - LEAST);
    if (name.includes("e")) x1 = Math.max(x1 + dx, x0 + LEAST);
    if (name.includes("n")) y0 = Math.min(y0 + dy, y1 - LEAST);
    if (name.includes("s")) y1 = Math.max(y1 + dy, y0 + LEAST);
    this.set([x0, y0, x1, y1]);
  }

  set([x0, y0, x1, y1]) {
    const [w, h] = this.size;
    this.box = [Math.max(0, x0), Math.max(0, y0), Math.min(w, x1), Math.min(h, y1)];
  }

  key(event) {
    const arrow = ARROWS[event.key];
    if (!arrow) return false;
    const step = event.altKey ? 0.5 : event.ctrlKey ? 10 : 2;
    this.pull(event.shiftKey ? "se" : "all", this.box, arrow[0] * step, arrow[1] * step);
    return true;
  }

  result() {
    return { bbox: this.box.map((value) => Math.round(value * 10) / 10) };
  }
}

// Choosing the texts of the figure in question.
export class PickMode {
  constructor(matter, texts) {
    this.action = "repair";
    this.matter = matter;
    this.chosen = texts.slice();
    this.at = -1;
  }

  texts() {
    return this.chosen;
  }

  has(region) {
    return this.chosen.some((text) => text.page === region.page && isNear(text.bbox, region.bbox));
  }

  // A plain click takes this text alone, one with Shift or Ctrl takes it too, or no more.
  take(region, more) {
    const { page, bbox, role, text } = region;
    if (!more) this.chosen = [{ page, bbox, role, text }];
    else if (this.has(region)) this.chosen = this.chosen.filter((t) => t.page !== page || !isNear(t.bbox, bbox));
    else this.chosen.push({ page, bbox, role, text });
  }

  draw(sheet) {
    const region = this.matter.regions[this.at];
    return region ? [svg("rect", { class: "focus", ...sheet.place(region.bbox) })] : [];
  }

  key(event) {
    const count = this.matter.regions.length;
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, j: 1, k: -1, Tab: event.shiftKey ? -1 : 1 }[event.key];
    if (by && count) this.at = this.at < 0 ? (by > 0 ? 0 : count - 1) : (this.at + by + count) % count;
    else if (event.key === " " && this.at >= 0) this.take(this.matter.regions[this.at], true);
    else return false;
    return true;
  }

  result() {
    return { texts: this.chosen };
  }
}

// Another figure of the page, to become one with the one in question.
export class MergeMode {
  constructor(matter, number) {
    this.action = "merge";
    this.others = matter.figures.filter((figure) => figure.bbox && figure.state !== "rejected");
    const own = this.others.findIndex((figure) => figure.number === number);
    this.number = number;
    this.own = this.others[own];
    this.others = [...this.others.slice(own + 1), ...this.others.slice(0, Math.max(0, own))];
    this.at = 0;
  }

  take(number) {
    const at = this.others.findIndex((figure) => figure.number === number);
    if (at >= 0) this.at = at;
  }

  draw(sheet) {
    const other = this.others[this.at];
    return other ? [svg("rect", { class: "chosen", ...sheet.place(other.bbox) })] : [];
  }

  key(event) {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, m: 1, j: 1, k: -1 }[event.key];
    if (!by || !this.others.length) return false;
    this.at = (this.at + by + this.others.length) % this.others.length;
    return true;
  }

  result() {
    const other = this.others[this.at];
    return other ? { with: [other.number] } : null;
  }
}

// The figure in question as several rows: side by side, or one under the other.
export class SplitMode {
  constructor(box) {
    this.action = "split";
    this.box = box;
    this.across = box[2] - box[0] >= box[3] - box[1];
    this.share(2);
  }

  share(count) {
    this.cuts = Array.from({ length: count - 1 }, (_, n) => (n + 1) / count);
    this.at = 0;
  }

  parts() {
    const [x0, y0, x1, y1] = this.box;
    const ends = [0, ...this.cuts, 1];
    return ends.slice(1).map((end, n) => {
      const a = ends[n];
      return this.across
        ? [x0 + a * (x1 - x0), y0, x0 + end * (x1 - x0), y1]
        : [x0, y0 + a * (y1 - y0), x1, y0 + end * (y1 - y0)];
    });
  }

  draw(sheet) {
    const lines = this.parts().slice(1).map((part, n) => {
      const at = sheet.place(part);
      const end = this.across ? { x2: at.x, y2: at.y + at.height } : { x2: at.x + at.width, y2: at.y };
      return svg("line", { class: `cut${n === this.at ? " current" : ""}`, "data-cut": n, x1: at.x, y1: at.y, ...end });
    });
    return [...this.parts().map((part) => svg("rect", { class: "part", ...sheet.place(part) })), ...lines];
  }

  grip(sheet, event) {
    if (event.target.dataset.cut === undefined) return null;
    this.at = Number(event.target.dataset.cut);
    const [x0, y0, x1, y1] = this.box;
    return {
      drag: ([x, y]) => this.move(this.across ? (x - x0) / (x1 - x0) : (y - y0) / (y1 - y0)),
    };
  }

  move(to) {
    const low = this.at ? this.cuts[this.at - 1] : 0;
    const high = this.at + 1 < this.cuts.length ? this.cuts[this.at + 1] : 1;
    this.cuts[this.at] = Math.min(high - 0.02, Math.max(low + 0.02, to));
  }

  key(event) {
    const arrow = ARROWS[event.key];
    if (arrow) this.move(this.cuts[this.at] + 0.01 * (arrow[0] + arrow[1]));
    else if (event.key === "s") this.across = !this.across;
    else if (event.key === "Tab") this.at = (this.at + 1) % this.cuts.length;
    else if (event.key >= "2" && event.key <= "9") this.share(Number(event.key));
    else return false;
    return true;
  }

  result() {
    return { parts: this.parts().map((part) => ({ bbox: part.map((v) => Math.round(v * 10) / 10) })) };
  }
}

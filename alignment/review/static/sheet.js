// The page of the book: its picture, and over it figures and texts. Coordinates are the page's points.

import { clear, h, svg } from "./dom.js";
import { largeAddress } from "./shelf.js";
import { tell } from "./words.js";

const LEAST_ZOOM = 0.5;
const MOST_ZOOM = 12;
const MORE_PIXELS = 1.25;
const FIT_MARGIN = 10;

export class Sheet {
  // `on` has figure(number), text(region) and free(), for clicks that no mode takes.
  constructor(root, on) {
    this.root = root;
    this.on = on;
    this.mode = null;
    this.matter = null;
    this.current = null;
    this.paper = h("div", { class: "paper" });
    this.shapes = svg("svg", { class: "shapes", "aria-hidden": "true" });
    root.append(this.paper, this.shapes);
    root.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    root.addEventListener("pointerdown", (event) => this.onDown(event));
    root.addEventListener("pointermove", (event) => this.onMove(event));
    root.addEventListener("pointerup", (event) => this.onUp(event));
    root.addEventListener("pointercancel", () => (this.grip = null));
    // What was zoomed or moved by hand stays so.
    new ResizeObserver(() => this.matter && (this.isFitted ? this.fit() : this.draw())).observe(root);
  }

  // `matter` as the server tells of a page, `picture` an image or null, `current` the item in question.
  show(matter, picture, current) {
    const isSame = this.matter && this.matter.document_sha256 === matter.document_sha256 && this.matter.page === matter.page;
    this.matter = matter;
    this.current = current;
    this.size = matter.page_size || (current && current.page_size) || [595, 842];
    this.mode = null;
    if (!isSame || this.picture !== picture) {
      this.picture = picture;
      if (picture) delete picture.dataset.large;
      clear(this.paper, picture);
    }
    if (!isSame || !this.view) this.fit();
    else this.draw();
  }

  clear() {
    this.matter = null;
    this.mode = null;
    this.picture = null;
    clear(this.paper);
    clear(this.shapes);
    this.paper.style.width = this.paper.style.height = "0";
  }

  setMode(mode) {
    this.mode = mode;
    this.root.classList.toggle("drawing", Boolean(mode && mode.draws));
    this.draw();
  }

  fit() {
    const [width, height] = this.size;
    const box = this.root.getBoundingClientRect();
    const scale = Math.min((box.width - 2 * FIT_MARGIN) / width, (box.height - 2 * FIT_MARGIN) / height);
    this.fitted = Math.max(0.01, scale);
    this.isFitted = true;
    this.view = { k: this.fitted, x: (box.width - width * this.fitted) / 2, y: (box.height - height * this.fitted) / 2 };
    this.draw();
  }

  zoom(factor, x, y) {
    if (!this.matter) return;
    const box = this.root.getBoundingClientRect();
    const cx = x ?? box.width / 2;
    const cy = y ?? box.height / 2;
    const k = Math.min(MOST_ZOOM * this.fitted, Math.max(LEAST_ZOOM * this.fitted, this.view.k * factor));
    const f = k / this.view.k;
    this.isFitted = false;
    if (k > MORE_PIXELS * this.fitted) this.enlarge();
    this.view = { k, x: cx - (cx - this.view.x) * f, y: cy - (cy - this.view.y) * f };
    this.draw();
  }

  // Zoomed into, the page gets the pixels that it has.
  async enlarge() {
    const { picture } = this;
    if (!picture || picture.dataset.large) return;
    picture.dataset.large = "yes";
    const large = new Image();
    large.src = largeAddress(picture.src);
    await large.decode().catch(() => {});
    if (this.picture === picture && large.naturalWidth) clear(this.paper, large);
  }

  pan(dx, dy) {
    this.isFitted = false;
    this.view.x += dx;
    this.view.y += dy;
    this.draw();
  }

  // From the window to the page and back.
  toPage(event) {
    const box = this.root.getBoundingClientRect();
    return [(event.clientX - box.left - this.view.x) / this.view.k, (event.clientY - box.top - this.view.y) / this.view.k];
  }

  place([x0, y0, x1, y1]) {
    const { k, x, y } = this.view;
    return { x: x + x0 * k, y: y + y0 * k, width: (x1 - x0) * k, height: (y1 - y0) * k };
  }

  draw() {
    if (!this.matter || !this.view) return;
    const { k, x, y } = this.view;
    const [width, height] = this.size;
    this.paper.style.width = `${width}px`;
    this.paper.style.height = `${height}px`;
    this.paper.style.transform = `translate(${x}px, ${y}px) scale(${k})`;
    const shapes = [];
    const texts = this.ownTexts();
    const here = texts.filter((text) => text.page === this.matter.page);
    const isOwn = (region) => here.some((text) => isNear(text.bbox, region.bbox));
    for (const region of this.matter.regions) {
      if (!isOwn(region)) shapes.push(this.drawText(region, ""));
    }
    for (const text of here) shapes.push(this.drawText(text, "own"));
    for (const figure of this.matter.figures) {
      if (!figure.bbox) continue;
      const isCurrent = this.current && figure.number === this.current.number;
      if (!isCurrent) shapes.push(this.drawFigure(figure, figure.bbox, `figure ${figure.state}`));
    }
    const own = this.current && this.current.page === this.matter.page && this.current.bbox;
    if (own && !(this.mode && this.mode.hidesOwn)) {
      const figure = { number: this.current.number };
      for (const text of here) shapes.push(this.link(own, text.bbox));
      for (const box of [...this.current.parts, ...this.current.details]) {
        shapes.push(svg("rect", { class: "detail", ...this.place(box) }));
      }
      shapes.push(this.drawFigure(figure, own, "figure current"));
    }
    if (this.mode) shapes.push(this.mode.draw(this));
    clear(this.shapes, shapes.flat());
  }

  ownTexts() {
    if (this.mode && this.mode.texts) return this.mode.texts();
    return this.current ? this.current.texts : [];
  }

  drawFigure(figure, bbox, name) {
    return svg("rect", { class: name, "data-number": figure.number, ...this.place(bbox) });
  }

  drawText(region, name) {
    const key = this.matter.regions.findIndex((r) => isNear(r.bbox, region.bbox));
    const shape = svg("rect", { class: `text ${name} ${region.role}`, "data-text": key, ...this.place(region.bbox) });
    shape.append(svg("title", {}, `${tell("role", region.role)}\n${region.text}`));
    return shape;
  }

  link(a, b) {
    const [x0, y0, x1, y1] = a;
    const clamp = (v, low, high) => Math.min(high, Math.max(low, v));
    const tx = (b[0] + b[2]) / 2;
    const ty = (b[1] + b[3]) / 2;
    const from = this.place([clamp(tx, x0, x1), clamp(ty, y0, y1), 0, 0]);
    const to = this.place([clamp((x0 + x1) / 2, b[0], b[2]), clamp((y0 + y1) / 2, b[1], b[3]), 0, 0]);
    return svg("line", { class: "link", x1: from.x, y1: from.y, x2: to.x, y2: to.y });
  }

  onWheel(event) {
    if (!this.matter) return;
    event.preventDefault();
    const box = this.root.getBoundingClientRect();
    this.zoom(Math.exp(-event.deltaY * 0.0016), event.clientX - box.left, event.clientY - box.top);
  }

  onDown(event) {
    if (!this.matter || event.button > 1) return;
    this.root.setPointerCapture(event.pointerId);
    const grip = this.mode && event.button === 0 && this.mode.grip && this.mode.grip(this, event);
    this.grip = grip || { pan: true };
    Object.assign(this.grip, { x: event.clientX, y: event.clientY, moved: false, target: event.target });
  }

  onMove(event) {
    if (!this.grip) return;
    const dx = event.clientX - this.grip.x;
    const dy = event.clientY - this.grip.y;
    if (!this.grip.moved && Math.hypot(dx, dy) < 4) return;
    this.grip.moved = true;
    if (this.grip.pan) {
      this.pan(dx, dy);
      this.grip.x = event.clientX;
      this.grip.y = event.clientY;
    } else {
      this.grip.drag(this.toPage(event));
      this.draw();
    }
  }

  onUp(event) {
    const grip = this.grip;
    this.grip = null;
    if (!grip || grip.moved) {
      if (grip && grip.end) grip.end();
      return;
    }
    if (event.button !== 0) return;
    const { number, text } = grip.target.dataset;
    if (number) this.on.figure(Number(number), event);
    else if (text >= 0) this.on.text(this.matter.regions[text], event);
  }
}

export function isNear(a, b) {
  return a.every((value, n) => Math.abs(value - b[n]) < 0.6);
}

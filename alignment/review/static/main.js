// The page: what is before the reviewer, what each key and button does, and what others do meanwhile.

import { clear, h } from "./dom.js";
import { BoxMode, MergeMode, PickMode, SplitMode } from "./modes.js";
import { ask, isBlind, look, makeId, Outbox, post, Refused, setBlind } from "./net.js";
import { isOfMachine, KINDS, Panel } from "./panel.js";
import { Queue } from "./queue.js";
import { isNear, Sheet } from "./sheet.js";
import { clearShelves, cropAddress, fetchAll, items, pictures, sheetAddress, sheetKey, sheets } from "./shelf.js";
import { loadWords, t, tell, tellTime, turnLanguage } from "./words.js";

const PULSE_MS = 3000;
const AHEAD = 3;
const MOVES_ON = new Set(["accept", "reject", "defer"]);

// Key, command, and where its button stands: the panel's bar, the sheet's, or nowhere but in the help.
const COMMANDS = [
  ["a", "accept", "panel"], ["A", "acceptPage", "panel"], ["e", "edit", "panel"], ["r", "next", "panel"],
  ["p", "pick", "panel"], ["x", "reject", "panel"], ["d", "defer", "panel"], ["t", "note", "panel"],
  ["u", "undo", "panel"], ["U", "redo", "panel"],
  ["b", "box", "sheet"], ["n", "add", "sheet"], ["c", "cut", "sheet"], ["m", "merge", "sheet"], ["s", "split", "sheet"],
  ["j", "down", ""], ["k", "up", ""], ["/", "search", ""], ["f", "filters", ""], ["l", "language", ""], ["?", "help", ""],
  ["+", "zoomIn", ""], ["-", "zoomOut", ""], ["0", "zoomFit", ""], ["]", "pageOn", ""], ["[", "pageBack", ""],
];
const MORE_KEYS = { ArrowDown: "down", ArrowUp: "up", "=": "zoomIn" };

const client = makeId();
const state = { item: null, page: 0, filters: {}, reviewer: "", upto: 0, progress: null, choices: null, tries: new Map(), turn: 0 };
const parts = {};

await loadWords(document.body.dataset.language);
const outbox = new Outbox(showOutbox);

function build() {
  parts.progress = h("div", { class: "progress" });
  parts.who = h("button", { class: "who", onclick: askName, title: t("name") });
  parts.outbox = h("div", { class: "outbox", role: "status" });
  parts.lines = h("div", { class: "queue-lines", tabindex: 0 });
  parts.search = h("input", { type: "search", placeholder: t("search"), "aria-label": t("search"), onkeydown: onSearchKey });
  parts.count = h("span", { class: "count" });
  parts.filters = h("form", { class: "filters", hidden: true, onsubmit: (event) => event.preventDefault() });
  parts.sheet = h("div", { class: "sheet", tabindex: 0, "aria-label": t("sheet") });
  parts.mode = h("div", { class: "mode", hidden: true });
  parts.page = h("span", { class: "page" });
  parts.panel = h("div", { class: "panel-body" });
  parts.toast = h("div", { class: "toast", role: "status" });
  parts.bar = h("div", { class: "bar" }, makeButtons("panel"));
  const tool = (command, sign) => h("button", { onclick: () => run(command), title: `${t(command)} (${findKey(command)})`, "data-command": command }, sign);
  clear(
    document.body,
    h(
      "header",
      {},
      h("h1", { title: document.body.dataset.name }, document.body.dataset.name),
      parts.progress,
      parts.outbox,
      h("nav", {}, parts.who, tool("language", t("language.other")), tool("help", "?")),
    ),
    h(
      "main",
      {},
      h(
        "aside",
        { class: "queue" },
        h("div", { class: "seek" }, parts.search, tool("filters", t("filters")), parts.count),
        parts.filters,
        parts.lines,
      ),
      h(
        "section",
        { class: "middle" },
        h(
          "div",
          { class: "tools" },
          tool("pageBack", "‹"), parts.page, tool("pageOn", "›"),
          h("span", { class: "space" }),
          makeButtons("sheet"),
          h("span", { class: "space" }),
          tool("zoomOut", "−"), tool("zoomFit", "⤢"), tool("zoomIn", "+"),
        ),
        parts.mode,
        parts.sheet,
      ),
      h(
        "section",
        { class: "panel" },
        parts.bar,
        parts.panel,
      ),
    ),
    parts.toast,
  );
  parts.queueList = new Queue(parts.lines, (place) => open(place, true));
  parts.sheetView = new Sheet(parts.sheet, { figure: onFigure, text: onText });
  parts.panelView = new Panel(parts.panel, {
    edit: (name) => startEdit(name),
    kind: (kind) => decide("kind", { kind }),
    open: (number) => openNumber(number),
    settle,
    save: saveEdit,
    cancel: cancelEdit,
  });
}

function makeButtons(where) {
  return COMMANDS.filter(([, , place]) => place === where).map(([key, command]) =>
    h("button", { onclick: () => run(command), "data-command": command, title: `${t(`${command}.about`)} (${key})` }, h("kbd", {}, key), t(command)),
  );
}

function findKey(command) {
  return COMMANDS.find(([, name]) => name === command)[0];
}

// ---- What is before the reviewer

async function open(place, byHand) {
  const queue = parts.queueList;
  if (place < 0 || place >= queue.numbers.length) return;
  queue.choose(place);
  const number = queue.number;
  const turn = ++state.turn;
  const item = items.peek(number);
  const sheet = item && item.page ? sheets.peek(sheetKey(item)) : null;
  if (item && (!item.page || sheet)) {
    render(item, sheet);
  } else {
    document.body.dataset.shown = document.body.dataset.state = "";
    try {
      const found = await items.get(number);
      if (turn !== state.turn) return;
      const known = found.page ? sheets.peek(sheetKey(found)) : null;
      render(found, known);
      if (found.page && !known) {
        const late = await sheets.get(sheetKey(found));
        if (turn !== state.turn || state.item !== found) return;
        if (!parts.panelView.isEditing) render(found, late);
      }
    } catch (error) {
      toast(describeError(error), true);
      return;
    }
  }
  prefetch();
  pulse(byHand);
}

// Whatever of it is there; a picture that comes later is put in when it does.
function render(item, sheet) {
  state.item = item;
  const key = item.page ? sheetKey(item, item.page) : "";
  const crop = pictures.peek(cropAddress(item.number));
  const paper = key ? pictures.peek(sheetAddress(key)) : null;
  leaveMode();
  if (sheet) {
    state.page = item.page;
    parts.sheetView.show(sheet, paper || null, item);
    parts.page.textContent = t("page", { n: item.page });
    parts.page.title = item.document;
  } else {
    parts.sheetView.clear();
    parts.page.textContent = t("no.page");
  }
  parts.panelView.show(item, crop || null, paper || null);
  document.body.dataset.shown = sheet || !item.page ? item.number : "";
  document.body.dataset.state = sheet || !item.page ? item.state : "";
  const missing = [];
  if (item.has_image && crop === undefined) missing.push(pictures.get(cropAddress(item.number)));
  if (key && paper === undefined) missing.push(pictures.get(sheetAddress(key)));
  if (missing.length) {
    const turn = state.turn;
    Promise.allSettled(missing).then(() => {
      const isBusy = parts.panelView.isEditing || parts.sheetView.mode;
      if (turn === state.turn && state.item === item && !isBusy) render(item, sheet);
    });
  }
}

function prefetch() {
  const queue = parts.queueList;
  let place = queue.at;
  const wanted = new Set([queue.step(1), queue.step(-1)]);
  for (let n = 0; n < AHEAD; n++) wanted.add((place = queue.findOpen(place)));
  for (const next of wanted) if (next >= 0) fetchAll(queue.numbers[next]).catch(() => {});
}

async function openNumber(number) {
  const place = parts.queueList.places.get(number);
  if (place !== undefined) return open(place, true);
  // Elsewhere it would be shown with all that others decided.
  if (isBlind()) return toast(t("blind.elsewhere"));
  // Not in the queue as it is narrowed: the whole queue has it.
  state.filters = {};
  await loadQueue(number);
}

async function loadQueue(number) {
  const queue = parts.queueList;
  if (setBlind(Boolean(state.filters.second))) forgetLook();
  sessionStorage.setItem("culti-second", isBlind() ? "1" : "");
  showProgress();
  try {
    await queue.load(state.filters);
  } catch (error) {
    toast(describeError(error), true);
    return;
  }
  parts.count.textContent = t("count", { n: queue.numbers.length });
  parts.lines.classList.toggle("none", !queue.numbers.length);
  drawFilters();
  const place = number === undefined ? -1 : queue.places.get(number);
  if (place >= 0) return open(place, true);
  const first = queue.findOpen(-1);
  if (queue.numbers.length) await open(Math.max(0, first), false);
  else if (isBlind()) toast(t("blind.none"));
}

// What was shown for another look, or another reviewer, is there no more, nor can it be decided on.
function forgetLook() {
  clearShelves();
  parts.queueList.clear();
  state.tries.clear();
  state.turn += 1;
  state.item = null;
  leaveMode();
  parts.sheetView.clear();
  parts.panelView.clear();
  parts.toast.textContent = "";
  parts.toast.className = "toast";
  document.body.dataset.shown = document.body.dataset.state = "";
}

function showDone() {
  toast(t("done"));
}

// ---- Decisions

function decide(action, payload = {}, options = {}) {
  const { item } = state;
  // While the next one is on its way, a key is not meant for the one before.
  if (!item || item.number !== parts.queueList.number) return;
  if (!state.reviewer) {
    askName(() => decide(action, payload, options));
    return;
  }
  const numbers = options.numbers || [item.number];
  const body = { id: makeId(), client, action, items: numbers, payload };
  body.seen = options.seen || numbers.map((number) => (number === item.number ? item.seen : null));
  body.over = item.disputes.flatMap((dispute) => dispute.sides.map((side) => side.id));
  foresee(action, payload, numbers);
  const sent = outbox.send("api/decide", body).then(
    (answer) => settleAnswer(answer, action, item),
    (error) => {
      toast(t("refused", { why: describeError(error) }), true);
      numbers.forEach((number) => refresh(number));
    },
  );
  if (MOVES_ON.has(action) && !options.stays) goOn(new Set(numbers));
  return sent;
}

// What will stand is shown at once; the answer puts it right where it comes out otherwise.
function foresee(action, payload, numbers) {
  const now = { accept: "accepted", reject: "rejected", defer: "deferred", note: "", add: "", cut: "" }[action] ?? "changed";
  if (now) for (const number of numbers) parts.queueList.setState(number, now);
  const { item } = state;
  if (!item || !numbers.includes(item.number) || MOVES_ON.has(action)) return;
  const next = { ...item };
  if (action === "edit") Object.assign(next, payload);
  if (action === "kind") next.kind = payload.kind;
  if (action === "move") Object.assign(next, { bbox: payload.bbox, moved: true });
  if (action === "repair") next.texts = payload.texts;
  if (now) next.state = now;
  render(next, parts.sheetView.matter && state.page === item.page ? parts.sheetView.matter : null);
}

async function settleAnswer(answer, action, item) {
  for (const number of answer.numbers) {
    items.drop(number);
    if (action === "add") parts.queueList.insert(number, item.number);
  }
  if (item.page) await sheets.renew(sheetKey(item));
  if (action === "add") return openNumber(answer.numbers[0]);
  const mine = state.item && answer.numbers.includes(state.item.number);
  if (mine && !parts.panelView.isEditing && !parts.sheetView.mode) await refresh(state.item.number);
  else prefetch();
}

async function refresh(number) {
  items.drop(number);
  const turn = state.turn;
  const asked = look;
  try {
    const item = await items.get(number);
    if (asked !== look) return;
    if (item.page) await sheets.renew(sheetKey(item));
    parts.queueList.setState(number, item.state);
    const isBusy = parts.panelView.isEditing || parts.sheetView.mode;
    if (turn === state.turn && state.item && state.item.number === number && !isBusy) {
      render(item, item.page ? sheets.peek(sheetKey(item)) : null);
    }
  } catch (error) {
    toast(describeError(error), true);
  }
}

function goOn(skip) {
  const place = parts.queueList.findOpen(parts.queueList.at, skip);
  if (place >= 0) open(place, false);
  else showDone();
}

async function turn(which) {
  if (!state.reviewer) return;
  try {
    const answer = await outbox.send(`api/${which}`, { client, id: makeId() });
    if (!answer.numbers.length && !answer.what) return toast(t(`${which}.none`));
    // Of what is undone neighbours and pages may be told wrongly, so all is asked for anew.
    items.clear();
    for (const entry of await ask(`api/entries?numbers=${answer.numbers.slice(0, 100).join(",")}`)) {
      parts.queueList.put(entry);
    }
    sheets.clear();
    state.tries.clear();
    // A figure that was drawn and is no more has no number.
    const [first] = answer.numbers;
    if (isBlind() && !parts.queueList.places.has(first)) await loadQueue(first);
    else if (answer.numbers.length) await openNumber(first);
    else await loadQueue(answer.near);
    toast(t(`${which}.done`, { what: tell("action", answer.what || "") }));
  } catch (error) {
    toast(describeError(error), true);
  }
}

function settle(dispute, side) {
  const { over, blind, ...payload } = side.payload;
  if (isOfMachine(side)) payload.machine = true;
  decide(side.action, payload, { stays: true });
}

// ---- Editing

function startEdit(name) {
  if (!state.item || parts.panelView.isEditing) return;
  leaveMode();
  parts.panelView.edit(name);
}

function cancelEdit() {
  const { item } = state;
  if (item) parts.panelView.show(item, pictures.peek(cropAddress(item.number)) || null, paperOf(item));
}

function saveEdit() {
  const typed = parts.panelView.typed();
  cancelEdit();
  if (Object.keys(typed).length) decide("edit", typed);
}

function paperOf(item) {
  return item.page ? pictures.peek(sheetAddress(sheetKey(item))) || null : null;
}

// ---- Modes of the sheet

function enter(mode, hint, more) {
  parts.sheetView.setMode(mode);
  clear(
    parts.mode,
    h("span", { class: "hint" }, hint),
    more,
    h("button", { class: "primary", onclick: saveMode, "data-mode": "save" }, t("save"), h("kbd", {}, "↵")),
    h("button", { onclick: leaveMode, "data-mode": "cancel" }, t("cancel"), h("kbd", {}, "Esc")),
  );
  parts.mode.hidden = false;
}

function leaveMode() {
  parts.mode.hidden = true;
  clear(parts.mode);
  if (parts.sheetView && parts.sheetView.mode) parts.sheetView.setMode(null);
}

function saveMode() {
  const { mode } = parts.sheetView;
  if (!mode) return;
  const payload = mode.result();
  const words = parts.mode.querySelector("input");
  leaveMode();
  if (!payload) return;
  if (words && mode.action === "cut") payload.words = words.value.trim();
  if (mode.action === "add") Object.assign(payload, { texts: [], kind: state.item.kind });
  decide(mode.action, payload);
}

function onBook() {
  if (state.item && state.item.page && state.item.bbox && state.page === state.item.page) return true;
  toast(t("not.here"));
  return false;
}

function middle([x0, y0, x1, y1], share) {
  const [w, k] = [(x1 - x0) * share, (y1 - y0) * share];
  const [cx, cy] = [(x0 + x1) / 2, (y0 + y1) / 2];
  return [cx - w / 2, cy - k / 2, cx + w / 2, cy + k / 2];
}

function onFigure(number, event) {
  const { mode } = parts.sheetView;
  if (mode instanceof MergeMode) {
    mode.take(number);
    parts.sheetView.draw();
  } else if (!mode) {
    openNumber(number);
  } else if (mode instanceof PickMode && number !== state.item.number) {
    // First a figure, then its text.
    openNumber(number).then(() => run("pick"));
  }
}

function onText(region, event) {
  const { mode } = parts.sheetView;
  if (mode instanceof PickMode) {
    mode.take(region, event.shiftKey || event.ctrlKey || event.metaKey);
    parts.sheetView.draw();
  }
}

// ---- Commands

const commands = {
  accept: () => decide("accept"),
  async acceptPage() {
    const { item } = state;
    if (!item || !item.page) return decide("accept");
    const matter = await sheets.get(sheetKey(item));
    if (state.item !== item) return;
    const own = matter.figures.filter((f) => f.state === "open" || f.state === "deferred" || f.number === item.number)
      .filter((f) => !isBlind() || parts.queueList.places.has(f.number));
    decide("accept", {}, { numbers: own.map((f) => f.number), seen: own.map((f) => f.seen) });
  },
  edit: () => startEdit(),
  // Each press takes the next text that this figure may have instead.
  next() {
    const { item } = state;
    const matter = item && item.page ? sheets.peek(sheetKey(item)) : null;
    const figure = matter && matter.figures.find((f) => f.number === item.number);
    const choices = figure ? [...figure.candidates.map((c) => c.texts), []] : [];
    if (choices.length < 2) return toast(t("next.none"));
    const isNow = (texts) => texts.length === item.texts.length && texts.every((a) => item.texts.some((b) => a.page === b.page && isNear(a.bbox, b.bbox)));
    const now = choices.findIndex(isNow);
    const at = ((state.tries.get(item.number) ?? now) + 1) % choices.length;
    const chosen = isNow(choices[at]) ? (at + 1) % choices.length : at;
    state.tries.set(item.number, chosen);
    decide("repair", { texts: choices[chosen] });
    toast(t("next.shown", { n: chosen + 1, of: choices.length }));
  },
  pick() {
    const { item } = state;
    const { matter } = parts.sheetView;
    if (!item || !item.page || !matter) return toast(t("not.here"));
    enter(new PickMode(matter, item.texts), t("hint.pick"));
  },
  box: () => onBook() && enter(new BoxMode("move", state.item.bbox, state.item.page_size, false), t("hint.box")),
  add() {
    if (isBlind()) return toast(t("blind.no.new"));
    if (!state.item || !state.item.page) return toast(t("not.here"));
    const [width, height] = state.item.page_size;
    enter(new BoxMode("add", middle([0, 0, width, height], 0.3), state.item.page_size, true), t("hint.add"));
  },
  cut() {
    if (isBlind()) return toast(t("blind.no.new"));
    if (!onBook()) return;
    const words = h("input", { type: "text", placeholder: t("cut.words"), "aria-label": t("cut.words"), onkeydown: onModeInput });
    enter(new BoxMode("cut", middle(state.item.bbox, 0.5), state.item.page_size, true), t("hint.cut"), words);
  },
  merge() {
    if (!onBook()) return;
    const mode = new MergeMode(parts.sheetView.matter, state.item.number);
    if (!mode.others.length) return toast(t("merge.none"));
    enter(mode, t("hint.merge"));
  },
  split: () => onBook() && enter(new SplitMode(state.item.bbox), t("hint.split")),
  reject: () => decide("reject"),
  defer: () => decide("defer"),
  note: () => askText(t("note"), "", (note) => note && decide("note", { note })),
  undo: () => turn("undo"),
  redo: () => turn("redo"),
  down: () => move(1),
  up: () => move(-1),
  search: () => parts.search.select() || parts.search.focus(),
  filters() {
    parts.filters.hidden = !parts.filters.hidden;
    if (!parts.filters.hidden) parts.filters.querySelector("select").focus();
  },
  async language() {
    turnLanguage();
    const { number } = parts.queueList;
    await begin(number);
  },
  help: showHelp,
  zoomIn: () => parts.sheetView.zoom(1.3),
  zoomOut: () => parts.sheetView.zoom(1 / 1.3),
  zoomFit: () => parts.sheetView.matter && parts.sheetView.fit(),
  pageOn: () => leaf(1),
  pageBack: () => leaf(-1),
};

function run(command) {
  commands[command]();
}

function move(by) {
  const place = parts.queueList.step(by);
  if (place >= 0) open(place, false);
}

// Another page of the book, to find a text that stands there.
async function leaf(by) {
  const { item } = state;
  const page = state.page + by;
  if (!item || !item.page || page < 1) return;
  const picking = parts.sheetView.mode instanceof PickMode ? parts.sheetView.mode : null;
  const key = sheetKey(item, page);
  try {
    const [matter, paper] = await Promise.all([sheets.get(key), pictures.get(sheetAddress(key))]);
    if (!paper && !matter.regions.length && !matter.figures.length) return toast(t("page.none"));
    state.page = page;
    parts.sheetView.show(matter, paper, item);
    parts.page.textContent = t("page", { n: page });
    if (picking) {
      const mode = new PickMode(matter, picking.chosen);
      enter(mode, t("hint.pick"));
    }
  } catch (error) {
    toast(describeError(error), true);
  }
}

function onKey(event) {
  if (document.querySelector("dialog[open]")) return;
  const typing = event.target.matches("input, textarea, select");
  if (parts.panelView.isEditing) {
    if (event.key === "Escape") cancelEdit();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) saveEdit();
    else return;
    event.preventDefault();
    return;
  }
  const { mode } = parts.sheetView;
  if (mode && !typing) {
    if (event.key === "Escape") leaveMode();
    else if (event.key === "Enter") saveMode();
    else if (mode.key && mode.key(event)) parts.sheetView.draw();
    else if (!"[]+-=0".includes(event.key)) return;
    else run(MORE_KEYS[event.key] || COMMANDS.find(([key]) => key === event.key)[1]);
    event.preventDefault();
    return;
  }
  if (typing) {
    if (event.key === "Escape") {
      event.target.blur();
      parts.filters.hidden = true;
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key >= "1" && event.key <= "5") decide("kind", { kind: KINDS[event.key - 1] });
  else if (event.key === "Escape") parts.filters.hidden = true;
  else {
    const command = MORE_KEYS[event.key] || (COMMANDS.find(([key]) => key === event.key) || [])[1];
    if (!command) return;
    run(command);
  }
  event.preventDefault();
}

function onModeInput(event) {
  if (event.key === "Enter") saveMode();
  else if (event.key === "Escape") leaveMode();
  event.stopPropagation();
}

// ---- Filters and search

let searching = 0;
function onSearchKey(event) {
  clearTimeout(searching);
  searching = setTimeout(
    () => {
      state.filters.words = parts.search.value.trim();
      loadQueue();
    },
    event.key === "Enter" ? 0 : 300,
  );
  if (event.key === "Enter") parts.search.blur();
}

function drawFilters() {
  const { choices, filters } = state;
  const pick = (name, options) =>
    h(
      "label",
      {},
      t(`filter.${name}`),
      h(
        "select",
        { "data-filter": name, onchange: (event) => setFilter(name, event.target.value) },
        h("option", { value: "" }, t("all")),
        options.map(([value, words]) => h("option", { value, selected: filters[name] === value }, words)),
      ),
    );
  const bound = (name, otherwise) =>
    h("input", {
      type: "number", min: 0, max: 1, step: 0.05, value: filters[name] || otherwise,
      "data-filter": name, "aria-label": t(`filter.${name}`), onchange: (event) => setFilter(name, event.target.value),
    });
  const second = h("input", { type: "checkbox", checked: Boolean(filters.second), "data-filter": "second", onchange: (event) => setFilter("second", event.target.checked ? "1" : "") });
  clear(
    parts.filters,
    pick("document", choices.document.map(([value, words, n]) => [value, `${words} (${n})`])),
    pick("kind", choices.kind.map(([value, , n]) => [value, `${tell("kind", value)} (${n})`])),
    pick("rule", choices.rule.map(([value, , n]) => [value, `${value || "—"} (${n})`])),
    isBlind() ? null : pick("state", choices.states.map((value) => [value, tell("state", value)])),
    h("label", { class: "scores" }, t("filter.score"), h("span", {}, bound("from", 0), " – ", bound("to", 1))),
    h("label", { class: "second", title: t("second.about") }, second, t("second")),
    h("button", { onclick: () => resetFilters(), type: "button" }, t("filter.reset")),
  );
}

function setFilter(name, value) {
  if (name === "second" && value) {
    if (!state.reviewer) {
      drawFilters();
      return askName(() => setFilter(name, value));
    }
    // What others made of an item is not to be seen, nor asked for.
    state.filters.state = "";
  }
  state.filters[name] = value;
  loadQueue();
}

function resetFilters() {
  state.filters = {};
  parts.search.value = "";
  loadQueue();
}

// ---- Dialogs

function dialog(...children) {
  const box = h("dialog", { onclose: () => box.remove(), onclick: (event) => event.target === box && box.close() }, children);
  document.body.append(box);
  box.showModal();
  return box;
}

function askText(label, value, done) {
  const field = h("input", { type: "text", value, maxlength: 2000, "aria-label": label });
  const box = dialog(
    h(
      "form",
      {
        method: "dialog",
        onsubmit: () => done(field.value.trim()),
      },
      h("label", {}, label, field),
      h("p", {}, h("button", { class: "primary" }, t("save"), h("kbd", {}, "↵"))),
    ),
  );
  field.focus();
  return box;
}

function askName(then) {
  const suggested = state.reviewer || localStorage.getItem("culti-reviewer") || "";
  askText(t("name.ask"), suggested, async (name) => {
    if (!name) return;
    try {
      await setName(name);
      if (isBlind()) {
        forgetLook();
        await loadQueue();
      }
      if (typeof then === "function") then();
    } catch (error) {
      toast(describeError(error), true);
    }
  });
}

async function setName(name) {
  const answer = await post("api/name", { name });
  state.reviewer = answer.reviewer;
  localStorage.setItem("culti-reviewer", answer.reviewer);
  showWho();
}

function showHelp() {
  const rows = (some) => some.map(([key, command]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, t(`${command}.about`))]);
  dialog(
    h("h2", {}, t("help")),
    h(
      "div",
      { class: "help" },
      h("dl", {}, rows(COMMANDS.filter(([, , where]) => where === "panel")), h("dt", {}, h("kbd", {}, "1–5")), h("dd", {}, t("kind.about"))),
      h("dl", {}, rows(COMMANDS.filter(([, , where]) => where === "sheet")), rows(COMMANDS.slice(-5))),
      h("dl", {}, rows(COMMANDS.slice(15, 21)), h("dt", {}, h("kbd", {}, "↵")), h("dd", {}, t("enter.about")), h("dt", {}, h("kbd", {}, "Esc")), h("dd", {}, t("escape.about"))),
    ),
    h("p", { class: "soft" }, t("help.more")),
    h("p", { class: "soft" }, t("second.help")),
    h("form", { method: "dialog" }, h("button", { class: "primary", autofocus: true }, t("close"))),
  );
}

// ---- What the page says

let toasting = 0;
function toast(words, isBad) {
  clearTimeout(toasting);
  parts.toast.textContent = words;
  parts.toast.className = `toast shown${isBad ? " bad" : ""}`;
  toasting = setTimeout(() => (parts.toast.className = "toast"), isBad ? 8000 : 2200);
}

function describeError(error) {
  if (!(error instanceof Refused)) return t("offline");
  return error.status === 401 || error.error === "token" ? t("session.over") : error.message;
}

function showOutbox(waiting, trouble) {
  if (!parts.outbox) return;
  const words = trouble === "offline" ? t("offline") : trouble;
  parts.outbox.className = `outbox${waiting ? " waiting" : ""}${trouble ? " bad" : ""}`;
  parts.outbox.textContent = trouble ? t("unsaved", { n: waiting, why: words }) : "";
  document.body.dataset.waiting = waiting;
}

function showWho() {
  parts.who.textContent = state.reviewer || t("name");
}

function showProgress() {
  document.body.dataset.blind = isBlind() ? "yes" : "no";
  if (isBlind()) {
    const end = h("button", { onclick: resetFilters, "data-command": "endSecond" }, t("blind.end"));
    return clear(parts.progress, h("span", { class: "blind", title: t("second.help") }, t("blind")), end);
  }
  const { progress } = state;
  if (!progress) return;
  const { states, total } = progress;
  const open = (states.open || 0) + (states.deferred || 0);
  const bar = h("div", { class: "meter", role: "progressbar", "aria-valuemax": total, "aria-valuenow": total - open });
  for (const name of ["accepted", "changed", "rejected", "conflict", "deferred"]) {
    const piece = h("i", { class: name, title: `${tell("state", name)}: ${states[name] || 0}` });
    piece.style.width = `${(100 * (states[name] || 0)) / Math.max(1, total)}%`;
    bar.append(piece);
  }
  const words = [t("progress", { done: total - open, total })];
  if (progress.seconds_left !== null) words.push(t("left", { time: tellTime(progress.seconds_left) }));
  if (states.conflict) words.push(t("conflicts", { n: states.conflict }));
  clear(parts.progress, bar, h("span", {}, words.join(" · ")), makeQuality(progress));
}

function makeQuality({ estimate, agreement }) {
  if (!estimate) return null;
  const percent = (value) => `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`;
  const target = percent(estimate.target);
  const words = [t("estimate", { share: percent(estimate.share), low: percent(estimate.low), high: percent(estimate.high) })];
  words.push(estimate.more ? t("target.more", { n: estimate.more, target }) : t("target.met", { target }));
  if (agreement.kappa !== null) words.push(t("agreement", { kappa: agreement.kappa.toFixed(2), n: agreement.pairs }));
  const strata = estimate.strata.map((s) => `${s.stratum}: ${s.wrong} / ${s.checked} / ${s.size} (${percent(s.low)}–${percent(s.high)})`);
  return h("span", { class: "estimate", title: [t("estimate.about"), t("agreement.about"), ...strata].join("\n") }, words.join(" · "));
}

// ---- What others do

let pulsing = Promise.resolve();
function pulse(byHand) {
  pulsing = pulsing.then(() => pulseNow(byHand)).catch(() => {});
  return pulsing;
}

async function pulseNow(byHand) {
  const queue = parts.queueList;
  const next = queue.findOpen();
  const want = [queue.number, next >= 0 ? queue.numbers[next] : 0].filter(Boolean);
  const asked = look;
  const answer = await post("api/pulse", { client, want, since: state.upto, progress: true, blind: isBlind() });
  if (asked !== look) return;
  state.upto = answer.upto;
  state.progress = answer.progress ?? state.progress;
  const others = answer.others;
  const isNew = JSON.stringify(others) !== JSON.stringify(queue.others);
  queue.others = others;
  for (const entry of answer.entries) {
    queue.put(entry);
    const isMine = state.item && entry.number === state.item.number;
    const isKnown = items.peek(entry.number);
    if (isKnown && isKnown.state !== entry.state && !document.body.dataset.waiting * 1) {
      items.drop(entry.number);
      if (isMine) refresh(entry.number);
    }
  }
  if (isNew) queue.draw();
  showProgress();
  const holder = answer.refused[queue.number];
  if (holder === undefined || parts.panelView.isEditing || parts.sheetView.mode) return;
  toast(t("taken", { who: holder || "?" }));
  // What was not chosen by hand goes to whoever had it first.
  if (byHand === false) {
    const place = queue.findOpen(queue.at);
    if (place >= 0) open(place, false);
  }
}

// ---- The start

async function begin(number) {
  build();
  document.body.dataset.shown = document.body.dataset.state = "";
  // A reload in a second look is no reason to see what others decided.
  if (sessionStorage.getItem("culti-second")) state.filters.second = "1";
  setBlind(Boolean(state.filters.second));
  try {
    const start = await ask("api/start");
    state.choices = { ...start.choices, states: start.states };
    state.progress = start.progress;
    state.upto = start.upto;
    state.reviewer = start.reviewer;
    const own = localStorage.getItem("culti-reviewer");
    if (own && own !== state.reviewer) await setName(own);
  } catch (error) {
    toast(describeError(error), true);
    return;
  }
  showWho();
  showProgress();
  if (!state.reviewer) state.filters.second = "";
  await loadQueue(number || Number(sessionStorage.getItem("culti-at")) || undefined);
}

document.addEventListener("keydown", onKey);
addEventListener("pagehide", () => {
  sessionStorage.setItem("culti-at", parts.queueList ? parts.queueList.number : "");
  // Others need not wait for what was before this tab.
  const headers = { "Content-Type": "application/json" };
  fetch("api/pulse", { method: "POST", headers, body: JSON.stringify({ client, want: [] }), keepalive: true }).catch(() => {});
});
setInterval(() => !document.hidden && parts.queueList && pulse(), PULSE_MS);
await begin();
document.body.dataset.ready = "yes";

// Asking the server, and the outbox: decisions go one after another, and none is dropped before it is answered.

export class Refused extends Error {
  constructor(status, answer) {
    super(answer.words || `HTTP ${status}`);
    this.status = status;
    this.error = answer.error || "";
  }
}

// In a second look all is asked for as if nobody else had decided, and decisions say that they were taken so.
// `look` tells answers to what was asked before from those to what is asked now.
let blind = false;
export let look = 0;

export const isBlind = () => blind;

export function setBlind(on) {
  if (on === blind) return false;
  blind = on;
  look += 1;
  return true;
}

export function addLook(path) {
  if (!blind) return path;
  return `${path}${path.includes("?") ? "&" : "?"}second=1`;
}

export async function ask(path) {
  const answer = await fetch(addLook(path), { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => ({})));
  return answer.json();
}

export async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => ({})));
  return answer.json();
}

export function makeId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const WAITS = [500, 1000, 2000, 4000];

export class Outbox {
  // `onchange(waiting, trouble)` is told how many wait and why they do.
  constructor(onchange) {
    this.waiting = [];
    this.onchange = onchange;
    this.busy = false;
    this.tries = 0;
    addEventListener("beforeunload", (event) => {
      if (this.waiting.length) event.preventDefault();
    });
  }

  // The promise ends with the answer, or fails with Refused where the server will never take it.
  send(path, body) {
    return new Promise((done, failed) => {
      // However late it is sent, it was decided now.
      this.waiting.push({ path, body: { ...body, blind }, done, failed });
      this.onchange(this.waiting.length, "");
      this.run();
    });
  }

  async run() {
    if (this.busy) return;
    this.busy = true;
    while (this.waiting.length) {
      const first = this.waiting[0];
      try {
        const answer = await post(first.path, first.body);
        this.waiting.shift();
        this.tries = 0;
        this.onchange(this.waiting.length, "");
        first.done(answer);
      } catch (error) {
        const final = error instanceof Refused && error.status >= 400 && error.status < 500;
        if (final && error.status !== 401 && error.error !== "token") {
          this.waiting.shift();
          this.onchange(this.waiting.length, "");
          first.failed(error);
          continue;
        }
        // The same line again, with the same id: the server knows one that it has.
        this.onchange(this.waiting.length, error instanceof Refused ? error.message : "offline");
        await new Promise((go) => setTimeout(go, WAITS[Math.min(this.tries++, WAITS.length - 1)]));
      }
    }
    this.busy = false;
  }
}

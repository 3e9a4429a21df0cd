// Items, sheets and pictures that were fetched, and those that will be wanted next.

import { addLook, ask } from "./net.js";

const MOST_ITEMS = 40;
const MOST_PICTURES = 24;

class Shelf {
  constructor(most, fetchOne) {
    this.most = most;
    this.fetchOne = fetchOne;
    this.kept = new Map();
  }

  // What is there at once, or undefined.
  peek(key) {
    const found = this.kept.get(key);
    return found && found.value;
  }

  get(key) {
    let found = this.kept.get(key);
    if (found) {
      this.kept.delete(key);
    } else {
      found = { value: undefined };
      found.promise = this.fetchOne(key).then(
        (value) => (found.value = value),
        (error) => {
          if (this.kept.get(key) === found) this.kept.delete(key);
          throw error;
        },
      );
    }
    this.kept.set(key, found);
    while (this.kept.size > this.most) this.kept.delete(this.kept.keys().next().value);
    return found.promise;
  }

  // Fetched anew; until it is there, what there was is still given.
  renew(key) {
    const before = this.kept.get(key);
    if (!before) return Promise.resolve();
    return this.fetchOne(key).then((value) => {
      if (this.kept.get(key) === before) Object.assign(before, { value, promise: Promise.resolve(value) });
    });
  }

  drop(key) {
    this.kept.delete(key);
  }

  clear() {
    this.kept.clear();
  }
}

// A picture that is decoded already is painted in the frame in which it is shown.
async function fetchPicture(address) {
  const image = new Image();
  image.decoding = "sync";
  const loaded = new Promise((done) => image.addEventListener("load", done, { once: true }));
  const failed = new Promise((done) => image.addEventListener("error", done, { once: true }));
  image.src = address;
  await Promise.race([loaded, failed]);
  if (!image.naturalWidth) return null;
  // Browsers refuse to decode ahead once they hold much; then it is done when it is shown.
  await image.decode().catch(() => {});
  return image;
}

export const items = new Shelf(MOST_ITEMS, (number) => ask(`api/item/${number}`));
// A sheet is asked for by any item of its book: "number/page".
export const sheets = new Shelf(MOST_ITEMS, (key) => ask(`api/sheet/${key}`));
export const pictures = new Shelf(MOST_PICTURES, fetchPicture);

export const cropAddress = (number) => addLook(`picture/${number}/large`);
export const stampAddress = (number) => addLook(`picture/${number}/small`);

// What was fetched for another look, or another reviewer, is not shown.
export function clearShelves() {
  for (const shelf of [items, sheets, pictures]) shelf.clear();
}

// One address for all items of a page, so that the picture is fetched and decoded once.
const firstOf = new Map();
export function sheetKey(item, page = item.page) {
  const book = `${item.document_sha256}`;
  if (!firstOf.has(book)) firstOf.set(book, item.number);
  return `${firstOf.get(book)}/${page}`;
}
export const sheetAddress = (key) => `sheet/${key}/small`;
export const largeAddress = (address) => address.replace(/small$/, "large");

export async function fetchAll(number) {
  const item = await items.get(number);
  const wanted = [];
  if (item.has_image) wanted.push(pictures.get(cropAddress(number)));
  if (item.page) {
    const key = sheetKey(item);
    wanted.push(sheets.get(key), pictures.get(sheetAddress(key)));
  }
  await Promise.allSettled(wanted);
}

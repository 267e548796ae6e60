// Signals that survive a reload.
import { effect, signal } from './dom.js';

const prefix = 'genapi.';
const known = new Map();

/** A signal that is kept in the browser: in all tabs (`local`) or in this one (`session`). The same name is the same signal. */
export function kept(name, initial, { storage = 'local' } = {}) {
  const id = `${storage}:${name}`;
  if (known.has(id)) return known.get(id);
  const store = storage === 'local' ? localStorage : sessionStorage;
  const value = signal(read(store, name, initial));
  known.set(id, value);
  let isFirst = true;
  effect(() => {
    const text = JSON.stringify(value.value);
    if (isFirst) {
      isFirst = false;
      return;
    }
    try {
      store.setItem(prefix + name, text);
    } catch {
      // Private windows and full stores: the value then lasts as long as the tab.
    }
  });
  return value;
}

function read(store, name, initial) {
  try {
    const text = store.getItem(prefix + name);
    return text === null ? initial : JSON.parse(text);
  } catch {
    return initial;
  }
}

/** What belongs to the browser and not to the person who was signed in. */
const lasting = ['language', 'theme'].map((name) => prefix + name);

/** Removes everything that the page has kept in this browser about a person: forms, files and places. Load the page again after it. */
export async function forget() {
  for (const store of [localStorage, sessionStorage]) {
    for (const name of Object.keys(store).filter((each) => each.startsWith(prefix) && !lasting.includes(each))) store.removeItem(name);
  }
  for (const { name } of (await indexedDB.databases?.()) ?? []) {
    if (name?.startsWith('genapi')) indexedDB.deleteDatabase(name);
  }
}

// What the view keeps in the browser, apart for each account: people who share a browser do not see each other's prompts.

const prefix = 'genapi.create.';
const own = (account, name) => `${prefix}${account}.${name}`;

/** Reads a value: that of this tab if there is one, otherwise that of the last tab that wrote it. */
export function read(account, name, initial) {
  for (const store of [sessionStorage, localStorage]) {
    try {
      const text = store.getItem(own(account, name));
      if (text !== null) return JSON.parse(text);
    } catch {
      // Storage that is off or damaged counts as empty.
    }
  }
  return initial;
}

/** Writes a value for this tab and as the beginning of new ones. Returns false if the browser refuses it. */
export function write(account, name, value) {
  const text = JSON.stringify(value);
  let isWritten = false;
  for (const store of [sessionStorage, localStorage]) {
    try {
      store.setItem(own(account, name), text);
      isWritten = true;
    } catch {
      // Full, or a private window: the other one may still have room.
    }
  }
  return isWritten;
}

/** Reads a value that all tabs share. */
export function readShared(account, name, initial) {
  try {
    return parsed(localStorage.getItem(own(account, name))) ?? initial;
  } catch {
    return initial;
  }
}

/** Reads everything whose name begins with `start` from what all tabs share: a list of values. */
export function readAll(account, start) {
  const found = [];
  try {
    for (let at = 0; at < localStorage.length; at++) {
      const name = localStorage.key(at);
      if (!name.startsWith(own(account, start))) continue;
      const value = parsed(localStorage.getItem(name));
      if (value) found.push(value);
    }
  } catch {
    // Storage that is off is empty.
  }
  return found;
}

/** Writes a value that all tabs share. Returns false if the browser refuses it. */
export function share(account, name, value) {
  try {
    localStorage.setItem(own(account, name), JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function forget(account, name) {
  try {
    localStorage.removeItem(own(account, name));
    sessionStorage.removeItem(own(account, name));
  } catch {
    // Storage that is off keeps nothing.
  }
}

/** Calls back with the value, or null, whenever another tab changes something whose name begins with `start`. */
export function onShared(start, listener) {
  window.addEventListener('storage', (event) => {
    if (event.storageArea !== localStorage || !event.key?.startsWith(prefix)) return;
    const [account, ...name] = event.key.slice(prefix.length).split('.');
    if (name.join('.').startsWith(start)) listener(account, name.join('.'), parsed(event.newValue));
  });
}

function parsed(text) {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

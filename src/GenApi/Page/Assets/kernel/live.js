// What happens to generations, as it happens. All tabs share one stream (hub.js, worker.js).
//
//   connection.value                   'connecting' | 'open' | 'lost'
//   live.get(id).value                 the newest Generation, as GET /generations/{id}; undefined while nothing is known
//   onChange(change => …)              returns a function that ends it. A change is one of
//     { type: 'generation', id, generation }        made, a new status, pinned, its images changed, or given to this account
//     { type: 'progress', id, progress, generation } progress: { percentage, current, total }
//     { type: 'removed', id }                       the generation is gone, or this account sees it no more
//     { type: 'removed', image, of }                an image or a file went to the bin or is gone; of: its generation's id
//     { type: 'restored', image, of }               it is back
//     { type: 'tagged', image, tags }               the tags of this account on an image, all of them
//     { type: 'reset' }                             too much was missed: read again what is shown, without moving it
//     { type: 'open' }                              connected, and everything missed has been reported: refresh the heads of lists
//   follow(generation)                 puts an answer of POST /generate (or GET) into the map at once
import { batch, effect, signal } from './dom.js';
import { url } from './address.js';
import { api } from './api.js';
import { session, loadSession } from './session.js';
import { Hub } from './hub.js';

const PLACE = 'genapi.last-event';

/** Generations that the map holds although no view uses them. */
const HELD = 400;

/** The pause before a stream that was refused is opened again, although the session is valid, in milliseconds. */
const REFUSED = 5_000;

const STAGES = ['queued', 'starting', 'processing', 'storing', 'succeeded', 'failed', 'canceled'];
const isEnded = (generation) => STAGES.indexOf(generation.status) > 3;

export const connection = signal('connecting');

const listeners = new Set();

// Every signal that somebody uses is found by its id; beyond that the newest are held. A signal that nobody uses may go.
const known = new Map();
const held = new Map();
const collected = new FinalizationRegistry((id) => {
  if (!known.get(id)?.deref()) known.delete(id);
});

function entry(id) {
  let found = known.get(id)?.deref();
  if (!found) {
    found = signal(undefined);
    known.set(id, new WeakRef(found));
    collected.register(found, id);
  }
  return found;
}

function hold(id, kept) {
  held.delete(id);
  held.set(id, kept);
  if (held.size <= HELD) return;
  for (const [oldest, each] of held) {
    const value = each.peek();
    if (!value || isEnded(value)) return held.delete(oldest);
  }
}

export const live = {
  get: entry,
  has: (id) => known.get(id)?.deref()?.value !== undefined,
  /** The generations that are held, the newest change last. */
  values: () => [...held.values()].map((each) => each.peek()).filter(Boolean),
};

export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function follow(generation) {
  put(generation);
}

function emit(change) {
  for (const listener of [...listeners]) {
    try {
      listener(change);
    } catch (failure) {
      reportError(failure);
    }
  }
}

/** Returns whether it was newer than what was known. An answer of POST or GET has no revision; then the stage decides. */
function put(generation) {
  const kept = entry(generation.id);
  const last = kept.peek();
  if (last && !isNewer(generation, last)) return false;
  hold(generation.id, kept);
  kept.value = generation;
  return true;
}

function isNewer(next, last) {
  if (next.revision !== undefined && last.revision !== undefined) return next.revision > last.revision;
  return STAGES.indexOf(next.status) >= STAGES.indexOf(last.status);
}

// Generations that the stream has named since it was opened.
const named = new Set();

const handlers = {
  generation(generation) {
    named.add(generation.id);
    if (put(generation)) emit({ type: 'generation', id: generation.id, generation });
  },

  progress({ id, revision, ...progress }) {
    named.add(id);
    const kept = entry(id);
    const last = kept.peek();
    if (!last || isEnded(last) || (last.revision !== undefined && revision <= last.revision)) return;
    kept.value = { ...last, progress, revision };
    emit({ type: 'progress', id, progress, generation: kept.peek() });
  },

  removed({ id, image, file, generation }) {
    if (id) removed(id);
    else emit({ type: 'removed', image: image ?? file, of: generation });
  },

  restored: ({ image, file, generation }) => emit({ type: 'restored', image: image ?? file, of: generation }),
  tagged: ({ image, tags }) => emit({ type: 'tagged', image, tags }),
  reset: () => emit({ type: 'reset' }),

  ready() {
    // What was under way and is not any more has ended while nobody listened.
    for (const [id, each] of held) {
      const value = each.peek();
      if (value && !isEnded(value) && !named.has(id)) refresh(id);
    }
    named.clear();
    emit({ type: 'open' });
  },
};

function removed(id) {
  held.delete(id);
  const kept = known.get(id)?.deref();
  if (kept) kept.value = undefined;
  emit({ type: 'removed', id });
}

async function refresh(id) {
  try {
    const generation = await api.get(`generations/${id}`);
    if (put(generation)) emit({ type: 'generation', id, generation });
  } catch (problem) {
    if (problem.status === 404) removed(id);
  }
}

// The way to the hub. `lastId` is a place in what `owner` sees; `who` is the session that the hub knows of.

let { id: lastId, who: owner } = read() ?? {};
let who = null;
let send = null;
let isFresh = true;

function receive(message) {
  if (message.type === 'ping') send({ type: 'pong' });
  else if (message.type === 'again') hello();
  else if (message.type === 'state') entered(message.state);
  else if (message.type === 'event' && who !== null) {
    if (message.id !== undefined) lastId = message.id;
    if (message.event !== null) batch(() => handlers[message.event]?.(message.data));
  }
}

function entered(state) {
  if (state === 'connecting') named.clear();
  connection.value = state === 'open' || state === 'lost' ? state : 'connecting';
  if (state === 'out' && who !== null) refused();
}

/** The server has refused the stream: the key may have been revoked, or another tab has signed out. */
async function refused() {
  who = null;
  try {
    await loadSession();
  } catch {
    // The session says what is known: out after a 401, as before when the service can't be reached.
  }
  if (isAdmitted(session.value)) setTimeout(() => isAdmitted(session.value) && begin(session.value), REFUSED);
}

function hello() {
  send({ type: 'hello', url: url('events'), who, lastId, fresh: isFresh, visible: isVisible() });
  isFresh = false;
}

function connect() {
  const local = () => {
    const member = new Hub().join((message) => queueMicrotask(() => receive(message)));
    send = (message) => member.receive(message);
  };
  if (typeof SharedWorker === 'undefined') return local();
  try {
    const worker = new SharedWorker(new URL('../worker.js', import.meta.url), { type: 'module', name: 'genapi' });
    worker.onerror = () => {
      // Without the worker each tab has its own stream.
      local();
      if (who !== null) hello();
    };
    worker.port.onmessage = ({ data }) => receive(data);
    send = (message) => worker.port.postMessage(message);
  } catch {
    local();
  }
}

const isVisible = () => document.visibilityState === 'visible';
const isAdmitted = ({ state, me }) => state === 'open' || (state === 'in' && me);
const identity = ({ state, me }) => (state === 'open' ? state : JSON.stringify(me.account ?? me.id ?? me.name));

function begin(current) {
  const next = identity(current);
  if (next === who) return;
  if (owner !== next) lastId = undefined;
  who = owner = next;
  if (!send) connect();
  hello();
}

function end() {
  lastId = undefined;
  store();
  if (who !== null) send?.({ type: 'out' });
  who = null;
  // The next person at this browser must not see what the last one made.
  batch(() => {
    for (const [, reference] of known) {
      const kept = reference.deref();
      if (kept) kept.value = undefined;
    }
  });
  held.clear();
  connection.value = 'connecting';
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE));
  } catch {
    return null;
  }
}

/** A reload of the only tab ends the worker, so the page passes the place on. */
function store() {
  try {
    if (lastId === undefined) sessionStorage.removeItem(PLACE);
    else sessionStorage.setItem(PLACE, JSON.stringify({ id: lastId, who: owner }));
  } catch {
    // Storage may be forbidden. Then a reload begins without a place, and views read their lists anyway.
  }
}

effect(() => {
  const current = session.value;
  if (isAdmitted(current)) begin(current);
  else if (current.state === 'out') end();
});

addEventListener('online', () => send?.({ type: 'online' }));
addEventListener('pagehide', () => {
  store();
  send?.({ type: 'bye' });
});
addEventListener('pageshow', ({ persisted }) => {
  if (persisted && who !== null) hello();
});
document.addEventListener('visibilitychange', () => {
  store();
  send?.({ type: 'visible', visible: isVisible() });
});

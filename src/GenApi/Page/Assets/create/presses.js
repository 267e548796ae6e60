// Presses of "Generate". Each request is written down with its own Idempotency-Key before it is sent, and is sent again under the same key,
// after a network gap or a reload, until the service has answered: so none is lost, and none is billed twice.
import { effect, signal, untracked } from '../kernel/dom.js';
import { Problem, problemOf, raw } from '../kernel/api.js';
import { connection, follow, live, onChange } from '../kernel/live.js';
import { session, signedOut } from '../kernel/session.js';
import { forget, onShared, readAll, share } from './store.js';
import { account } from './state.js';
import { newId } from './request.js';

const name = (press) => `press.${press.id}`;
const mostKept = 60;
const atOnce = 3;

/**
 * All presses, newest first: { id, at, prompt, items }. An item is a request: { key, model, body, state, generation, problem, cached,
 * retryAt, tries, since } with the state 'sending' (not answered yet), 'sent' (there is a generation) or 'refused'.
 */
export const presses = signal([]);

/** The last request that the service refused, as { item, problem }. */
export const refused = signal(null);

const underway = new Set();
let isLoaded = false;
let hasTaken = false;

/** Starts a press with these bodies, and returns it. */
export function press(bodies, prompt) {
  const id = `${Date.now().toString(36).padStart(9, '0')}${newId().slice(0, 8)}`;
  const items = bodies.map((body) => ({
    key: newId(), model: body.model ?? null, body: { ...body, metadata: { press: id } }, state: 'sending', generation: null, problem: null,
    cached: null, retryAt: null, tries: 0, since: Date.now(),
  }));
  const made = { id, at: new Date().toISOString(), prompt, items };
  save(made);
  sendAll();
  return made;
}

/** Sends a refused request again, or one that waits at once. A refusal does not use up its key, so the key stays. */
export function resend(pressId, { key, state, since }) {
  change(pressId, key, { state: 'sending', problem: null, retryAt: null, tries: 0, since: state === 'refused' ? Date.now() : since });
  sendAll();
}

/** Takes a press out of the list. Its pictures stay in the gallery. */
export function removePress(id) {
  presses.value = presses.value.filter((each) => each.id !== id);
  forget(account.value, `press.${id}`);
}

function save(made) {
  const known = presses.value.some((each) => each.id === made.id);
  presses.value = known ? presses.value.map((each) => (each.id === made.id ? made : each)) : sorted([made, ...presses.value]);
  // Without storage a reload forgets the press: its pictures are then in the gallery only, and nothing is sent twice.
  let hasRoom = true;
  while (hasRoom && presses.value.length > mostKept) hasRoom = removeOldest(made.id);
  hasRoom = true;
  while (hasRoom && !share(account.value, name(made), made)) hasRoom = removeOldest(made.id);
}

/** The oldest answered press makes room, never one that still has to be sent. */
function removeOldest(except) {
  const oldest = presses.value.findLast((each) => each.id !== except && each.items.every((item) => item.state !== 'sending'));
  if (oldest) removePress(oldest.id);
  return oldest !== undefined;
}

const sorted = (list) => list.sort((a, b) => (a.id < b.id ? 1 : -1));

function change(pressId, key, changes) {
  const found = presses.value.find((each) => each.id === pressId);
  if (found) save({ ...found, items: found.items.map((item) => (item.key === key ? { ...item, ...changes } : item)) });
}

let timer = null;

/** Sends what waits, some at a time, the oldest first. */
function sendAll() {
  clearTimeout(timer);
  if (session.peek().state === 'out') return;
  let next = Infinity;
  for (const each of [...presses.peek()].reverse()) {
    for (const item of each.items) {
      if (item.state !== 'sending' || underway.has(item.key)) continue;
      if (item.retryAt > Date.now()) next = Math.min(next, item.retryAt);
      else if (isTooOld(item.since, Date.now())) change(each.id, item.key, { state: 'refused', problem: { code: 'unanswered' } });
      else if (underway.size < atOnce) void send(each.id, item, account.peek());
    }
  }
  if (next < Infinity) timer = setTimeout(sendAll, next - Date.now() + 20);
}

async function send(pressId, item, owner) {
  underway.add(item.key);
  try {
    const outcome = await ask(item);
    // Someone else may have signed in meanwhile; the press waits in its own account's list.
    if (owner !== account.value) return;
    change(pressId, item.key, outcome);
    if (outcome.state === 'refused') refused.value = { item, problem: outcome.problem };
  } finally {
    underway.delete(item.key);
    if (owner === account.value) queueMicrotask(sendAll);
  }
}

/** Sends one request, and returns what is then known of it. */
async function ask(item) {
  let problem;
  try {
    const response = await raw('generate', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': item.key, Prefer: 'respond-async' },
      body: JSON.stringify(item.body),
    });
    if (response.ok) {
      const generation = await response.json();
      follow(generation);
      return { state: 'sent', generation: generation.id, problem: null, retryAt: null, cached: cachedBy(response) };
    }
    problem = await problemOf(response);
  } catch (error) {
    problem = error instanceof Problem ? error : new Problem({ code: 'offline', detail: String(error?.message ?? error) });
  }
  if (problem.status === 401) signedOut();
  const outcome = outcomeOf(problem);
  const plain = { ...problem, message: problem.message };
  if (outcome === 'sent') return { state: 'sent', generation: problem.generationId, problem: null, retryAt: null };
  if (outcome === 'refused') return { state: 'refused', problem: plain, retryAt: null };
  return { problem: plain, tries: item.tries + 1, retryAt: Date.now() + pauseAfter(problem, item.tries) };
}

/** 'hit' for a stored answer, 'join' for a run that was in flight, null for a new one. */
function cachedBy(response) {
  const status = response.headers.get('Cache-Status') ?? '';
  if (/;\s*hit\b/.test(status)) return 'hit';
  return status.includes('collapsed') ? 'join' : null;
}

/** Sends at once what waited for the network. */
function wake() {
  for (const each of presses.value) {
    for (const item of each.items) {
      const isNetwork = item.problem?.status === 0 || item.problem?.code.startsWith('http_');
      if (item.state === 'sending' && isNetwork && item.retryAt) change(each.id, item.key, { retryAt: null });
    }
  }
  sendAll();
}

/** Takes up runs that another browser of the account has started, or this one before it forgot. The stream names all unfinished ones. */
function takeRunning() {
  const isOurs = (each) => each.metadata?.press && (!each.account || each.account.id === account.value);
  const isOpen = (each) => ['queued', 'starting', 'processing', 'storing'].includes(each.status);
  for (const generation of live.values()) {
    if (!isOurs(generation) || !isOpen(generation)) continue;
    const id = generation.metadata.press;
    const known = presses.value.find((each) => each.id === id);
    if (known?.items.some((item) => item.generation === generation.id || item.state === 'sending')) continue;
    const { prompt, ...input } = generation.input;
    const item = {
      key: generation.id, model: generation.model, body: { model: generation.model, prompt, input }, state: 'sent',
      generation: generation.id, problem: null, cached: null, retryAt: null, tries: 0, since: Date.parse(generation.created_at),
    };
    save({ ...(known ?? { id, at: generation.created_at, prompt: prompt ?? '' }), items: [...(known?.items ?? []), item] });
  }
}

/** Reads what was kept, sends what was never answered, and finds what still runs. */
export function startPresses() {
  if (isLoaded) return;
  isLoaded = true;
  effect(() => {
    const owner = account.value;
    presses.value = sorted(readAll(owner, 'press.').filter((each) => Array.isArray(each.items)));
    hasTaken = false;
    untracked(wake);
  });
  // Once: what others start later with the same key is their own affair.
  onChange(({ type }) => {
    if (type !== 'open' || hasTaken) return;
    hasTaken = true;
    takeRunning();
  });
  effect(() => {
    if (connection.value === 'open' && session.value.state !== 'out') untracked(wake);
  });
  window.addEventListener('online', wake);
  document.addEventListener('visibilitychange', () => document.hidden || wake());
  onShared('press.', (owner, key, value) => {
    if (owner !== account.value) return;
    const others = presses.value.filter((each) => `press.${each.id}` !== key);
    presses.value = sorted(value ? [value, ...others] : others);
  });
}

/** The service remembers an Idempotency-Key for 24 hours; an hour is left for clocks that differ. */
const longestRepeat = 23 * 3600 * 1000;
/** A limit that ends within this many seconds is waited for. */
const longestWait = 300;

/** Whether an unanswered request is too old to be sent again: the service may have forgotten its key, and would make the picture twice. */
const isTooOld = (since, now) => now - since >= longestRepeat;

/**
 * 'sent': there is a generation. 'refused': the service said no. 'again': nobody knows whether the request arrived, or it was refused only
 * for now; it is sent again under the same key.
 */
function outcomeOf(problem) {
  if (problem.generationId && !['conflict', 'idempotency_mismatch'].includes(problem.code)) return 'sent';
  return isPassing(problem) ? 'again' : 'refused';
}

function isPassing({ status, code, retryAfter }) {
  // 0: no answer. A status without a code of ours comes from a proxy before the service, which may be starting.
  if (status === 0) return true;
  if ([502, 503, 504].includes(status) && code === `http_${status}`) return true;
  if (code === 'rate_limited' || code === 'overloaded') return (retryAfter ?? 1) <= longestWait;
  return code === 'request_timeout';
}

/** Milliseconds before the next try: as the service says, otherwise 1, 2, 4, … up to 15 seconds. */
function pauseAfter({ retryAfter, status }, tries) {
  const own = Math.min(15, 2 ** Math.min(tries, 4));
  return 1000 * (status !== 0 && retryAfter ? Math.max(retryAfter, 1) : own);
}

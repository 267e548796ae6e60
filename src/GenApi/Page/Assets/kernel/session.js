// Who uses the page: a browser that is signed in, or everybody where the service needs no key.
import { signal } from './dom.js';
import { api, setGuard, whenRefused } from './api.js';
import { forget, kept } from './keep.js';

/** { state: 'loading' | 'in' | 'out' | 'open', me }. `open`: the service needs no key. */
export const session = signal({ state: 'loading', me: null });

/** The cookie is renewed only when a page asks for its session, so a page that stays open asks again. */
const longest = 12 * 3600_000;
/** The account that this tab has shown. */
const shown = kept('account', null, { storage: 'session' });
const channel = new BroadcastChannel('genapi.session');

let loading = null;
let loadedAt = 0;

export function can(right) {
  return session.value.me?.rights.some((each) => each === right || each === 'admin') ?? false;
}

/** Asks who uses the page. While the service can't be reached, it asks again. */
export function loadSession() {
  loading ??= load().finally(() => {
    loading = null;
  });
  return loading;
}

/** Reads the account again, after its name, limits or spending may have changed. */
export async function refreshMe() {
  const { state } = session.value;
  if (state === 'in' || state === 'open') session.value = { state, me: await readMe(session.value.me?.name ?? null) };
}

/** Throws the Problem of a key that is refused. */
export async function signIn(key) {
  await enter(await api.post('session', { key }));
  channel.postMessage('changed');
}

/** Ends the session of this browser and forgets what was typed. The page begins again. */
export async function signOut() {
  await api.delete('session');
  channel.postMessage('changed');
  await forget();
  location.reload();
}

/** Called after an answer said that nobody is signed in. The service is asked, because some routes need more than others. */
export function signedOut() {
  const { state } = session.value;
  if (state === 'in') leave();
  // Without a session, the answer may only mean that this route needs one; asking once a second is enough then.
  if (state === 'in' || (state === 'open' && Date.now() - loadedAt > 1000)) loadSession();
}

async function load() {
  for (let pause = 1; ; pause = Math.min(pause * 2, 15)) {
    try {
      await enter(await api.get('session'));
      return;
    } catch (problem) {
      if (problem.status !== 0 && problem.status !== 429 && problem.status < 500) throw problem;
      await wait(pause * 1000);
    }
  }
}

async function enter(answer) {
  loadedAt = Date.now();
  setGuard(answer.antiforgery);
  if (!answer.signed_in && answer.needs_key) {
    leave();
    return;
  }
  const me = await readMe(answer.name);
  if (me === null) {
    leave();
    return;
  }
  // What another account has left in memory must not be shown. Whoever makes the first key stays the same person.
  const isOther = shown.value !== null && shown.value !== 'open' && shown.value !== me.account;
  shown.value = me.account;
  if (isOther) {
    location.reload();
    return;
  }
  session.value = { state: answer.signed_in ? 'in' : 'open', me };
}

function leave() {
  setGuard(null);
  if (session.peek().state !== 'out') session.value = { state: 'out', me: null };
}

/** Returns null if nobody is signed in. A key without the right to read can do little here, but may sign in. */
async function readMe(name) {
  const response = await api.raw('accounts/me');
  if (response.ok) return response.json();
  if (response.status === 401) return null;
  if (response.status !== 403) throw await api.problemOf(response);
  return {
    account: null, name, rights: [], expires_at: null, limits: { requests_per_minute: null, generations_per_minute: null },
    upstream: null, budgets: null,
  };
}

const wait = (milliseconds) => new Promise((resolve) => {
  const timer = setTimeout(done, milliseconds);
  function done() {
    clearTimeout(timer);
    window.removeEventListener('online', done);
    resolve();
  }
  window.addEventListener('online', done);
});

whenRefused(signedOut);

// Another tab has signed in or out.
channel.onmessage = () => loadSession();

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && session.value.state === 'in' && Date.now() - loadedAt > longest) loadSession();
});

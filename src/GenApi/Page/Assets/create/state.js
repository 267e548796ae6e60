// What stands in the form. It survives a reload, and is apart for each account.
import { batch, effect, signal } from '../kernel/dom.js';
import { session } from '../kernel/session.js';
import { forget, read, readShared, share, write } from './store.js';

const empty = { model: null, values: {}, count: 1, isPerLine: false, others: [], waiting: [], isOpen: null, isMoreOpen: false };
const mostPrompts = 100;

/** The account whose form this is. */
export const account = signal(accountOf(session.value) ?? 'open');
/** The prompt stands apart, so typing draws nothing else again. */
export const prompt = signal('');
/**
 * model (null: the service's default), values by the model's own names, count, isPerLine, others (models to compare with), waiting
 * (pictures for a model that takes none), isOpen (null: as the screen has room) and isMoreOpen.
 */
export const form = signal(empty);
/** Names and small copies of uploads, by id: { name, preview, state, progress, problem }. */
export const files = signal({});
/** Whether the value of a field is a mask that was painted here. */
export const isPainted = (id) => files.value[id]?.isPainted === true;
/** Prompts that were sent, newest first. */
export const history = signal([]);
/** Texts about what the last act could not take over. */
export const notes = signal([]);
/** Errors of the last press or estimate, sorted to fields; null if there are none. */
export const faults = signal(null);

function accountOf({ state, me }) {
  return me?.account ?? (state === 'open' ? 'open' : null);
}

function load() {
  batch(() => {
    prompt.value = read(account.value, 'prompt', '');
    form.value = { ...empty, ...read(account.value, 'form', {}) };
    files.value = read(account.value, 'files', {});
    history.value = readShared(account.value, 'history', []);
    notes.value = [];
    faults.value = null;
  });
}

const flushes = [];
load();

// Another account has another form. While nobody is known, the last one stays: an expired session loses nothing.
effect(() => {
  const current = accountOf(session.value);
  if (current === null || current === account.peek()) return;
  for (const flush of flushes) flush();
  account.value = current;
  load();
});

function keep(source, name) {
  let timer = null;
  const flush = () => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    write(account.peek(), name, source.peek());
  };
  flushes.push(flush);
  let isFirst = true;
  effect(() => {
    source.value;
    if (!isFirst) timer ??= setTimeout(flush, 150);
    isFirst = false;
  });
  window.addEventListener('pagehide', flush);
  document.addEventListener('visibilitychange', flush);
}

keep(prompt, 'prompt');
keep(form, 'form');
keep(files, 'files');

export function update(changes) {
  form.value = { ...form.value, ...changes };
}

/** Changes a value of the form. undefined takes it out, so the model's default counts. */
export function setValue(name, value) {
  const values = { ...form.value.values };
  if (value === undefined) delete values[name];
  else values[name] = value;
  update({ values });
  if (faults.value?.fields[name]) {
    const { [name]: gone, ...fields } = faults.value.fields;
    faults.value = { ...faults.value, fields };
  }
}

export function setPrompt(text) {
  prompt.value = text;
  if (faults.value?.prompt) faults.value = { ...faults.value, prompt: null };
}

/** Adds a prompt to the history, once. */
export function recall(text) {
  history.value = [text, ...history.value.filter((each) => each !== text)].slice(0, mostPrompts);
  while (!share(account.value, 'history', history.value) && history.value.length > 1) {
    history.value = history.value.slice(0, history.value.length / 2);
  }
}

export function clearHistory() {
  history.value = [];
  forget(account.value, 'history');
}

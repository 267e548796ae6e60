// Pictures on their way to POST /uploads. Until one has arrived, the form holds a name that begins with `tmp_` in its place.
import { api } from '../kernel/api.js';
import { connection } from '../kernel/live.js';
import { session } from '../kernel/session.js';
import { effect, untracked } from '../kernel/dom.js';
import { placeInput, removeInput, replaceInput } from './actions.js';
import { newId } from './request.js';
import { account, files, form } from './state.js';

/** What POST /uploads takes at most. More would break the connection in the middle. */
const mostBytes = 20 * 1024 * 1024;
const previewSide = 160;
/** Pictures of this tab that a mask can be painted over. */
const mostOriginals = 8;
const held = new Map();
const originals = new Map();
const underway = new Map();

export const isUnderway = (id) => id.startsWith('tmp_');

/** The names of files that the form waits for. */
export function pendingIn(values) {
  return Object.values(values).flat().filter((each) => typeof each === 'string' && isUnderway(each));
}

/** The bytes of an upload, if this tab has them still; the service serves none. */
export const originalOf = (id) => originals.get(id);

function keepOriginal(id, file) {
  originals.set(id, file);
  if (originals.size > mostOriginals) originals.delete(originals.keys().next().value);
}

/** Puts a file into the form and uploads it. In a mask that `isPainted`, white is repainted, whatever the model's own name means. */
export async function addFile(file, field, { isPainted = false } = {}) {
  const id = `tmp_${newId()}`;
  const isTooLarge = file.size > mostBytes;
  held.set(id, file);
  keepOriginal(id, file);
  const before = field?.kind === 'file' ? form.value.values[field.name] : null;
  if (before && isUnderway(before)) dropFile(before);
  // Before anything shows the file, so whatever is shown survives a reload.
  if (!isTooLarge) await putBytes(id, file);
  describe(id, {
    name: file.name || '', isPainted, preview: null, progress: 0, state: isTooLarge ? 'refused' : 'uploading',
    problem: isTooLarge ? { code: 'body_too_large', status: 413, detail: '' } : null,
  });
  placeInput(id, field);
  const preview = await previewOf(file);
  if (preview && files.value[id]) describe(id, preview);
  if (!isTooLarge) await upload(id);
}

/** Takes a picture out of the form, whether it is uploaded or not. */
export function dropFile(id) {
  underway.get(id)?.abort();
  removeInput(id);
  forgetFile(id);
  held.delete(id);
  void removeBytes(id);
}

export function retryFile(id) {
  describe(id, { state: 'uploading', problem: null, progress: 0 });
  void upload(id);
}

function describe(id, changes) {
  files.value = { ...files.value, [id]: { ...files.value[id], ...changes } };
}

function forgetFile(id) {
  const { [id]: gone, ...rest } = files.value;
  files.value = rest;
}

async function upload(id) {
  if (underway.has(id)) return;
  const stop = new AbortController();
  underway.set(id, stop);
  const owner = account.value;
  try {
    const file = held.get(id) ?? (await getBytes(id));
    if (!file) {
      removeInput(id);
      forgetFile(id);
      return;
    }
    const stored = await api.upload(file, { signal: stop.signal, onProgress: (progress) => files.value[id] && describe(id, { progress }) });
    if (owner !== account.value || !files.value[id]) return;
    const { [id]: about, ...rest } = files.value;
    if (originals.has(id)) keepOriginal(stored.id, originals.get(id));
    originals.delete(id);
    files.value = { ...rest, [stored.id]: { ...about, state: 'stored', problem: null, progress: 1 } };
    replaceInput(id, stored.id);
    held.delete(id);
    await removeBytes(id);
  } catch (problem) {
    if (problem.code === 'aborted' || !files.value[id]) return;
    const isGap = problem.code === 'offline' || problem.status === 401;
    describe(id, { state: isGap ? 'waiting' : 'refused', problem: isGap ? null : { ...problem, message: problem.message } });
  } finally {
    underway.delete(id);
  }
}

/** Uploads what a reload or a gap has interrupted, and forgets what no form holds. */
function resume() {
  const used = new Set([...Object.values(form.value.values).flat(), ...form.value.waiting]);
  const kept = Object.entries(files.value).filter(([id]) => used.has(id));
  if (kept.length !== Object.keys(files.value).length) files.value = Object.fromEntries(kept);
  for (const id of [...pendingIn(form.value.values), ...form.value.waiting.filter(isUnderway)]) {
    if (files.value[id]?.state === 'refused') continue;
    if (!files.value[id]) describe(id, { name: '', preview: null, progress: 0, state: 'uploading', problem: null });
    void upload(id);
  }
}

let isStarted = false;

export function startUploads() {
  if (isStarted) return;
  isStarted = true;
  effect(() => {
    account.value;
    if (connection.value !== 'lost' && session.value.state !== 'out') untracked(resume);
  });
  window.addEventListener('online', resume);
}

/** The size of a picture and a small copy as a data URL, since uploads are never served; null if the browser can't read the format. */
async function previewOf(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    const scale = previewSide / width;
    const canvas = Object.assign(document.createElement('canvas'), { width: previewSide, height: Math.max(1, Math.round(height * scale)) });
    canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return { preview: canvas.toDataURL('image/webp', 0.7), width, height };
  } catch {
    return null;
  }
}

// The bytes of pictures that are not uploaded yet, so that a reload or a network gap loses none.

const database = 'genapi-create';
const table = 'files';

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(table);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Runs one request in a transaction of its own. Returns its result; undefined where the browser stores nothing. */
async function run(mode, act) {
  let opened = null;
  try {
    opened = await open();
    return await new Promise((resolve, reject) => {
      const transaction = opened.transaction(table, mode);
      const request = act(transaction.objectStore(table));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } catch {
    // Private windows and full disks: the file then lasts as long as the tab.
    return undefined;
  } finally {
    opened?.close();
  }
}

const putBytes = (id, file) => run('readwrite', (store) => store.put(file, id));
const getBytes = (id) => run('readonly', (store) => store.get(id));
const removeBytes = (id) => run('readwrite', (store) => store.delete(id));

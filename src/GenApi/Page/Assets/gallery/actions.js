// What one can do with pictures: delete and undo, pin, tag. Each acts on any number of them.
import { signal } from '../kernel/dom.js';
import { api } from '../kernel/api.js';
import { kept } from '../kernel/keep.js';
import { explain } from '../kernel/problems.js';
import { session } from '../kernel/session.js';
import { t } from '../kernel/words.js';
import { notify } from '../parts/notices.js';
import { loadTags } from './filters.js';
import { begin, chosen, closeDetails, focusSoon, focused, list, neighbour, opened, openDetails, place } from './state.js';

/** Ids in one request, as the API allows. */
export const mostAtOnce = 500;

const requestsAtOnce = 4;

/** What was deleted here and can be restored: a list of { ids, until, account }, the newest last. Other tabs see it after a reload. */
const deletions = kept('gallery.deleted', []);

/** The deletions of all users of this browser whose time is not over. */
const lasting = () => deletions.value.filter(({ until }) => new Date(until) > new Date());

/** Those of this user. */
export function restorable() {
  return lasting().filter(({ account }) => account === session.value.me?.account);
}

/** What is being done with how many pictures, as { key, done, of }; null: nothing. */
export const work = signal(null);

/** Says what went wrong. `act` may offer the same without the pictures that are to blame. */
export function complain(problem, action = null, onAction = null) {
  const { title, next } = explain(problem);
  notify({ text: [title, next].filter(Boolean).join(' '), kind: 'bad', action, onAction, seconds: 15 });
}

/** The ids that a problem does not name by their place, such as `$.ids[2]`. */
export function unnamed(problem, ids) {
  const named = new Set(Object.keys(problem.errors ?? {}).map((path) => Number(/\[(\d+)\]/.exec(path)?.[1] ?? -1)));
  return ids.filter((_, at) => !named.has(at));
}

/** Runs an act for each part of the ids that fits into a request. A part that fails offers itself again without what is to blame. */
async function inParts(ids, act, again) {
  for (let at = 0; at < ids.length; at += mostAtOnce) {
    const part = ids.slice(at, at + mostAtOnce);
    try {
      await act(part);
    } catch (problem) {
      const others = [...unnamed(problem, part), ...ids.slice(at + mostAtOnce)];
      const isSome = others.length > 0 && others.length < ids.length - at;
      complain(problem, isSome ? t('gallery.without', { n: others.length }) : null, () => void again(others));
      return;
    }
  }
}

/** Deletes pictures. They can be brought back for as long as the service keeps them. */
export async function deletePictures(ids) {
  const next = ids.includes(opened.value) ? neighbour(opened.value, 1) ?? neighbour(opened.value, -1) : null;
  await inParts(ids, async (part) => {
    const { restorable_until: until } = await api.post('images/delete', { ids: part });
    afterDelete(part, next);
    if (until) deletions.value = [...lasting().slice(-19), { ids: part, until, account: session.value.me?.account }];
    notify({
      text: t('gallery.deleted', { n: part.length }),
      action: until ? t('gallery.undo') : null,
      onAction: () => void restorePictures(part),
    });
  }, deletePictures);
}

function afterDelete(ids, next) {
  const shown = list.value;
  const isFocused = ids.includes(focused.value), isInGrid = document.activeElement?.closest('.gallery-grid');
  const at = isFocused ? shown.indexOf(focused.value) : -1;
  if (ids.includes(opened.value)) {
    if (next && !ids.includes(next)) openDetails(next);
    else closeDetails();
  }
  shown.remove(ids);
  chosen.value = new Set([...chosen.value].filter((id) => !ids.includes(id)));
  if (!isFocused) return;
  focused.value = shown.idAt(Math.max(0, Math.min(at, shown.count - 1))) ?? null;
  if (isInGrid) focusSoon.value = focused.value;
}

export async function restorePictures(ids) {
  await inParts(ids, async (part) => {
    await api.post('images/restore', { ids: part });
    forget(part);
    // After a reload the list does not know where they were.
    if (part.every((id) => list.value.has(id))) list.value.restore(part);
    else readAgain();
    notify({ text: t('gallery.restored', { n: part.length }), kind: 'good' });
  }, restorePictures);
}

/** Reads the list again and shows the same part of it. */
function readAgain() {
  const { id } = place;
  begin(id);
  place.pending = true;
}

/** Brings back everything that was deleted here and is not gone for good. */
export async function restoreAll() {
  for (const { ids } of restorable().reverse()) await restorePictures(ids);
}

/** Pictures that came back, here or elsewhere, need no undo. */
export function forget(ids) {
  if (!lasting().some((each) => each.ids.some((id) => ids.includes(id)))) return;
  deletions.value = lasting().map((each) => ({ ...each, ids: each.ids.filter((id) => !ids.includes(id)) }))
    .filter((each) => each.ids.length > 0);
}

/** Acts on each of some things, a few at once, and shows how far it is. Returns the problems. */
async function each(things, key, act) {
  const waiting = [...things], problems = [];
  work.value = { key, done: 0, of: things.length };
  const one = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        await act(next);
      } catch (problem) {
        problems.push(problem);
        // More of the same would fail too.
        if (problem.status === 0 || problem.status === 429 || problem.status >= 500) waiting.length = 0;
      }
      work.value = { ...work.value, done: work.value.done + 1 };
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, one));
  work.value = null;
  return problems;
}

/** Pins or unpins the generations of pictures. */
export async function pinPictures(ids, isPinned) {
  const runs = new Set(await Promise.all(ids.map(runOf)));
  const problems = await each(runs, isPinned ? 'pinning' : 'unpinning', async (run) => {
    await (isPinned ? api.post(`generations/${run}/pin`) : api.delete(`generations/${run}/pin`));
    list.value.patch((row) => row.generation_id === run, () => ({ pinned: isPinned }));
    pinned.value = { run, isPinned };
  });
  if (problems.length > 0) complain(problems[0]);
  else notify({ text: t(isPinned ? 'gallery.pinned' : 'gallery.unpinned', { n: ids.length }), kind: 'good' });
}

/** The last generation that was pinned or unpinned here, for the details. */
export const pinned = signal(null);

async function runOf(id) {
  return list.value.row(id)?.generation_id ?? (await api.get(`images/${id}/info`)).generation.id;
}

/** Gives pictures a tag, or takes it away. */
export async function tagPictures(ids, tag, isSet) {
  const path = (id) => `images/${id}/tags/${encodeURIComponent(tag)}`;
  const done = new Set();
  const problems = await each(ids, isSet ? 'tagging' : 'untagging', async (id) => {
    await (isSet ? api.put(path(id)) : api.delete(path(id)));
    done.add(id);
  });
  await loadTags().catch(() => {});
  const name = tag.trim().toLowerCase();
  list.value.patch((row) => done.has(row.id), (row) => ({ tags: changed(row.tags, name, isSet) }));
  if (problems.length > 0) {
    complain(problems[0]);
    return false;
  }
  return true;
}

function changed(tags, tag, isSet) {
  const others = tags.filter((each) => each !== tag);
  return isSet ? [...others, tag].sort() : others;
}

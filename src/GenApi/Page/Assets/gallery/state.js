// What the parts of the gallery share: the list that is shown, the chosen pictures, and the tile with the focus.
import { batch, computed, effect, signal, untracked } from '../kernel/dom.js';
import { address, setQuery } from '../kernel/address.js';
import { PictureList } from './list.js';
import { filtersOf, parametersOf } from './filters.js';

/** The list that the grid shows; null until the view is first shown. */
export const list = signal(null);

/** The ids of the chosen pictures. */
export const chosen = signal(new Set());

/** The id of the tile that the arrow keys start from. */
export const focused = signal(null);

/** The id of a tile that gets the focus as soon as it is there. */
export const focusSoon = signal(null);

/** The id of the picture whose details are shown; null: none. */
export const opened = computed(() => (address.value.view === 'gallery' ? address.value.query.get('image') : null));

/** The ids of the pictures that are compared; empty: none. */
export const compared = computed(() =>
  (address.value.view === 'gallery' ? address.value.query.get('compare') ?? '' : '').split(',').filter(Boolean).slice(0, 4));

/** Pictures that came and are not in the list yet. `more`: there may be others. */
export const arrived = signal({ ids: new Set(), more: false });

/** The filters of the address as one text. */
export const filterKey = computed(() =>
  (address.value.view === 'gallery' ? JSON.stringify(parametersOf(filtersOf(address.value.query))) : null));

let anchor = null;

/** Begins a list with the filters of the address: at a picture, or at the newest ones. */
export function begin(id = null) {
  untracked(() => {
    list.value?.end();
    arrived.value = { ids: new Set(), more: false };
    anchor = null;
    const next = new PictureList(JSON.parse(filterKey.value ?? '{}'));
    next.key = filterKey.value;
    list.value = next;
    void next.start(id);
  });
}

export function forgetPictures() {
  list.value?.end();
  batch(() => {
    list.value = null;
    focused.value = null;
    arrived.value = { ids: new Set(), more: false };
    chooseNone();
  });
}

/** Where a range of chosen pictures begins. */
export function chooseOne(id, isChosen = !chosen.value.has(id)) {
  const next = new Set(chosen.value);
  if (isChosen) next.add(id);
  else next.delete(id);
  chosen.value = next;
  anchor = id;
}

/** Chooses everything between the last chosen picture and this one. */
export function chooseTo(id) {
  const shown = list.value;
  const from = anchor === null ? shown.indexOf(id) : shown.indexOf(anchor), to = shown.indexOf(id);
  if (from < 0 || to < 0) {
    chooseOne(id, true);
    return;
  }
  const range = shown.ids(Math.min(from, to), Math.max(from, to)).filter((each) => !shown.gone.has(each));
  chosen.value = new Set([...chosen.value, ...range]);
}

export function chooseAll() {
  chosen.value = new Set(list.value.ids().filter((id) => !list.value.gone.has(id)));
}

export function chooseNone() {
  chosen.value = new Set();
  anchor = null;
}

/** Whether the details were opened by a step of the browser's history that closing can take back. */
let isStep = false;
window.addEventListener('popstate', () => {
  isStep = false;
});
effect(() => {
  if (opened.value === null) isStep = false;
});

/**
 * Where the user is, as { key, id, offset, index }: the picture that stays in its place when the layout changes. `pending`: the user was
 * away, and the picture is to be put there again.
 */
export const place = { key: null, id: null, offset: 0, index: 0, pending: false };

/** Shows the details of a picture. The browser's back button closes them. */
export function openDetails(id) {
  const isOpen = opened.value !== null;
  focused.value = id;
  setQuery({ image: id }, { replace: isOpen });
  isStep ||= !isOpen;
}

export function closeDetails() {
  focusSoon.value = opened.value;
  if (isStep) history.back();
  else setQuery({ image: null });
}

/** Compares the given pictures; with none, the list is shown again. */
export function compare(ids) {
  setQuery({ compare: ids.join(','), ...(ids.length > 0 ? { image: null } : {}) }, { replace: ids.length === 0 });
}

/** The picture some places after this one; undefined: there is none. */
export function neighbour(id, step) {
  const shown = list.value;
  for (let at = shown.indexOf(id) + step; at >= 0 && at < shown.count; at += step) {
    const next = shown.idAt(at);
    if (!shown.gone.has(next)) return next;
  }
  return undefined;
}

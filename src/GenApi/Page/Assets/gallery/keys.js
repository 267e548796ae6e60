// The keyboard in the grid.
import { deletePictures, pinPictures } from './actions.js';
import {
  chooseAll, chooseNone, chooseOne, chooseTo, chosen, closeDetails, focusSoon, focused, list, openDetails, opened,
} from './state.js';
import { can } from '../kernel/session.js';

/** The pictures that a key acts on: the chosen ones if the focus is on one of them, otherwise the one with the focus. */
const meant = (id) => (chosen.value.has(id) ? [...chosen.value] : [id]);

/** How many places each key moves. */
function stepOf(key, columns, pageRows) {
  switch (key) {
    case 'ArrowLeft': return -1;
    case 'ArrowRight': return 1;
    case 'ArrowUp': return -columns;
    case 'ArrowDown': return columns;
    case 'PageUp': return -columns * pageRows;
    case 'PageDown': return columns * pageRows;
    default: return 0;
  }
}

/** Keys that nothing on the page took, because nothing has the focus. */
export function onLooseKey(event) {
  if (event.defaultPrevented || event.target !== document.body || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === 'Escape') {
    if (opened.value) closeDetails();
    else chooseNone();
  } else if (event.key.startsWith('Arrow') && !opened.value) {
    focusSoon.value = focused.value ?? list.value?.idAt(0) ?? null;
  } else {
    return;
  }
  event.preventDefault();
}

/** Returns the handler of the grid. `show` scrolls to a picture. */
export function keysOf({ columns, pageRows, show }) {
  return (event) => {
    const id = event.target.closest('[role="gridcell"]')?.dataset.id;
    if (!id || event.altKey) return;
    if (act(event, id) || move(event, id)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  function move(event, id) {
    const shown = list.value, at = shown.indexOf(id), last = shown.count - 1;
    const lead = (columns - (shown.prepended % columns)) % columns;
    const isFar = event.ctrlKey || event.metaKey;
    let to = at + stepOf(event.key, columns, pageRows);
    if (event.key === 'Home') to = isFar ? 0 : at - ((at + lead) % columns);
    else if (event.key === 'End') to = isFar ? last : at - ((at + lead) % columns) + columns - 1;
    else if (to === at) return false;
    // From the row before the last one, the last picture is below, even if the last row is short.
    const isLastRow = Math.floor((at + lead) / columns) === Math.floor((last + lead) / columns);
    if (to > last) to = event.key === 'ArrowDown' && isLastRow ? at : last;
    if (to < 0) to = event.key === 'ArrowUp' ? at : 0;
    const next = shown.idAt(to);
    if (event.shiftKey) {
      if (!chosen.value.has(id)) chooseOne(id, true);
      chooseTo(next);
    }
    show(next, { focus: true });
    if (opened.value && !event.shiftKey) openDetails(next);
    return true;
  }
}

function act(event, id) {
  const isGone = list.value.gone.has(id);
  switch (event.key) {
    case 'Enter':
      if (!isGone) openDetails(id);
      return true;
    case ' ':
      if (event.shiftKey) chooseTo(id);
      else if (!isGone) chooseOne(id);
      return true;
    case 'Delete':
    case 'Backspace':
      if (can('generate') && !isGone) void deletePictures(meant(id));
      return true;
    case 'p':
    case 'P':
      if (event.ctrlKey || event.metaKey) return false;
      if (can('generate') && !isGone) void pinPictures(meant(id), !list.value.row(id)?.pinned);
      return true;
    case 'a':
    case 'A':
      if (!event.ctrlKey && !event.metaKey) return false;
      chooseAll();
      return true;
    case 'Escape':
      if (opened.value) closeDetails();
      else if (chosen.value.size > 0) chooseNone();
      else return false;
      focused.value = id;
      return true;
    default:
      return false;
  }
}

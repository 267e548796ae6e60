// The grid: as many tiles as the screen needs, whatever is scrolled.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { keysOf } from './keys.js';
import { layoutOf, rowsNear } from './layout.js';
import { chooseOne, chooseTo, chosen, focusSoon, focused, list, openDetails, opened, place } from './state.js';
import { Tile } from './tile.js';

const layoutNow = { columns: 1, lead: 0, rowHeight: 1, element: null };

export function Grid() {
  const shown = list.value;
  shown.version.value;
  const element = useRef();
  const [width, setWidth] = useState(0);
  const [view, setView] = useState({ top: 0, bottom: 0 });
  const layout = layoutOf(width, shown.count, shown.prepended);
  const { columns, lead, rowHeight } = layout;
  Object.assign(layoutNow, layout, { element: element.current });

  useLayoutEffect(() => {
    const measure = () => setWidth(element.current.clientWidth);
    const observer = new ResizeObserver(measure);
    observer.observe(element.current);
    measure();
    layoutNow.element = element.current;
    return () => {
      observer.disconnect();
      layoutNow.element = null;
      place.pending = true;
    };
  }, []);

  // What the user looks at stays where it is, whatever is put above it and however wide a row is.
  useLayoutEffect(() => {
    if (width > 0 && shown.count > 0) keep();
  }, [columns, rowHeight, shown.prepended, shown]);

  // Ended with the grid and not after the next paint, as plain effects are.
  useLayoutEffect(() => {
    const look = () => {
      const { top } = element.current.getBoundingClientRect();
      const next = {
        top: Math.floor(-top / rowHeight) * rowHeight,
        bottom: Math.ceil((window.innerHeight - top) / rowHeight) * rowHeight,
      };
      setView((last) => (last.top === next.top && last.bottom === next.bottom ? last : next));
      note();
    };
    look();
    window.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      window.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, [rowHeight, lead, shown]);

  const { first, last, seen } = rowsNear(layout, view.top, view.bottom);
  useEffect(() => {
    if (width > 0) shown.look(Math.max(0, seen[0] * columns - lead), seen[1] * columns + columns - 1 - lead);
  });

  useEffect(() => {
    const id = focusSoon.value;
    if (id === null || opened.value !== null) return;
    focusSoon.value = null;
    showTile(id, { focus: true });
  });

  const rows = [];
  for (let row = first; row <= last && shown.count > 0; row++) rows.push(row);
  // The tile with the focus exists wherever it is, so that the focus is never lost.
  const focusedRow = focused.value === null ? -1 : rowOf(shown.indexOf(focused.value));
  if (focusedRow >= 0 && shown.indexOf(focused.value) >= 0 && !rows.includes(focusedRow)) rows.push(focusedRow);
  const tabStop = shown.indexOf(focused.value) >= 0 ? focused.value : shown.idAt(Math.max(0, seen[0] * columns - lead));
  return html`
    <div ref=${element} class="gallery-grid" ...${shown.count > 0 ? roleOf(shown, layout) : {}}
      style=${{ height: `${layout.height}px` }}
      onKeyDown=${keysOf({ columns, pageRows: Math.max(1, Math.floor(window.innerHeight / rowHeight) - 1), show: showTile })}
      onClick=${click} onFocusIn=${onFocus}>
      ${rows.sort((a, b) => a - b).map((row) => html`
        <${Row} key=${row} row=${row} layout=${layout} shown=${shown} tabStop=${tabStop} />`)}
    </div>`;
}

/** What screen readers hear of the grid; a grid without rows is none. */
const roleOf = (shown, { rows, columns }) => ({
  role: 'grid', 'aria-label': t('gallery.grid'), 'aria-multiselectable': 'true', 'aria-colcount': columns,
  'aria-rowcount': shown.hasOlder || shown.hasNewer ? -1 : rows,
});

function Row({ row, layout, shown, tabStop }) {
  const { columns, lead, rowHeight, size } = layout;
  const cells = [];
  for (let column = 0; column < columns; column++) {
    const index = row * columns + column - lead, id = shown.idAt(index);
    if (id === undefined) {
      if (index < 0) cells.push(html`<div key=${`lead-${column}`} class="gallery-lead"></div>`);
      continue;
    }
    cells.push(html`
      <${Tile} key=${id} id=${id} row=${shown.row(id)} index=${index} column=${column} isGone=${shown.gone.has(id)}
        isChosen=${chosen.value.has(id)} isFocused=${id === tabStop} isOpened=${id === opened.value} />`);
  }
  const style = {
    transform: `translateY(${row * rowHeight}px)`, height: `${size}px`, gridTemplateColumns: `repeat(${columns}, ${size}px)`,
  };
  return html`<div role="row" class="gallery-row" aria-rowindex=${row + 1} style=${style}>${cells}</div>`;
}

function click(event) {
  const cell = event.target.closest('[role="gridcell"]');
  if (!cell) return;
  const { id } = cell.dataset, isGone = list.value.gone.has(id);
  cell.focus({ preventScroll: true });
  if (event.shiftKey) {
    window.getSelection()?.removeAllRanges();
    chooseTo(id);
  } else if (isGone) {
    return;
  } else if (event.ctrlKey || event.metaKey || event.target.closest('.gallery-check')) {
    chooseOne(id);
  } else {
    openDetails(id);
  }
}

function onFocus(event) {
  const id = event.target.closest('[role="gridcell"]')?.dataset.id;
  if (id && id !== focused.value) focused.value = id;
}

const rowOf = (index) => Math.floor((index + layoutNow.lead) / layoutNow.columns);

/** The lowest edge of what stays at the top of the window. */
const headBottom = () => document.querySelector('.gallery-head')?.getBoundingClientRect().bottom ?? 0;

/** Notes the picture that must not move: the one with the focus if it is on the screen, otherwise the first one there. */
function note() {
  const { element, rowHeight, columns, lead } = layoutNow, shown = list.value;
  if (!element || place.pending || shown.count === 0 || shown.key !== place.key && place.key !== null) return;
  const top = element.getBoundingClientRect().top, head = headBottom();
  const at = shown.indexOf(focused.value);
  const focusedTop = top + rowOf(at) * rowHeight;
  const isSeen = at >= 0 && focusedTop + rowHeight > head && focusedTop < window.innerHeight;
  const row = isSeen ? rowOf(at) : Math.max(0, Math.ceil((head - top) / rowHeight));
  const index = isSeen ? at : Math.max(0, row * columns - lead);
  Object.assign(place, { key: shown.key, id: shown.idAt(index) ?? null, offset: top + row * rowHeight, index, top: window.scrollY });
}

/** After the user was away: scrolls so that the noted picture is where it was. Returns whether there is one. */
export function returnToPlace() {
  const isKnown = place.pending && place.key === list.value.key && list.value.indexOf(place.id) >= 0;
  place.pending = false;
  if (isKnown) keep(true);
  return isKnown;
}

/** Scrolls so that the noted picture is where it was. */
function keep(isForced = false) {
  const { element, rowHeight } = layoutNow, index = list.value.indexOf(place.id);
  if (!element || index < 0 || place.key !== list.value.key || (place.top === 0 && list.value.prepended === 0 && !isForced)) return;
  const now = element.getBoundingClientRect().top + rowOf(index) * rowHeight;
  if (Math.abs(now - place.offset) > 1) window.scrollBy({ top: now - place.offset, behavior: 'instant' });
}

/** Scrolls as little as needed to show a picture, and gives it the focus if asked. */
export function showTile(id, { focus = false, middle = false } = {}) {
  const { element, rowHeight } = layoutNow, index = list.value.indexOf(id);
  if (!element || index < 0) return;
  const top = element.getBoundingClientRect().top + rowOf(index) * rowHeight, head = headBottom() + 6;
  const low = window.innerHeight - rowHeight - 6;
  const by = middle ? top - (head + low) / 2 : top < head ? top - head : top > low ? top - low : 0;
  if (by !== 0) window.scrollBy({ top: by, behavior: 'instant' });
  focused.value = id;
  if (focus) requestAnimationFrame(() => document.getElementById(`tile-${id}`)?.focus({ preventScroll: true }));
}

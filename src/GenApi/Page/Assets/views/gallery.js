// Everything that the user may see, newest first.
import { html, useEffect, useLayoutEffect, useState } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { Empty } from '../parts/small.js';
import { ProblemBox } from '../parts/problem-box.js';
import { Arrivals, followChanges } from '../gallery/arrivals.js';
import { Compare } from '../gallery/compare.js';
import { Details } from '../gallery/details.js';
import { Filters, clearFilters } from '../gallery/filters.js';
import { Grid, returnToPlace, showTile } from '../gallery/grid.js';
import { onLooseKey } from '../gallery/keys.js';
import { SelectionBar, Working } from '../gallery/selection.js';
import { begin, chooseNone, compared, filterKey, list, opened, place } from '../gallery/state.js';

const placeName = 'genapi.gallery.place';

/** A list begins in the middle only if the place is further down than its first page. */
const firstPage = 48;

let isFollowing = false;

/** Where the user was before the page was loaded again. */
function lastPlace() {
  try {
    return JSON.parse(sessionStorage.getItem(placeName)) ?? {};
  } catch {
    return {};
  }
}

function keepPlace() {
  try {
    sessionStorage.setItem(placeName, JSON.stringify(place));
  } catch {
    // Private windows: the list then begins at the newest pictures.
  }
}

/** Begins the list of the address, or shows the one that was left. */
function enter() {
  const key = filterKey.value;
  if (list.value?.key === key) {
    if (opened.value && list.value.indexOf(opened.value) < 0) begin(opened.value);
    return;
  }
  if (list.value) chooseNone();
  const last = list.value === null ? lastPlace() : {};
  const isLast = last.key === key && last.index >= firstPage;
  begin(opened.value ?? (isLast ? last.id : null));
  Object.assign(place, last.key === key ? last : { key: null, id: null }, { pending: true });
}

export default function View() {
  const key = filterKey.value;
  useLayoutEffect(() => {
    if (!isFollowing) followChanges();
    isFollowing = true;
    if (key !== null) enter();
  }, [key]);
  useEffect(() => {
    // Places are kept by picture; the browser would keep them by pixel.
    history.scrollRestoration = 'manual';
    window.addEventListener('pagehide', keepPlace);
    window.addEventListener('keydown', onLooseKey);
    return () => {
      window.removeEventListener('keydown', onLooseKey);
      history.scrollRestoration = 'auto';
      window.removeEventListener('pagehide', keepPlace);
    };
  }, []);
  const ids = compared.value, isCompared = ids.length >= 2;
  return html`
    <div class="gallery">
      <h1 class="hidden-text">${t('common.view-gallery')}</h1>
      ${isCompared ? html`<${Compare} ids=${ids} />` : list.value && html`<${Pictures} />`}
    </div>`;
}

/** Whether details take the place of the list, as in the style sheet. */
function useNarrow() {
  const [query] = useState(() => window.matchMedia('(max-width: 900px)'));
  const [isNarrow, setNarrow] = useState(query.matches);
  useEffect(() => {
    const change = () => setNarrow(query.matches);
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, []);
  return isNarrow;
}

function Pictures() {
  const shown = list.value, state = shown.state.value, problem = shown.problem.value, id = opened.value;
  shown.version.value;
  const isReady = state === 'ready', isNarrow = useNarrow();
  // Back in the view, or with a picture in the address: it is shown where it is.
  useEffect(() => {
    if (!isReady) return;
    requestAnimationFrame(() => {
      const isBack = returnToPlace();
      if (id === null || shown.indexOf(id) < 0) return;
      showTile(id, { middle: !isBack });
    });
  }, [shown, isReady]);
  const isFiltered = Object.keys(shown.filter).length > 0;
  const isEmpty = isReady && shown.count === 0 && !shown.hasOlder && !problem;
  return html`
    <div class=${id ? 'gallery-body gallery-body-open' : 'gallery-body'}>
      <div class="gallery-list" inert=${id !== null && isNarrow}>
        <div class="gallery-head">
          <${Filters} />
          ${!isNarrow && html`<${SelectionBar} />`}
          <div class="gallery-floats"><${Arrivals} /><${Working} /></div>
        </div>
        <${Grid} />
        ${isEmpty && (isFiltered
          ? html`<${Empty} title=${t('gallery.none-found')} text=${t('gallery.none-found-text')}>
              <button type="button" class="outline" onClick=${clearFilters}>${t('gallery.filters-clear')}</button><//>`
          : html`<${Empty} title=${t('gallery.none')} text=${t('gallery.none-text')}>
              <a role="button" href=".">${t('common.view-create')}</a><//>`)}
        ${problem && html`<${ProblemBox} problem=${problem} onRetry=${() => shown.retry(place.index, place.index)} />`}
        ${!problem && (state === 'start' || shown.hasOlder) && html`<p class="gallery-wait" aria-busy="true">${t('common.loading')}</p>`}
        ${isReady && !shown.hasOlder && shown.count > 0 && html`<p class="gallery-end muted">${t('gallery.end')}</p>`}
      </div>
      ${id && html`<${Details} id=${id} />`}
      ${isNarrow && !id && html`<${SelectionBar} />`}
    </div>`;
}

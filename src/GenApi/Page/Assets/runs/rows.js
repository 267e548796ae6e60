// The list of runs: a table where there is room, otherwise cards. Parts that are far from the screen keep only their height.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { go } from '../kernel/address.js';
import { Icon } from '../parts/icon.js';
import { Picture } from '../parts/picture.js';
import { Status } from '../parts/small.js';
import { Ago, Cached, Cost, Elapsed, Fault, isShared, promptOf, shortModel, whoOf } from './facts.js';
import { isEnded } from './list.js';

const columns = ['status', 'prompt', 'model', 'who', 'started', 'time', 'cost', 'cached'];

/** How far from the screen rows still exist. */
const margin = '1200px 0px';

export function Rows({ list, isTable, chosen, pathOf }) {
  const parts = [[]];
  for (const id of list.ids.value) {
    if (list.breaks.has(parts.at(-1).at(-1))) parts.push([]);
    parts.at(-1).push(id);
  }
  useAnchor(isTable, chosen);
  if (parts[0].length === 0) return null;
  // A part keeps its key while rows come and go above its last one.
  const shown = parts.filter((part) => part.length > 0).map((part) => html`
    <${Part} key=${part.at(-1)} ids=${part} list=${list} isTable=${isTable} chosen=${chosen} pathOf=${pathOf} />`);
  if (!isTable) return html`<div class="runs-cards" onKeyDown=${moveFocus}>${shown}</div>`;
  return html`
    <table class="runs-table" onKeyDown=${moveFocus}>
      <thead><tr>${columns.map((each) => html`<th scope="col" class="runs-${each}">${t(`runs.column-${each}`)}</th>`)}</tr></thead>
      ${shown}
    </table>`;
}

/** Keeps the chosen row, or the first one in sight, where it is when a table becomes cards: their rows have other heights. */
function useAnchor(isTable, chosen) {
  const before = useRef(isTable);
  const anchor = useRef(null);
  if (before.current !== isTable) {
    // The old rows are still there.
    before.current = isTable;
    const rows = [...document.querySelectorAll('[data-run]')].filter((row) => isInSight(row));
    const row = rows.find((each) => each.dataset.run === chosen) ?? rows[0];
    anchor.current = row ? { id: row.dataset.run, top: row.getBoundingClientRect().top } : null;
  }
  useLayoutEffect(() => {
    const { current } = anchor;
    anchor.current = null;
    const row = current && document.querySelector(`[data-run="${current.id}"]`);
    if (row) window.scrollBy({ top: row.getBoundingClientRect().top - current.top, behavior: 'instant' });
  }, [isTable]);
}

function isInSight(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 60 && top < window.innerHeight - 20;
}

/** Some neighbouring rows. Far from the screen, one empty row of their height stands for them. */
function Part({ ids, list, isTable, chosen, pathOf }) {
  const element = useRef();
  const [height, setHeight] = useState(null);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => {
      const { current } = element;
      if (entry.isIntersecting || current.contains(document.activeElement)) setHeight(null);
      else if (entry.boundingClientRect.height > 0) setHeight(entry.boundingClientRect.height);
    }, { rootMargin: margin });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [isTable]);
  const Row = isTable ? TableRow : Card;
  const rows = height === null && ids.map((id) => html`
    <${Row} key=${id} signal=${list.of(id)} isChosen=${id === chosen} path=${pathOf(id)} />`);
  if (!isTable) return html`<ul ref=${element} style=${height === null ? {} : { height: `${height}px` }}>${rows}</ul>`;
  return html`
    <tbody ref=${element}>
      ${rows || html`<tr aria-hidden="true"><td colspan=${columns.length} class="runs-gap" style=${{ height: `${height}px` }}></td></tr>`}
    </tbody>`;
}

function TableRow({ signal, isChosen, path }) {
  if (!signal) return null;
  const run = signal.value;
  const open = (event) => {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    if (isPlain && !event.target.closest('a') && !String(window.getSelection())) go(path);
  };
  return html`
    <tr class="runs-row ${isChosen ? 'runs-chosen' : ''}" data-run=${run.id} onClick=${open}>
      <td class="runs-status"><${Status} generation=${run} /></td>
      <td class="runs-prompt">
        <div class="runs-prompt-line">
          <${Thumbnail} run=${run} />
          <div class="runs-prompt-text">
            <${RunLink} run=${run} path=${path} isChosen=${isChosen} />
            <${Fault} run=${run} />
          </div>
        </div>
      </td>
      <td class="runs-model" title=${run.model}>${shortModel(run)}</td>
      <td class="runs-who">${whoOf(run) || '–'}</td>
      <td class="runs-started"><${Ago} run=${run} /></td>
      <td class="runs-time"><${Elapsed} run=${run} /></td>
      <td class="runs-cost"><${Cost} run=${run} /></td>
      <td class="runs-cached"><${Cached} run=${run} /></td>
    </tr>`;
}

function Card({ signal, isChosen, path }) {
  if (!signal) return null;
  const run = signal.value;
  const who = whoOf(run);
  return html`
    <li class="runs-card ${isChosen ? 'runs-chosen' : ''}" data-run=${run.id}>
      <${Thumbnail} run=${run} />
      <div class="runs-card-text">
        <p class="runs-card-head"><${Status} generation=${run} /><${Ago} run=${run} /></p>
        <p class="runs-card-prompt"><${RunLink} run=${run} path=${path} isChosen=${isChosen} /></p>
        <p class="runs-card-facts">
          <span title=${run.model}>${shortModel(run)}</span>
          ${who && html`<span>${who}</span>`}
          <${Elapsed} run=${run} />
          ${run.cost && html`<${Cost} run=${run} />`}
          ${isShared(run) && html`<${Cached} run=${run} />`}
        </p>
        <${Fault} run=${run} />
      </div>
    </li>`;
}

function RunLink({ run, path, isChosen }) {
  return html`
    <a href=${path} class="runs-link" aria-current=${isChosen ? 'true' : null}>${promptOf(run) || t('runs.no-prompt')}</a>`;
}

/** The first picture. The prompt stands beside it, so it says nothing more. */
function Thumbnail({ run }) {
  const [image] = run.images;
  if (image) return html`<${Picture} key=${image.id} image=${image} width=${64} alt="" className="runs-thumbnail" />`;
  const icon = run.files.length > 0 ? 'download' : { failed: 'warn', canceled: 'cancel', succeeded: 'code' }[run.status];
  return html`
    <span class="runs-thumbnail ${isEnded(run) ? '' : 'runs-thumbnail-busy'}" aria-hidden="true">${icon && html`<${Icon} name=${icon} />`}</span>`;
}

/** Up and down move between the runs. */
function moveFocus(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const link = event.target.closest('.runs-link');
  if (!step || !link || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const links = [...event.currentTarget.querySelectorAll('.runs-link')];
  const next = links[links.indexOf(link) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

// A picture in the grid. It shows its blur at once, and asks for its bytes only if it stays near the screen for a moment.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../kernel/dom.js';
import { number, t } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { blurOf } from '../parts/blur.js';
import { imageUrl } from '../parts/picture.js';
import { faultOf } from './faults.js';
import { isRushing } from './motion.js';
import { queue } from './queue.js';

const small = { width: 256, format: 'webp' };

/** How long a tile must stay before its picture is fetched; longer beyond the screen, so that what is seen comes first. */
const stayMilliseconds = 140;
const beyondMilliseconds = 400;
const mostTries = 5;

/** Pictures that were shown lately; the browser has their bytes. */
const shownLately = new Set();

function remember(id) {
  shownLately.delete(id);
  shownLately.add(id);
  if (shownLately.size > 1500) shownLately.delete(shownLately.values().next().value);
}

/** The prompt, or what stands for it. */
export const nameOf = (row) => row.prompt || t('gallery.no-prompt');

export function Tile({ id, row, index, column, isGone, isChosen, isFocused, isOpened }) {
  const classes = ['gallery-tile', isChosen && 'gallery-chosen', isOpened && 'gallery-opened'].filter(Boolean).join(' ');
  return html`
    <div role="gridcell" class=${classes} id="tile-${id}" data-id=${id} tabindex=${isFocused ? 0 : -1} aria-colindex=${column + 1}
      aria-selected=${isChosen ? 'true' : 'false'}>
      ${isGone ? html`<p class="gallery-gone">${t('gallery.gone')}</p>`
        : row ? html`<${Content} key=${id} row=${row} isChosen=${isChosen} />`
          : html`<span class="hidden-text">${t('gallery.picture-loading', { at: index + 1 })}</span>`}
    </div>`;
}

function Content({ row, isChosen }) {
  const tags = row.tags.length + row.more_tags;
  return html`
    <${Thumbnail} row=${row} />
    <span class="gallery-check" aria-hidden="true" title=${t('gallery.choose')}>${isChosen && html`<${Icon} name="check" />`}</span>
    ${row.pinned && html`
      <span class="gallery-pin"><${Icon} name="pin" /><span class="hidden-text">${t('gallery.is-pinned')}</span></span>`}
    ${tags > 0 && html`
      <span class="gallery-tags">
        <${Icon} name="tag" />${number(tags)}<span class="hidden-text"> ${t('gallery.has-tags', { n: tags })}</span>
      </span>`}`;
}

function Thumbnail({ row }) {
  const [element, done] = [useRef(), useRef(() => {})];
  const [state, setState] = useState(shownLately.has(row.id) ? 'wanted' : 'waiting');
  const [fault, setFault] = useState(null);
  const [attempt, setAttempt] = useState(0);
  const blur = row.thumbhash ? blurOf(row.thumbhash) : null;
  // Before the paint: a later effect would run even for a tile that has left again by then, and nothing would end it.
  useLayoutEffect(() => {
    if (state !== 'waiting') return undefined;
    const fetchSoon = () => {
      done.current = queue(() => setState('wanted'));
    };
    let timer = null;
    const look = () => {
      if (isRushing()) timer = setTimeout(look, stayMilliseconds);
      else if (isOnScreen(element.current)) fetchSoon();
      else timer = setTimeout(fetchSoon, beyondMilliseconds);
    };
    timer = setTimeout(look, stayMilliseconds);
    return () => clearTimeout(timer);
  }, [state]);
  useEffect(() => {
    if (!fault?.retrySeconds || attempt >= mostTries) return undefined;
    const timer = setTimeout(() => {
      setFault(null);
      setAttempt(attempt + 1);
      setState('waiting');
    }, fault.retrySeconds * 1000);
    return () => clearTimeout(timer);
  }, [fault]);
  useLayoutEffect(() => () => {
    // Without a source the browser gives up what it has not loaded yet.
    const image = element.current?.querySelector('img');
    if (image && !image.complete) image.removeAttribute('src');
    done.current();
  }, []);
  const loaded = () => {
    done.current();
    remember(row.id);
    setState('shown');
  };
  const failed = async () => {
    done.current();
    setState('broken');
    const cause = await faultOf(`images/${row.id}`, small);
    if (element.current) setFault(cause);
  };
  const style = blur && state !== 'shown' ? { backgroundImage: `url(${blur})` } : {};
  return html`
    <span ref=${element} class="gallery-thumbnail gallery-${state}" style=${style}>
      ${state === 'waiting' || state === 'broken' ? html`<span class="hidden-text">${nameOf(row)}</span>` : html`
        <img key=${attempt} src=${imageUrl(row.id, small)} alt=${nameOf(row)} decoding="async" draggable=${false}
          width="256" height="256" onLoad=${loaded} onError=${failed} />`}
      ${fault && html`<span class="gallery-fault"><${Icon} name="warn" /><span>${fault.text}</span></span>`}
    </span>`;
}

function isOnScreen(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < window.innerHeight;
}

// Looking closely at pictures with PhotoSwipe, which is loaded when it is first used.
import { t } from '../kernel/words.js';
import { blurOf } from '../parts/blur.js';
import { imageUrl } from '../parts/picture.js';
import { focused, list, openDetails } from './state.js';
import { nameOf } from './tile.js';

/** Neighbours on each side that one can step to. */
const reach = 60;

/** Types that browsers show as they are; everything else is asked for as WebP. */
const shownAsIs = new Set(
  ['png', 'jpeg', 'webp', 'avif', 'gif', 'svg+xml', 'bmp', 'x-icon'].map((each) => `image/${each}`));

const unknownSize = 1024;

/** Shows a picture over the whole window, with its neighbours. */
export async function zoom(id) {
  const [{ default: PhotoSwipe }] = await Promise.all([import('../vendor/photoswipe.esm.min.js'), loadStyle()]);
  const shown = list.value, ids = neighbours(shown, id);
  const view = new PhotoSwipe({
    dataSource: ids.map((each) => slideOf(shown.row(each), each)),
    index: ids.indexOf(id),
    showHideAnimationType: isStill() ? 'none' : 'fade',
    bgOpacity: 0.95,
    loop: false,
    counter: false,
    returnFocus: false,
    closeTitle: t('common.close'),
    zoomTitle: t('gallery.zoom'),
    arrowPrevTitle: t('gallery.newer'),
    arrowNextTitle: t('gallery.older'),
    errorMsg: t('common.no-picture'),
  });
  view.on('change', () => {
    const at = ids[view.currIndex];
    if (at === undefined) return;
    openDetails(at);
    focused.value = at;
  });
  // The button that opened it may be gone: stepping shows another picture's details.
  view.on('destroy', () => document.querySelector('.gallery-large')?.focus());
  view.init();
  view.element.setAttribute('aria-label', t('gallery.zoom'));
}

const isStill = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

/** The pictures around one that are loaded, and the picture itself even if it is not in the list. */
function neighbours(shown, id) {
  const at = shown.indexOf(id);
  if (at < 0) return [id];
  const ids = shown.ids(Math.max(0, at - reach), at + reach);
  return ids.filter((each) => each === id || (shown.row(each) && !shown.gone.has(each)));
}

function slideOf(row, id) {
  const isKnown = row && shownAsIs.has(row.content_type);
  return {
    src: imageUrl(id, isKnown || !row ? {} : { format: 'webp' }),
    msrc: row?.thumbhash ? blurOf(row.thumbhash) : undefined,
    width: row?.width ?? unknownSize,
    height: row?.height ?? unknownSize,
    alt: row ? nameOf(row) : '',
  };
}

function loadStyle() {
  const id = 'style-photoswipe';
  if (document.getElementById(id)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const href = new URL('../vendor/photoswipe.css', import.meta.url).href;
    document.head.append(Object.assign(document.createElement('link'), { id, rel: 'stylesheet', href, onload: resolve, onerror: reject }));
  });
}

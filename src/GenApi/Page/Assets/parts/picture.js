// A stored picture, small, over its blur.
import { html, useMemo, useRef, useState } from '../kernel/dom.js';
import { url } from '../kernel/address.js';
import { t } from '../kernel/words.js';
import { blurOf } from './blur.js';

/** The address of a picture's bytes. Options are those of GET /images/{id}: width, height, fit, format, quality, … */
export function imageUrl(id, options = {}) {
  const target = new URL(url(`images/${id}`));
  for (const [name, value] of Object.entries(options)) {
    if (value !== null && value !== undefined) target.searchParams.set(name, value);
  }
  return target.href;
}

/**
 * Shows an image of a list or of a generation. `width` is the width in CSS pixels at which it is shown; the bytes are a WebP of the next
 * step above it. `alt` is the prompt unless given.
 */
export function Picture({ image, width = 256, alt, eager = false, className = '' }) {
  const [state, setState] = useState('loading');
  const element = useRef();
  const blur = useMemo(() => (image.thumbhash ? blurOf(image.thumbhash) : null), [image.thumbhash]);
  const source = imageUrl(image.id, { width: stepAbove(width), format: 'webp' });
  return html`
    <span class="picture picture-${state} ${className}" style=${blur && state !== 'shown' ? { backgroundImage: `url(${blur})` } : {}}>
      ${state === 'broken'
        ? html`<span class="picture-none" role="img" aria-label=${alt ?? image.prompt ?? ''}>${t('common.no-picture')}</span>`
        : html`<img ref=${element} src=${source} alt=${alt ?? image.prompt ?? ''} loading=${eager ? 'eager' : 'lazy'} decoding="async"
            width=${image.width ?? width} height=${image.height ?? width} draggable="true"
            onLoad=${() => setState('shown')} onError=${() => setState('broken')} />`}
    </span>`;
}

/** The widths that GET /images/{id} makes, unless the operator set others. */
const steps = [64, 128, 256, 512, 1024, 2048];

function stepAbove(width) {
  const wanted = width * Math.min(window.devicePixelRatio || 1, 2);
  return steps.find((each) => each >= wanted) ?? steps.at(-1);
}

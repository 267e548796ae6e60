// The picture in its details: large, over its blur, and a way to look closer.
import { html, useEffect, useState } from '../kernel/dom.js';
import { can } from '../kernel/session.js';
import { t } from '../kernel/words.js';
import { blurOf } from '../parts/blur.js';
import { Icon } from '../parts/icon.js';
import { imageUrl } from '../parts/picture.js';
import { faultOf } from './faults.js';

const large = { width: 1024, format: 'webp' };
const mostTries = 5;

export function LargePicture({ id, row, facts, prompt }) {
  const [isShown, setShown] = useState(false);
  const [fault, setFault] = useState(null);
  const [attempt, setAttempt] = useState(0);
  const { width, height } = facts?.image ?? row ?? {};
  const blur = row?.thumbhash ? blurOf(row.thumbhash) : null;
  useEffect(() => {
    if (!fault?.retrySeconds || attempt >= mostTries) return undefined;
    const timer = setTimeout(() => {
      setFault(null);
      setAttempt(attempt + 1);
    }, fault.retrySeconds * 1000);
    return () => clearTimeout(timer);
  }, [fault]);
  const look = async () => {
    const { zoom } = await import('./zoom.js');
    await zoom(id);
  };
  if (fault && !fault.retrySeconds) return html`<${Missing} id=${id} fault=${fault} generation=${facts?.generation} />`;
  const aspectRatio = width && height ? `${width} / ${height}` : '1';
  const style = { aspectRatio, backgroundImage: blur && !isShown ? `url(${blur})` : 'none' };
  return html`
    <button type="button" class="gallery-large" style=${style} onClick=${look}>
      <img key=${attempt} src=${imageUrl(id, large)} alt=${prompt ?? row?.prompt ?? t('gallery.no-prompt')} decoding="async"
        onLoad=${() => setShown(true)} onError=${async () => setFault(await faultOf(`images/${id}`, large))} />
      <span class="gallery-zoom"><${Icon} name="zoom" /><span class="hidden-text">${t('gallery.zoom')}</span></span>
    </button>`;
}

/** What stands in the place of a picture whose bytes can't be shown, and what to do. */
function Missing({ id, fault, generation }) {
  return html`
    <div class="gallery-missing" role="alert">
      <p class="gallery-missing-title"><${Icon} name="warn" /> ${fault.text}</p>
      <p>${fault.next}</p>
      ${fault.code === 'blob_missing' && generation && can('generate') && html`
        <a role="button" class="small" href="?from=${generation.id}">${t('gallery.make-again')}</a>`}
      ${fault.code === 'image_not_convertible' && html`
        <a role="button" class="small" download href=${imageUrl(id, { download: '' })}>${t('gallery.download-original')}</a>`}
    </div>`;
}

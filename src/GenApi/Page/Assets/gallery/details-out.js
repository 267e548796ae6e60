// How a picture leaves the page: as a file, or as a link.
import { html, useState } from '../kernel/dom.js';
import { url } from '../kernel/address.js';
import { kept } from '../kernel/keep.js';
import { t, when } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { ProblemBox } from '../parts/problem-box.js';
import { CopyButton } from '../parts/small.js';
import { canEmbed, downloadPicture, formats } from './downloads.js';

/** The last choice; people download many in the same format. */
const choice = kept('gallery.download', { format: 'original', embedded: false });

export function Downloads({ id, image, credentials }) {
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const format = formats.includes(choice.value.format) ? choice.value.format : 'original';
  const isPossible = canEmbed(format, image.content_type), embedded = isPossible && choice.value.embedded;
  const download = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await downloadPicture(id, { format, embedded });
    } catch (caught) {
      setProblem(caught);
    } finally {
      setBusy(false);
    }
  };
  return html`
    <section>
      <h2>${t('gallery.download')}</h2>
      <div class="gallery-download">
        <select aria-label=${t('gallery.format')} value=${format}
          onChange=${(event) => { choice.value = { ...choice.value, format: event.currentTarget.value }; }}>
          ${formats.map((each) => html`
            <option key=${each} value=${each}>${each === 'original' ? t('gallery.original') : each.toUpperCase()}</option>`)}
        </select>
        <button type="button" disabled=${isBusy} aria-busy=${isBusy ? 'true' : null} onClick=${download}>
          <${Icon} name="download" />${t('gallery.download')}
        </button>
      </div>
      <label class="gallery-embed">
        <input type="checkbox" checked=${embedded} disabled=${!isPossible}
          onChange=${(event) => { choice.value = { ...choice.value, embedded: event.currentTarget.checked }; }} />
        ${t('gallery.embed')}
      </label>
      <small>${t(isPossible ? 'gallery.embed-help' : 'gallery.embed-not')}</small>
      ${credentials && (embedded || format !== 'original') && html`<small>${t('gallery.credentials-lost')}</small>`}
      <${ProblemBox} problem=${problem} />
    </section>`;
}

export function Links({ id, image }) {
  const expires = Number(new URL(image.url).searchParams.get('expires'));
  return html`
    <section>
      <h2>${t('gallery.links')}</h2>
      <div class="gallery-copy">
        <${CopyButton} text=${url(`app/gallery?image=${id}`)} label=${t('gallery.link-page')} className="outline small" />
        <${CopyButton} text=${image.url} label=${t('gallery.link-picture')} className="outline small" />
      </div>
      <small>${t('gallery.link-page-help')} ${expires > 0 && t('gallery.link-picture-help', { time: when(expires * 1000) })}</small>
    </section>`;
}

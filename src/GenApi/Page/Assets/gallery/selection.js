// What can be done with the chosen pictures.
import { html, useState } from '../kernel/dom.js';
import { can } from '../kernel/session.js';
import { t } from '../kernel/words.js';
import { Dialog } from '../parts/dialog.js';
import { Icon } from '../parts/icon.js';
import { notify } from '../parts/notices.js';
import { deletePictures, pinPictures, restorable, restoreAll, tagPictures, work } from './actions.js';
import { downloadZip } from './downloads.js';
import { ownTags } from './filters.js';
import { chooseAll, chooseNone, chosen, compare, list } from './state.js';

const mostCompared = 4;

/** The bar above the grid: how many are chosen, and what to do with them; what was deleted, otherwise. */
export function SelectionBar() {
  const ids = [...chosen.value], n = ids.length;
  const [isTagging, setTagging] = useState(false);
  const may = can('generate'), isBusy = work.value !== null;
  list.value?.version.value;
  if (n === 0) return html`<div class="gallery-bar">${list.value?.count > 0 && html`<${Quiet} />`}</div>`;
  const isPinned = ids.every((id) => list.value.row(id)?.pinned);
  return html`
    <div class="gallery-bar gallery-bar-open" role="toolbar" aria-label=${t('gallery.chosen-actions')}>
      <span class="gallery-count" role="status">${t('gallery.chosen', { n })}</span>
      <${Act} icon="download" text="zip" isOff=${isBusy} onClick=${() => downloadZip(ids)} />
      ${n >= 2 && n <= mostCompared && html`<${Act} icon="compare" text="compare" onClick=${() => compare(ids)} />`}
      ${may && html`
        <${Act} icon="tag" text="tag" isOff=${isBusy} onClick=${() => setTagging(true)} />
        <${Act} icon="pin" text=${isPinned ? 'unpin' : 'pin'} isOff=${isBusy} onClick=${() => pinPictures(ids, !isPinned)} />
        <${Act} icon="delete" text="delete" isOff=${isBusy} onClick=${() => deletePictures(ids)} />`}
      <${Act} icon="check" text="choose-all" onClick=${chooseAll} />
      <${Act} icon="close" text="choose-none" onClick=${chooseNone} />
      ${may && html`<${TagDialog} open=${isTagging} ids=${ids} onClose=${() => setTagging(false)} />`}
    </div>`;
}

function Act({ icon, text, isOff = false, onClick }) {
  return html`
    <button type="button" class="outline small" title=${t(`gallery.${text}`)} disabled=${isOff} onClick=${onClick}>
      <${Icon} name=${icon} /><span>${t(`gallery.${text}`)}</span>
    </button>`;
}

function Quiet() {
  const n = restorable().reduce((sum, { ids }) => sum + ids.length, 0);
  return html`
    <span class="muted gallery-hint">${t('gallery.hint')}</span>
    ${n > 0 && can('generate') && html`<${Act} icon="history" text="restore-all" onClick=${restoreAll} />`}`;
}

/** How far an act on many pictures is. */
export function Working() {
  if (work.value === null) return null;
  const { key, done, of } = work.value, text = t(`gallery.working-${key}`, { done, of });
  return html`<span class="gallery-working"><progress value=${done} max=${of} aria-label=${text}></progress> ${text}</span>`;
}

/** Gives the chosen pictures a tag, or takes it away. */
function TagDialog({ open, ids, onClose }) {
  const [tag, setTag] = useState('');
  const act = (isSet) => async (event) => {
    event.preventDefault();
    if (!tag.trim()) return;
    onClose();
    if (await tagPictures(ids, tag.trim(), isSet)) {
      notify({ text: t(isSet ? 'gallery.tagged' : 'gallery.untagged', { n: ids.length, tag: tag.trim() }), kind: 'good' });
      setTag('');
    }
  };
  return html`
    <${Dialog} open=${open} onClose=${onClose} title=${t('gallery.tag-title', { n: ids.length })}>
      <form onSubmit=${act(true)}>
        <label>
          ${t('gallery.tag-label')}
          <input list="gallery-own-tags" maxlength="64" value=${tag} autocomplete="off"
            onInput=${(event) => setTag(event.currentTarget.value)} />
        </label>
        <datalist id="gallery-own-tags">${ownTags.value.map((each) => html`<option key=${each} value=${each} />`)}</datalist>
        <div class="gallery-tag-buttons">
          <button type="submit" disabled=${!tag.trim()}>${t('gallery.tag-add')}</button>
          <button type="button" class="outline" disabled=${!tag.trim()} onClick=${act(false)}>${t('gallery.tag-remove')}</button>
        </div>
      </form>
    <//>`;
}

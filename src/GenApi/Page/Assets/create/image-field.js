// A picture to start from, or several: dropped, pasted, chosen, or named by its id or address.
import { html, useId, useRef, useState } from '../kernel/dom.js';
import { explain } from '../kernel/problems.js';
import { number, t } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { imageUrl } from '../parts/picture.js';
import { placeInput } from './actions.js';
import { draggedFiles, draggedImage, isDragging } from './dropping.js';
import { MaskButton } from './mask-button.js';
import { files } from './state.js';
import { addFile, dropFile, retryFile } from './uploads.js';

const example = 'https://… · img_…';
const reference = /^(https?:\/\/\S+|(img|upl)_[0-9a-z]{26})$/;

export function ImageField({ field, label, help, value, error }) {
  const id = useId();
  const picker = useRef();
  const ids = [value ?? []].flat();
  const isMany = field.kind === 'files';
  const add = (list) => {
    for (const file of isMany ? list : list.slice(0, 1)) void addFile(file, field);
  };
  const drop = (event) => {
    const image = draggedImage(event);
    const list = draggedFiles(event);
    if (list.length > 0) add(list);
    else if (image) placeInput(image, field);
  };
  const choose = (event) => {
    add([...event.target.files]);
    event.target.value = '';
  };
  return html`
    <fieldset class="field create-image ${isDragging.value ? 'create-target' : ''}" aria-describedby="${id}-help" onDrop=${drop}>
      <legend class="create-label">${label}${field.isRequired && html` <span class="muted">${t('create.required')}</span>`}</legend>
      ${ids.length > 0 && html`<ul class="create-inputs">${ids.map((each) => html`<${Input} key=${each} id=${each} />`)}</ul>`}
      <div class="create-add">
        <button type="button" class="outline small" data-invalid=${error ? '' : null} onClick=${() => picker.current.click()}>
          <${Icon} name="upload" /><span>${t(ids.length > 0 && !isMany ? 'create.replace-picture' : 'create.choose-picture')}</span>
        </button>
        ${field.role === 'mask' && html`<${MaskButton} field=${field} />`}
        <${Reference} field=${field} label=${label} />
        <input ref=${picker} type="file" accept="image/*" multiple=${isMany} hidden onChange=${choose} data-field=${field.name} />
      </div>
      ${isDragging.value && html`<p class="create-target-text">${t('create.drop-input')}</p>`}
      <small id="${id}-help">${help}</small>
      ${error && html`<small class="field-error" role="alert">${error}</small>`}
    </fieldset>`;
}

/** A line for an id or an address, which counts when it is complete. */
function Reference({ field, label }) {
  const [text, setText] = useState('');
  const put = (raw) => {
    setText(raw);
    if (!reference.test(raw.trim())) return;
    placeInput(raw.trim(), field);
    setText('');
  };
  // An address is complete only when its writer says so; an id is when it has all its characters.
  const type = ({ target }) => (target.value.startsWith('http') ? setText(target.value) : put(target.value));
  const end = (event) => {
    if (event.type === 'keydown' && event.key !== 'Enter') return;
    if (event.type === 'keydown' && !event.ctrlKey && !event.metaKey) event.preventDefault();
    put(event.target.value);
  };
  return html`
    <input type="text" class="create-reference" value=${text} aria-label=${t('create.reference', { label })}
      placeholder=${example} onInput=${type} onChange=${end} onKeyDown=${end} />`;
}

/** One picture of the form. */
export function Input({ id }) {
  const about = files.value[id];
  const name = about?.name || (id.startsWith('http') ? id : t('create.picture'));
  const source = id.startsWith('img_') ? imageUrl(id, { width: 256, format: 'webp' }) : about?.preview;
  const problem = about?.problem ? explain(about.problem) : null;
  return html`
    <li class="create-input">
      ${source
        ? html`<img src=${source} alt="" width="96" height="96" />`
        : html`<span class="create-input-none"><${Icon} name="input" /></span>`}
      <span class="create-input-name">${name}</span>
      ${about?.state === 'uploading' && html`
        <span class="create-input-state">${t('create.uploading', { percent: number(about.progress ?? 0, { style: 'percent' }) })}</span>`}
      ${about?.state === 'waiting' && html`<span class="create-input-state">${t('create.upload-waits')}</span>`}
      ${problem && html`
        <span class="create-input-state field-error" role="alert">${[problem.title, problem.next].filter(Boolean).join(' ')}</span>
        ${about.problem.code !== 'body_too_large' && html`
          <button type="button" class="outline small" onClick=${() => retryFile(id)}>${t('common.retry')}</button>`}`}
      <button type="button" class="plain create-input-remove" aria-label=${t('create.remove-picture', { name })}
        onClick=${() => dropFile(id)}>
        <${Icon} name="close" />
      </button>
    </li>`;
}

// What the list is narrowed to. It stands in the address, so that it can be shared and survives a reload.
import { html, signal, useEffect, useRef, useState } from '../kernel/dom.js';
import { address, setQuery } from '../kernel/address.js';
import { api } from '../kernel/api.js';
import { t } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';

const names = ['q', 'model', 'after', 'before', 'format', 'tag', 'pinned'];
const formats = ['png', 'jpeg', 'webp', 'avif', 'gif', 'svg'];
const typingMilliseconds = 300;

/** The tags of the user's key, once they are known. */
export const ownTags = signal([]);
const models = signal([]);

export async function loadTags() {
  ownTags.value = (await api.get('images/tags')).tags;
}

async function loadModels() {
  const seen = new Map();
  for (const { alias, model } of (await api.get('models', { limit: 100 })).data) seen.set(model, [...(seen.get(model) ?? []), alias]);
  models.value = [...seen].map(([model, aliases]) => ({ model, aliases: aliases.filter(Boolean).join(', ') }));
}

/** The filters of the address, by their names there. */
export function filtersOf(query) {
  return Object.fromEntries(names.map((name) => [name, query.get(name) ?? '']).filter(([, value]) => value !== ''));
}

/** The same filters as the parameters of GET /images. Days are those of the user's clock. */
export function parametersOf({ after, before, ...same }) {
  return {
    ...same,
    ...(after ? { created_after: midnight(after, 0) } : {}),
    ...(before ? { created_before: midnight(before, 1) } : {}),
  };
}

/** The time at which a day begins, some days later. A text that is no day stays, so that the API says what is wrong with it. */
function midnight(day, later) {
  const at = new Date(`${day}T00:00:00`);
  if (Number.isNaN(at.getTime())) return day;
  at.setDate(at.getDate() + later);
  return at.toISOString();
}

export function clearFilters() {
  setQuery(Object.fromEntries(names.map((name) => [name, null])));
}

export function Filters() {
  const filters = filtersOf(address.value.query);
  const folded = names.filter((name) => name !== 'q' && filters[name]).length;
  const [isOpen, setOpen] = useState(folded > 0);
  useEffect(() => {
    // Without them the menus offer less; the list itself says what is wrong with the service.
    Promise.all([loadTags(), loadModels()]).catch(() => {});
  }, []);
  const set = (name) => (event) => setQuery({ [name]: event.currentTarget.value });
  return html`
    <search aria-label=${t('gallery.filters')}><form class="gallery-filters" onSubmit=${(event) => event.preventDefault()}>
      <${Search} value=${filters.q ?? ''} />
      <button type="button" class="outline gallery-more" aria-expanded=${isOpen} aria-controls="gallery-folded"
        onClick=${() => setOpen(!isOpen)}>
        ${t('gallery.filters')}${folded > 0 && html` <span class="gallery-number">${folded}</span>`}
      </button>
      <div id="gallery-folded" class="gallery-folded ${isOpen ? 'gallery-unfolded' : ''}">
        <${Menu} name="model" value=${filters.model} onChange=${set('model')}
          options=${models.value.map(({ model, aliases }) => [model, aliases ? `${aliases} (${model})` : model])} />
        <${Menu} name="format" value=${filters.format} onChange=${set('format')}
          options=${formats.map((each) => [each, each.toUpperCase()])} />
        <${Menu} name="tag" value=${filters.tag} onChange=${set('tag')} options=${ownTags.value.map((each) => [each, each])} />
        <${Menu} name="pinned" value=${filters.pinned} onChange=${set('pinned')}
          options=${[['true', t('gallery.pinned-only')], ['false', t('gallery.pinned-not')]]} />
        <${Day} name="after" value=${filters.after} onChange=${set('after')} />
        <${Day} name="before" value=${filters.before} onChange=${set('before')} />
        ${Object.keys(filters).length > 0 && html`
          <button type="button" class="outline" onClick=${clearFilters}>${t('gallery.filters-clear')}</button>`}
      </div>
    </form></search>`;
}

/** The search field. The list follows when typing pauses. */
function Search({ value }) {
  const [text, setText] = useState(value);
  const [timer, sent] = [useRef(), useRef(value)];
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (value !== sent.current) setText(value);
    sent.current = value;
  }, [value]);
  const send = (next) => {
    clearTimeout(timer.current);
    sent.current = next.trim();
    setQuery({ q: next.trim() });
  };
  const type = (event) => {
    const next = event.currentTarget.value;
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => send(next), typingMilliseconds);
  };
  return html`
    <span class="gallery-search">
      <${Icon} name="search" />
      <input type="search" value=${text} maxlength="200" placeholder=${t('gallery.search')} aria-label=${t('gallery.search')}
        autocomplete="off" spellcheck=${false} onInput=${type}
        onKeyDown=${(event) => event.key === 'Enter' && send(event.currentTarget.value)} />
    </span>`;
}

function Menu({ name, value = '', options, onChange }) {
  const isKnown = value === '' || options.some(([each]) => each === value);
  return html`
    <label class="gallery-filter">
      <span>${t(`gallery.filter-${name}`)}</span>
      <select value=${value} onChange=${onChange}>
        <option value="">${t('gallery.any')}</option>
        ${!isKnown && html`<option value=${value}>${value}</option>`}
        ${options.map(([each, label]) => html`<option key=${each} value=${each}>${label}</option>`)}
      </select>
    </label>`;
}

function Day({ name, value = '', onChange }) {
  return html`
    <label class="gallery-filter">
      <span>${t(`gallery.filter-${name}`)}</span>
      <input type="date" value=${value} onChange=${onChange} />
    </label>`;
}

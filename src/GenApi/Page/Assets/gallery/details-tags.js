// The user's own tags of a picture.
import { html, useEffect, useState } from '../kernel/dom.js';
import { api } from '../kernel/api.js';
import { can } from '../kernel/session.js';
import { t } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { ProblemBox } from '../parts/problem-box.js';
import { tagPictures, work } from './actions.js';
import { ownTags } from './filters.js';

/** `stamp` changes with the tags that the list shows. */
export function Tags({ id, stamp }) {
  const [tags, setTags] = useState(null);
  const [problem, setProblem] = useState(null);
  const [text, setText] = useState('');
  const may = can('generate');
  const read = async () => {
    try {
      setTags((await api.get(`images/${id}/tags`)).tags);
      setProblem(null);
    } catch (caught) {
      setProblem(caught);
    }
  };
  // Tags given to many pictures at once may be given to this one.
  const isBusy = work.value !== null;
  useEffect(() => {
    if (!isBusy) void read();
  }, [id, isBusy, stamp]);
  const change = async (tag, isSet) => {
    if (await tagPictures([id], tag, isSet)) setText('');
  };
  const add = (event) => {
    event.preventDefault();
    if (text.trim()) void change(text.trim(), true);
  };
  return html`
    <section>
      <h2>${t('gallery.tags')}</h2>
      <${ProblemBox} problem=${problem} onRetry=${read} />
      <ul class="gallery-tag-list">
        ${tags?.map((tag) => html`
          <li key=${tag}>
            <a href="app/gallery?tag=${encodeURIComponent(tag)}">${tag}</a>
            ${may && html`
              <button type="button" class="plain" aria-label=${t('gallery.tag-take', { tag })} onClick=${() => change(tag, false)}>
                <${Icon} name="close" />
              </button>`}
          </li>`)}
      </ul>
      ${tags?.length === 0 && html`<p class="muted">${t('gallery.tags-none')}</p>`}
      ${may && html`
        <form class="gallery-tag-form" onSubmit=${add}>
          <input list="gallery-tags-of-one" maxlength="64" value=${text} aria-label=${t('gallery.tag-label')} autocomplete="off"
            placeholder=${t('gallery.tag-label')} onInput=${(event) => setText(event.currentTarget.value)} />
          <datalist id="gallery-tags-of-one">
            ${ownTags.value.filter((each) => !tags?.includes(each)).map((each) => html`<option key=${each} value=${each} />`)}
          </datalist>
          <button type="submit" class="outline" disabled=${!text.trim()}>${t('gallery.tag-add')}</button>
        </form>`}
    </section>`;
}

// What was sent to the model.
import { html } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { Picture } from '../parts/picture.js';
import { CopyButton } from '../parts/small.js';

/** Longer texts fold. */
const longText = 400;

export function Input({ run }) {
  const entries = Object.entries(run.input);
  if (entries.length === 0) return null;
  const text = JSON.stringify({ model: run.model, input: run.input }, null, 2);
  return html`
    <section aria-labelledby="runs-input-title">
      <h3 id="runs-input-title">${t('runs.input')}</h3>
      <dl class="runs-facts">
        ${entries.map(([name, value]) => html`
          <div key=${name}><dt><code>${name}</code></dt><dd><${Value} value=${value} name=${name} /></dd></div>`)}
      </dl>
      <${CopyButton} text=${text} label=${t('runs.copy-input')} className="outline small" />
    </section>`;
}

function Value({ value, name }) {
  if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')) {
    return html`<ul class="runs-values">${value.map((each) => html`<li><${Value} value=${each} name=${name} /></li>`)}</ul>`;
  }
  if (typeof value !== 'string') return html`<code>${JSON.stringify(value)}</code>`;
  if (/^img_[0-9a-z]{26}$/.test(value)) {
    return html`
      <a href="app/gallery?image=${value}" class="runs-image runs-input-image">
        <${Picture} image=${{ id: value }} width=${112} alt=${name} />
      </a>`;
  }
  // Cut ones end with a comma and dots; only whole ones can be shown.
  if (/^data:image\/(png|jpeg|webp|gif|avif);base64,[^…]+$/.test(value)) {
    return html`<img class="runs-input-image" src=${value} alt=${name} />`;
  }
  if (value.startsWith('data:')) return html`<code>${value.slice(0, 40)}…</code>`;
  if (/^https?:\/\/\S+$/.test(value)) return html`<a href=${value} target="_blank" rel="noopener noreferrer">${value}</a>`;
  if (value.length <= longText) return html`<span class="runs-value">${value}</span>`;
  return html`<details><summary>${value.slice(0, 80)}…</summary><span class="runs-value">${value}</span></details>`;
}

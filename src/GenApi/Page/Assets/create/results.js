// Everything that was started here, newest first. A press adds its places at the top and takes none away.
import { computed, html, signal, useMemo, useState } from '../kernel/dom.js';
import { t, when } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { Empty } from '../parts/small.js';
import { CodeDialog } from '../parts/code.js';
import { presses, removePress } from './presses.js';
import { Result } from './result.js';
import { generationOf, isOver } from './runs.js';

const step = 8;
/** How many presses are drawn; the others are read when somebody wants to see them. */
const shown = signal(step);

const isFinished = (item) => item.state === 'refused' || (item.state === 'sent' && isDone(generationOf(item.generation)));
/** Deleted ones are over too; unknown ones are not. */
const isDone = (generation) => generation === null || isOver(generation);

export function Results() {
  const [code, setCode] = useState(null);
  const all = presses.value;
  return html`
    <section class="create-results" aria-labelledby="create-results-title">
      <div class="create-results-head">
        <h2 id="create-results-title" tabindex="-1">${t('create.results')}</h2>
        <${Running} />
        <span class="create-gap"></span>
        ${all.length > 0 && html`
          <button type="button" class="plain create-tool" onClick=${clearList}>
            <${Icon} name="close" /><span>${t('create.clear-list')}</span>
          </button>`}
      </div>
      ${all.length === 0 && html`<${Empty} title=${t('create.nothing')} text=${t('create.nothing-text')} />`}
      ${all.slice(0, shown.value).map((each) => html`<${Press} key=${each.id} press=${each} onCode=${setCode} />`)}
      ${all.length > shown.value && html`
        <button type="button" class="outline" onClick=${showMore}>
          ${t('create.show-earlier', { n: all.length - shown.value })}
        </button>`}
      <${CodeDialog} body=${code} onClose=${() => setCode(null)} />
    </section>`;
}

const newest = () => presses.value.slice(0, shown.value);

function showMore() {
  shown.value += step;
}

/** Takes out what has ended. What is not drawn is not known; unfinished runs come back with the next visit. */
function clearList() {
  const drawn = new Set(newest());
  for (const press of presses.value) {
    const isAnswered = press.items.every((item) => item.state !== 'sending');
    if (isAnswered && (!drawn.has(press) || press.items.every(isFinished))) removePress(press.id);
  }
}

/** How many runs are on their way. A step of one draws nothing again, since the number stays the same. */
const running = computed(() => newest().flatMap((each) => each.items).filter((item) => !isFinished(item)).length);

function Running() {
  const n = running.value;
  return html`<p role="status" class="muted">${n > 0 ? t('create.running', { n }) : ''}</p>`;
}

function Remove({ press }) {
  const isOver = useMemo(() => computed(() => press.items.every(isFinished)), [press]);
  return isOver.value && html`
    <button type="button" class="plain" aria-label=${t('create.remove-press')} onClick=${() => removePress(press.id)}>
      <${Icon} name="close" />
    </button>`;
}

function Press({ press, onCode }) {
  const models = new Set(press.items.map((item) => item.model));
  return html`
    <article class="create-press" aria-label=${press.prompt || t('create.no-words')}>
      <header class="create-press-head">
        <p class="create-press-prompt" title=${press.prompt}>${press.prompt || t('create.no-words')}</p>
        <time class="muted" datetime=${press.at}>${when(press.at)}</time>
        <${Remove} press=${press} />
      </header>
      <div class="create-tiles ${models.size > 1 ? 'create-side-by-side' : ''}" style=${{ '--models': String(models.size) }}>
        ${press.items.map((item) => html`<${Result} key=${item.key} press=${press} item=${item} onCode=${onCode} />`)}
      </div>
    </article>`;
}

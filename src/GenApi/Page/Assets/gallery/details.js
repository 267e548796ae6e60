// The details of a picture, beside the list; on a narrow screen in its place. They never touch the form of the view create.
import { html, useEffect, useRef } from '../kernel/dom.js';
import { go } from '../kernel/address.js';
import { can } from '../kernel/session.js';
import { t } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { ProblemBox } from '../parts/problem-box.js';
import { CopyButton } from '../parts/small.js';
import { deletePictures, pinPictures } from './actions.js';
import { Downloads, Links } from './details-out.js';
import { Tags } from './details-tags.js';
import { costOf, fileOf, promptOf, settingsOf, useFacts } from './facts.js';
import { showTile } from './grid.js';
import { LargePicture } from './large.js';
import { closeDetails, list, neighbour, opened, openDetails } from './state.js';

export function Details({ id }) {
  const element = useRef();
  const { facts, problem, retry } = useFacts(id);
  const shown = list.value;
  shown.version.value;
  const row = shown.row(id);
  const isGone = shown.gone.has(id) || problem?.status === 404;
  const step = (by) => {
    const next = neighbour(id, by);
    if (!next) return;
    openDetails(next);
    showTile(next);
  };
  // Neighbours are loaded before they are asked for.
  useEffect(() => {
    const at = shown.indexOf(id);
    if (at >= 0) shown.look(Math.max(0, at - 6), at + 6);
  }, [id]);
  // With a new picture the panel begins at its top; the focus stays on the button that was pressed.
  useEffect(() => {
    element.current.scrollTop = 0;
  }, [id]);
  useEffect(() => {
    if (!element.current.contains(document.activeElement) && isWhole(element.current)) element.current.focus();
  }, []);
  const keys = (event) => {
    if (event.target.closest('input, select, textarea') && event.key !== 'Escape') return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (act(event.key, id, facts, step)) event.preventDefault();
  };
  return html`
    <aside ref=${element} class="gallery-details" aria-label=${t('gallery.details')} tabindex="-1" onKeyDown=${keys}>
      <header class="gallery-details-head">
        <button type="button" class="plain gallery-back" onClick=${closeDetails}>
          <${Icon} name="back" /><span>${t('gallery.back')}</span>
        </button>
        <span class="gallery-steps">
          <button type="button" class="plain" aria-label=${t('gallery.newer')} disabled=${!neighbour(id, -1)} onClick=${() => step(-1)}>
            <${Icon} name="back" />
          </button>
          <button type="button" class="plain" aria-label=${t('gallery.older')} disabled=${!neighbour(id, 1)} onClick=${() => step(1)}>
            <${Icon} name="next" />
          </button>
        </span>
        <button type="button" class="plain gallery-close" aria-label=${t('common.close')} onClick=${closeDetails}>
          <${Icon} name="close" />
        </button>
      </header>
      ${isGone ? html`<p class="gallery-note"><${Icon} name="info" /> ${t('gallery.gone-details')}</p>`
        : problem && !facts ? html`<${ProblemBox} problem=${problem} onRetry=${retry} />`
          : html`<${Body} key=${id} id=${id} row=${row} facts=${facts} />`}
    </aside>`;
}

/** Whether the panel takes the whole screen, so that the list can't be reached. */
const isWhole = (panel) => getComputedStyle(panel).position === 'fixed';

function act(key, id, facts, step) {
  switch (key) {
    case 'ArrowLeft': step(-1); return true;
    case 'ArrowRight': step(1); return true;
    case 'Escape': closeDetails(); return true;
    case 'Delete':
      if (can('generate')) void deletePictures([id]);
      return true;
    case 'p':
      if (can('generate') && facts) void pinPictures([id], !facts.generation.pinned);
      return true;
    default: return false;
  }
}

function Body({ id, row, facts }) {
  const generation = facts?.generation, prompt = generation ? promptOf(generation) : row?.prompt;
  return html`
    <${LargePicture} id=${id} row=${row} facts=${facts} prompt=${prompt} />
    <section class="gallery-prompt">
      <h2>${t('gallery.prompt')}</h2>
      <p class="gallery-prompt-text">${prompt ?? t('gallery.no-prompt')}</p>
      ${prompt && html`<${CopyButton} text=${prompt} className="outline small" />`}
    </section>
    ${!facts ? html`<p aria-busy="true">${t('common.loading')}</p>` : html`
      <${Actions} id=${id} generation=${generation} />
      <${Tags} id=${id} stamp=${row?.tags.join()} />
      <${Downloads} id=${id} image=${facts.image} credentials=${facts.content_credentials} />
      <${Links} id=${id} image=${facts.image} />
      <section>
        <h2>${t('gallery.settings')}</h2>
        <${Pairs} pairs=${settingsOf(generation)} isOwn=${false} />
        <p class="gallery-links">
          <a href="app/models?model=${encodeURIComponent(generation.model)}">${t('gallery.show-model')}</a>
          <a href="app/runs?run=${generation.id}">${t('common.show-run')}</a>
        </p>
      </section>
      <section>
        <h2>${t('gallery.cost-and-time')}</h2>
        <${Pairs} pairs=${costOf(generation)} isOwn=${true} />
      </section>
      <section>
        <h2>${t('gallery.file')}</h2>
        <${Pairs} pairs=${fileOf(facts)} isOwn=${true} />
      </section>`}`;
}

/** Names and values. Names of a model's input stay as the model has them; ours are words. */
function Pairs({ pairs, isOwn }) {
  const own = new Set(['model', 'version', 'seed']);
  return html`
    <dl class="gallery-pairs">
      ${pairs.map(([name, value]) => html`
        <div key=${name}><dt>${isOwn || own.has(name) ? t(`gallery.pair-${name}`) : name}</dt><dd>${value}</dd></div>`)}
    </dl>`;
}

function Actions({ id, generation }) {
  const may = can('generate');
  if (!may) return null;
  return html`
    <div class="gallery-actions">
      <button type="button" onClick=${() => go(`?from=${generation.id}`)}><${Icon} name="again" />${t('gallery.use')}</button>
      <button type="button" class="outline" onClick=${() => go(`?from=${generation.id}&seed=new`)}>
        <${Icon} name="dice" />${t('gallery.use-new-seed')}
      </button>
      <button type="button" class="outline" onClick=${() => go(`?input=${id}`)}><${Icon} name="input" />${t('gallery.use-input')}</button>
      <button type="button" class="outline" aria-pressed=${generation.pinned ? 'true' : 'false'}
        onClick=${() => pinPictures([id], !generation.pinned)}>
        <${Icon} name="pin" />${t(generation.pinned ? 'gallery.unpin' : 'gallery.pin')}
      </button>
      <button type="button" class="outline" onClick=${() => deletePictures([opened.value])}>
        <${Icon} name="delete" />${t('gallery.delete')}
      </button>
    </div>`;
}

// One run: its places while it is on the way, then its pictures, with what it took and what can be done next. A tile has the same size
// before and after, so nothing moves when a picture arrives.
import { html, signal, useEffect } from '../kernel/dom.js';
import { url } from '../kernel/address.js';
import { explain } from '../kernel/problems.js';
import { money, seconds, t } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { notify } from '../parts/notices.js';
import { Picture, imageUrl } from '../parts/picture.js';
import { ProblemBox } from '../parts/problem-box.js';
import { Progress, Status } from '../parts/small.js';
import { imageField, placeInput, takeSettings } from './actions.js';
import { repeat } from './generate.js';
import { loadModel, modelOf, rowOf, shortName } from './models.js';
import { resend } from './presses.js';
import { cancelRun, isOver, useGeneration, wholeOf } from './runs.js';
import { expectedOf } from './shape.js';

export function Result({ press, item: known, onCode }) {
  const generation = useGeneration(known.state === 'sent' ? known.generation : null);
  // A request that named no model got the service's default.
  const item = known.model || !generation ? known : { ...known, model: shortName(generation) };
  useEffect(() => {
    if (item.model && !modelOf(item.model)) void loadModel(item.model);
  }, [item.model]);
  const fields = modelOf(item.model)?.form?.fields ?? [];
  const expected = expectedOf(item.body, fields);
  const images = generation?.status === 'succeeded' ? generation.images : null;
  const words = item.body.prompt ?? generation?.input?.prompt ?? '';
  const count = images?.length || (generation?.status === 'succeeded' ? 0 : expected.count);
  const isAlone = count <= 1;
  const message = images ? null : html`<${Message} item=${item} generation=${generation} onRetry=${() => resend(press.id, item)} />`;
  return html`
    <div class="create-tile ${isAlone ? '' : 'create-wide'}">
      <p class="create-tile-model">${item.model ?? ''}</p>
      ${words !== press.prompt && html`<p class="create-tile-prompt">${words}</p>`}
      <div class="create-pictures ${isAlone ? '' : 'create-many'}">
        ${Array.from({ length: count }, (_, at) => html`
          <figure key=${at} class="create-figure">
            <${Place} image=${images?.[at]} words=${words} ratio=${expected.ratio}>${at === 0 && message}<//>
            ${!isAlone && html`<figcaption class="create-actions"><${ImageActs} image=${images?.[at]} /></figcaption>`}
          </figure>`)}
      </div>
      ${images && html`<${OtherOutput} generation=${generation} words=${words} />`}
      <${Caption} item=${item} generation=${generation} />
      <div class="create-actions">
        ${isAlone && count > 0 && html`<${ImageActs} image=${images?.[0]} />`}
        <${RunActs} item=${item} generation=${generation} hasSeed=${fields.some((each) => each.role === 'seed')} onCode=${onCode} />
      </div>
    </div>`;
}

/** The place of a picture: held for it, then filled. */
function Place({ image, words, ratio, children }) {
  const style = { aspectRatio: String(ratio) };
  if (!image) return html`<div class="create-place" style=${style}>${children}</div>`;
  return html`
    <a href="app/gallery?image=${image.id}" class="create-place create-full" style=${style}>
      <${Picture} image=${image} alt=${words} width=${480} eager className="create-picture" />
    </a>`;
}

/** What stands in the place until there is a picture: how far the run is, or why there will be none. */
function Message({ item, generation, onRetry }) {
  if (item.state === 'refused') {
    return item.problem.code === 'unanswered'
      ? html`<${Forgotten} onRetry=${onRetry} />`
      : html`<${ProblemBox} problem=${item.problem} onRetry=${onRetry} />`;
  }
  if (item.state === 'sending') return html`<${Unsent} item=${item} onRetry=${onRetry} />`;
  if (generation === null) return html`<p class="create-gone">${t('create.deleted')}</p>`;
  if (generation?.status === 'canceled') return html`<p class="create-gone">${t('common.status-canceled')}</p>`;
  if (generation?.status === 'failed') return html`<${ProblemBox} problem=${{ ...generation.error, generationId: generation.id }} />`;
  const hasSteps = generation?.status === 'processing' && generation.progress;
  return html`
    <div class="create-message">
      ${hasSteps && html`<${Status} generation=${generation} />`}
      <${Progress} generation=${generation ?? { status: 'queued' }} />
      ${generation?.error && html`<p>${explain(generation.error).title}</p>`}
    </div>`;
}

/** A request without an answer yet, and why. */
function Unsent({ item, onRetry }) {
  return html`
    <div class="create-message">
      ${item.problem
        ? html`
          <${ProblemBox} problem=${item.problem} onRetry=${onRetry} />
          <p>${t('create.unsent')} ${item.retryAt && html`${t('create.tried-again')} <${Countdown} until=${item.retryAt} />`}</p>`
        : html`<${Progress} generation=${{ status: 'queued' }} />`}
    </div>`;
}

/** A request that got no answer until the service forgot its key. Only its author can say whether it is to be sent again. */
function Forgotten({ onRetry }) {
  return html`
    <div class="problem" role="alert">
      <${Icon} name="warn" />
      <div>
        <p class="problem-title">${t('create.unanswered')}</p>
        <p><a href="app/runs">${t('common.view-runs')}</a></p>
        <${Act} icon="again" text=${t('create.send-again')} onClick=${onRetry} />
      </div>
    </div>`;
}

/** The seconds of the clock, while anything watches them. */
const clock = signal(Date.now());
let watchers = 0;
let ticking = null;

function useClock() {
  useEffect(() => {
    if (watchers++ === 0) ticking = setInterval(() => { clock.value = Date.now(); }, 1000);
    return () => {
      if (--watchers === 0) clearInterval(ticking);
    };
  }, []);
  return clock.value;
}

const Duration = ({ from, to }) => html`<span aria-hidden="true">${seconds(Math.max(0, Math.round((to - from) / 1000)))}</span>`;
const Elapsed = ({ since }) => Duration({ from: Date.parse(since), to: useClock() });
const Countdown = ({ until }) => Duration({ from: useClock(), to: until });

/** What it took: time, price, seed. While it runs: how long already, and how long it usually takes. */
function Caption({ item, generation }) {
  if (!generation) return html`<p class="create-caption"></p>`;
  if (!isOver(generation)) {
    const cancel = () => cancelRun(generation.id).catch((problem) => notify({ text: explain(problem).title, kind: 'bad' }));
    return html`
      <div class="create-caption">
        <span class="muted"><${Elapsed} since=${generation.created_at} /> ${usual(item, generation)}</span>
        ${generation.status !== 'storing' && html`<${Act} icon="cancel" text=${t('common.cancel')} onClick=${cancel} />`}
      </div>`;
  }
  const { timing, cost, seed } = generation;
  const parts = [
    Number.isFinite(timing?.total_seconds) && seconds(timing.total_seconds),
    item.cached === 'hit' ? t('create.from-store') : cost && money(cost.usd, { estimated: cost.estimated }),
    Number.isFinite(seed) && t('create.seed-of', { seed: String(seed) }),
  ].filter(Boolean);
  return html`<p class="create-caption muted">${parts.join(' · ')}</p>`;
}

/** What this model usually takes: its boot until it runs, then its run. */
function usual(item, { status }) {
  const times = rowOf(item.model)?.times ?? modelOf(item.model)?.details?.times;
  const boot = times?.cold_start?.median_seconds;
  const run = times?.predict?.median_seconds;
  if ((status === 'starting' || status === 'queued') && boot) return t('create.usual-boot', { time: seconds(boot) });
  return run ? t('create.usual-run', { time: seconds(run) }) : '';
}

/** Files that are no pictures, and outputs that are no files. */
function OtherOutput({ generation: { images, files, output }, words }) {
  const isText = images.length + files.length === 0 && output !== null;
  return html`
    ${files.map((file) => html`<${OtherFile} key=${file.id} file=${file} words=${words} />`)}
    ${isText && html`
      <pre class="create-output" tabindex="0">${typeof output === 'string' ? output : JSON.stringify(output, null, 2)}</pre>`}`;
}

function OtherFile({ file, words }) {
  const source = url(`files/${file.id}`);
  return html`
    <div class="create-file">
      ${file.kind === 'video' && html`<video src=${source} controls preload="metadata" aria-label=${words}></video>`}
      ${file.kind === 'audio' && html`<audio src=${source} controls preload="metadata" aria-label=${words}></audio>`}
      <a href="${source}?download" download>
        <${Icon} name="download" /><span>${t('create.download-kind', { kind: file.content_type })}</span>
      </a>
    </div>`;
}

const Act = ({ icon, text, title, isOff, onClick }) => html`
  <button type="button" class="outline small" title=${title} disabled=${isOff} onClick=${onClick}>
    <${Icon} name=${icon} /><span>${text}</span>
  </button>`;

/** What can be done with a picture. Without one, the buttons hold their place. */
function ImageActs({ image }) {
  const use = () => {
    placeInput(image.id);
    notify(imageField() ? { text: t('create.is-input'), kind: 'good' } : { text: t('create.no-image-input') });
  };
  if (!image) {
    return html`
      <${Act} icon="input" text=${t('create.use-as-input')} isOff />
      <${Act} icon="download" text=${t('create.download')} isOff />
      <${Act} icon="info" text=${t('create.details')} isOff />`;
  }
  return html`
    <${Act} icon="input" text=${t('create.use-as-input')} onClick=${use} />
    <a href=${imageUrl(image.id, { download: '' })} download><${Icon} name="download" /><span>${t('create.download')}</span></a>
    <a href="app/gallery?image=${image.id}"><${Icon} name="info" /><span>${t('create.details')}</span></a>`;
}

/** What can be done with a run that has ended. */
function RunActs({ item, generation, hasSeed, onCode }) {
  const isOff = !isOver(generation);
  const withNewSeed = () => repeat(item, generation, { isNewSeed: true });
  const settings = async () => {
    await takeSettings(await wholeOf(generation));
    notify({ text: t('create.settings-taken'), kind: 'good' });
  };
  return html`
    <${Act} icon="again" text=${t('create.again')} title=${t('create.again-help')} isOff=${isOff}
      onClick=${() => repeat(item, generation)} />
    ${hasSeed && html`
      <${Act} icon="dice" text=${t('create.new-seed')} isOff=${isOff} onClick=${withNewSeed} />`}
    <${Act} icon="settings" text=${t('create.use-settings')} isOff=${isOff} onClick=${settings} />
    <${Act} icon="code" text=${t('create.as-code')} onClick=${() => onCode(item.body)} />`;
}

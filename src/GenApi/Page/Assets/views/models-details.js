// One model in full: what it costs and how long it takes, its inputs, how it is kept warm, and how to use it.
import { html, useEffect, useRef, useState } from '../kernel/dom.js';
import { go } from '../kernel/address.js';
import { api } from '../kernel/api.js';
import { can } from '../kernel/session.js';
import { ago, has, money, number, seconds, t, when } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { ProblemBox } from '../parts/problem-box.js';
import { CopyButton } from '../parts/small.js';
import { State, modelPath, nameOf, prices } from './models-facts.js';
import { inputsOf } from './models-schema.js';

export function ModelDetails({ name, onClose }) {
  const [{ model, problem }, setState] = useState({ model: null, problem: null });
  const [round, setRound] = useState(0);
  const place = useRef();
  useEffect(() => {
    const stop = new AbortController();
    api.get(modelPath(name), null, { signal: stop.signal })
      .then((read) => setState({ model: read, problem: null }))
      .catch((failure) => failure.code !== 'aborted' && setState({ model: null, problem: failure }));
    return () => stop.abort();
  }, [name, round]);
  useEffect(() => {
    place.current.focus({ preventScroll: true });
    if (matchMedia('(max-width: 900px)').matches) place.current.scrollIntoView();
  }, []);
  const leave = (event) => event.key === 'Escape' && onClose();
  return html`
    <section class="models-details" ref=${place} tabindex="-1" aria-label=${t('models.details', { name })} onKeyDown=${leave}>
      <header class="models-details-head">
        <h2>${name}</h2>
        <button type="button" class="plain" aria-label=${t('common.close')} onClick=${onClose}><${Icon} name="close" /></button>
      </header>
      ${problem && html`<${ProblemBox} problem=${problem} onRetry=${() => setRound((last) => last + 1)} />`}
      ${!model && !problem && html`<p aria-busy="true">${t('common.loading')}</p>`}
      ${model && html`<${Details} model=${model} />`}
    </section>`;
}

function Details({ model }) {
  const name = nameOf(model);
  const use = () => go(`?${new URLSearchParams({ model: name })}`);
  return html`
    ${model.description && html`<p>${model.description}</p>`}
    <p class="models-actions">
      ${can('generate') && html`<button type="button" onClick=${use}><${Icon} name="create" /><span>${t('models.use')}</span></button>`}
      <a href="https://replicate.com/${model.model}" target="_blank" rel="noreferrer">${t('models.at-replicate')}</a>
    </p>
    <${Facts} model=${model} />
    ${model.times && html`<${Times} times=${model.times} />`}
    ${model.keep_warm && html`<${KeepWarm} kept=${model.keep_warm} />`}
    <${Inputs} model=${model} />
    <details>
      <summary>${t('models.example')}</summary>
      <pre class="models-code" tabindex="0"><code>${JSON.stringify(model.example_request, null, 2)}</code></pre>
      <${CopyButton} text=${JSON.stringify(model.example_request, null, 2)} className="outline small" />
    </details>`;
}

/** A list of terms; a fact without a value is left out. */
function Terms({ facts }) {
  return html`
    <dl class="models-terms">
      ${facts.filter(([, value]) => value !== null && value !== undefined && value !== '').map(([term, value]) => html`
        <div key=${term}><dt>${t(`models.${term}`)}</dt><dd>${value}</dd></div>`)}
    </dl>`;
}

function Facts({ model }) {
  const { price } = model;
  const parts = prices(price);
  const lines = parts.map((part, at) => html`<span key=${at} class="models-line">${part}</span>`);
  return html`
    <${Terms} facts=${[
      ['name', html`<code>${model.model}</code>`],
      ['version', versionOf(model)],
      ['price', lines.length > 0 ? lines : t('models.no-price')],
      ['usual-run', price?.typical_usd ? money(price.typical_usd, { estimated: true }) : null],
      ['billing', price?.private ? t('models.private') : null],
      ['state', html`<${State} model=${model} />`],
      ['last', model.last_run_at && `${when(model.last_run_at)} (${ago(model.last_run_at)})`],
      ['worldwide', model.run_count === null ? null : number(model.run_count)],
    ]} />`;
}

function versionOf({ version, official }) {
  if (version) return html`<code class="models-version">${version}</code>`;
  return official ? t('models.official') : null;
}

function Times({ times }) {
  const rows = [['warm-start', times.warm_start], ['cold-start', times.cold_start], ['predict', times.predict]].filter(([, time]) => time);
  return html`
    <h3>${t('models.times')}</h3>
    <div class="models-table" role="region" aria-label=${t('models.times')} tabindex="0">
      <table>
        <thead><tr>
          <th scope="col">${t('models.phase')}</th><th scope="col">${t('models.median')}</th><th scope="col">${t('models.p95')}</th>
        </tr></thead>
        <tbody>${rows.map(([phase, time]) => html`
          <tr key=${phase}>
            <th scope="row">${t(`models.${phase}`)}</th>
            <td>${seconds(time.median_seconds)}</td><td>${seconds(time.p95_seconds)}</td>
          </tr>`)}
        </tbody>
      </table>
    </div>
    ${times.runs !== null && html`<p class="muted">${t('models.seen', { n: times.runs })}</p>`}`;
}

function KeepWarm({ kept }) {
  const why = kept.not_running;
  return html`
    <h3>${t('models.keep-warm')}</h3>
    <${Terms} facts=${[
      ['every', t('models.minutes', { n: kept.every_minutes })],
      ['next-run', kept.next_run_at ? `${when(kept.next_run_at)} (${ago(kept.next_run_at)})` : null],
      ['today', kept.spent_today_usd === null
        ? t('models.at-most', { limit: money(kept.daily_limit_usd) })
        : t('models.of-limit', { spent: money(kept.spent_today_usd), limit: money(kept.daily_limit_usd) })],
      ['not-running', why && (has(`models.why-${why.code}`) ? t(`models.why-${why.code}`) : why.message)],
    ]} />`;
}

function Inputs({ model }) {
  const inputs = inputsOf(model);
  return html`
    <h3>${t('models.inputs')}</h3>
    ${inputs.length === 0 ? html`<p class="muted">${t('models.no-schema')}</p>` : html`
      <div class="models-table models-inputs" role="region" aria-label=${t('models.inputs')} tabindex="0">
        <table>
          <thead><tr>
            <th scope="col">${t('models.input')}</th><th scope="col">${t('models.allowed')}</th>
          </tr></thead>
          <tbody>${inputs.map((input) => html`
            <tr key=${input.name}>
              <th scope="row">
                <code>${input.name}</code>${input.isRequired && html` <mark class="models-required">${t('models.required')}</mark>`}
                ${input.common.length > 0 && html`<br /><small>${t('models.also', { names: input.common.join(', ') })}</small>`}
                ${input.description && html`<p class="models-help">${input.description}</p>`}
              </th>
              <td>
                ${input.allowed}
                ${input.byDefault !== null && html`<br /><small>${t('models.by-default')}${' '}<code>${input.byDefault}</code></small>`}
              </td>
            </tr>`)}
          </tbody>
        </table>
      </div>`}`;
}

// How long a run waited, booted, ran and was stored, as a bar of phases.
import { html } from '../kernel/dom.js';
import { seconds, t } from '../kernel/words.js';
import { useNow } from './clock.js';
import { isEnded } from './list.js';

const phases = [
  ['queued', 'queued_seconds'], ['starting', 'starting_seconds'], ['processing', 'predict_seconds'], ['storing', 'storing_seconds'],
];

export function Timing({ run }) {
  const now = useNow(!isEnded(run));
  const known = phases.map(([name, member]) => ({ name, value: run.timing[member] }));
  // What is under way has no time yet: it gets what the others leave.
  const current = isEnded(run) ? null : known.find(({ name }) => name === run.status);
  if (current) {
    const others = known.reduce((sum, each) => sum + (each === current ? 0 : each.value ?? 0), 0);
    current.value = Math.max(0, Math.floor((now - Date.parse(run.created_at)) / 1000 - others));
  }
  const shown = known.filter(({ value }) => value !== null && value !== undefined);
  if (shown.length === 0) return null;
  const { total_seconds: total, cold_start: isCold } = run.timing;
  return html`
    <section class="runs-timing" aria-labelledby="runs-timing-title">
      <h3 id="runs-timing-title">${t('runs.timing')}</h3>
      <div class="runs-bar" aria-hidden="true">
        ${shown.map(({ name, value }) => html`
          <span key=${name} class="runs-phase runs-phase-${name}" style=${{ flexGrow: 1 + value * 1000 }}></span>`)}
      </div>
      <dl class="runs-phases">
        ${shown.map(({ name, value }) => html`
          <div key=${name}>
            <dt><span class="runs-key runs-phase-${name}" aria-hidden="true"></span>${t(`runs.phase-${name}`)}</dt>
            <dd class="count">${seconds(value)}${name === 'starting' && isCold ? ` (${t('runs.cold')})` : ''}</dd>
          </div>`)}
        ${total !== null && html`<div><dt>${t('runs.total')}</dt><dd class="count">${seconds(total)}</dd></div>`}
      </dl>
    </section>`;
}

// The facts of a run as a list of names and values.
import { html } from '../kernel/dom.js';
import { money, number, t, when } from '../kernel/words.js';
import { CopyButton } from '../parts/small.js';
import { isShared } from './facts.js';
import { isEnded } from './list.js';

export function Facts({ run }) {
  const facts = [
    ['model', html`<a href="app/models?model=${run.model}">${run.model}</a>`],
    ['version', run.version && html`<code>${run.version.slice(0, 12)}…</code>`],
    ['account', run.account?.name],
    ['end-user', run.end_user],
    ['cached', t(isShared(run) ? 'runs.cached-yes' : 'runs.cached-no')],
    ['cost', costOf(run)],
    ['seed', run.seed === null ? null : String(run.seed)],
    ['created', when(run.created_at)],
    ['started', when(run.started_at)],
    ['completed', when(run.completed_at)],
    ['upstream', t(`runs.upstream-${run.upstream}`)],
    ['prediction', run.prediction_id && html`<code>${run.prediction_id}</code>`],
    ['pinned', run.pinned && t('runs.pinned')],
    ['id', html`<code>${run.id}</code> <${CopyButton} text=${run.id} className="plain runs-copy" />`],
    ...Object.entries(run.metadata).map(([name, value]) => [null, value, name]),
  ];
  return html`
    <section aria-labelledby="runs-facts-title">
      <h3 id="runs-facts-title">${t('runs.facts')}</h3>
      <dl class="runs-facts">
        ${facts.filter(([, value]) => value).map(([name, value, own]) => html`
          <div key=${own ?? name}><dt>${own ?? t(`runs.fact-${name}`)}</dt><dd>${value}</dd></div>`)}
      </dl>
    </section>`;
}

function costOf({ cost, ...run }) {
  if (!cost) return t('runs.no-price');
  const amount = isEnded(run) ? exact(cost.usd) : money(cost.usd, { estimated: true });
  if (isShared(run)) return t('runs.cost-shared', { amount });
  return cost.estimated && isEnded(run) ? t('runs.cost-estimated', { amount }) : amount;
}

/** All digits of a small amount. */
const exact = (usd) => number(Number(usd), { style: 'currency', currency: 'USD', minimumFractionDigits: 2, maximumFractionDigits: 6 });

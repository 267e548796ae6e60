// The button, how many, what it would cost, and the request as code.
import { html, useState } from '../kernel/dom.js';
import { can, session } from '../kernel/session.js';
import { money, seconds, t } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { ProblemBox } from '../parts/problem-box.js';
import { CodeDialog } from '../parts/code.js';
import { estimate, isAsking } from './estimate.js';
import { faults, form, update } from './state.js';
import { checked } from './generate.js';

const mostCopies = 16;

export function ActionBar() {
  const [code, setCode] = useState(null);
  const { count } = form.value;
  const type = ({ target }) => {
    const value = Math.round(Number(target.value));
    if (value >= 1) update({ count: Math.min(value, mostCopies) });
  };
  const end = ({ target }) => {
    target.value = String(form.value.count);
  };
  const rest = faults.value?.rest ?? [];
  return html`
    <div class="create-bar">
      <div class="create-buttons">
        <button type="submit" class="create-go" aria-describedby="create-estimate">${t('create.generate')}</button>
        <label class="create-count"><span>${t('create.count')}</span>
          <input type="number" min="1" max=${mostCopies} step="1" value=${count} onInput=${type} onBlur=${end} />
        </label>
        <span class="create-gap"></span>
        <button type="button" class="plain create-tool" onClick=${async () => setCode((await checked())?.[0] ?? null)}>
          <${Icon} name="code" /><span>${t('create.as-code')}</span>
        </button>
      </div>
      <${Estimate} />
      ${session.value.me && !can('generate') && html`<p class="create-misfit">${t('create.no-right')}</p>`}
      ${rest.length > 0 && html`<p class="field-error" role="alert">${rest.join(' ')}</p>`}
      <${ProblemBox} problem=${faults.value?.problem} />
      <${CodeDialog} body=${code} onClose=${() => setCode(null)} />
    </div>`;
}

const misfit = (worst) => (worst === null ? t('create.misfit') : t('create.misfit-worst', { worst: money(String(worst)) }));

/** What the next press would cost and take, and what is left. The line keeps its height while nothing is known. */
function Estimate() {
  const known = estimate.value;
  if (!known) {
    const text = isAsking.value ? t('create.estimating') : ' ';
    return html`<p id="create-estimate" class="create-estimate muted">${text}</p>`;
  }
  const { runs, cost, worst, seconds: time, boot, state, budgets, fits, isFree } = known;
  const parts = [
    runs > 1 && t('create.runs', { n: runs }),
    isFree ? t('create.free') : cost === null ? t('create.no-price') : money(String(cost), { estimated: true }),
    !isFree && time !== null && t('create.usually', { time: seconds(time) }),
    !isFree && state === 'cold' && (boot ? t('create.boots', { time: seconds(boot) }) : t('create.boots-first')),
    !isFree && state === 'warm' && t('create.state-warm'),
    session.value.me?.upstream === 'sandbox' && t('create.sandbox'),
  ].filter(Boolean);
  const limited = budgets.filter((each) => each.left_usd !== null && each.left_usd !== undefined);
  const tightest = limited.sort((a, b) => Number(a.left_usd) - Number(b.left_usd))[0];
  return html`
    <p id="create-estimate" class="create-estimate">
      <span>${parts.join(' · ')}</span>
      ${tightest && html` <span class="create-left">${t(`create.left-${tightest.span}`, {
        left: money(tightest.left_usd), limit: money(tightest.limit_usd),
      })}</span>`}
      ${!fits && html` <strong class="create-misfit"><${Icon} name="warn" /> ${misfit(worst)}</strong>`}
    </p>`;
}

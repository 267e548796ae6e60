// Budgets as bars: what is spent, what is reserved for unfinished runs, and what is left.
import { html } from '../kernel/dom.js';
import { ago, money, number, t } from '../kernel/words.js';

const spans = ['day', 'month', 'total'];

/** The budgets with a limit: of the caller, and for administrators of all together and of each key. */
export function budgetsOf(me, keys) {
  const own = spans.map((span) => ({ ...me.budgets[span], span, of: t('usage.my-budget') }));
  const service = (me.service_budgets ?? []).map((budget) => ({ ...budget, of: t('usage.service-budget') }));
  const others = keys.filter((key) => key.id !== me.account && !key.revoked_at)
    .flatMap((key) => spans.map((span) => ({ ...key.budgets[span], span, of: key.name })));
  return [...own, ...service, ...others].filter((budget) => budget.limit_usd !== null && budget.limit_usd !== undefined);
}

export function Budgets({ budgets }) {
  if (budgets.length === 0) return html`<p class="muted">${t('usage.no-budgets')}</p>`;
  return html`<ul class="usage-budgets">${budgets.map((budget, at) => html`<${Budget} key=${at} budget=${budget} />`)}</ul>`;
}

function Budget({ budget }) {
  const [limit, spent, reserved] = [budget.limit_usd, budget.spent_usd, budget.reserved_usd].map(Number);
  const share = (value) => (limit > 0 ? Math.min(100, 100 * value / limit) : 100);
  const left = Math.max(0, limit - spent - reserved);
  const isTight = limit === 0 || left / limit < 0.1;
  return html`
    <li class="usage-budget ${isTight ? 'usage-budget-tight' : ''}">
      <p class="usage-budget-head"><strong>${budget.of}</strong><span>${t(`usage.span-${budget.span}`)}</span></p>
      <div class="usage-bar" aria-hidden="true">
        <span class="usage-bar-spent" style=${{ width: `${share(spent)}%` }}></span>
        <span class="usage-bar-reserved" style=${{ width: `${Math.min(share(reserved), 100 - share(spent))}%` }}></span>
      </div>
      <p class="usage-budget-text">
        ${t('usage.budget-spent', { spent: money(budget.spent_usd), limit: money(budget.limit_usd) })}${' '}
        ${limit > 0 && html`<span class="muted">(${number(Math.min(spent / limit, 9.99), { style: 'percent' })})</span>`}
        <br />${left > 0 ? t('usage.budget-left', { left: money(String(left)) }) : t('usage.budget-empty')}
        ${reserved > 0 && html` · ${t('usage.budget-reserved', { reserved: money(budget.reserved_usd) })}`}
        ${budget.resets_at && html` · ${t('usage.budget-resets', { when: ago(budget.resets_at) })}`}
      </p>
    </li>`;
}

// What an account may spend, and what it has spent.
import { html } from '../kernel/dom.js';
import { money, t } from '../kernel/words.js';

export const spans = ['day', 'month', 'total'];

/** One line for each period with a limit; what was spent this month where there is none. */
export function BudgetText({ budgets }) {
  const limited = spans.filter((span) => budgets[span].limit_usd !== null);
  if (limited.length === 0) return html`<span>${t('settings.spent-month', { spent: money(budgets.month.spent_usd) })}</span>`;
  return html`
    <ul class="settings-budgets">
      ${limited.map((span) => {
        const { limit_usd: limit, spent_usd: spent, reserved_usd: reserved } = budgets[span];
        const used = Number(spent) + Number(reserved);
        const text = t(`settings.spent-of-${span}`, { spent: money(spent), limit: money(limit) });
        return html`
          <li class=${used >= Number(limit) ? 'settings-empty' : null}>
            <span>${text}</span>
            <meter min="0" max=${Number(limit) || 1} value=${used} aria-label=${text}></meter>
          </li>`;
      })}
    </ul>`;
}

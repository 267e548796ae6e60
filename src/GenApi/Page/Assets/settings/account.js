// Who is signed in, and with which rights and limits.
import { html, useState } from '../kernel/dom.js';
import { session, signOut } from '../kernel/session.js';
import { number, t, when } from '../kernel/words.js';
import { ProblemBox } from '../parts/problem-box.js';
import { BudgetText } from './budgets.js';

export function Account() {
  const { state, me } = session.value;
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    try {
      await signOut();
    } catch (failure) {
      setProblem(failure);
      setBusy(false);
    }
  };
  const limit = (perMinute) => (perMinute === null ? t('settings.no-limit') : t('settings.a-minute', { value: perMinute }));
  return html`
    <section class="settings-part" aria-labelledby="settings-account">
      <h2 id="settings-account">${t('settings.account')}</h2>
      <${ProblemBox} problem=${problem} />
      ${state === 'open' && html`<p>${t(me?.account === 'anonymous' ? 'settings.anonymous' : 'settings.open')}</p>`}
      ${me && html`
        <dl class="settings-facts">
          ${state === 'in' && html`<div><dt>${t('settings.signed-in')}</dt><dd>${me.name}</dd></div>`}
          <div><dt>${t('settings.rights')}</dt><dd><${Rights} rights=${me.rights} /></dd></div>
          <div><dt>${t('settings.requests')}</dt><dd>${limit(me.limits.requests_per_minute)}</dd></div>
          <div><dt>${t('settings.generations')}</dt><dd>${limit(me.limits.generations_per_minute)}</dd></div>
          ${me.expires_at && html`<div><dt>${t('settings.expires')}</dt><dd>${when(me.expires_at)}</dd></div>`}
          ${me.budgets && html`<div><dt>${t('settings.budgets')}</dt><dd><${BudgetText} budgets=${me.budgets} /></dd></div>`}
        </dl>`}
      ${state === 'in'
        ? html`<button type="button" class="outline" aria-busy=${isBusy ? 'true' : null} onClick=${leave}>${t('settings.sign-out')}</button>
            <p class="muted">${t('settings.sign-out-help')}</p>`
        : me?.account === 'anonymous' && html`<p><a href="app/sign-in" role="button" class="outline">${t('settings.sign-in')}</a></p>`}
    </section>`;
}

export function Rights({ rights }) {
  return rights.length === 0 ? t('settings.rights-none') : rights.map((each) => t(`settings.right-${each}`)).join(', ');
}

/** A limit of a key: null is the setting of the service, 0 is none. */
export function limitText(perMinute) {
  if (perMinute === null) return t('settings.by-service');
  return perMinute === 0 ? t('settings.no-limit') : t('settings.a-minute', { value: number(perMinute) });
}

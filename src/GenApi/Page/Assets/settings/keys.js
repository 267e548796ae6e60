// The API keys: list, make, change, rotate, revoke.
import { html, signal, useEffect, useState } from '../kernel/dom.js';
import { api } from '../kernel/api.js';
import { refreshMe, session, signIn } from '../kernel/session.js';
import { ago, day, money, t } from '../kernel/words.js';
import { Dialog } from '../parts/dialog.js';
import { notify } from '../parts/notices.js';
import { ProblemBox } from '../parts/problem-box.js';
import { Confirm } from './confirm.js';
import { Rights, limitText } from './account.js';
import { BudgetText, spans } from './budgets.js';
import { KeyForm } from './key-form.js';
import { NewSecret } from './new-secret.js';

/** A secret that must still be copied. It outlives this view, because the first key closes the service to callers without one. */
const made = signal(null);

const isOpen = () => session.value.state === 'open';

export function Keys() {
  const [keys, setKeys] = useState(null);
  const [problem, setProblem] = useState(null);
  const [edited, setEdited] = useState(null);
  const [asked, setAsked] = useState(null);
  const load = async () => {
    try {
      setKeys((await api.get('accounts/keys')).data);
      setProblem(null);
    } catch (failure) {
      setProblem(failure);
    }
  };
  useEffect(() => {
    load();
  }, []);
  const save = async (changes) => {
    if (edited.id) {
      await api.patch(`accounts/keys/${edited.id}`, changes);
      notify({ text: t('settings.saved', { name: changes.name ?? edited.name }), kind: 'good' });
    } else {
      const { isFirst } = edited;
      const key = await api.post('accounts/keys', changes);
      made.value = key;
      // From now on everybody needs a key, so this page signs in with it.
      if (isFirst) await signIn(key.secret);
    }
    setEdited(null);
    await load();
    if (edited.id === session.value.me?.account) await refreshMe();
  };
  const rotate = async (key) => {
    const rotated = await api.post(`accounts/keys/${key.id}/rotate`);
    made.value = rotated;
    // The old secret has ended the session of this page too.
    if (key.id === session.value.me?.account) await signIn(rotated.secret);
    await load();
  };
  const revoke = async (key) => {
    await api.delete(`accounts/keys/${key.id}`);
    notify({ text: t('settings.revoked', { name: key.name }), kind: 'good' });
    await load();
  };
  const usable = keys?.filter((key) => key.revoked_at === null) ?? [];
  const revoked = keys?.filter((key) => key.revoked_at !== null) ?? [];
  return html`
    <section class="settings-part settings-wide" aria-labelledby="settings-keys">
      <div class="settings-head">
        <h2 id="settings-keys">${t('settings.keys')}</h2>
        ${keys && html`
          <button type="button" class="small" onClick=${() => setEdited({ isFirst: isOpen() && keys.length === 0 })}>
            ${t('settings.make')}
          </button>`}
      </div>
      <${ProblemBox} problem=${problem} onRetry=${load} />
      ${keys === null && !problem && html`<p aria-busy="true">${t('common.loading')}</p>`}
      ${keys && isOpen() && keys.length === 0 && html`<p>${t('settings.no-keys')}</p>`}
      <ul class="settings-keys">
        ${usable.map((key) => html`
          <${Key} key=${key.id} value=${key} onEdit=${() => setEdited(key)} onRotate=${() => setAsked({ kind: 'rotate', key })}
            onRevoke=${() => setAsked({ kind: 'revoke', key })} />`)}
      </ul>
      ${revoked.length > 0 && html`
        <details>
          <summary>${t('settings.revoked-keys', { n: revoked.length })}</summary>
          <ul class="settings-keys">
            ${revoked.map((key) => html`
              <li key=${key.id} class="settings-key">
                <h3>${key.name} <code>${key.prefix}…</code></h3>
                <p class="muted">${t('settings.revoked-at', { day: day(key.revoked_at) })}</p>
              </li>`)}
          </ul>
        </details>`}
      <${Dialog} open=${edited !== null} onClose=${() => setEdited(null)} className="settings-dialog" isSure
        title=${edited?.id ? t('settings.change', { name: edited.name }) : t('settings.make')}>
        ${edited && html`<${KeyForm} of=${edited} onSave=${save} onClose=${() => setEdited(null)} />`}
      <//>
      <${Confirm} open=${asked !== null} onClose=${() => setAsked(null)} title=${asked ? t(`settings.${asked.kind}-title`, asked.key) : ''}
        text=${asked ? t(`settings.${asked.kind}-text`) : ''} button=${asked ? t(`settings.${asked.kind}`) : ''}
        onConfirm=${() => (asked.kind === 'rotate' ? rotate(asked.key) : revoke(asked.key))} />
      <${NewSecret} of=${made.value} onClose=${() => { made.value = null; }} />
    </section>`;
}

function Key({ value, onEdit, onRotate, onRevoke }) {
  const isOwn = value.id === session.value.me?.account;
  const isExpired = value.expires_at !== null && new Date(value.expires_at) <= new Date();
  const endUsers = spans.filter((span) => value.end_user_budgets[span] !== null);
  return html`
    <li class="settings-key">
      <h3>
        ${value.name} <code>${value.prefix}…</code>
        ${isOwn && html` <span class="settings-mark">${t('settings.own')}</span>`}
        ${isExpired && html` <span class="settings-mark settings-bad">${t('settings.expired')}</span>`}
      </h3>
      <dl class="settings-facts">
        <div><dt>${t('settings.rights')}</dt><dd><${Rights} rights=${value.rights} /></dd></div>
        <div><dt>${t('settings.budgets')}</dt><dd><${BudgetText} budgets=${value.budgets} /></dd></div>
        ${endUsers.length > 0 && html`
          <div><dt>${t('settings.end-user-budgets')}</dt>
            <dd>${endUsers.map((span) => t(`settings.per-${span}`, { value: money(value.end_user_budgets[span]) })).join(', ')}</dd></div>`}
        <div><dt>${t('settings.requests')}</dt><dd>${limitText(value.requests_per_minute)}</dd></div>
        <div><dt>${t('settings.generations')}</dt><dd>${limitText(value.generations_per_minute)}</dd></div>
        <div><dt>${t('settings.expires')}</dt><dd>${value.expires_at ? day(value.expires_at) : t('settings.never')}</dd></div>
        <div><dt>${t('settings.used')}</dt><dd>${value.last_used_at ? ago(value.last_used_at) : t('settings.never')}</dd></div>
      </dl>
      <div class="settings-actions">
        <button type="button" class="outline small" aria-label=${t('settings.change', value)} onClick=${onEdit}>
          ${t('settings.edit')}
        </button>
        <button type="button" class="outline small" aria-label=${t('settings.rotate-of', value)} onClick=${onRotate}>
          ${t('settings.rotate')}
        </button>
        <button type="button" class="outline small settings-bad" aria-label=${t('settings.revoke-of', value)} onClick=${onRevoke}>
          ${t('settings.revoke')}
        </button>
      </div>
    </li>`;
}

// What a run says about itself, in words.
import { html } from '../kernel/dom.js';
import { explain } from '../kernel/problems.js';
import { ago, money, seconds, t, when } from '../kernel/words.js';
import { useNow } from './clock.js';
import { isEnded } from './list.js';

/** Whether another account's run answered: from the store, or joined while it ran. The service names the account of all others. */
export const isShared = (run) => !run.account;

export const promptOf = (run) => (typeof run.input?.prompt === 'string' ? run.input.prompt : '');

/** The name of a model without its owner, where there is little room. */
export const shortModel = (run) => run.model.split('/').at(-1);

/** Who asked: the key, and the person for whom it asked. */
export function whoOf(run) {
  return [run.account?.name, run.end_user].filter(Boolean).join(' · ');
}

/** When it was asked for, as a distance in words. */
export function Ago({ run }) {
  return html`<time dateTime=${run.created_at} title=${when(run.created_at)}>${ago(run.created_at)}</time>`;
}

/** The seconds since it was accepted, or how long it took. */
export function Elapsed({ run }) {
  const now = useNow(!isEnded(run));
  const value = isEnded(run) ? run.timing.total_seconds : Math.max(0, Math.floor((now - Date.parse(run.created_at)) / 1000));
  return html`<span class="count">${seconds(value)}</span>`;
}

export function Cost({ run }) {
  return html`<span class="count">${run.cost ? money(run.cost.usd, { estimated: !isEnded(run) }) : '–'}</span>`;
}

/** Why it failed, in one line. */
export function Fault({ run }) {
  if (!run.error) return null;
  return html`<span class="runs-fault">${explain(run.error).title}</span>`;
}

export function Cached({ run }) {
  return isShared(run) ? html`<span class="runs-cached" title=${t('runs.cached-help')}>${t('runs.cached')}</span>` : '–';
}

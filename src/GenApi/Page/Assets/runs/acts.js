// What can be done with a run.
import { html, useState } from '../kernel/dom.js';
import { setQuery } from '../kernel/address.js';
import { api } from '../kernel/api.js';
import { follow } from '../kernel/live.js';
import { can, session } from '../kernel/session.js';
import { t } from '../kernel/words.js';
import { Dialog } from '../parts/dialog.js';
import { Icon } from '../parts/icon.js';
import { notify } from '../parts/notices.js';
import { ProblemBox } from '../parts/problem-box.js';
import { isShared } from './facts.js';
import { isEnded } from './list.js';

export function Acts({ run, list, put, onClose }) {
  const [busy, setBusy] = useState(null);
  const [problem, setProblem] = useState(null);
  const [isAsking, setAsking] = useState(false);
  if (!can('generate')) return null;

  const act = (name, work) => async () => {
    setBusy(name);
    setProblem(null);
    try {
      await work();
    } catch (failure) {
      setProblem(failure);
    } finally {
      setBusy(null);
    }
  };
  const changed = (generation) => {
    put(generation);
    list.put(generation);
  };
  const cancel = act('cancel', async () => {
    const answer = await api.post(`generations/${run.id}/cancel`);
    changed(answer);
    if (!isEnded(answer)) notify({ text: t('runs.canceling') });
  });
  const pin = act('pin', async () => changed(await (run.pinned ? api.delete : api.post)(`generations/${run.id}/pin`)));
  const retry = act('retry', async () => {
    const made = await again(run);
    follow(made);
    list.add(made);
    setQuery({ run: made.id }, { replace: false });
    notify({ text: t(isEnded(made) ? 'runs.found' : 'runs.started'), kind: 'good' });
  });
  const remove = act('delete', async () => {
    setAsking(false);
    await api.delete(`generations/${run.id}`);
    list.remove(run.id);
    onClose();
    notify({ text: t('runs.deleted') });
  });
  const button = (name, icon, onClick, attributes = {}) => html`
    <button type="button" class="outline small" onClick=${onClick} disabled=${busy !== null}
      aria-busy=${busy === name ? 'true' : null} ...${attributes}>
      <${Icon} name=${icon} />${t(`runs.act-${name}`)}
    </button>`;
  const canCancel = !isEnded(run) && run.status !== 'storing';
  return html`
    <div class="runs-acts">
      ${canCancel && button('cancel', 'cancel', cancel)}
      ${(run.status === 'failed' || run.status === 'canceled') && button('retry', 'again', retry)}
      <a role="button" class="outline small" href="?from=${run.id}"><${Icon} name="input" />${t('runs.act-use')}</a>
      ${run.seed !== null && html`
        <a role="button" class="outline small" href="?from=${run.id}&seed=new"><${Icon} name="dice" />${t('runs.act-seed')}</a>`}
      ${!isShared(run) && button('pin', 'pin', pin, { 'aria-pressed': String(run.pinned) })}
      ${button('delete', 'delete', () => setAsking(true), { 'aria-haspopup': 'dialog' })}
    </div>
    <${ProblemBox} problem=${problem} />
    <${Dialog} open=${isAsking} onClose=${() => setAsking(false)} title=${t('runs.delete-title')}>
      <p>${t(`runs.delete-${isShared(run) ? 'shared' : isEnded(run) ? 'ended' : 'running'}`)}</p>
      <footer class="runs-dialog-foot">
        <button type="button" class="secondary outline" onClick=${() => setAsking(false)}>${t('common.cancel')}</button>
        <button type="button" onClick=${remove}>${t('runs.act-delete')}</button>
      </footer>
    <//>`;
}

/** Makes the same request again. The list may have cut its files, so the whole run is read first. */
async function again({ id }) {
  const run = await api.get(`generations/${id}`);
  const body = { model: run.model, input: run.input };
  if (Object.keys(run.metadata).length > 0) body.metadata = run.metadata;
  // A person belongs to the key that named them.
  if (run.end_user && run.account?.id === session.value.me?.account) body.user = run.end_user;
  const headers = { Prefer: 'respond-async', 'Idempotency-Key': crypto.randomUUID?.() ?? randomKey() };
  return await api.post('generate', body, { headers });
}

/** For pages that come over plain HTTP from another machine, where browsers offer no randomUUID. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (each) => each.toString(16).padStart(2, '0')).join('');
}

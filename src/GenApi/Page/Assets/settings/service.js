// The state of the installation: version, upstream, store, retention, last backup and check.
import { html, useEffect, useState } from '../kernel/dom.js';
import { api } from '../kernel/api.js';
import { ago, bytes, number, t, when } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { ProblemBox } from '../parts/problem-box.js';

export function Service() {
  const [status, setStatus] = useState(null);
  const [problem, setProblem] = useState(null);
  const load = async () => {
    try {
      setStatus(await api.get('status'));
      setProblem(null);
    } catch (failure) {
      setProblem(failure);
    }
  };
  useEffect(() => {
    load();
  }, []);
  return html`
    <section class="settings-part" aria-labelledby="settings-service">
      <div class="settings-head">
        <h2 id="settings-service">${t('settings.service')}</h2>
        <button type="button" class="outline small" onClick=${load}><${Icon} name="again" /><span>${t('settings.refresh')}</span></button>
      </div>
      <${ProblemBox} problem=${problem} onRetry=${load} />
      ${!status && !problem && html`<p aria-busy="true">${t('common.loading')}</p>`}
      ${status && html`<${Facts} status=${status} />`}
    </section>`;
}

function Facts({ status }) {
  const { store, upstream, work } = status;
  return html`
    ${status.troubles.map((trouble) => html`
      <p class="settings-warn"><${Icon} name="warn" /> <span lang="en">${trouble}</span></p>`)}
    <dl class="settings-facts">
      <div><dt>${t('settings.version')}</dt><dd>GenApi ${status.version}</dd></div>
      <div><dt>${t('settings.started')}</dt><dd>${ago(status.started_at)} <small>(${when(status.started_at)})</small></dd></div>
      <div><dt>${t('settings.upstream')}</dt>
        <dd>${t(`settings.upstream-${upstream.name}`)}${upstream.address && html` <small>${upstream.address}</small>`}</dd></div>
      <div><dt>${t('settings.token')}</dt><dd>${word('token', upstream.token)}</dd></div>
      <div><dt>${t('settings.credit')}</dt><dd>${word('credit', upstream.credit)}</dd></div>
      <div><dt>${t('settings.work')}</dt><dd>${t('settings.work-text', { running: work.in_flight, queued: work.queued })}</dd></div>
      <div><dt>${t('settings.webhooks')}</dt>
        <dd>${t('settings.webhooks-text', { waiting: work.webhooks_waiting, lost: work.webhooks_given_up })}</dd></div>
      <div><dt>${t('settings.store')}</dt><dd><${Store} store=${store} /></dd></div>
      <div><dt>${t('settings.retention')}</dt>
        <dd>${store.keep_days === null ? t('settings.keep-ever') : t('settings.keep-days', { n: store.keep_days })}</dd></div>
      <div><dt>${t('settings.backup')}</dt><dd><${Run} run=${status.last_backup} never="settings.no-backup" /></dd></div>
      <div><dt>${t('settings.fsck')}</dt><dd><${Run} run=${status.last_fsck} never="settings.no-fsck" /></dd></div>
    </dl>`;
}

// The words of the API, in the user's language; a word of a later version as it is.
function word(kind, value) {
  const key = `settings.${kind}-${value.replaceAll(' ', '-')}`;
  const text = t(key);
  return text === key ? value : text;
}

function Store({ store }) {
  const used = store.used_bytes ?? store.file_bytes;
  const text = store.max_bytes === null
    ? t('settings.store-text', { files: number(store.files), size: bytes(used) })
    : t('settings.store-bound', { files: number(store.files), size: bytes(used), bound: bytes(store.max_bytes) });
  return html`
    <span>${text}</span>
    ${store.max_bytes !== null
      && html`<meter min="0" max=${store.max_bytes} value=${Math.min(used, store.max_bytes)} aria-label=${text}></meter>`}
    <small>${[
      store.database_bytes !== null && t('settings.database', { size: bytes(store.database_bytes) }),
      store.free_bytes !== null && t('settings.free', { size: bytes(store.free_bytes) }),
    ].filter(Boolean).join(', ')}</small>
    ${store.lost_files > 0 && html`<span class="settings-bad">${t('settings.lost', { n: store.lost_files })}</span>`}
    ${store.is_stuck && html`<span class="settings-bad">${t('settings.stuck')}</span>`}`;
}

function Run({ run, never }) {
  const isBad = run.outcome === 'problems';
  const done = isBad ? 'settings.run-problems' : 'settings.run-sound';
  return html`
    ${run.at === null
      ? html`<span class="settings-bad">${t(never)}</span>`
      : html`
          <span class=${isBad ? 'settings-bad' : null}>${t(done, { ago: ago(run.at) })}</span>
          <small lang="en">${[run.summary, run.folder].filter(Boolean).join(', ')}</small>`}
    ${run.runs_since > 0 && html`<small>${t('settings.runs-since', { n: run.runs_since })}</small>`}
    ${run.is_of_newer_database && html`<span class="settings-bad">${t('settings.older-database')}</span>`}
    ${run.failed_at && html`
      <span class="settings-bad">${t('settings.run-failed', { ago: ago(run.failed_at) })} <small lang="en">${run.failure}</small></span>`}`;
}

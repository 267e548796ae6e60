// The webhooks about a run: what was sent, what will be, and sending again.
import { html, useEffect, useRef, useState } from '../kernel/dom.js';
import { api } from '../kernel/api.js';
import { can } from '../kernel/session.js';
import { ago, seconds, t, when } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { notify } from '../parts/notices.js';
import { ProblemBox } from '../parts/problem-box.js';

/** The pauses before the list is read again after a message was sent again, in milliseconds. */
const looks = [700, 1500, 3000, 6000];

const marks = { pending: '…', delivered: '✓', failed: '✕', gone: '–' };

export function Deliveries({ run }) {
  const [rows, setRows] = useState([]);
  const [cursor, setCursor] = useState(null);
  const [problem, setProblem] = useState(null);
  const timer = useRef();
  const path = `generations/${run.id}/deliveries`;
  const read = async (from = null) => {
    try {
      const page = await api.get(path, { cursor: from });
      setProblem(null);
      setRows((known) => {
        const fresh = new Map(page.data.map((each) => [each.id, each]));
        const others = known.filter((each) => !fresh.has(each.id));
        const added = page.data.filter((each) => !known.some(({ id }) => id === each.id));
        return from ? [...known.map((each) => fresh.get(each.id) ?? each), ...added] : [...page.data, ...others];
      });
      setCursor((known) => (from || rows.length === 0 ? page.next_cursor : known));
      return page.data;
    } catch (failure) {
      setProblem(failure);
      return [];
    }
  };
  // Each new status may send one.
  useEffect(() => {
    read();
  }, [run.id, run.status]);
  useEffect(() => () => clearTimeout(timer.current), [run.id]);

  const watch = (id, at = 0) => {
    clearTimeout(timer.current);
    if (at >= looks.length) return;
    timer.current = setTimeout(async () => {
      const found = (await read()).find((each) => each.id === id);
      if (!found || found.status === 'pending') watch(id, at + 1);
    }, looks[at]);
  };
  const send = async (id) => {
    try {
      const again = await api.post(`${path}/${id}/redeliver`);
      setRows((known) => known.map((each) => (each.id === id ? again : each)));
      notify({ text: t('runs.sending') });
      watch(id);
    } catch (failure) {
      setProblem(failure);
    }
  };
  if (rows.length === 0 && !problem) return null;
  return html`
    <section aria-labelledby="runs-deliveries-title">
      <h3 id="runs-deliveries-title">${t('runs.deliveries')}</h3>
      <${ProblemBox} problem=${problem} onRetry=${() => read()} />
      <ul class="runs-deliveries">
        ${rows.map((each) => html`<${Delivery} key=${each.id} delivery=${each} onSend=${() => send(each.id)} />`)}
      </ul>
      ${cursor && html`<button type="button" class="outline small" onClick=${() => read(cursor)}>${t('runs.more')}</button>`}
    </section>`;
}

function Delivery({ delivery, onSend }) {
  const { event, status, url, attempts, next_attempt_at: next, created_at: created } = delivery;
  return html`
    <li class="runs-delivery">
      <p class="runs-delivery-head">
        <span class="runs-delivery-status runs-delivery-${status}">
          <span aria-hidden="true">${marks[status]}</span> ${t(`runs.delivery-${status}`)}
        </span>
        <span>${t(`runs.event-${event}`)}</span>
        <time dateTime=${created} title=${when(created)}>${ago(created)}</time>
        ${can('generate') && html`
          <button type="button" class="outline small" onClick=${onSend}><${Icon} name="again" />${t('runs.send-again')}</button>`}
      </p>
      <p class="runs-delivery-url"><code>${url}</code></p>
      ${next && html`<p><small>${t('runs.next-attempt', { time: when(next) })}</small></p>`}
      ${attempts.length > 0 && html`
        <details>
          <summary>${t('runs.attempts', { n: attempts.length })}</summary>
          <ol>
            ${attempts.map((each) => html`
              <li>
                <time dateTime=${each.at}>${when(each.at)}</time>${': '}
                ${each.status === null ? t('runs.no-answer') : t('runs.answered', { status: String(each.status) })},${' '}
                ${seconds(each.duration_seconds)}
                ${each.error && html`<br /><span class="runs-fault" lang="en">${each.error}</span>`}
              </li>`)}
          </ol>
        </details>`}
    </li>`;
}

// Spend and savings: totals, budgets, and charts by day, model, key and person, each with its table.
import { html, useEffect, useMemo, useRef, useState } from '../kernel/dom.js';
import { address, setQuery } from '../kernel/address.js';
import { api } from '../kernel/api.js';
import { onChange } from '../kernel/live.js';
import { can, session } from '../kernel/session.js';
import { money, number, seconds, t } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { notify } from '../parts/notices.js';
import { ProblemBox } from '../parts/problem-box.js';
import { Empty, Field } from '../parts/small.js';
import { Budgets, budgetsOf } from './usage-budgets.js';
import { Chart } from './usage-chart.js';
import { daysOf, download, largest, overTime, periods, reports } from './usage-data.js';

/** The service writes hits every five seconds; after a run the view reads again a little later. */
const patience = 6000;
const ends = new Set(['succeeded', 'failed', 'canceled']);

export default function View() {
  const { query } = address.value;
  const period = periods.includes(query.get('period')) ? query.get('period') : 'month';
  const { from, to } = daysOf(period, { from: query.get('from'), to: query.get('to') });
  const [key, user] = [query.get('key') ?? '', query.get('user')];
  const filter = useMemo(() => ({ from, to, key, end_user: user ?? '' }), [from, to, key, user]);
  const { data, problem, isLoading, reload } = useReports(filter);
  return html`
    <div class="usage">
      <div class="usage-head">
        <h1>${t('common.view-usage')}</h1>
        <button type="button" class="outline small" onClick=${reload}><${Icon} name="again" /><span>${t('usage.refresh')}</span></button>
      </div>
      <${Controls} period=${period} from=${from} to=${to} keyId=${key} user=${user} data=${data} />
      ${problem && html`<${ProblemBox} problem=${problem} onRetry=${reload} />`}
      ${data === null && !problem && html`<p aria-busy="true">${t('common.loading')}</p>`}
      ${data && html`<div aria-busy=${isLoading ? 'true' : 'false'}><${Reports} data=${data} filter=${filter} /></div>`}
    </div>`;
}

/** Reads the reports of a filter, again when runs end, and keeps the last ones while it reads. */
function useReports(filter) {
  const [state, setState] = useState({ data: null, problem: null, isLoading: true });
  const [round, setRound] = useState(0);
  const seesAll = can('admin');
  useEffect(() => {
    const stop = new AbortController();
    setState((last) => ({ ...last, isLoading: true }));
    Promise.all([reports(filter, seesAll, { signal: stop.signal }), budgets(seesAll, { signal: stop.signal })])
      .then(([read, limits]) => setState({ data: { ...read, limits, filter, at: new Date() }, problem: null, isLoading: false }))
      .catch((problem) => problem.code !== 'aborted' && setState((last) => ({ ...last, problem, isLoading: false })));
    return () => stop.abort();
  }, [filter, round, seesAll]);
  useEffect(() => {
    let timer = null;
    const stop = onChange(({ type, generation }) => {
      if (type !== 'reset' && !(type === 'generation' && ends.has(generation?.status))) return;
      timer ??= setTimeout(() => {
        timer = null;
        setRound((last) => last + 1);
      }, patience);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, []);
  return { ...state, reload: () => setRound((last) => last + 1) };
}

async function budgets(seesAll, options) {
  const [me, keys] = await Promise.all([
    api.get('accounts/me', null, options),
    seesAll ? api.get('accounts/keys', null, options) : { data: [] },
  ]);
  return budgetsOf(me, keys.data);
}

function Controls({ period, from, to, keyId, user, data }) {
  const choose = (name) => (event) => setQuery({ [name]: event.target.value });
  const days = (name) => (event) => setQuery({ period: 'own', from, to, [name]: event.target.value });
  const keys = data?.byKey?.data ?? [];
  const users = data?.byUser.data.filter((row) => row.group !== '') ?? [];
  const isPractice = session.value.me?.upstream === 'sandbox';
  return html`
    <div class="usage-controls">
      <${Field} label=${t('usage.period')}>${(control) => html`
        <select ...${control} value=${period} onChange=${choose('period')}>
          ${periods.map((each) => html`<option key=${each} value=${each}>${t(`usage.period-${each}`)}</option>`)}
        </select>`}<//>
      ${period === 'own' && html`
        <${Field} label=${t('usage.from')}>${(control) => html`
          <input ...${control} type="date" value=${from} max=${to} required onChange=${days('from')} />`}<//>
        <${Field} label=${t('usage.to')}>${(control) => html`
          <input ...${control} type="date" value=${to} min=${from} required onChange=${days('to')} />`}<//>`}
      ${(keyId || keys.length > 1) && html`
        <${Field} label=${t('usage.key')}>${(control) => html`
          <select ...${control} value=${keyId} onChange=${choose('key')}>
            <option value="">${t('usage.all-keys')}</option>
            ${keyId && !keys.some((row) => row.group === keyId) && html`<option value=${keyId}>${keyId}</option>`}
            ${keys.map((row) => html`<option key=${row.group} value=${row.group}>${row.name ?? nameOfAccount(row.group)}</option>`)}
          </select>`}<//>`}
      ${(user || users.length > 0) && html`
        <${Field} label=${t('usage.user')}>${(control) => html`
          <select ...${control} value=${user ?? ''} onChange=${choose('user')}>
            <option value="">${t('usage.all-users')}</option>
            ${user && !users.some((row) => row.group === user) && html`<option value=${user}>${user}</option>`}
            ${users.map((row) => html`<option key=${row.group} value=${row.group}>${row.name ?? row.group}</option>`)}
          </select>`}<//>`}
    </div>
    <p class="muted usage-span">
      ${t('usage.span', { from: shownDay(from), to: shownDay(to) })} ${isPractice && t('usage.practice')}
    </p>`;
}

function Reports({ data, filter }) {
  const { byDay, byModel, byKey, byUser, limits } = data;
  const { totals } = byDay;
  const isNothing = totals.runs + totals.hits + totals.joined === 0;
  const people = byUser.data.filter((row) => row.group !== '');
  const { step, rows: times } = useMemo(() => overTime(byDay.data, data.filter), [data]);
  return html`
    <${Totals} totals=${totals} />
    <section class="usage-section" aria-labelledby="usage-limits">
      <h2 id="usage-limits">${t('usage.budgets')}</h2>
      <${Budgets} budgets=${limits} />
    </section>
    ${isNothing
      ? html`<${Empty} title=${t('usage.empty')} text=${t('usage.empty-text')}><a href="." role="button">${t('usage.create')}</a><//>`
      : html`
        <${Group} key=${step} id=${step} by="day" rows=${times} filter=${filter} ...${formats[step]} />
        <div class="usage-pair">
          <${Group} id="model" rows=${byModel.data} filter=${filter} isAcross label=${(row) => row.group} />
          ${byKey && byKey.data.length > 0 && html`
            <${Group} id="key" rows=${byKey.data} filter=${filter} isAcross label=${(row) => row.name ?? nameOfAccount(row.group)} />`}
          ${people.length > 0 && html`
            <${Group} id="end_user" rows=${byUser.data} filter=${filter} isAcross
              label=${(row) => (row.group === '' ? t('usage.nobody') : row.name ?? row.group)} />`}
        </div>`}`;
}

function Totals({ totals }) {
  const figures = [
    ['spent', money(totals.cost_usd)], ['saved', money(totals.saved_usd)], ['runs', number(totals.runs)], ['images', number(totals.images)],
    ['answered', number(totals.hits + totals.joined)], ['time', seconds(Number(totals.predict_seconds))],
  ];
  return html`
    <dl class="usage-totals">
      ${figures.map(([name, value]) => html`<div key=${name}><dt>${t(`usage.${name}`)}</dt><dd>${value}</dd></div>`)}
    </dl>
    ${totals.unpriced_runs > 0 && html`<p class="muted">${t('usage.unpriced', { n: totals.unpriced_runs })}</p>`}`;
}

/** A chart by one grouping, its table, and the same as a file. */
function Group({ id, by = id, rows, filter, label, short = label, isAcross = false }) {
  const most = 10;
  const shown = useMemo(() => (isAcross ? largest(rows, most, t('usage.rest')) : rows), [rows]);
  const labels = useMemo(() => shown.map((row) => (row.isRest ? row.name : short(row))), [shown]);
  const series = useMemo(() => [
    { label: t('usage.spent'), values: shown.map((row) => Number(row.cost_usd)) },
    { label: t('usage.saved'), values: shown.map((row) => Number(row.saved_usd)) },
  ], [shown]);
  const title = t(`usage.by-${id}`);
  const save = () => download(by, filter).catch((problem) => notify({ text: problem.message, kind: 'bad' }));
  return html`
    <section class="usage-section" aria-labelledby="usage-by-${id}">
      <div class="usage-head">
        <h2 id="usage-by-${id}">${title}</h2>
        <button type="button" class="outline small" onClick=${save} aria-label=${t('usage.csv-of', { title })}>
          <${Icon} name="download" /><span>${t('usage.csv')}</span>
        </button>
      </div>
      <${Chart} name=${t(`usage.column-${id}`)} labels=${labels} series=${series} isAcross=${isAcross} />
      <${Figures} id=${id} title=${title} rows=${rows.filter((row) => row.runs + row.hits + row.joined > 0)} label=${label} />
    </section>`;
}

const columns = [
  ['spent', (row) => money(row.cost_usd)], ['saved', (row) => money(row.saved_usd)], ['runs', (row) => number(row.runs)],
  ['images', (row) => number(row.images)], ['hits', (row) => number(row.hits)], ['joined', (row) => number(row.joined)],
  ['time', (row) => seconds(Number(row.predict_seconds))],
];

function Figures({ id, title, rows, label }) {
  const details = useRef();
  const [isOpen, setOpen] = useState(false);
  return html`
    <details ref=${details} onToggle=${() => setOpen(details.current.open)}>
      <summary>${t('usage.figures')}</summary>
      ${isOpen && html`
        <div class="usage-table" role="region" aria-label=${t('usage.figures-of', { title })} tabindex="0">
          <table>
            <caption class="hidden-text">${title}</caption>
            <thead><tr>
              <th scope="col">${t(`usage.column-${id}`)}</th>
              ${columns.map(([name]) => html`<th key=${name} scope="col">${t(`usage.${name}`)}</th>`)}
            </tr></thead>
            <tbody>${rows.map((row) => html`
              <tr key=${row.group}>
                <th scope="row">${label(row)}${row.email && html`<br /><small>${row.email}</small>`}</th>
                ${columns.map(([name, value]) => html`<td key=${name}>${value(row)}</td>`)}
              </tr>`)}
            </tbody>
          </table>
        </div>`}
    </details>`;
}

const accounts = ['open', 'anonymous', 'admin-key', 'keep-warm', 'before-accounts'];
const nameOfAccount = (word) => (accounts.includes(word) ? t(`usage.account-${word}`) : word);
// The service's days are days in UTC, wherever the reader is.
const inUtc = (style) => new Intl.DateTimeFormat(document.documentElement.lang, { ...style, timeZone: 'UTC' });
const inWords = (style) => (row) => inUtc(style).format(new Date(row.group));
const shownDay = (text) => inUtc({ dateStyle: 'medium' }).format(new Date(text));
const formats = {
  day: { label: inWords({ dateStyle: 'medium' }), short: inWords({ day: 'numeric', month: 'short' }) },
  month: { label: inWords({ month: 'long', year: 'numeric' }), short: inWords({ month: 'short', year: '2-digit' }) },
};

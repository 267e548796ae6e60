// Two to four pictures side by side, and what made them differ.
import { html, useEffect, useRef, useState } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { imageUrl } from '../parts/picture.js';
import { ProblemBox } from '../parts/problem-box.js';
import { costOf, fileOf, promptOf, readFacts, settingsOf } from './facts.js';
import { compare, openDetails } from './state.js';

const letters = 'ABCD';

/** Facts that differ between any two pictures and say nothing. */
const ignored = new Set(['sha256', 'id']);

export function Compare({ ids }) {
  const [read, setRead] = useState({ key: null });
  const [isShort, setShort] = useState(false);
  const heading = useRef();
  const key = ids.join(',');
  const load = (signal) => Promise.all(ids.map((id) => readFacts(id, signal)))
    .then((facts) => setRead({ key, facts }))
    .catch((problem) => problem.code !== 'aborted' && setRead({ key, problem }));
  useEffect(() => {
    const ended = new AbortController();
    void load(ended.signal);
    return () => ended.abort();
  }, [key]);
  useEffect(() => heading.current.focus(), []);
  const facts = read.key === key ? read.facts : null;
  const rows = facts ? rowsOf(facts) : [];
  const leave = (event) => {
    if (event.key === 'Escape') compare([]);
  };
  return html`
    <section class="gallery-compare" aria-labelledby="gallery-compare-title" onKeyDown=${leave}>
      <header class="gallery-compare-head">
        <button type="button" class="plain gallery-back-list" onClick=${() => compare([])}>
          <${Icon} name="back" /><span>${t('gallery.back')}</span>
        </button>
        <h2 id="gallery-compare-title" ref=${heading} tabindex="-1">${t('gallery.compare-title', { n: ids.length })}</h2>
        <label><input type="checkbox" checked=${isShort} onChange=${(event) => setShort(event.currentTarget.checked)} />
          ${t('gallery.compare-differing')}</label>
      </header>
      ${read.key === key && read.problem && html`<${ProblemBox} problem=${read.problem} onRetry=${() => load()} />`}
      <table class="gallery-table">
        <caption class="hidden-text">${t('gallery.compare-title', { n: ids.length })}</caption>
        <thead>
          <tr>${ids.map((id, at) => html`
            <th key=${id} scope="col"><${Column} id=${id} letter=${letters[at]} facts=${facts?.[at]} /></th>`)}</tr>
        </thead>
        ${rows.filter((row) => row.differs || !isShort).map((row) => html`<${Setting} key=${row.name} row=${row} count=${ids.length} />`)}
      </table>
      ${!facts && !read.problem && html`<p aria-busy="true">${t('common.loading')}</p>`}
    </section>`;
}

function Column({ id, letter, facts }) {
  const prompt = (facts && promptOf(facts.generation)) ?? t('gallery.no-prompt');
  return html`
    <button type="button" class="gallery-compared" onClick=${() => { compare([]); openDetails(id); }}>
      <img src=${imageUrl(id, { width: 1024, format: 'webp' })} alt=${prompt} decoding="async" />
    </button>
    <span class="gallery-letter">${letter}</span>`;
}

/** A setting: its name above the values, so that four columns fit on a phone. */
function Setting({ row, count }) {
  return html`
    <tbody class=${row.differs ? 'gallery-differs' : ''}>
      <tr><th colspan=${count} scope="rowgroup" role="rowheader">
        ${row.label}${row.differs && html` <span class="gallery-mark"><span aria-hidden="true">≠</span> ${t('gallery.differs')}</span>`}
      </th></tr>
      <tr>${row.values.map((value, at) => html`<td key=${at}>${value ?? '–'}</td>`)}</tr>
    </tbody>`;
}

/** Rows of all names that any of the pictures has, in the order in which they come. */
function rowsOf(facts) {
  const own = new Set(['model', 'version', 'seed']);
  const columns = facts.map((each) => new Map([
    ['prompt', promptOf(each.generation)],
    ...settingsOf(each.generation),
    ...[...costOf(each.generation), ...fileOf(each)].filter(([name]) => !ignored.has(name)).map(([name, value]) => [`pair:${name}`, value]),
  ]));
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  return names.map((name) => {
    const values = columns.map((column) => column.get(name) ?? null);
    const label = name === 'prompt' ? t('gallery.prompt') : name.startsWith('pair:') ? t(`gallery.pair-${name.slice(5)}`)
      : own.has(name) ? t(`gallery.pair-${name}`) : name;
    return { name, label, values, differs: new Set(values).size > 1 };
  });
}

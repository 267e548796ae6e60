// The filters above the list. They stand in the address.
import { html, useEffect, useRef, useState } from '../kernel/dom.js';
import { setQuery } from '../kernel/address.js';
import { api } from '../kernel/api.js';
import { t } from '../kernel/words.js';
import { Field } from '../parts/small.js';
import { Icon } from '../parts/icon.js';
import { filterNames, periods, statuses } from './filter.js';

/** The pause after the last key before a search begins, in milliseconds. */
const typingPause = 350;

export function Filters({ filter, isNarrow }) {
  const count = Object.keys(filter).length;
  const isCustom = filter.since === 'days' || Boolean(filter.after || filter.before);
  const choosePeriod = (value) => setQuery({ since: value, ...(value === 'days' ? {} : { after: null, before: null }) });
  const clear = () => setQuery(Object.fromEntries(filterNames.map((each) => [each, null])));
  const fields = html`
    <${Text} name="q" type="search" label=${t('runs.search')} value=${filter.q} maxlength="200" />
    <${Field} label=${t('runs.column-status')}>
      ${(control) => html`
        <select ...${control} value=${filter.status ?? ''} onChange=${(event) => setQuery({ status: event.target.value })}>
          <option value="">${t('runs.any')}</option>
          ${statuses.map((each) => html`<option value=${each}>${t(`common.status-${each}`)}</option>`)}
        </select>`}
    <//>
    <${Models} value=${filter.model} />
    <${Field} label=${t('runs.period')}>
      ${(control) => html`
        <select ...${control} value=${isCustom ? 'days' : filter.since ?? ''} onChange=${(event) => choosePeriod(event.target.value)}>
          <option value="">${t('runs.any-time')}</option>
          ${Object.keys(periods).map((each) => html`<option value=${each}>${t(`runs.since-${each}`)}</option>`)}
          <option value="days">${t('runs.days')}</option>
        </select>`}
    <//>
    ${isCustom && html`
      <${Day} name="after" label=${t('runs.after')} value=${filter.after} />
      <${Day} name="before" label=${t('runs.before')} value=${filter.before} />`}
    <${Text} name="end_user" label=${t('runs.end-user')} value=${filter.end_user} maxlength="128" />
    ${count > 0 && html`
      <button type="button" class="outline small runs-clear" onClick=${clear}>
        <${Icon} name="close" />${t('runs.clear')}
      </button>`}`;
  const form = html`
    <search aria-label=${t('runs.filter')}>
      <form class="runs-filters" onSubmit=${(event) => event.preventDefault()}>${fields}</form>
    </search>`;
  if (!isNarrow) return form;
  return html`
    <details class="runs-filters-fold" open=${count > 0}>
      <summary>${count > 0 ? t('runs.filters-used', { n: count }) : t('runs.filter')}</summary>
      ${form}
    </details>`;
}

/** A text that filters once the typing pauses. What stands in the address replaces it only when the address changes by itself. */
function Text({ name, label, value = '', ...others }) {
  const [text, setText] = useState(value);
  const timer = useRef();
  const sent = useRef(value);
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    setText(value);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const send = (next) => {
    clearTimeout(timer.current);
    sent.current = next.trim();
    setQuery({ [name]: sent.current });
  };
  const type = (event) => {
    const next = event.target.value;
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => send(next), typingPause);
  };
  return html`
    <${Field} label=${label}>
      ${(control) => html`
        <input type="text" autocomplete="off" ...${others} ...${control} value=${text} onInput=${type}
          onKeyDown=${(event) => event.key === 'Enter' && send(event.target.value)} />`}
    <//>`;
}

/** A model by its name, with those of the service to choose from. Only a whole name filters. */
function Models({ value = '' }) {
  const [names, setNames] = useState([]);
  useEffect(() => {
    const ended = new AbortController();
    // Without suggestions a name can still be typed.
    api.get('models', { limit: 100 }, { signal: ended.signal })
      .then(({ data }) => setNames(data.map((each) => each.alias ?? each.model)), () => {});
    return () => ended.abort();
  }, []);
  return html`
    <${Field} label=${t('runs.column-model')}>
      ${(control) => html`
        <input type="text" list="runs-models" autocomplete="off" ...${control} key=${value} defaultValue=${value}
          onChange=${(event) => setQuery({ model: event.target.value.trim() })} />
        <datalist id="runs-models">${names.map((each) => html`<option value=${each} />`)}</datalist>`}
    <//>`;
}

function Day({ name, label, value }) {
  return html`
    <${Field} label=${label}>
      ${(control) => html`
        <input type="date" ...${control} value=${value ?? ''} onChange=${(event) => setQuery({ [name]: event.target.value })} />`}
    <//>`;
}

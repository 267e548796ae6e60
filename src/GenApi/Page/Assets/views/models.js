// The models: aliases with price, state and times, a search with Replicate's results, and one model in full beside the list.
import { html, useEffect, useRef, useState } from '../kernel/dom.js';
import { address, setQuery } from '../kernel/address.js';
import { api } from '../kernel/api.js';
import { onChange } from '../kernel/live.js';
import { ago, number, seconds, t } from '../kernel/words.js';
import { ProblemBox } from '../parts/problem-box.js';
import { Empty, Field } from '../parts/small.js';
import { ModelDetails } from './models-details.js';
import { State, nameOf, usualPrice } from './models-facts.js';

/** A search asks Replicate, so it begins only after a pause in typing. */
const pause = 450;
const ends = new Set(['succeeded', 'failed', 'canceled']);

export default function View() {
  const { query } = address.value;
  const [words, chosen] = [query.get('q') ?? '', query.get('model')];
  const list = useModels(words);
  return html`
    <div class="models ${chosen ? 'models-chosen' : ''}">
      <div class="models-list">
        <h1>${t('common.view-models')}</h1>
        <${Search} words=${words} />
        <${Found} list=${list} words=${words} chosen=${chosen} />
      </div>
      ${chosen && html`<${ModelDetails} key=${chosen} name=${chosen} onClose=${() => setQuery({ model: null }, { replace: false })} />`}
    </div>`;
}

/** Reads the list of aliases or the results of a search; the list again when a run ends, because state and times change with it. */
function useModels(words) {
  const [state, setState] = useState({ models: null, search: null, next: null, problem: null, isLoading: true });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setState((last) => ({ ...last, isLoading: true }));
    api.get('models', words ? { q: words, limit: 50 } : null, { signal: stop.signal })
      .then(({ data, search, next_cursor: next }) => setState({ models: data, search, next, problem: null, isLoading: false }))
      .catch((problem) => problem.code !== 'aborted' && setState((last) => ({ ...last, problem, isLoading: false })));
    return () => stop.abort();
  }, [words, round]);
  useEffect(() => {
    if (words) return undefined;
    let timer = null;
    const stop = onChange(({ type, generation }) => {
      if (type === 'generation' && ends.has(generation?.status)) timer ??= setTimeout(again, 2000);
    });
    const again = () => {
      timer = null;
      setRound((last) => last + 1);
    };
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [words]);
  const more = async () => {
    try {
      const page = await api.get('models', { cursor: state.next });
      setState((last) => ({ ...last, models: [...last.models, ...page.data], next: page.next_cursor }));
    } catch (problem) {
      setState((last) => ({ ...last, problem }));
    }
  };
  return { ...state, more, reload: () => setRound((last) => last + 1) };
}

function Search({ words }) {
  const [text, setText] = useState(words);
  const timer = useRef();
  // The address may change by other means, such as going back.
  useEffect(() => {
    setText((last) => (last.trim() === words ? last : words));
  }, [words]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const search = (value) => {
    clearTimeout(timer.current);
    setQuery({ q: value.trim().slice(0, 200) });
  };
  const type = (event) => {
    const { value } = event.target;
    setText(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => search(value), pause);
  };
  const submit = (event) => {
    event.preventDefault();
    search(text);
  };
  return html`
    <form role="search" class="models-search" onSubmit=${submit}>
      <${Field} label=${t('models.search')} help=${t('models.search-help')}>${(control) => html`
        <input ...${control} type="search" value=${text} maxlength="200" autocomplete="off" spellcheck=${false} onInput=${type} />`}<//>
    </form>`;
}

function Found({ list, words, chosen }) {
  const { models, search, next, problem, isLoading, more, reload } = list;
  return html`
    ${problem && html`<${ProblemBox} problem=${problem} onRetry=${reload} />`}
    <p class="muted models-outcome" role="status">${outcome(list, words)}</p>
    ${models && models.length === 0 && !isLoading && html`<${Empty} title=${t('models.none')} text=${t('models.none-text')} />`}
    ${models === null && !problem && html`<p aria-busy="true">${t('common.loading')}</p>`}
    ${models && html`
      <ul class="models-rows" aria-busy=${isLoading ? 'true' : 'false'}>
        ${models.map((model) => html`<${Row} key=${nameOf(model)} model=${model} isChosen=${nameOf(model) === chosen} words=${words} />`)}
      </ul>`}
    ${next && !search && html`<button type="button" class="outline" onClick=${more}>${t('models.more')}</button>`}`;
}

/** What a search found, and what it could not ask. */
function outcome({ models, search, isLoading }, words) {
  if (!words) return '';
  if (isLoading || !models) return t('models.searching');
  const parts = [t('models.found', { n: models.length })];
  if (search?.left_out > 0) parts.push(t('models.left-out', { n: search.left_out }));
  if (search && !search.upstream_answered) parts.push(t(search.code ? 'models.not-asked' : 'models.aliases-only'));
  return parts.join(' ');
}

const short = (count) => number(count, { notation: 'compact' });

function Row({ model, isChosen, words }) {
  const name = nameOf(model);
  const target = `app/models?${new URLSearchParams({ ...(words ? { q: words } : {}), model: name })}`;
  const run = model.times?.predict;
  return html`
    <li class="models-row ${isChosen ? 'models-row-chosen' : ''}">
      <a href=${target} class="models-open" aria-current=${isChosen ? 'true' : null}>
        <strong>${model.alias ?? model.model}</strong>
        ${model.default && html`${' '}<mark class="models-default">${t('models.default')}</mark>`}
      </a>
      ${model.alias && html`<span class="muted models-full">${model.model}</span>`}
      ${model.description && html`<p class="models-description">${model.description}</p>`}
      <p class="models-facts">
        <span>${usualPrice(model.price)}</span>
        <${State} model=${model} />
        ${run && html`<span>${t('models.typical', { time: seconds(run.median_seconds) })}</span>`}
        ${model.last_run_at && html`<span>${t('models.last-run', { when: ago(model.last_run_at) })}</span>`}
        ${model.keep_warm && html`<span>${t('models.kept-warm')}</span>`}
        ${model.run_count !== null && html`<span>${t('models.run-count', { count: short(model.run_count) })}</span>`}
      </p>
    </li>`;
}

// The model: its price, whether it is warm, and how long it usually takes; and the models to compare it with.
import { html, useEffect, useRef, useState } from '../kernel/dom.js';
import { money, seconds, t } from '../kernel/words.js';
import { Dialog } from '../parts/dialog.js';
import { Icon } from '../parts/icon.js';
import { ProblemBox } from '../parts/problem-box.js';
import { chooseModel, currentName, toggleOther } from './actions.js';
import { aliases, loadAliases, modelOf, rowOf, searchModels } from './models.js';
import { faults, form } from './state.js';

const fullName = /^[\w.-]+\/[\w.-]+(:[0-9a-f]{64})?$/i;

export function ModelPicker() {
  const [isOpen, setOpen] = useState(false);
  const name = currentName();
  const row = rowOf(name) ?? modelOf(name)?.details;
  const problem = modelOf(name)?.problem;
  const fault = faults.value?.model;
  return html`
    <div class="field create-model">
      <span class="create-label" id="create-model-label">${t('create.model')}</span>
      <button type="button" id="create-model" class="outline secondary create-model-button" aria-haspopup="dialog"
        aria-labelledby="create-model-label create-model" data-invalid=${fault || problem ? '' : null} onClick=${() => setOpen(true)}>
        <span class="create-model-name">${name ?? '…'}</span>
        <span class="create-model-facts">${row && html`<${Facts} row=${row} />`}</span>
        <${Icon} name="next" />
      </button>
      ${fault && html`<small class="field-error" role="alert">${fault}</small>`}
      ${problem && html`<${ProblemBox} problem=${problem} />`}
      ${form.value.others.length > 0 && html`
        <ul class="create-others" aria-label=${t('create.compare-with')}>
          ${form.value.others.map((each) => html`
            <li key=${each}><span>${each}</span>
              <button type="button" class="plain" aria-label=${t('create.remove-model', { name: each })} onClick=${() => toggleOther(each)}>
                <${Icon} name="close" />
              </button>
            </li>`)}
        </ul>`}
      <${Dialog} open=${isOpen} onClose=${() => setOpen(false)} title=${t('create.choose-model')} className="create-dialog">
        <${Choices} onChosen=${() => setOpen(false)} />
      <//>
    </div>`;
}

/** Price, warm or cold, and the usual time of a model. */
export function Facts({ row }) {
  const time = row.times?.predict?.median_seconds;
  const parts = [
    row.price?.typical_usd && money(row.price.typical_usd, { estimated: true }),
    row.state !== 'unknown' && t(`create.state-${row.state}`),
    time !== undefined && time !== null && t('create.usually', { time: seconds(time) }),
  ].filter(Boolean);
  return html`<span>${parts.join(' · ')}</span>`;
}

function Choices({ onChosen }) {
  const [words, setWords] = useState('');
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState(null);
  const box = useRef();
  useEffect(() => {
    loadAliases().catch(setProblem);
  }, []);
  useEffect(() => {
    if (!words.trim()) {
      setFound(null);
      return undefined;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      searchModels(words.trim(), { signal: stop.signal })
        .then((answer) => { setFound(answer); setProblem(null); })
        .catch((failure) => failure.code !== 'aborted' && setProblem(failure));
    }, 300);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [words]);
  const rows = found?.data ?? aliases.value?.filter((row) => matches(row, words)) ?? [];
  const typed = words.trim();
  const isNew = fullName.test(typed) && !rows.some((row) => row.model === typed || row.alias === typed);
  const choose = (name) => {
    void chooseModel(name);
    onChosen();
  };
  const step = (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const all = [...box.current.querySelectorAll('.create-search, .create-choice')];
    const at = all.indexOf(document.activeElement) + { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!all[at]) return;
    event.preventDefault();
    all[at].focus();
  };
  const first = (event) => {
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (rows[0] || isNew) choose(rows[0] ? nameOf(rows[0]) : typed);
  };
  return html`
    <div ref=${box} onKeyDown=${step}>
      <input type="search" class="create-search" aria-label=${t('create.search-models')} placeholder=${t('create.search-models')}
        value=${words} onInput=${(event) => setWords(event.target.value)} onKeyDown=${first} autofocus />
      <${ProblemBox} problem=${problem} />
      ${found?.search && !found.search.upstream_answered && html`<p class="muted">${t('create.search-aliases-only')}</p>`}
      <ul class="create-choices" aria-busy=${!aliases.value && !problem ? 'true' : null}>
        ${rows.map((row) => html`<${Choice} key=${row.alias ?? row.model} row=${row} onChosen=${choose} />`)}
        ${isNew && html`<${Choice} key=${typed} row=${{ model: typed, state: 'unknown' }} onChosen=${choose} />`}
      </ul>
      ${rows.length === 0 && !isNew && aliases.value && html`<p>${t('create.no-model')}</p>`}
    </div>`;
}

const nameOf = (row) => row.alias ?? row.model;

function matches(row, words) {
  const text = `${row.alias} ${row.model} ${row.description}`.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function Choice({ row, onChosen }) {
  const name = nameOf(row);
  const isCurrent = name === currentName();
  const isOther = form.value.others.includes(name);
  return html`
    <li class="create-choice-row">
      <button type="button" class="plain create-choice" aria-current=${isCurrent ? 'true' : null} onClick=${() => onChosen(name)}>
        <span class="create-choice-name">${name}${isCurrent && html` <${Icon} name="check" />`}</span>
        ${row.alias && html`<span class="muted">${row.model}</span>`}
        <span class="create-choice-text">${row.description}</span>
        <${Facts} row=${row} />
      </button>
      <label class="create-check">
        <input type="checkbox" checked=${isOther} disabled=${isCurrent} aria-label=${t('create.compare-name', { name })}
          onChange=${() => toggleOther(name)} />
        <span aria-hidden="true">${t('create.compare')}</span>
      </label>
    </li>`;
}

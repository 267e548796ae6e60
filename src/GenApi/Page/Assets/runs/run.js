// One run beside the list: everything that is known about it, and what can be done with it.
import { html, useEffect, useRef, useState } from '../kernel/dom.js';
import { api } from '../kernel/api.js';
import { onChange } from '../kernel/live.js';
import { explain } from '../kernel/problems.js';
import { t } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { ProblemBox } from '../parts/problem-box.js';
import { Empty, Progress, Status } from '../parts/small.js';
import { Acts } from './acts.js';
import { Deliveries } from './deliveries.js';
import { Facts } from './about.js';
import { isShared, promptOf } from './facts.js';
import { Input } from './input.js';
import { isEnded } from './list.js';
import { Log } from './log.js';
import { Outputs } from './outputs.js';
import { Timing } from './timing.js';

export function Run({ id, list, isNarrow, onClose }) {
  const { run, isGone, problem, read, put } = useRun(id, list);
  const heading = useRef();
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    // Wherever the focus is: a button that was pressed may be gone, and a field has its own Escape.
    const close = (event) => {
      if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open]')) return;
      if (!event.target.closest('input, select, textarea')) onClose();
    };
    document.addEventListener('keydown', close);
    return () => document.removeEventListener('keydown', close);
  }, []);
  return html`
    <section class="runs-run" aria-labelledby="runs-run-title">
      ${isNarrow && html`<h1 class="hidden-text">${t('runs.title')}</h1>`}
      <header class="runs-run-head">
        <h2 id="runs-run-title" ref=${heading} tabindex="-1">${t('runs.run')}</h2>
        <span role="status">${run && !isGone && html`<${Status} generation=${run} />`}</span>
        <button type="button" class="plain runs-close" aria-label=${t(isNarrow ? 'runs.back' : 'common.close')} onClick=${onClose}>
          <${Icon} name=${isNarrow ? 'back' : 'close'} />
        </button>
      </header>
      ${isGone && html`<${Empty} title=${t('runs.gone')} text=${t('runs.gone-next')} />`}
      <${ProblemBox} problem=${problem} onRetry=${read} />
      ${!run && !problem && !isGone && html`<p aria-busy="true">${t('common.loading')}</p>`}
      ${run && !isGone && html`<${Content} run=${run} list=${list} put=${put} onClose=${onClose} />`}
    </section>`;
}

function Content({ run, list, put, onClose }) {
  return html`
    <p class="runs-run-prompt">${promptOf(run) || t('runs.no-prompt')}</p>
    ${isShared(run) && html`<p class="runs-note"><${Icon} name="info" /> ${t('runs.shared')}</p>`}
    ${!isEnded(run) && html`<${Progress} generation=${run} />`}
    <${Fault} run=${run} />
    <${Acts} run=${run} list=${list} put=${put} onClose=${onClose} />
    <${Outputs} run=${run} />
    <${Timing} run=${run} />
    <${Facts} run=${run} />
    <${Input} run=${run} />
    <${Log} run=${run} />
    <${Deliveries} run=${run} />`;
}

/** Why it failed, or why its result is not stored yet. */
function Fault({ run }) {
  if (!run.error) return null;
  const { title, next, fields } = explain(run.error);
  const isRetrying = !isEnded(run);
  return html`
    <div class="problem" role=${isRetrying ? 'status' : null}>
      <${Icon} name="warn" />
      <div>
        <p class="problem-title">${title}</p>
        ${fields.length === 0 && html`<p class="problem-detail" lang="en">${run.error.message}</p>`}
        ${fields.length > 0 && html`
          <ul class="problem-fields">
            ${fields.map(({ name, message }) => html`<li><strong>${name}</strong> <span lang="en">${message}</span></li>`)}
          </ul>`}
        <p>${isRetrying ? t('runs.retrying') : next}</p>
      </div>
    </div>`;
}

/** The whole run, and each change of it. What the list knows is shown at once. */
function useRun(id, list) {
  const [state, setState] = useState(() => ({ run: list.of(id)?.peek() ?? null, isGone: false, problem: null }));
  const changedAt = useRef(0);
  const put = (run) => {
    changedAt.current = performance.now();
    setState({ run, isGone: false, problem: null });
  };
  const read = async () => {
    const began = performance.now();
    try {
      const run = await api.get(`generations/${encodeURIComponent(id)}`);
      if (changedAt.current <= began) setState({ run, isGone: false, problem: null });
    } catch (problem) {
      setState((known) => ({ ...known, isGone: problem.status === 404 && known.run !== null, problem }));
    }
  };
  useEffect(() => {
    read();
    return onChange((change) => {
      if (change.type === 'reset' || change.type === 'open' || (change.of === id && change.type !== 'tagged')) read();
      else if (change.id !== id) return;
      else if (change.type === 'generation') put(change.generation);
      else if (change.type === 'removed') setState((known) => ({ ...known, isGone: true, problem: null }));
      else if (change.type === 'progress') {
        setState((known) => known.run && { ...known, run: { ...known.run, progress: { ...known.run.progress, ...change.progress } } });
      }
    });
  }, [id]);
  return { ...state, problem: state.isGone ? null : state.problem, read, put };
}

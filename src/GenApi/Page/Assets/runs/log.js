// The model's log, read again while it grows. No stream of its own: six of them stop a browser from loading another tab.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../kernel/dom.js';
import { api } from '../kernel/api.js';
import { kept } from '../kernel/keep.js';
import { onChange } from '../kernel/live.js';
import { t } from '../kernel/words.js';
import { ProblemBox } from '../parts/problem-box.js';
import { CopyButton } from '../parts/small.js';
import { isEnded } from './list.js';

const isOpen = kept('runs-log', false);

/** The shortest pause between two readings, and the pause without a reported change, in milliseconds. */
const shortest = 1000;
const longest = 3000;

export function Log({ run }) {
  return html`
    <details class="runs-fold" open=${isOpen.value} onToggle=${(event) => { isOpen.value = event.currentTarget.open; }}>
      <summary>${t('runs.log')}</summary>
      ${isOpen.value && html`<${Text} id=${run.id} isEnded=${isEnded(run)} />`}
    </details>`;
}

function Text({ id, isEnded }) {
  const [text, setText] = useState(null);
  const [problem, setProblem] = useState(null);
  const element = useRef();
  const isAtEnd = useRef(true);
  useEffect(() => {
    const ended = new AbortController();
    let [timer, last] = [null, 0];
    const next = (pause) => {
      clearTimeout(timer);
      if (!ended.signal.aborted) timer = setTimeout(read, pause);
    };
    const read = async () => {
      last = performance.now();
      try {
        // A hidden tab catches up when it is shown.
        if (!document.hidden) setText((await api.get(`generations/${id}/logs`, null, { signal: ended.signal })) ?? '');
        setProblem(null);
      } catch (failure) {
        if (failure.code !== 'aborted') setProblem(failure);
      }
      if (!isEnded) next(longest);
    };
    const soon = () => next(Math.max(0, shortest - (performance.now() - last)));
    read();
    const stop = onChange((change) => change.id === id && change.type !== 'removed' && soon());
    const shown = () => !document.hidden && soon();
    document.addEventListener('visibilitychange', shown);
    return () => {
      ended.abort();
      clearTimeout(timer);
      stop();
      document.removeEventListener('visibilitychange', shown);
    };
  }, [id, isEnded]);
  // The end stays in sight for as long as somebody looks at it.
  useLayoutEffect(() => {
    if (element.current && isAtEnd.current) element.current.scrollTop = element.current.scrollHeight;
  }, [text]);
  const scroll = ({ currentTarget: box }) => {
    isAtEnd.current = box.scrollTop + box.clientHeight > box.scrollHeight - 20;
  };
  return html`
    <${ProblemBox} problem=${problem} />
    ${text === '' && html`<p class="muted">${t(isEnded ? 'runs.log-none' : 'runs.log-empty')}</p>`}
    ${text && html`
      <pre ref=${element} class="runs-log" tabindex="0" role="region" aria-label=${t('runs.log')} onScroll=${scroll}>${text}</pre>
      <${CopyButton} text=${text} className="outline small" />`}`;
}

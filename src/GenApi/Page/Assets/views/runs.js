// Every run, live: what it makes, for whom, how long it takes, what it costs, and why it failed.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../kernel/dom.js';
import { address, setQuery } from '../kernel/address.js';
import { kept } from '../kernel/keep.js';
import { t } from '../kernel/words.js';
import { Empty } from '../parts/small.js';
import { ProblemBox } from '../parts/problem-box.js';
import { filterOf } from '../runs/filter.js';
import { Filters } from '../runs/filters.js';
import { RunList } from '../runs/list.js';
import { Rows } from '../runs/rows.js';
import { Run } from '../runs/run.js';

/** The last list is held, so that a person who comes back finds the same rows at the same place. */
let last = { key: null, list: null };

function listFor(filter) {
  const key = JSON.stringify(filter);
  if (last.key !== key) last = { key, list: new RunList(filter) };
  return last.list;
}

/** Below this width a run takes the place of the list, which is of cards. */
const narrow = '(max-width: 899px)';

/** Whether new runs enter the list by themselves. Otherwise a button says how many there are, and nothing moves. */
const follows = kept('runs.follow', false);

export default function View() {
  const { query } = address.value;
  const filter = filterOf(query);
  const list = useMemo(() => listFor(filter), [JSON.stringify(filter)]);
  const chosen = query.get('run');
  const isNarrow = useMedia(narrow);
  const isHidden = isNarrow && Boolean(chosen);
  useEffect(() => list.start(), [list]);
  usePosition(list, isHidden);
  const listing = useRef();
  useEffect(() => {
    // Nothing moves before somebody's eyes unless asked for, and never what somebody has opened, focused, pointed at or scrolled to.
    list.mayMove = () => (follows.peek() || document.visibilityState === 'hidden') && window.scrollY < 60
      && !address.peek().query.get('run') && !listing.current?.matches(':hover, :focus-within');
  }, [list]);

  const pathOf = (id) => {
    const next = new URLSearchParams(filter);
    next.set('run', id);
    return `app/runs?${next}`;
  };
  const close = () => {
    setQuery({ run: null }, { replace: false });
    requestAnimationFrame(() => document.querySelector(`[data-run="${CSS.escape(chosen)}"] .runs-link`)?.focus({ preventScroll: true }));
  };
  return html`
    <div class="runs ${chosen ? 'runs-split' : ''}">
      <section class="runs-list" hidden=${isHidden} aria-labelledby="runs-title">
        <header class="runs-head"><h1 id="runs-title">${t('runs.title')}</h1><${Follow} list=${list} /></header>
        <${Filters} filter=${filter} isNarrow=${isNarrow || Boolean(chosen)} />
        <div ref=${listing}>
          <${Waiting} list=${list} />
          <${Rows} list=${list} isTable=${!isNarrow && !chosen} chosen=${chosen} pathOf=${pathOf} />
        </div>
        <${End} list=${list} isHidden=${isHidden} />
      </section>
      ${chosen && html`<${Run} key=${chosen} id=${chosen} list=${list} isNarrow=${isNarrow} onClose=${close} />`}
    </div>`;
}

function Follow({ list }) {
  const choose = ({ target }) => {
    follows.value = target.checked;
    if (target.checked) list.show();
  };
  return html`
    <label class="runs-follow">
      <input type="checkbox" role="switch" checked=${follows.value} onChange=${choose} /><span>${t('runs.follow')}</span>
    </label>`;
}

/** Says how many new runs wait, and shows them on request. */
function Waiting({ list }) {
  const n = list.waiting.value.length;
  const show = () => {
    list.show();
    window.scrollTo({ top: 0 });
  };
  return html`
    <div class="runs-waiting" role="status">
      ${n > 0 && html`<button type="button" class="small" onClick=${show}>${t('runs.new', { n })}</button>`}
    </div>`;
}

/** The end of the list: reads on when it comes near the screen. */
function End({ list, isHidden }) {
  const element = useRef();
  const isComplete = list.isComplete.value;
  const isLoading = list.isLoading.value;
  const problem = list.problem.value;
  const count = list.ids.value.length;
  useEffect(() => {
    if (isComplete || isLoading || isHidden || problem) return undefined;
    const observer = new IntersectionObserver(([entry]) => entry.isIntersecting && list.more(), { rootMargin: '800px 0px' });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [list, isComplete, isLoading, isHidden, problem, count]);
  return html`
    <div ref=${element} class="runs-end">
      <${ProblemBox} problem=${problem} onRetry=${() => (count > 0 ? list.refresh() : list.more())} />
      ${isLoading && html`<p aria-busy="true">${t('common.loading')}</p>`}
      ${isComplete && count === 0 && !problem && html`
        <${Empty} title=${t(list.isFiltered ? 'runs.none-found' : 'runs.none')}
          text=${t(list.isFiltered ? 'runs.none-found-next' : 'runs.none-next')} />`}
      ${!isComplete && !isLoading && !problem && html`
        <button type="button" class="outline small" onClick=${() => list.more()}>${t('runs.more')}</button>`}
    </div>`;
}

function useMedia(text) {
  const media = useMemo(() => window.matchMedia(text), [text]);
  const [matches, setMatches] = useState(media.matches);
  useEffect(() => {
    const change = () => setMatches(media.matches);
    media.addEventListener('change', change);
    return () => media.removeEventListener('change', change);
  }, [media]);
  return matches;
}

/** Comes back to the place in the list, from another view and from a run that was shown in its stead. */
function usePosition(list, isHidden) {
  useLayoutEffect(() => {
    window.scrollTo({ top: isHidden ? 0 : list.scroll });
    if (isHidden) return undefined;
    const remember = () => {
      list.scroll = window.scrollY;
    };
    window.addEventListener('scroll', remember, { passive: true });
    return () => window.removeEventListener('scroll', remember);
  }, [list, isHidden]);
}

// Small parts that several views use.
import { html, useEffect, useId, useRef, useState } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { Icon } from './icon.js';
import { notify } from './notices.js';

const marks = {
  queued: '○', starting: '◔', processing: '◑', storing: '◕', succeeded: '✓', failed: '✕', canceled: '–',
};

/** The status of a generation as a word with a mark. */
export function Status({ generation }) {
  const { status } = generation;
  const mark = html`<span aria-hidden="true">${marks[status] ?? '○'}</span>`;
  return html`<span class="status status-${status}">${mark} ${t(`common.status-${status}`)}</span>`;
}

/** How far a generation is: a bar where the model reports steps, otherwise a moving one. */
export function Progress({ generation }) {
  const { progress, status } = generation;
  const text = progress && status === 'processing'
    ? t('common.step', { current: progress.current, total: progress.total })
    : t(`common.status-${status}`);
  return html`
    <span class="progress">
      ${progress && status === 'processing'
        ? html`<progress value=${progress.current} max=${progress.total} aria-label=${text}></progress>`
        : html`<progress aria-label=${text}></progress>`}
      <span class="progress-text">${text}</span>
    </span>`;
}

/** A label with a control, its help and its error. `children` is a function that gets the attributes of the control. */
export function Field({ label, help, error, children, className = '' }) {
  const id = useId();
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ') || null;
  return html`
    <div class="field ${className}">
      <label for=${id}>${label}</label>
      ${children({ id, 'aria-describedby': described, 'aria-invalid': error ? 'true' : null })}
      ${help && html`<small id="${id}-help">${help}</small>`}
      ${error && html`<small id="${id}-error" class="field-error" role="alert">${error}</small>`}
    </div>`;
}

/** What a view says while it has nothing to show. */
export function Empty({ title, text, children }) {
  return html`<div class="empty"><p class="empty-title">${title}</p>${text && html`<p>${text}</p>`}${children}</div>`;
}

/** Copies a text. */
export function CopyButton({ text, label, className = 'outline' }) {
  const [isDone, setDone] = useState(false);
  const timer = useRef();
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      timer.current = setTimeout(() => setDone(false), 2000);
    } catch {
      notify({ text: t('common.copy-failed'), kind: 'bad' });
    }
  };
  return html`
    <button type="button" class=${className} onClick=${copy}>
      <${Icon} name=${isDone ? 'check' : 'copy'} /><span>${isDone ? t('common.copied') : label ?? t('common.copy')}</span>
    </button>`;
}

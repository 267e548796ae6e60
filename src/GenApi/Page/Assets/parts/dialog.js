// A dialog over the page. The browser keeps the focus in it and gives it back.
import { html, useEffect, useId, useRef } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { Icon } from './icon.js';

/** `isSure`: only its buttons and Escape close it, not a click beside it, which is easily an accident. */
export function Dialog({ open, onClose, title, children, className = '', isSure = false }) {
  const element = useRef();
  const id = useId();
  useEffect(() => {
    if (open && !element.current.open) element.current.showModal();
    else if (!open && element.current.open) element.current.close();
  }, [open]);
  return html`
    <dialog ref=${element} class=${className} aria-labelledby=${id} onClose=${() => open && onClose()}
      onClick=${(event) => !isSure && event.target === element.current && onClose()}>
      <article>
        <header class="dialog-head">
          <h2 id=${id}>${title}</h2>
          <button type="button" class="plain" aria-label=${t('common.close')} onClick=${onClose}><${Icon} name="close" /></button>
        </header>
        ${open && children}
      </article>
    </dialog>`;
}

// Short messages at the edge of the page, which leave by themselves. One may offer an action, such as undo.
import { html, signal, useEffect } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { Icon } from './icon.js';

const notices = signal([]);
let last = 0;

/** Shows a message. Returns a function that removes it. `kind`: 'info', 'good' or 'bad'. */
export function notify({ text, kind = 'info', action = null, onAction = null, seconds = action ? 12 : 6 }) {
  const notice = { id: ++last, text, kind, action, onAction, seconds };
  const remove = () => {
    notices.value = notices.value.filter((each) => each.id !== notice.id);
  };
  notices.value = [...notices.value.slice(-3), { ...notice, remove }];
  return remove;
}

export function Notices() {
  return html`
    <div class="notices" role="status" aria-live="polite">
      ${notices.value.map((notice) => html`<${Notice} key=${notice.id} notice=${notice} />`)}
    </div>`;
}

function Notice({ notice }) {
  const { text, kind, action, onAction, seconds, remove } = notice;
  useEffect(() => {
    const timer = setTimeout(remove, seconds * 1000);
    return () => clearTimeout(timer);
  }, []);
  const act = () => {
    remove();
    onAction?.();
  };
  return html`
    <div class="notice notice-${kind}">
      <span>${text}</span>
      ${action && html`<button type="button" class="outline notice-action" onClick=${act}>${action}</button>`}
      <button type="button" class="plain" aria-label=${t('common.close')} onClick=${remove}><${Icon} name="close" /></button>
    </div>`;
}

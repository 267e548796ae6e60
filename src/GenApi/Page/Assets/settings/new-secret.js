// A new secret, the only time that it can be seen.
import { html } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { Dialog } from '../parts/dialog.js';
import { CopyButton, Field } from '../parts/small.js';

export function NewSecret({ of, onClose }) {
  return html`
    <${Dialog} open=${of !== null} onClose=${onClose} className="settings-dialog" isSure
      title=${of ? t('settings.secret-title', { name: of.name }) : ''}>
      ${of && html`
        <p>${t('settings.secret-text')}</p>
        <${Field} label=${t('settings.secret')}>
          ${(attributes) => html`
            <input ...${attributes} type="text" readonly value=${of.secret} class="settings-secret" autocomplete="off" spellcheck=${false}
              onFocus=${(event) => event.target.select()} />`}
        <//>
        <footer class="settings-actions">
          <${CopyButton} text=${of.secret} label=${t('settings.copy-secret')} className="" />
          <button type="button" class="secondary" onClick=${onClose}>${t('settings.secret-done')}</button>
        </footer>`}
    <//>`;
}

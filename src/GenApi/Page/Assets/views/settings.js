// Settings: how the page looks, who is signed in, and for administrators the keys and the service.
import { html } from '../kernel/dom.js';
import { can } from '../kernel/session.js';
import { t } from '../kernel/words.js';
import { Account } from '../settings/account.js';
import { Keys } from '../settings/keys.js';
import { Look } from '../settings/look.js';
import { Service } from '../settings/service.js';

export default function View() {
  const isAdmin = can('admin');
  return html`
    <h1>${t('common.view-settings')}</h1>
    <div class="settings">
      <div class="settings-stack">
        <${Look} />
        <${Account} />
      </div>
      ${isAdmin && html`<${Service} />`}
      ${isAdmin && html`<${Keys} />`}
    </div>`;
}

// A request as code, to copy.
import { html } from '../kernel/dom.js';
import { url } from '../kernel/address.js';
import { kept } from '../kernel/keep.js';
import { session } from '../kernel/session.js';
import { t } from '../kernel/words.js';
import { Dialog } from '../parts/dialog.js';
import { CopyButton } from '../parts/small.js';
import { codeOf, languages } from './texts.js';

const language = kept('create.language', 'curl');
const names = { curl: 'curl', csharp: 'C#', python: 'Python', javascript: 'JavaScript' };

const choose = (each) => {
  language.value = each;
};

/** Shows the body of a request as a program; nothing while it is null. */
export default function CodeDialog({ body, onClose }) {
  const chosen = languages.includes(language.value) ? language.value : 'curl';
  const { metadata, ...request } = body ?? {};
  const text = body ? codeOf(chosen, request, { address: url('generate'), needsKey: session.value.state !== 'open' }) : '';
  return html`
    <${Dialog} open=${body !== null} onClose=${onClose} title=${t('create.as-code')} className="create-dialog">
      <fieldset class="create-languages">
        <legend class="hidden-text">${t('create.language')}</legend>
        ${languages.map((each) => html`
          <label key=${each}>
            <input type="radio" name="create-language" checked=${each === chosen} onChange=${() => choose(each)} />${names[each]}
          </label>`)}
      </fieldset>
      <pre class="create-code" tabindex="0" aria-label=${names[chosen]}><code>${text}</code></pre>
      <${CopyButton} text=${text} label=${t('create.copy-as', { language: names[chosen] })} />
    <//>`;
}

// Language and theme of this browser.
import { html } from '../kernel/dom.js';
import { theme } from '../kernel/theme.js';
import { language, setLanguage, t } from '../kernel/words.js';
import { Field } from '../parts/small.js';

// Each language in its own words.
const languages = [['en', 'English'], ['de', 'Deutsch']];
const themes = ['auto', 'light', 'dark'];

export function Look() {
  return html`
    <section class="settings-part" aria-labelledby="settings-look">
      <h2 id="settings-look">${t('settings.look')}</h2>
      <div class="settings-row">
        <${Field} label=${t('settings.language')}>
          ${(attributes) => html`
            <select ...${attributes} value=${language.value} onChange=${(event) => setLanguage(event.target.value)}>
              ${languages.map(([value, name]) => html`<option value=${value} lang=${value}>${name}</option>`)}
            </select>`}
        <//>
        <${Field} label=${t('settings.theme')}>
          ${(attributes) => html`
            <select ...${attributes} value=${theme.value} onChange=${(event) => { theme.value = event.target.value; }}>
              ${themes.map((value) => html`<option value=${value}>${t(`settings.theme-${value}`)}</option>`)}
            </select>`}
        <//>
      </div>
      <p class="muted">${t('settings.look-help')}</p>
    </section>`;
}

// The terms of a key: makes one, or changes one.
import { html, useState } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { ProblemBox } from '../parts/problem-box.js';
import { Field } from '../parts/small.js';
import { spans } from './budgets.js';
import { changesOf, formOf, placeOf, rights } from './key-terms.js';

/** `of`: a key of the API; without an id a new one, and `isFirst` if there is no other. */
export function KeyForm({ of, onSave, onClose }) {
  const [before] = useState(() => formOf(of));
  const [form, setForm] = useState(before);
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const set = (name, value) => setForm((last) => ({ ...last, [name]: value }));
  const setRight = (right, isGiven) =>
    set('rights', rights.filter((each) => (each === right ? isGiven : form.rights.includes(each))));
  const { fields, rest } = placeOf(problem);
  const submit = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    const changes = changesOf(before, form, Boolean(of.id));
    if (of.id && Object.keys(changes).length === 0) {
      onClose();
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await onSave(changes);
    } catch (failure) {
      setProblem(failure);
      setBusy(false);
    }
  };
  const text = (name, attributes) => (control) => html`
    <input ...${control} ...${attributes} value=${form[name]} onInput=${(event) => set(name, event.target.value)} />`;
  const amount = (name, label) => html`
    <${Field} label=${label} error=${fields[name]}>${text(name, { type: 'text', inputmode: 'decimal', autocomplete: 'off' })}<//>`;
  return html`
    <form onSubmit=${submit} noValidate>
      ${rest && html`<${ProblemBox} problem=${rest} />`}
      ${of.isFirst && html`<p class="settings-warn">${t('settings.first')}</p>`}
      <${Field} label=${t('settings.name')} help=${t('settings.name-help')} error=${fields.name}>
        ${text('name', { type: 'text', maxlength: 100, autocomplete: 'off', required: true })}
      <//>
      <fieldset aria-invalid=${fields.rights ? 'true' : null}>
        <legend>${t('settings.rights')}</legend>
        ${rights.map((right) => html`
          <label class="settings-right">
            <input type="checkbox" checked=${form.rights.includes(right)} onChange=${(event) => setRight(right, event.target.checked)} />
            <span>${t(`settings.right-${right}`)}</span> <small>${t(`settings.right-${right}-help`)}</small>
          </label>`)}
        ${fields.rights && html`<small class="field-error" role="alert">${fields.rights}</small>`}
        ${of.isFirst && !form.rights.includes('admin')
          && html`<small class="field-error" role="alert">${t('settings.first-admin')}</small>`}
      </fieldset>
      <${Field} label=${t('settings.expires')} help=${t('settings.expires-help')} error=${fields.expires}>
        ${text('expires', { type: 'datetime-local' })}
      <//>
      <fieldset>
        <legend>${t('settings.budgets-usd')}</legend>
        <div class="settings-row">${spans.map((span) => amount(`budget-${span}`, t(`settings.span-${span}`)))}</div>
        <small>${t('settings.budgets-help')}</small>
      </fieldset>
      <details open=${spans.some((span) => before[`end-user-${span}`] !== '') || before.requests !== '' || before.generations !== ''}>
        <summary>${t('settings.more')}</summary>
        <fieldset>
          <legend>${t('settings.end-user-budgets-usd')}</legend>
          <div class="settings-row">${spans.map((span) => amount(`end-user-${span}`, t(`settings.span-${span}`)))}</div>
          <small>${t('settings.end-user-budgets-help')}</small>
        </fieldset>
        <div class="settings-row">
          <${Field} label=${t('settings.requests')} help=${t('settings.limit-help')} error=${fields.requests}>
            ${text('requests', { type: 'text', inputmode: 'numeric', autocomplete: 'off' })}
          <//>
          <${Field} label=${t('settings.generations')} help=${t('settings.limit-help')} error=${fields.generations}>
            ${text('generations', { type: 'text', inputmode: 'numeric', autocomplete: 'off' })}
          <//>
        </div>
      </details>
      <footer class="settings-actions">
        <button type="button" class="secondary" onClick=${onClose}>${t('common.cancel')}</button>
        <button type="submit" aria-busy=${isBusy ? 'true' : null}>${t(of.id ? 'settings.save' : 'settings.make')}</button>
      </footer>
    </form>`;
}

// The form of a model, from its own schema.
import { html, useState } from '../kernel/dom.js';
import { has, number, t } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { Field } from '../parts/small.js';
import { current } from './actions.js';
import { ImageField, Input } from './image-field.js';
import { activeFields } from './request.js';
import { isEmpty } from './schema.js';
import { faults, form, setValue, update } from './state.js';

const roomy = 900;

/** All fields of the model: the usual ones open, the rest folded. */
export function Settings() {
  const model = current();
  const { values, isOpen, isMoreOpen, waiting } = form.value;
  const fields = activeFields(model?.form?.fields ?? [], values);
  const main = fields.filter((each) => each.isMain);
  const rare = fields.filter((each) => !each.isMain);
  const changed = (list) => list.filter((each) => !isEmpty(values[each.name])).length;
  const errors = faults.value?.fields ?? {};
  const isFaulty = (list) => list.some((each) => errors[each.name]);
  const hasRoom = isOpen ?? window.innerWidth >= roomy;
  return html`
    <details class="create-settings" open=${hasRoom || isFaulty(fields)}
      onToggle=${({ target }) => target.open !== hasRoom && update({ isOpen: target.open })}>
      <summary>${t('create.settings')}<${Changed} n=${changed(fields)} /></summary>
      ${!model && html`<p aria-busy="true" class="create-wait">${t('common.loading')}</p>`}
      ${waiting.length > 0 && html`
        <div class="create-waiting">
          <p>${t('create.no-image-input')}</p>
          <ul class="create-inputs">${waiting.map((id) => html`<${Input} key=${id} id=${id} />`)}</ul>
        </div>`}
      ${model?.form && !model.form.hasSchema && html`<p class="muted">${t('create.no-schema')}</p>`}
      <${List} fields=${main} values=${values} errors=${errors} />
      ${rare.length > 0 && html`
        <details class="create-more" open=${isMoreOpen || isFaulty(rare)}
          onToggle=${({ target }) => target.open !== isMoreOpen && update({ isMoreOpen: target.open })}>
          <summary>${t('create.more')}<${Changed} n=${changed(rare)} /></summary>
          <${List} fields=${rare} values=${values} errors=${errors} />
        </details>`}
    </details>`;
}

const Changed = ({ n }) => (n > 0 ? html` <span class="muted">${t('create.changed', { n })}</span>` : null);

const List = ({ fields, values, errors }) => html`
  <div class="create-fields">
    ${fields.map((field) => html`<${One} key=${field.name} field=${field} value=${values[field.name]} error=${errors[field.name]} />`)}
  </div>`;

export const labelOf = (field) => (field.role && has(`create.role-${field.role}`) ? t(`create.role-${field.role}`) : field.title);

function One({ field, value, error }) {
  const label = labelOf(field);
  const isPicture = field.kind === 'file' || field.kind === 'files';
  const hint = sentence(field.role === 'mask' && !field.help ? t('create.mask-help') : field.help);
  const usual = isEmpty(field.default) || field.kind === 'switch' ? null : t('create.default', { value: shownDefault(field) });
  const help = [hint, usual].filter(Boolean).join(' ');
  if (isPicture) return html`<${ImageField} field=${field} label=${label} help=${help} value=${value} error=${error} />`;
  const Control = controls[field.kind];
  return html`
    <${Field} label=${label} help=${help} error=${error} className="create-field-${field.kind}">
      ${(attributes) => html`<${Control} field=${field} label=${label} value=${value} attributes=${attributes} />`}
    <//>`;
}

const sentence = (text) => (text && !/[.!?:)]$/.test(text.trim()) ? `${text.trim()}.` : text);

const shownDefault = (field) => {
  const value = typeof field.default === 'object' ? JSON.stringify(field.default) : String(field.default);
  return value.length > 60 ? `${value.slice(0, 60)}…` : value;
};

/** Sets a value; the default itself counts as none. */
const put = (field, value) => setValue(field.name, value === field.default ? undefined : value);

function NumberControl({ field, label, value, attributes }) {
  // While it is typed, a number stands as its text: an empty field must stay empty.
  const [text, setText] = useState(null);
  const shown = value ?? field.default;
  const limits = { min: field.min, max: field.max, step: field.isInteger ? field.step : 'any' };
  const type = ({ target }) => {
    setText(target.value);
    if (!target.validity.badInput) put(field, target.value === '' ? undefined : Number(target.value));
  };
  return html`
    <div class="create-number">
      ${field.isSlider && html`
        <input type="range" min=${field.min} max=${field.max} step=${field.step} value=${shown ?? field.min}
          aria-label=${t('create.slider', { label })} onInput=${(event) => put(field, Number(event.target.value))} />`}
      <input type="number" inputmode=${field.isInteger ? 'numeric' : 'decimal'} ...${attributes} ...${limits} value=${text ?? shown ?? ''}
        placeholder=${field.role === 'seed' ? t('create.random') : ''} onFocus=${() => setText(shown === null ? '' : String(shown))}
        onInput=${type} onBlur=${() => setText(null)} />
      ${field.role === 'seed' && !isEmpty(value) && html`
        <button type="button" class="plain" aria-label=${t('create.random-seed')} onClick=${() => setValue(field.name, undefined)}>
          <${Icon} name="dice" />
        </button>`}
    </div>`;
}

const nameOf = (option) => (typeof option === 'number' ? number(option, { useGrouping: false }) : String(option));

function ChoiceControl({ field, value, attributes }) {
  const chosen = field.options.indexOf(value ?? field.default);
  const choose = ({ target }) => put(field, target.value === '' ? undefined : field.options[Number(target.value)]);
  return html`
    <select ...${attributes} value=${chosen < 0 ? '' : String(chosen)} onChange=${choose}>
      ${isEmpty(field.default) && html`<option value="">${t('create.no-choice')}</option>`}
      ${field.options.map((option, at) => html`<option key=${at} value=${String(at)}>${nameOf(option)}</option>`)}
    </select>`;
}

function SwitchControl({ field, value, attributes }) {
  return html`<input type="checkbox" role="switch" ...${attributes} checked=${value ?? field.default ?? false}
    onChange=${(event) => put(field, event.target.checked === (field.default ?? false) ? undefined : event.target.checked)} />`;
}

function TextControl({ field, value, attributes }) {
  return html`<input type="text" ...${attributes} value=${value ?? field.default ?? ''} maxlength=${field.maxLength}
    onInput=${(event) => put(field, event.target.value)} />`;
}

function LongControl({ field, value, attributes }) {
  return html`<textarea ...${attributes} rows="2" maxlength=${field.maxLength} value=${value ?? field.default ?? ''}
    onInput=${(event) => put(field, event.target.value)}></textarea>`;
}

function LinesControl({ field, value, attributes }) {
  return html`<textarea ...${attributes} rows="3" value=${(value ?? field.default ?? []).join('\n')} placeholder=${t('create.lines')}
    onChange=${(event) => put(field, event.target.value.split('\n').map((each) => each.trim()).filter(Boolean))}></textarea>`;
}

function JsonControl({ field, value, attributes }) {
  const shown = value ?? (isEmpty(field.default) ? '' : JSON.stringify(field.default));
  return html`<textarea ...${attributes} rows="3" class="create-json" value=${typeof shown === 'string' ? shown : JSON.stringify(shown)}
    onInput=${(event) => setValue(field.name, event.target.value === '' ? undefined : event.target.value)} spellcheck="false"></textarea>`;
}

const controls = {
  number: NumberControl, choice: ChoiceControl, switch: SwitchControl, text: TextControl, long: LongControl, lines: LinesControl,
  json: JsonControl,
};

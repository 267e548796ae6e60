// The prompt, with those of before, and a place to drop a picture whose settings are to be read.
import { html, useRef, useState } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { Dialog } from '../parts/dialog.js';
import { Icon } from '../parts/icon.js';
import { notify } from '../parts/notices.js';
import { Field } from '../parts/small.js';
import { clearForm, current, readSettings } from './actions.js';
import { draggedFiles, isDragging } from './dropping.js';
import { clearHistory, faults, form, history, notes, prompt, setPrompt, update } from './state.js';
import { explain } from '../kernel/problems.js';

/** Reads the settings of a picture into the form, and says why it could not. */
export async function readInto(file) {
  try {
    await readSettings(file);
  } catch (problem) {
    const { title, next } = explain(problem);
    notes.value = [[title, next].filter(Boolean).join(' ')];
  }
}

export function PromptBox() {
  const [isHistory, showHistory] = useState(false);
  const takesPrompt = current()?.form ? current().form.prompt !== null || form.value.others.length > 0 : true;
  const drop = (event) => {
    const [file] = draggedFiles(event);
    if (file) void readInto(file);
  };
  return html`
    <div class="create-prompt ${isDragging.value ? 'create-target' : ''}" onDrop=${drop}>
      <${Field} label=${t('create.prompt')} error=${faults.value?.prompt} help=${takesPrompt ? null : t('create.no-prompt')}>
        ${(attributes) => html`<${PromptText} attributes=${attributes} />`}
      <//>
      ${isDragging.value && html`<p class="create-target-text">${t('create.drop-settings')}</p>`}
      <div class="create-tools">
        <label class="create-check">
          <input type="checkbox" checked=${form.value.isPerLine} onChange=${(event) => update({ isPerLine: event.target.checked })} />
          <span>${t('create.per-line')}</span>
        </label>
        <span class="create-gap"></span>
        <button type="button" class="plain create-tool" onClick=${() => showHistory(true)} disabled=${history.value.length === 0}>
          <${Icon} name="history" /><span>${t('create.history')}</span>
        </button>
        <button type="button" class="plain create-tool" onClick=${pick}>
          <${Icon} name="upload" /><span>${t('create.read-settings')}</span>
        </button>
        <button type="button" class="plain create-tool" onClick=${clear}><${Icon} name="delete" /><span>${t('create.clear')}</span></button>
      </div>
      ${notes.value.length > 0 && html`
        <div class="create-notes" role="status">
          <ul>${notes.value.map((note, at) => html`<li key=${at}>${note}</li>`)}</ul>
          <button type="button" class="plain" aria-label=${t('common.close')} onClick=${closeNotes}><${Icon} name="close" /></button>
        </div>`}
      <${Dialog} open=${isHistory} onClose=${() => showHistory(false)} title=${t('create.history')} className="create-dialog">
        <${History} onChosen=${() => showHistory(false)} />
      <//>
    </div>`;
}

function closeNotes() {
  notes.value = [];
}

function pick() {
  const picker = Object.assign(document.createElement('input'), { type: 'file', accept: 'image/*' });
  picker.onchange = () => picker.files[0] && readInto(picker.files[0]);
  picker.click();
}

function clear() {
  const undo = clearForm();
  notify({ text: t('create.cleared'), action: t('create.undo'), onAction: undo });
}

/** The text itself. The arrow up at its beginning goes back to earlier prompts, the arrow down returns. */
function PromptText({ attributes }) {
  const at = useRef(-1);
  const draft = useRef('');
  const step = (event) => {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const isAtStart = target.selectionStart === 0 && target.selectionEnd === 0;
    const isBack = key === 'ArrowUp' && isAtStart && at.current < history.value.length - 1;
    const isForward = key === 'ArrowDown' && at.current >= 0 && isAtStart;
    if (!isBack && !isForward) return;
    event.preventDefault();
    if (at.current === -1) draft.current = prompt.value;
    at.current += isBack ? 1 : -1;
    setPrompt(at.current === -1 ? draft.current : history.value[at.current]);
    requestAnimationFrame(() => target.setSelectionRange(0, 0));
  };
  const type = (event) => {
    at.current = -1;
    setPrompt(event.target.value);
  };
  return html`
    <textarea ...${attributes} class="create-text" rows="4" value=${prompt.value} onInput=${type} onKeyDown=${step}
      placeholder=${t(form.value.isPerLine ? 'create.per-line-hint' : 'create.prompt-hint')} spellcheck="true"></textarea>`;
}

function History({ onChosen }) {
  const choose = (text) => {
    setPrompt(text);
    onChosen();
  };
  return html`
    <ul class="create-history">
      ${history.value.map((text) => html`
        <li key=${text}><button type="button" class="plain" onClick=${() => choose(text)}>${text}</button></li>`)}
    </ul>
    <button type="button" class="outline small" onClick=${() => { clearHistory(); onChosen(); }}>${t('create.forget-history')}</button>`;
}

// Write a prompt, watch it happen, keep the pictures.
import { html, useEffect } from '../kernel/dom.js';
import { address, setQuery } from '../kernel/address.js';
import { onChange } from '../kernel/live.js';
import { explain } from '../kernel/problems.js';
import { t } from '../kernel/words.js';
import { notify } from '../parts/notices.js';
import { ActionBar } from '../create/action-bar.js';
import { chooseModel, current, currentName, imageField, placeInput, takeSettingsOf } from '../create/actions.js';
import { watchDrops } from '../create/dropping.js';
import { startEstimate } from '../create/estimate.js';
import { Settings } from '../create/fields.js';
import { generate, startGenerate } from '../create/generate.js';
import { ModelPicker } from '../create/model-picker.js';
import { aliases, loadAliases, loadModel } from '../create/models.js';
import { startPresses } from '../create/presses.js';
import { PromptBox, readInto } from '../create/prompt-box.js';
import { Results } from '../create/results.js';
import { faults, form, notes, setPrompt } from '../create/state.js';
import { addFile, startUploads } from '../create/uploads.js';

export default function View() {
  useEffect(start, []);
  useEffect(() => {
    void readQuery(address.value.query);
  }, [address.value]);
  return html`
    <h1 class="hidden-text">${t('common.view-create')}</h1>
    <div class="create">
      <form class="create-form" noValidate onSubmit=${submit} onKeyDown=${onKey}>
        <${PromptBox} />
        <${ModelPicker} />
        <${ActionBar} />
        <${Settings} />
      </form>
      <${Results} />
    </div>`;
}

function start() {
  startPresses();
  startUploads();
  startEstimate();
  startGenerate();
  void loadModels();
  const stopDrops = watchDrops({ onFiles: takeFiles, onImage: (id) => placeInput(id) });
  // What could not be read while the service was away.
  const stopWaiting = onChange(({ type }) => type === 'open' && !current()?.details && void loadModels());
  return () => {
    stopDrops();
    stopWaiting();
  };
}

async function loadModels() {
  if (form.value.model) void loadMain(form.value.model);
  try {
    await loadAliases();
  } catch (problem) {
    if (!aliases.value) faults.value = { prompt: null, model: null, fields: {}, rest: [], problem, isLoad: true };
    return;
  }
  if (faults.value?.isLoad) faults.value = null;
  const name = currentName();
  if (name) void loadMain(name);
  for (const other of form.value.others) void loadModel(other);
}

const loadMain = (name) => loadModel(name, { isKept: true });

/** Pictures that were dropped or pasted outside any field: an input if the model takes one, otherwise settings to read. */
function takeFiles(list) {
  const field = imageField();
  if (!field) {
    void readInto(list[0]);
    return;
  }
  for (const file of field.kind === 'files' ? list : list.slice(0, 1)) void addFile(file, field);
}

async function submit(event) {
  event.preventDefault();
  if (!(await generate())) return;
  const results = document.getElementById('create-results-title');
  // On a narrow screen the results stand below the form.
  if (results.getBoundingClientRect().top > window.innerHeight * 0.8) results.scrollIntoView({ behavior: 'smooth', block: 'start' });
}

/** Ctrl and Enter generate. Enter alone, which a browser takes for the button in any field of one line, costs nothing. */
function onKey(event) {
  if (event.key !== 'Enter' || event.defaultPrevented) return;
  const isInDialog = event.target.closest('dialog') !== null;
  if ((event.ctrlKey || event.metaKey) && !isInDialog) {
    event.preventDefault();
    event.currentTarget.requestSubmit();
  } else if (event.target instanceof HTMLInputElement) {
    event.preventDefault();
  }
}

/** What another view or a link asks for. It is taken into the form once, and leaves the address. */
async function readQuery(query) {
  const [from, input, model, words] = ['from', 'input', 'model', 'prompt'].map((name) => query.get(name));
  if (!from && !input && !model && !words) return;
  const isNewSeed = query.get('seed') === 'new';
  setQuery({ from: null, input: null, model: null, prompt: null, seed: null });
  try {
    if (aliases.value === null) await loadAliases();
    if (from) await takeSettingsOf(from, { isNewSeed });
    if (model) await chooseModel(model);
    if (words) setPrompt(words);
    if (input) {
      await loadModel(currentName());
      placeInput(input);
      if (!imageField()) notify({ text: t('create.no-image-input') });
    }
  } catch (problem) {
    const { title, next } = explain(problem);
    notes.value = [[title, next].filter(Boolean).join(' ')];
  }
}

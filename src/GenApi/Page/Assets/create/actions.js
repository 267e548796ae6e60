// What the view does to its form: another model, the settings of a picture, a picture as an input.
import { batch } from '../kernel/dom.js';
import { api, problemOf, raw } from '../kernel/api.js';
import { t } from '../kernel/words.js';
import { notify } from '../parts/notices.js';
import { defaultModel, loadModel, modelOf, shortName } from './models.js';
import { bodyOfGeneration, carriedTo, sharedOf, valuesOf } from './request.js';
import { isEmpty } from './schema.js';
import { form, notes, prompt, setPrompt, setValue, update } from './state.js';

/** Values that were typed for models that are not chosen now; they come back with their model. */
const put = new Map();

/** The model of the form: the chosen one or the service's default. */
export const currentName = () => form.value.model ?? defaultModel.value;
export const current = () => modelOf(currentName());

/** Chooses a model. What means the same for both is carried along; the rest comes back with the model that it was typed for. */
export async function chooseModel(name) {
  const before = currentName();
  if (name === before) return;
  const old = current()?.form;
  const shared = old ? sharedOf(old.fields, form.value.values) : {};
  put.set(before, form.value.values);
  update({ model: name, values: {}, others: form.value.others.filter((each) => each !== name) });
  const loaded = await loadModel(name, { isKept: true });
  if (form.value.model !== name || !loaded?.details) return;
  const typed = form.value.values;
  update({ values: { ...put.get(name), ...carriedTo(loaded.details, loaded.form.fields, shared), ...typed } });
  placeWaiting();
}

/** Adds a model to compare with, or takes it out. */
export function toggleOther(name) {
  const { others } = form.value;
  if (name === currentName()) return;
  if (!others.includes(name)) loadModel(name);
  update({ others: others.includes(name) ? others.filter((each) => each !== name) : [...others, name] });
}

/** The field that takes pictures to start from: that of the common name, or the first that takes any file. */
export function imageField() {
  const fields = current()?.form?.fields ?? [];
  return fields.find((each) => each.role === 'image') ?? fields.find((each) => each.kind === 'files' || each.kind === 'file') ?? null;
}

/** Puts a picture (`img_…`, `upl_…`, an address or the id of an upload under way) into the form; it waits if the model takes none. */
export function placeInput(id, field = imageField()) {
  if (!field) {
    if (!form.value.waiting.includes(id)) update({ waiting: [...form.value.waiting, id] });
    return;
  }
  const value = form.value.values[field.name];
  if (field.kind !== 'files') setValue(field.name, id);
  else if (!value?.includes(id)) setValue(field.name, [...(value ?? []), id]);
}

export function placeWaiting() {
  if (form.value.waiting.length === 0 || !imageField()) return;
  const { waiting } = form.value;
  update({ waiting: [] });
  for (const id of waiting) placeInput(id);
}

export function removeInput(id) {
  const values = Object.entries(form.value.values)
    .map(([name, value]) => [name, Array.isArray(value) ? value.filter((each) => each !== id) : value === id ? undefined : value])
    .filter(([, value]) => !isEmpty(value));
  update({ values: Object.fromEntries(values), waiting: form.value.waiting.filter((each) => each !== id) });
}

/** Puts another id in the place of one, such as that of a finished upload. */
export function replaceInput(id, by) {
  const swap = (value) => (Array.isArray(value) ? value.map((each) => (each === id ? by : each)) : value === id ? by : value);
  const values = Object.fromEntries(Object.entries(form.value.values).map(([name, value]) => [name, swap(value)]));
  update({ values, waiting: swap(form.value.waiting) });
}

/** Puts all settings of a generation into the form: with its seed, or for a new one. */
export async function takeSettings(generation, { isNewSeed = false } = {}) {
  const name = shortName(generation);
  const loaded = await loadModel(name, { isKept: true });
  const fields = loaded?.form?.fields ?? [];
  const seed = fields.find((each) => each.role === 'seed');
  const body = bodyOfGeneration(generation, { model: name, isNewSeed, seedName: seed?.name });
  if (seed && !isNewSeed && generation.seed !== null) body.input = { ...body.input, [seed.name]: generation.seed };
  take({ name, request: body, loaded });
}

/** Puts a body of POST /generate into the form. It may name no model; the present one is used then. */
export async function takeRequest(request) {
  const name = request.model ? nameFor(request.model) : currentName();
  take({ name, request, loaded: await loadModel(name, { isKept: true }) });
}

/** A full name with a version becomes the alias that runs it. */
function nameFor(model) {
  const [, name, version = null] = /^([^:]+)(?::([0-9a-f]{64}))?$/.exec(model) ?? [null, model];
  return name.includes('/') ? shortName({ model: name, version }) : model;
}

function take({ name, request, loaded }) {
  const { values, leftOut } = loaded?.details ? valuesOf(request, loaded.details, loaded.form.fields) : { values: {}, leftOut: [] };
  batch(() => {
    put.set(currentName(), form.value.values);
    update({ model: name, values });
    if (typeof request.prompt === 'string') setPrompt(request.prompt);
    notes.value = leftOut.length > 0 ? [t('create.left-out', { names: leftOut.join(', ') })] : [];
  });
  placeWaiting();
}

/** Takes the settings of a generation by its id. */
export async function takeSettingsOf(id, options) {
  await takeSettings(await api.get(`generations/${encodeURIComponent(id)}`), options);
}

/** Reads the settings that a picture carries, and puts them into the form. */
export async function readSettings(file) {
  const headers = { 'Content-Type': file.type || 'application/octet-stream' };
  const response = await raw('images/read', { method: 'POST', body: file, headers });
  if (!response.ok) throw await problemOf(response);
  const { source, request, notes: unread } = await response.json();
  if (!source) {
    notes.value = [t('create.no-settings', { name: file.name || t('create.picture') })];
    return;
  }
  await takeRequest(request);
  notes.value = [...notes.value, ...unread];
  notify({ text: t('create.settings-read'), kind: 'good' });
}

/** Empties the form. Returns a function that brings everything back. */
export function clearForm() {
  const before = { prompt: prompt.value, form: form.value };
  batch(() => {
    setPrompt('');
    update({ values: {}, count: 1, isPerLine: false, others: [], waiting: [] });
    notes.value = [];
  });
  return () => batch(() => {
    setPrompt(before.prompt);
    form.value = before.form;
  });
}

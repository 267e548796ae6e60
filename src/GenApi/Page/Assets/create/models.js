// The models that the service offers, and what is known of those in use.
import { computed, signal } from '../kernel/dom.js';
import { api } from '../kernel/api.js';
import { formOf } from './schema.js';
import { read, write } from './store.js';

const everyone = 'models';

/** The aliases, as GET /models lists them; null until they are known. */
export const aliases = signal(null);
/** What GET /models/{…} says, by the name under which it was asked for: { details, form } or { problem }. */
const known = signal(new Map());
const asked = new Map();

/** The model of a request that names none. */
export const defaultModel = computed(() => aliases.value?.find((each) => each.default)?.alias ?? null);

export async function loadAliases() {
  const { data } = await api.get('models');
  aliases.value = data;
  return data;
}

/** Looks for models by words. Returns { data, search }. */
export const searchModels = (words, options) => api.get('models', { q: words, limit: 30 }, options);

/** What is known of a model, followed by signals; null while it is read. */
export const modelOf = (name) => (name ? known.value.get(name) ?? null : null);

/** The row of the list for an alias or a full name. */
export function rowOf(name) {
  return aliases.value?.find((each) => each.alias === name) ?? aliases.value?.find((each) => !each.alias && each.model === name) ?? null;
}

/** The name under which the form shows a version of a model: the alias if it runs exactly that, otherwise the full name. */
export function shortName({ model, version }) {
  const row = aliases.value?.find((each) => each.model === model && each.version === version && each.alias);
  return row?.alias ?? (version ? `${model}:${version}` : model);
}

/**
 * Reads a model, once at a time. `isKept` keeps it for the next visit, whose form then stands at once, before the answer is there.
 */
export function loadModel(name, { isKept = false } = {}) {
  if (!name) return Promise.resolve(null);
  if (!asked.has(name)) {
    const kept = known.value.get(name)?.details ? null : read(everyone, 'last', null);
    if (kept?.name === name) remember(name, { details: kept.details, form: formOf(kept.details) });
    asked.set(name, readModel(name, isKept).finally(() => asked.delete(name)));
  }
  return asked.get(name);
}

async function readModel(name, isKept) {
  try {
    const details = await api.get(`models/${name.split('/').map(encodeURIComponent).join('/').replace(/%3A/gi, ':')}`);
    const before = known.value.get(name)?.details;
    // The same object again keeps the form from being drawn again.
    const isSame = before && JSON.stringify(before.input_schema) === JSON.stringify(details.input_schema);
    remember(name, { details, form: isSame ? known.value.get(name).form : formOf(details) });
    if (isKept) write(everyone, 'last', { name, details });
  } catch (problem) {
    if (!known.value.get(name)?.details || problem.status === 404) remember(name, { problem });
  }
  return known.value.get(name);
}

function remember(name, value) {
  const next = new Map(known.value);
  next.set(name, value);
  known.value = next;
}

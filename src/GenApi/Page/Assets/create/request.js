// From what stands in the form to the bodies of POST /generate. Nothing here touches the document.
import { flawOf, isEmpty, isLeftOut, isPortable, wholeName } from './schema.js';
import { nearestShape, sidesOf } from './shape.js';

/** What means the same for every model and is carried along to another one. */
const carried = ['negative_prompt', 'image', 'mask', 'aspect_ratio', 'width', 'height', 'num_outputs', 'seed', 'strength'];
/** One press starts at most this many runs. */
export const mostRuns = 64;

/** A random text of 32 hexadecimal digits. `crypto.randomUUID` exists only on secure origins; this does everywhere. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (each) => each.toString(16).padStart(2, '0')).join('');
}

/** The prompts of a text: the whole, or one for each line that is not blank. */
export function promptsOf(text, isPerLine) {
  const prompts = isPerLine ? text.split(/\r?\n/) : [text];
  return prompts.map((each) => each.trim()).filter(Boolean);
}

/** The fields that count at present: a mask and a strength need a picture. */
export function activeFields(fields, values) {
  const image = fields.find((field) => field.role === 'image');
  return fields.filter((field) => !field.needsImage || !isEmpty(values[image.name]));
}

const isSame = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b);

/** The value as JSON wants it: texts of JSON are parsed. */
function sent(field, value) {
  if (field.kind === 'json' && typeof value === 'string') return JSON.parse(value);
  return value;
}

/** The model's own names and values, without those that equal its defaults. */
export function inputOf(fields, values) {
  const input = {};
  for (const field of activeFields(fields, values)) {
    if (isLeftOut(field, values[field.name])) continue;
    const value = sent(field, values[field.name]);
    if (field.name === wholeName) Object.assign(input, value);
    else if (!isSame(value, field.default)) input[field.name] = value;
  }
  return input;
}

/** What is wrong with the form, by the names of fields. */
export function flawsOf(fields, values) {
  const flaws = {};
  for (const field of activeFields(fields, values)) {
    const flaw = flawOf(field, values[field.name]);
    if (flaw) flaws[field.name] = flaw;
  }
  return flaws;
}

/** Common names and values of a form, for other models. */
export function sharedOf(fields, values) {
  const shared = {};
  for (const field of activeFields(fields, values)) {
    const value = values[field.name];
    if (!carried.includes(field.role) || !isPortable(field) || isEmpty(value) || isSame(value, field.default)) continue;
    shared[field.role] = field.kind === 'files' ? value[0] : value;
  }
  return shared;
}

/** Common names and values that another model takes: what it lacks or refuses stays out. */
export function acceptedBy(details, fields, shared) {
  const taken = {};
  const known = details?.common_names ?? {};
  let wanted = shared;
  if (shared.aspect_ratio && !known.aspect_ratio && known.width && known.height) {
    const { aspect_ratio: shape, ...rest } = shared;
    wanted = { ...rest, ...sidesOf(shape) };
  }
  for (const [name, value] of Object.entries(wanted)) {
    if (!known[name]) continue;
    const field = fields.find((each) => each.role === name);
    if (field && flawOf(field, field.kind === 'files' ? [value] : value)) continue;
    taken[name] = value;
  }
  // A side alone says nothing about a shape.
  if ((taken.width === undefined) !== (taken.height === undefined) && !known.width?.includes('width')) {
    delete taken.width;
    delete taken.height;
  }
  if (taken.image === undefined) {
    delete taken.mask;
    delete taken.strength;
  }
  return taken;
}

/** Own names and values of a new model that mean what the form of another one says. */
export function carriedTo(details, fields, shared) {
  const values = {};
  for (const [name, value] of Object.entries(acceptedBy(details, fields, shared))) {
    const field = fields.find((each) => each.role === name);
    if (field) values[field.name] = field.kind === 'files' ? [value] : value;
  }
  return values;
}

/**
 * Own names and values of a model from a body of POST /generate, such as one that was read from a picture. Returns { values, leftOut }: the
 * names that the model does not take.
 */
export function valuesOf(request, details, fields) {
  const values = {};
  const leftOut = [];
  const known = details?.common_names ?? {};
  const take = (field, value) => {
    const fit = field?.kind === 'files' && !Array.isArray(value) ? [value] : value;
    if (!field || flawOf(field, fit)) return false;
    values[field.name] = field.kind === 'json' && typeof fit !== 'string' ? JSON.stringify(fit) : fit;
    return true;
  };
  const { prompt, model, input = {}, width, height, ...common } = request;
  for (const [name, value] of Object.entries(common)) {
    if (!take(fields.find((each) => each.role === name && isPortable(each)), value)) leftOut.push(name);
  }
  if (width && height) {
    const side = (role) => fields.find((each) => each.role === role);
    const isTaken = take(side('width'), width) && take(side('height'), height);
    if (!isTaken) {
      const shape = fields.find((each) => known.width?.includes(each.name) && each.options);
      const nearest = nearestShape(width, height, shape?.options);
      if (!nearest || !take(shape, nearest)) leftOut.push('width', 'height');
    }
  }
  const whole = fields.find((each) => each.name === wholeName);
  if (whole) {
    const { prompt: words, ...rest } = input;
    if (Object.keys(rest).length > 0) values[wholeName] = JSON.stringify(rest, null, 2);
    return { values, leftOut };
  }
  for (const [name, value] of Object.entries(input)) {
    if (name !== 'prompt' && !take(fields.find((each) => each.name === name), value)) leftOut.push(name);
  }
  return { values, leftOut };
}

/** The body of one request. The order is the one in which people read it. */
export function bodyOf({ model, prompt, common = {}, input = {} }) {
  return {
    ...(model ? { model } : {}),
    ...(prompt === null ? {} : { prompt }),
    ...common,
    ...(Object.keys(input).length > 0 ? { input } : {}),
  };
}

/**
 * All bodies of one press. `models` is a list of { name, details, form }, the first being that of the form; `count` copies of each prompt
 * get seeds that count up if one is named. `isPainted` tells the masks in which white is repainted: they go by the common name, which means
 * that. Order: prompts, then copies, then models, so that what is to be compared stands side by side.
 */
export function bodiesOf({ prompts, count, models, values, isPainted = () => false }) {
  const [first, ...others] = models;
  const { [maskOf(first.form.fields, values, isPainted)]: mask, ...input } = inputOf(first.form.fields, values);
  const shared = sharedOf(first.form.fields, values);
  const seedField = first.form.fields.find((each) => each.role === 'seed');
  const bodies = [];
  for (const prompt of first.form.prompt ? prompts : [null]) {
    for (let copy = 0; copy < count; copy++) {
      const seed = seedField && input[seedField.name] !== undefined ? { [seedField.name]: input[seedField.name] + copy } : {};
      bodies.push(bodyOf({ model: first.name, prompt, common: mask ? { mask } : {}, input: { ...input, ...seed } }));
      for (const other of others) {
        const common = acceptedBy(other.details, other.form.fields, shared);
        if (common.seed !== undefined) common.seed += copy;
        bodies.push(bodyOf({ model: other.name, prompt: other.form.prompt ? prompt ?? prompts[0] ?? '' : null, common }));
      }
    }
  }
  return bodies;
}

const maskOf = (fields, values, isPainted) => fields.find(({ role, name }) => role === 'mask' && isPainted(values[name]))?.name;

/** The body that repeats a generation, in the model's own names: with its seed, or with a new one. */
export function bodyOfGeneration(generation, { model, isNewSeed = false, seedName = 'seed' } = {}) {
  const input = { ...generation.input };
  const hasPrompt = typeof input.prompt === 'string' && input.prompt.trim() !== '';
  const prompt = hasPrompt ? input.prompt : null;
  if (hasPrompt) delete input.prompt;
  if (isNewSeed) delete input[seedName];
  return bodyOf({ model: model ?? nameOf(generation), prompt, input });
}

/** The name that runs the same version again. */
export const nameOf = ({ model, version }) => (version ? `${model}:${version}` : model);

/**
 * Sorts the `errors` of a problem by JSON path. Returns { prompt, model, fields, rest }: texts for the prompt and the model (or null),
 * texts by the own names of fields, and texts that belong to no field.
 */
export function sortErrors(errors, fields) {
  const sorted = { prompt: null, model: null, fields: {}, rest: [] };
  for (const [path, texts] of Object.entries(errors ?? {})) {
    const text = (Array.isArray(texts) ? texts : [texts]).map(sentence).join(' ');
    const [, inInput, name] = /^\$\.(input\.)?([^.[\]]+)/.exec(path) ?? [];
    if (name === 'prompt') sorted.prompt = text;
    else if (name === 'model' && !inInput) sorted.model = text;
    else {
      const field = fields.find((each) => (inInput ? each.name === name : each.role === name));
      if (field) sorted.fields[field.name] = text;
      else sorted.rest.push(name ? `${name}: ${text}` : text);
    }
  }
  return sorted;
}

function sentence(text) {
  const whole = String(text).trim();
  return whole && whole[0].toUpperCase() + whole.slice(1) + (/[.!?…]$/.test(whole) ? '' : '.');
}

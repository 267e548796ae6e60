// From a model's schema to the fields of a form. Nothing here touches the document.

const mainRoles = new Set(['negative_prompt', 'image', 'mask', 'strength', 'aspect_ratio', 'width', 'height', 'num_outputs', 'seed']);
const mainNames = new Set(['size', 'resolution', 'image_size', 'style', 'style_type']);
const renamed = ['num_outputs', 'steps', 'guidance', 'image', 'mask', 'strength'];
/** A model with at most this many inputs hides none of them. */
const few = 6;
/** Strengths that run the other way than the common name. */
const inverted = new Set(['image_prompt_strength', 'image_reference_weight']);

/** The name of the field that holds every input of a model without a schema, as one object of JSON. */
export const wholeName = '$input';

function wholeInput() {
  return { ...fieldOf(wholeName, { type: 'object' }, {}, false), title: 'input', isMain: true, needsImage: false };
}

/**
 * Returns { prompt, fields, hasSchema }: the field of the prompt, or null if the model takes none, and all others in the author's order.
 * A field has name, role (the common name that it carries, or null), kind ('number', 'switch', 'choice', 'file', 'files', 'text', 'long',
 * 'lines' or 'json'), title, help, default, options, min, max, step, isSlider, isRequired, isMain and needsImage.
 */
export function formOf(details) {
  const schema = details?.input_schema;
  if (!schema?.properties) return { prompt: { name: 'prompt', isRequired: false }, fields: [wholeInput()], hasSchema: false };
  const required = new Set(schema.required ?? []);
  const all = Object.entries(schema.properties)
    .map(([name, property], at) => ({ at, ...fieldOf(name, resolve(property, schema), details.common_names ?? {}, required.has(name)) }))
    .sort((a, b) => a.order - b.order || a.at - b.at);
  const fields = all.filter((field) => field.role !== 'prompt');
  const hasImage = fields.some((field) => field.role === 'image');
  for (const field of fields) {
    field.needsImage = hasImage && (field.role === 'mask' || field.role === 'strength');
    field.isMain = field.isRequired || fields.length <= few || mainRoles.has(field.role) || mainNames.has(field.name);
  }
  return { prompt: all.find((field) => field.role === 'prompt') ?? null, fields, hasSchema: true };
}

function fieldOf(name, property, commonNames, isRequired) {
  const role = roleOf(name, commonNames);
  const kind = kindOf(name, property, role);
  const { minimum: min = null, maximum: max = null } = property;
  const field = {
    name, role, kind, isRequired, min, max,
    order: property['x-order'] ?? Number.MAX_SAFE_INTEGER,
    title: titleOf(name, property.title),
    help: property.description ?? '',
    default: property.default ?? null,
    options: property.enum ?? (property.const === undefined ? null : [property.const]),
    isInteger: property.type === 'integer',
    maxItems: property.maxItems ?? null,
    maxLength: property.maxLength ?? null,
    step: null,
    isSlider: false,
  };
  if (kind === 'number') {
    field.step = property.multipleOf ?? (field.isInteger ? 1 : niceStep(min, max));
    const steps = (max - min) / field.step;
    field.isSlider = min !== null && max !== null && steps >= 1 && steps <= 5000 && role !== 'seed';
  }
  return field;
}

/** Follows references inside the schema, and takes the first real branch of a choice of types. */
function resolve(property, schema, depth = 0) {
  if (depth > 8 || typeof property !== 'object' || property === null) return {};
  if (property.$ref?.startsWith('#/')) {
    const target = property.$ref.slice(2).split('/').reduce((at, part) => at?.[part.replace(/~1/g, '/').replace(/~0/g, '~')], schema);
    const { $ref, ...rest } = property;
    return { ...resolve(target, schema, depth + 1), ...rest };
  }
  for (const word of ['allOf', 'anyOf', 'oneOf']) {
    const branch = property[word]?.find((each) => each?.type !== 'null');
    if (branch) {
      const { [word]: branches, ...rest } = property;
      return { ...resolve(branch, schema, depth + 1), ...rest };
    }
  }
  return Array.isArray(property.type) ? { ...property, type: property.type.find((each) => each !== 'null') } : property;
}

/** The common name that an input carries. An input that only helps with one, as a shape does with a width, carries none. */
function roleOf(name, commonNames) {
  if (commonNames[name]?.includes(name)) return name;
  return renamed.find((common) => commonNames[common]?.[0] === name) ?? null;
}

function kindOf(name, property, role) {
  if (property.enum || property.const !== undefined) return 'choice';
  switch (property.type) {
    case 'boolean': return 'switch';
    case 'integer':
    case 'number': return 'number';
    case 'array':
      if (property.items?.format === 'uri') return 'files';
      return property.items?.type === 'string' ? 'lines' : 'json';
    case 'string':
      if (property.format === 'uri') return 'file';
      return role === 'negative_prompt' || /prompt|caption|text$/.test(name) ? 'long' : 'text';
    default: return 'json';
  }
}

/** `Num Outputs` and `num_outputs` become `Num outputs`. */
function titleOf(name, title) {
  const words = (title || name).replace(/_/g, ' ').trim().split(/\s+/);
  return words.map((word, at) => (/^[A-Z][a-z]+$/.test(word) || /^[a-z]/.test(word)
    ? at === 0 ? word[0].toUpperCase() + word.slice(1) : word.toLowerCase()
    : word)).join(' ');
}

function niceStep(min, max) {
  const span = max - min;
  return min === null || max === null || !(span > 0) ? 0.01 : 10 ** (Math.floor(Math.log10(span)) - 2);
}

/** Whether a value is not sent. An empty text or list is, where it takes the place of a default that says something. */
export function isLeftOut(field, value) {
  const isCleared = (value === '' && ['text', 'long'].includes(field.kind)) || (Array.isArray(value) && field.kind === 'lines');
  return isEmpty(value) && !(isCleared && !isEmpty(field.default));
}

export const isEmpty = (value) => value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** Whether the value may stand for the common name of another model: strengths that run the other way may not. */
export const isPortable = (field) => !inverted.has(field.name);

/** What is wrong with a value, as { key, values } of a text; null if nothing is. */
export function flawOf(field, value) {
  if (isEmpty(value)) return field.isRequired && isEmpty(field.default) ? { key: 'create.flaw-required' } : null;
  if (field.kind === 'choice') return field.options.includes(value) ? null : { key: 'create.flaw-choice' };
  if (field.kind === 'json') return parses(value, field.name === wholeName) ? null : { key: 'create.flaw-json' };
  if (field.kind === 'files' && value.length > (field.maxItems ?? Infinity)) {
    return { key: 'create.flaw-items', values: { max: field.maxItems } };
  }
  return field.kind === 'number' ? flawOfNumber(field, value) : null;
}

function flawOfNumber({ min, max, isInteger, role }, value) {
  if (typeof value !== 'number' || !Number.isFinite(value) || (isInteger && !Number.isInteger(value))) {
    return { key: isInteger ? 'create.flaw-whole' : 'create.flaw-number' };
  }
  // Beyond this, JavaScript would send another number than was typed.
  const top = isInteger ? Math.min(max ?? Infinity, Number.MAX_SAFE_INTEGER) : max ?? Infinity;
  const bottom = min ?? (role === 'seed' ? 0 : -Infinity);
  if (value >= bottom && value <= top) return null;
  if (Number.isFinite(bottom) && Number.isFinite(top)) return { key: 'create.flaw-range', values: { min: bottom, max: top } };
  return value < bottom ? { key: 'create.flaw-min', values: { min: bottom } } : { key: 'create.flaw-max', values: { max: top } };
}

function parses(text, isObject) {
  if (typeof text !== 'string') return true;
  try {
    const value = JSON.parse(text);
    return !isObject || (typeof value === 'object' && value !== null && !Array.isArray(value));
  } catch {
    return false;
  }
}

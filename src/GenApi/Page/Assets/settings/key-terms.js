// From a key of the API to the texts of its form, and back to the members of a request.
import { t } from '../kernel/words.js';
import { spans } from './budgets.js';

export const rights = ['generate', 'read', 'admin', 'metrics'];

const pad = (value) => String(value).padStart(2, '0');

/** The local time of a control. */
function localTime(time) {
  const at = new Date(time);
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

const textOf = (value) => (value === null || value === undefined ? '' : String(value));

/** The texts of the form. `key` has an id, or is a new one. */
export function formOf(key) {
  const form = {
    name: key.name ?? '',
    rights: key.rights ?? (key.isFirst ? ['generate', 'read', 'admin'] : ['generate', 'read']),
    expires: key.expires_at ? localTime(key.expires_at) : '',
    requests: textOf(key.requests_per_minute),
    generations: textOf(key.generations_per_minute),
  };
  for (const span of spans) {
    form[`budget-${span}`] = textOf(key.budgets?.[span].limit_usd);
    form[`end-user-${span}`] = textOf(key.end_user_budgets?.[span]);
  }
  return form;
}

/** A number as people of the language type it; another text stays, and the service says what is allowed. */
function amountOf(text) {
  const trimmed = text.trim();
  return trimmed === '' ? null : trimmed.replace(',', '.');
}

function countOf(text) {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  return /^\d+$/.test(trimmed) ? Number(trimmed) : trimmed;
}

function timeOf(text) {
  if (text === '') return null;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}

/** The members that differ from before; those of a new key that are filled in. */
export function changesOf(before, form, isChange) {
  const changes = {};
  const add = (field, member, value) => {
    if (form[field] !== before[field]) changes[member] = value;
  };
  add('name', 'name', form.name);
  if (!isChange || form.rights.join() !== before.rights.join()) changes.rights = form.rights;
  if (!isChange) changes.name = form.name;
  add('expires', 'expires_at', timeOf(form.expires));
  add('requests', 'requests_per_minute', countOf(form.requests));
  add('generations', 'generations_per_minute', countOf(form.generations));
  for (const [prefix, member] of [['budget-', 'budgets'], ['end-user-', 'end_user_budgets']]) {
    const changed = spans.filter((span) => form[prefix + span] !== before[prefix + span]);
    if (changed.length > 0) changes[member] = Object.fromEntries(changed.map((span) => [span, amountOf(form[prefix + span])]));
  }
  return changes;
}

const places = {
  '$.name': ['name', 'settings.wrong-name'],
  '$.rights': ['rights', 'settings.wrong-rights'],
  '$.expires_at': ['expires', 'settings.wrong-time'],
  '$.requests_per_minute': ['requests', 'settings.wrong-count'],
  '$.generations_per_minute': ['generations', 'settings.wrong-count'],
  ...Object.fromEntries(spans.flatMap((span) => [
    [`$.budgets.${span}`, [`budget-${span}`, 'settings.wrong-amount']],
    [`$.end_user_budgets.${span}`, [`end-user-${span}`, 'settings.wrong-amount']],
  ])),
};

/** Where the errors of a problem belong: { fields: sentence by field, rest: the problem if something of it has no field }. */
export function placeOf(problem) {
  const named = Object.keys(problem?.errors ?? {});
  if (named.length === 0 || !named.every((path) => path in places)) return { fields: {}, rest: problem };
  return { fields: Object.fromEntries(named.map((path) => [places[path][0], t(places[path][1])])), rest: null };
}

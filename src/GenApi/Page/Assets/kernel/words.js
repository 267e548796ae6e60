// Texts and figures in the user's language.
import { kept } from './keep.js';

const languages = ['en', 'de'];
const preferred = navigator.languages?.map((each) => each.slice(0, 2)).find((each) => languages.includes(each)) ?? 'en';

/** The language of the page: 'en' or 'de'. */
export const language = kept('language', preferred);
const current = languages.includes(language.value) ? language.value : 'en';
document.documentElement.lang = current;
const words = {};
const loads = new Map();
await Promise.all([loadWords('common'), loadWords('problems')]);

/** Loads the texts of a part of the page, such as a view: words/LANGUAGE/PART.js. Their keys then begin with the part's name. */
export function loadWords(part) {
  if (!loads.has(part)) loads.set(part, load(part));
  return loads.get(part);
}

async function load(part) {
  try {
    const texts = (await import(`../words/${current}/${part}.js`)).default;
    for (const [key, text] of Object.entries(texts)) words[`${part}.${key}`] = text;
  } catch (error) {
    loads.delete(part);
    throw error;
  }
}

/** Changes the language. Only one is loaded, so the page begins again; what was typed is kept. */
export function setLanguage(value) {
  language.value = value;
  location.reload();
}

/**
 * The text of a key such as 'gallery.delete'. `{name}` is replaced by a value. With a value `n`, `key.one` and `key.other` are chosen by
 * the language's rules.
 */
export function t(key, values) {
  const rule = values?.n === undefined ? null : `${key}.${format(Intl.PluralRules).select(values.n)}`;
  const text = words[rule] ?? words[`${key}.other`] ?? words[key] ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? shown(values[name]) : all)) : text;
}

/** Whether there is a text. */
export function has(key) {
  return key in words;
}

// To make one takes a slow machine some 30 ms, so each is made once.
const formats = new Map();

function format(Kind, options) {
  const id = `${Kind.name} ${JSON.stringify(options ?? null)}`;
  if (!formats.has(id)) formats.set(id, new Kind(current, options));
  return formats.get(id);
}

const shown = (value) => (typeof value === 'number' ? number(value) : String(value));

export function number(value, options) {
  return format(Intl.NumberFormat, options).format(value);
}

/** US dollars from a decimal number in a string; small amounts keep the digits that matter. Null: an empty text. */
export function money(usd, { estimated = false } = {}) {
  if (usd === null || usd === undefined) return '';
  const value = Number(usd);
  const digits = value === 0 || Math.abs(value) >= 0.1 ? { maximumFractionDigits: 2, minimumFractionDigits: 2 }
    : { maximumSignificantDigits: 2, minimumFractionDigits: 2 };
  const text = format(Intl.NumberFormat, { style: 'currency', currency: 'USD', ...digits }).format(value);
  return estimated ? t('common.about', { value: text }) : text;
}

/** Anything shorter is shown as shorter than this, in seconds: the sandbox takes less than anyone wants to read. */
const shortest = 0.1;

/** A duration, such as `4.2 s` or `2 min 5 s`. */
export function seconds(value) {
  if (value === null || value === undefined) return '';
  if (value > 0 && value < shortest) return t('common.under', { time: seconds(shortest) });
  if (value < 60) return t('common.seconds', { value: number(value, { maximumFractionDigits: value < 10 ? 1 : 0 }) });
  const whole = Math.round(value);
  return t('common.minutes', { minutes: Math.floor(whole / 60), seconds: whole % 60 });
}

/** An amount of data, such as `1.4 MB`. */
export function bytes(value) {
  if (value === null || value === undefined) return '';
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  let at = 0;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at++;
  }
  return number(value, { style: 'unit', unit: units[at], unitDisplay: 'short', maximumFractionDigits: value < 10 && at > 0 ? 1 : 0 });
}

/** A time with its day. */
export function when(time) {
  return time ? format(Intl.DateTimeFormat, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time)) : '';
}

/** A day. */
export function day(time) {
  return time ? format(Intl.DateTimeFormat, { dateStyle: 'medium' }).format(new Date(time)) : '';
}

const steps = [['year', 31536000], ['month', 2592000], ['day', 86400], ['hour', 3600], ['minute', 60]];

/** How long ago a time was, in words. */
export function ago(time) {
  if (!time) return '';
  const passed = (new Date(time) - Date.now()) / 1000;
  const [unit, length] = steps.find(([, length]) => Math.abs(passed) >= length) ?? ['second', 1];
  return format(Intl.RelativeTimeFormat, { numeric: 'auto' }).format(Math.round(passed / length), unit);
}

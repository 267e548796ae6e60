// A model's schema in the words of a table.
import { number, t } from '../kernel/words.js';

/** The inputs of a model in its author's order: { name, common, isRequired, allowed, byDefault, description }. */
export function inputsOf({ input_schema: schema, common_names: common }) {
  const required = new Set(schema?.required ?? []);
  return Object.entries(schema?.properties ?? {}).map(([name, rule]) => ({
    name,
    common: Object.entries(common).filter(([alias, targets]) => alias !== name && targets.includes(name)).map(([alias]) => alias),
    isRequired: required.has(name),
    allowed: allowed(plain(rule)),
    byDefault: 'default' in rule ? JSON.stringify(rule.default) : null,
    description: rule.description ?? null,
  }));
}

/** A rule without its wrapper: a choice of one rule and null, or a list of one. */
function plain(rule) {
  const others = (rule.anyOf ?? rule.oneOf ?? []).filter((each) => each.type !== 'null');
  const inner = others.length === 1 ? others[0] : rule.allOf?.length === 1 ? rule.allOf[0] : null;
  return inner ? { ...inner, ...rule, ...(inner.enum ? { enum: inner.enum } : {}), type: inner.type ?? rule.type } : rule;
}

const shown = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

const types = ['string', 'integer', 'number', 'boolean', 'array', 'object'];

function allowed(rule) {
  if (rule.enum) return t('models.one-of', { values: rule.enum.map(shown).join(', ') });
  const type = Array.isArray(rule.type) ? rule.type.find((each) => each !== 'null') : rule.type;
  if (rule.format === 'uri') return t('models.type-file');
  if (type === 'array') {
    const items = plain(rule.items ?? {});
    return items.format === 'uri' ? t('models.type-files') : t('models.type-list', { items: allowed(items) });
  }
  const word = types.includes(type) ? t(`models.type-${type}`) : t('models.type-any');
  const [low, high] = [rule.minimum ?? rule.exclusiveMinimum, rule.maximum ?? rule.exclusiveMaximum];
  if (low !== undefined && high !== undefined) return t('models.between', { type: word, low: number(low), high: number(high) });
  if (low !== undefined) return t('models.from', { type: word, low: number(low) });
  if (high !== undefined) return t('models.up-to', { type: word, high: number(high) });
  return word;
}

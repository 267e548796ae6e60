// What the view of usage reads, and the periods that it offers.
import { api, problemOf } from '../kernel/api.js';

/** The periods to choose from; `own` takes two days. */
export const periods = ['month', 'last-month', '7-days', '30-days', 'year', 'own'];

const length = 24 * 60 * 60 * 1000;

/** A day as the service writes it, in UTC: `2026-01-31`. */
export const dayText = (date) => date.toISOString().slice(0, 10);

/** The first and the last day of a period, as texts. `own` is { from, to }. */
export function daysOf(period, own = {}, now = new Date()) {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  const today = dayText(now);
  const back = (days) => dayText(new Date(now.getTime() - days * length));
  switch (period) {
    case 'last-month': return { from: dayText(new Date(Date.UTC(year, month - 1, 1))), to: dayText(new Date(Date.UTC(year, month, 0))) };
    case '7-days': return { from: back(6), to: today };
    case '30-days': return { from: back(29), to: today };
    case 'year': return { from: `${year}-01-01`, to: today };
    case 'own': {
      const days = [asDay(own.from) ?? back(29), asDay(own.to) ?? today].sort();
      return { from: days[0], to: days[1] };
    }
    default: return { from: dayText(new Date(Date.UTC(year, month, 1))), to: today };
  }
}

/** No service of this kind is older. */
const earliest = '2020-01-01';

/** A day from the address, which anybody may have written; null if it is none. */
function asDay(text) {
  if (!/^\d{4}-\d\d-\d\d$/.test(text ?? '') || Number.isNaN(Date.parse(text))) return null;
  const latest = dayText(new Date(Date.now() + length));
  return text < earliest ? earliest : text > latest ? latest : text;
}

/** Reads one report. The filter is { from, to, key, end_user, upstream }. */
export const report = (groupBy, filter, options) => api.get('usage', { ...filter, group_by: groupBy }, options);

/** Reads everything that the view shows. */
export async function reports(filter, seesAll, options) {
  const [byDay, byModel, byUser, byKey] = await Promise.all([
    report('day', filter, options),
    report('model', filter, options),
    report('end_user', filter, options),
    seesAll ? report('key', filter, options) : null,
  ]);
  return { byDay, byModel, byUser, byKey };
}

/** The most days that a chart shows as days; a longer period is shown by month. */
const mostDays = 92;

/**
 * The rows of a report by day, by day or by month, with those without usage, so that the chart leaves none out: { step, rows }. The
 * group of a month is its first day.
 */
export function overTime(rows, { from, to }) {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const step = (last - first) / length >= mostDays ? 'month' : 'day';
  const groupOf = (text) => (step === 'day' ? text : `${text.slice(0, 7)}-01`);
  const known = Map.groupBy(rows, (row) => groupOf(row.group));
  const groups = new Set();
  for (let at = first; at <= last; at += length) groups.add(groupOf(dayText(new Date(at))));
  return { step, rows: [...groups].map((group) => ({ ...sumOf(known.get(group) ?? []), group })) };
}

/** The sums of several rows. */
function sumOf(rows) {
  const sum = (name) => rows.reduce((all, row) => all + Number(row[name]), 0);
  return Object.fromEntries(Object.keys(none).map((name) => [name, sum(name)]));
}

const none = { cost_usd: '0', saved_usd: '0', runs: 0, images: 0, hits: 0, joined: 0, predict_seconds: 0, unpriced_runs: 0 };

/** The largest groups, the most expensive first; what is beyond the first `most` becomes one row with the name `rest`. */
export function largest(rows, most, rest) {
  const by = (name) => (a, b) => Number(b[name]) - Number(a[name]);
  const sorted = [...rows].sort((a, b) => by('cost_usd')(a, b) || by('saved_usd')(a, b) || by('runs')(a, b));
  if (sorted.length <= most) return sorted;
  return [...sorted.slice(0, most - 1), { ...sumOf(sorted.slice(most - 1)), group: '', name: rest, isRest: true }];
}

/** Saves a report as a CSV file, as the service writes it. */
export async function download(groupBy, filter) {
  const response = await api.raw('usage', { query: { ...filter, group_by: groupBy }, headers: { Accept: 'text/csv' } });
  if (!response.ok) throw await problemOf(response);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = `usage-${filter.from}-${filter.to}-${groupBy}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

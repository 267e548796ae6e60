// What the address says about the list of runs, and what the API is asked for.

/** The names that stand in the address. */
export const filterNames = ['status', 'model', 'q', 'end_user', 'since', 'after', 'before'];

export const statuses = ['queued', 'starting', 'processing', 'storing', 'succeeded', 'failed', 'canceled'];

/** Periods up to now, in hours. */
export const periods = { '1h': 1, '24h': 24, '7d': 7 * 24, '30d': 30 * 24 };

/** The filter in a query: the names that have a value. */
export function filterOf(query) {
  return Object.fromEntries(filterNames.map((name) => [name, query.get(name)]).filter(([, value]) => value));
}

/** The parameters of GET /generations for a filter. Days are those of the browser's time zone; both are included. */
export function parametersOf({ since, after, before, ...others }) {
  const hours = periods[since];
  return {
    ...others,
    created_after: hours ? new Date(Date.now() - hours * 3_600_000).toISOString() : startOf(after, 0),
    created_before: hours ? null : startOf(before, 1),
  };
}

/** The beginning of a day such as 2026-01-31, or of a later one. A text that is no day goes to the service, which says so. */
function startOf(day, later) {
  if (!day) return null;
  const time = new Date(`${day}T00:00`);
  if (Number.isNaN(time.getTime())) return day;
  time.setDate(time.getDate() + later);
  return time.toISOString();
}

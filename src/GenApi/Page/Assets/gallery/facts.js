// Everything that is known about a picture: GET /images/{id}/info, for the details and for comparing.
import { useEffect, useState } from '../kernel/dom.js';
import { api } from '../kernel/api.js';
import { live } from '../kernel/live.js';
import { bytes, money, number, seconds, t, when } from '../kernel/words.js';
import { pinned } from './actions.js';

const mostKept = 24;
const known = new Map();

export function forgetFacts() {
  known.clear();
}

/** Reads the facts of a picture. The last ones are kept, so that going back to a neighbour shows it at once. */
export async function readFacts(id, signal) {
  const facts = await api.get(`images/${id}/info`, null, { signal });
  known.delete(id);
  known.set(id, facts);
  if (known.size > mostKept) known.delete(known.keys().next().value);
  return facts;
}

/** The facts of a picture as { facts, problem, retry }; both are null while they load. */
export function useFacts(id) {
  const [read, setRead] = useState({});
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const ended = new AbortController();
    readFacts(id, ended.signal)
      .then((facts) => setRead({ id, facts }))
      .catch((problem) => problem.code !== 'aborted' && setRead({ id, problem }));
    return () => ended.abort();
  }, [id, attempt]);
  const facts = (read.id === id ? read.facts : null) ?? known.get(id) ?? null;
  return { facts: current(facts), problem: read.id === id ? read.problem ?? null : null, retry: () => setAttempt(attempt + 1) };
}

/** The facts with what was changed since: pins set here, and elsewhere. */
function current(facts) {
  if (!facts) return null;
  const { id } = facts.generation, newest = live.get(id)?.value, here = pinned.value;
  const isPinned = here?.run === id ? here.isPinned : newest?.pinned ?? facts.generation.pinned;
  return { ...facts, generation: { ...facts.generation, pinned: isPinned } };
}

/** The whole prompt; null if the model takes none. */
export function promptOf({ input }) {
  return typeof input.prompt === 'string' ? input.prompt : null;
}

/** The settings of a generation as pairs of a name and a text, in the order of its input. */
export function settingsOf({ model, version, input, seed }) {
  const rest = Object.entries(input).filter(([name]) => name !== 'prompt' && name !== 'seed');
  return [
    ['model', model],
    ...(version ? [['version', version.slice(0, 12)]] : []),
    ...(seed === null ? [] : [['seed', String(seed)]]),
    ...rest.map(([name, value]) => [name, textOf(value)]),
  ];
}

function textOf(value) {
  if (value === null) return '–';
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** What the run cost and how long its parts took, as pairs of a word and a text. */
export function costOf({ cost, timing, created_at: createdAt }) {
  const parts = ['queued', 'starting', 'predict', 'storing', 'total'];
  return [
    ['cost', cost ? money(cost.usd, { estimated: cost.estimated }) : t('gallery.cost-unknown')],
    ...parts.filter((part) => timing[`${part}_seconds`] !== null).map((part) => [`time-${part}`, seconds(timing[`${part}_seconds`])]),
    ...(timing.cold_start ? [['time-cold', t('gallery.yes')]] : []),
    ['created', when(createdAt)],
  ];
}

/** What is known about the file, as pairs of a word and a text. */
export function fileOf({ image, content_credentials: credentials }) {
  return [
    ['size', image.width && image.height ? `${number(image.width)} × ${number(image.height)}` : t('gallery.size-unknown')],
    ['type', image.content_type],
    ['bytes', bytes(image.bytes)],
    ['sha256', image.sha256],
    ['credentials', t(`gallery.credentials-${credentials === null ? 'unknown' : credentials ? 'yes' : 'no'}`)],
    ['id', image.id],
  ];
}

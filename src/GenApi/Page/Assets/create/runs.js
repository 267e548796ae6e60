// The generations of the presses, as the event stream and the service know them.
import { signal, useEffect } from '../kernel/dom.js';
import { api } from '../kernel/api.js';
import { follow, live, onChange } from '../kernel/live.js';

/** Storing takes a moment. If it takes longer, the generation says why; no event does. */
const slowStoring = 4000;
const endings = ['succeeded', 'failed', 'canceled'];
/** Grows when a generation proves to be deleted. */
const arrived = signal(0);
/** Ids of generations that are deleted. */
const gone = new Set();
const asked = new Set();
const shown = new Map();

export const isOver = (generation) => endings.includes(generation?.status);

/** The generation, undefined until it is known, or null if it was deleted. */
export function generationOf(id) {
  arrived.value;
  return gone.has(id) ? null : live.get(id).value;
}

/** The generation of an id, read if no event has named it, and followed from then on. */
export function useGeneration(id) {
  useEffect(() => {
    if (!id) return undefined;
    shown.set(id, (shown.get(id) ?? 0) + 1);
    if (!live.has(id) && !gone.has(id)) void readOne(id);
    return () => {
      if (shown.get(id) > 1) shown.set(id, shown.get(id) - 1);
      else shown.delete(id);
    };
  }, [id]);
  const generation = id ? generationOf(id) : undefined;
  const isStoring = generation?.status === 'storing';
  useEffect(() => {
    if (!isStoring) return undefined;
    const timer = setInterval(() => void readOne(id), slowStoring);
    return () => clearInterval(timer);
  }, [id, isStoring]);
  return generation;
}

async function readOne(id) {
  if (asked.has(id)) return;
  asked.add(id);
  try {
    follow(await api.get(`generations/${id}`));
  } catch (problem) {
    // Any other problem passes: the list is read again when the stream is open.
    if (problem.status !== 404) return;
    gone.add(id);
    arrived.value++;
  } finally {
    asked.delete(id);
  }
}

/** The stream of events cuts the files in an input, so such a generation is read before its input is used again. */
export async function wholeOf(generation) {
  return JSON.stringify(generation?.input ?? null).includes('"data:') ? api.get(`generations/${generation.id}`) : generation;
}

/** Cancels a run. */
export async function cancelRun(id) {
  follow(await api.post(`generations/${id}/cancel`));
}

onChange(({ type, id }) => {
  if (type === 'removed' && id && shown.has(id)) {
    gone.add(id);
    arrived.value++;
  } else if (type === 'reset' || type === 'open') {
    for (const each of shown.keys()) if (!gone.has(each) && !isOver(live.get(each).peek())) void readOne(each);
  }
});

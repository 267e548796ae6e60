// The runs of a filter: pages as they are scrolled to, changes as they happen, and new runs that wait until somebody wants them.
import { batch, signal } from '../kernel/dom.js';
import { api } from '../kernel/api.js';
import { onChange } from '../kernel/live.js';
import { parametersOf } from './filter.js';

const pageSize = 40;

/** Pages that are read again after a gap. Of later ones, only the runs that had not ended are. */
const mostPagesAgain = 5;

/** The pause before a look for new rows of a filter, in milliseconds: one look serves all changes in it. */
const lookPause = 700;

const ended = new Set(['succeeded', 'failed', 'canceled']);

export const isEnded = (run) => ended.has(run.status);

export class RunList {
  /** Ids, the newest first. */
  ids = signal([]);

  /** Ids of new runs that are not in the list yet. */
  waiting = signal([]);

  problem = signal(null);
  isLoading = signal(false);
  isComplete = signal(false);

  /** The last id of each page: parts of the list end there, wherever rows come and go. */
  breaks = new Set();

  /** The scroll position of the view when it was left. */
  scroll = 0;

  /** Says whether new runs may enter a list that has rows at once. The view sets it. */
  mayMove = () => false;

  #parameters;
  #runs = new Map();
  #changedAt = new Map();
  #cursor = null;
  #look = null;
  #refreshing = null;

  constructor(filter) {
    this.#parameters = { ...parametersOf(filter), limit: pageSize, short: true };
    this.isFiltered = Object.keys(filter).length > 0;
  }

  /** The signal of a run; undefined if it is unknown here. */
  of(id) {
    return this.#runs.get(id);
  }

  /** Follows changes until the returned function is called. */
  start() {
    const stop = onChange((change) => this.#receive(change));
    if (this.ids.peek().length > 0) this.refresh();
    else this.more();
    return () => {
      stop();
      clearTimeout(this.#look);
      this.#look = null;
    };
  }

  /** Reads the next page. */
  async more() {
    if (this.isLoading.peek() || this.isComplete.peek()) return;
    this.isLoading.value = true;
    const page = await this.#read(this.#cursor);
    batch(() => {
      this.isLoading.value = false;
      if (!page) return;
      this.#cursor = page.next_cursor;
      this.isComplete.value = page.next_cursor === null;
      if (page.data.length > 0) this.breaks.add(page.data.at(-1).id);
      this.#insert(page.data.map(({ id }) => id));
    });
  }

  /** Shows the runs that wait. */
  show() {
    this.#insert(this.waiting.peek());
  }

  /** Takes in a run that was changed here. */
  put(run) {
    this.#receive({ type: 'generation', id: run.id, generation: run });
  }

  /** Takes in a run that was made here, at once: its maker wants to see it, whatever the filter says. */
  add(run) {
    batch(() => {
      this.#keep(run, performance.now());
      this.#insert([run.id]);
    });
  }

  /** Takes a run out of the list. */
  remove(id) {
    batch(() => {
      this.ids.value = this.ids.peek().filter((each) => each !== id);
      this.waiting.value = this.waiting.peek().filter((each) => each !== id);
      this.#runs.delete(id);
    });
  }

  /** Reads again what is shown, without moving it. Calls at the same time share one reading. */
  refresh() {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refresh() {
    const shown = this.ids.peek();
    const seen = new Set();
    let [cursor, oldest] = [null, ''];
    for (let pages = 0; pages < mostPagesAgain; pages++) {
      const page = await this.#read(cursor);
      if (!page) return;
      page.data.forEach(({ id }) => seen.add(id));
      cursor = page.next_cursor;
      oldest = cursor === null ? '' : page.data.at(-1).id;
      if (cursor === null || oldest <= (shown.at(-1) ?? '~')) break;
    }
    batch(() => {
      this.#arrive([...seen]);
      // Between the newest and the oldest that were read there are no others. A row that left its filter stays in sight.
      if (!this.isFiltered) shown.filter((id) => id >= oldest && !seen.has(id)).forEach((id) => this.remove(id));
    });
    const others = shown.filter((id) => !seen.has(id) && this.#runs.has(id) && !isEnded(this.#runs.get(id).peek()));
    await Promise.all(others.slice(0, pageSize).map((id) => this.readOne(id)));
  }

  /** Reads one run again. */
  async readOne(id) {
    const began = performance.now();
    try {
      this.#keep(await api.get(`generations/${id}`), began);
    } catch (problem) {
      if (problem.status === 404) this.remove(id);
      else if (problem.code !== 'aborted') this.problem.value = problem;
    }
  }

  async #read(cursor) {
    const began = performance.now();
    try {
      const page = await api.get('generations', { ...this.#parameters, cursor });
      batch(() => {
        this.problem.value = null;
        page.data.forEach((run) => this.#keep(run, began));
      });
      return page;
    } catch (problem) {
      this.problem.value = problem;
      return null;
    }
  }

  /** Remembers a run as it was at a time, unless a later change is known. */
  #keep(run, at) {
    if (this.#changedAt.get(run.id) > at) return;
    const known = this.#runs.get(run.id);
    if (known) known.value = run;
    else this.#runs.set(run.id, signal(run));
  }

  #change(id, change) {
    const known = this.#runs.get(id);
    if (!known) return;
    this.#changedAt.set(id, performance.now());
    known.value = change(known.peek());
  }

  #receive({ type, id, generation, progress, image, of }) {
    if (type === 'reset' || type === 'open') {
      this.refresh();
    } else if (type === 'progress') {
      this.#change(id, (run) => ({ ...run, progress: { ...run.progress, ...progress } }));
    } else if (type === 'removed' && id) {
      this.remove(id);
    } else if (type === 'removed') {
      this.#change(of, (run) => ({ ...run, images: run.images.filter((each) => each.id !== image) }));
    } else if (type === 'restored' && this.#runs.has(of)) {
      this.readOne(of);
    } else if (type === 'generation' && this.#runs.has(id)) {
      this.#change(id, () => generation);
    } else if (type === 'generation' && this.isFiltered) {
      // Only the service knows whether it matches.
      this.#look ??= setTimeout(() => this.#lookAgain(), lookPause);
    } else if (type === 'generation') {
      this.#changedAt.set(id, performance.now());
      this.#runs.set(id, signal(generation));
      this.#arrive([id]);
    }
  }

  async #lookAgain() {
    const page = await this.#read(null);
    this.#look = null;
    if (page) this.#arrive(page.data.map(({ id }) => id));
  }

  /** Takes in runs that may be new. Those older than the pages that were read come with their own page. */
  #arrive(added) {
    const ids = this.ids.peek();
    const waiting = this.waiting.peek();
    const isBelow = (id) => !this.isComplete.peek() && ids.length > 0 && id < ids.at(-1);
    const fresh = added.filter((id) => !ids.includes(id) && !waiting.includes(id) && !isBelow(id));
    if (fresh.length === 0) return;
    if (ids.length === 0 || this.mayMove()) this.#insert([...fresh, ...waiting]);
    else this.waiting.value = [...waiting, ...fresh];
  }

  #insert(added) {
    batch(() => {
      const all = new Set([...this.ids.peek(), ...added]);
      // Ids are in order of time.
      const ids = [...all].filter((id) => this.#runs.has(id)).sort().reverse();
      const first = ids.findIndex((id) => this.breaks.has(id)) + 1;
      if (first > 2 * pageSize) this.breaks.add(ids[first - pageSize - 1]);
      this.ids.value = ids;
      this.waiting.value = this.waiting.peek().filter((id) => !all.has(id));
    });
  }
}

// The list behind the grid: pages of ids that stay for good, and rows that are dropped when they are far away and fetched again by their
// cursor. Nothing that others do moves a place: what they delete leaves a mark, and what they make waits until it is asked for.
import { batch, signal } from '../kernel/dom.js';
import { api } from '../kernel/api.js';

/** Rows of a page. A row has at most 1,000 bytes, so a page has at most 48 kB. */
export const pageRows = 48;

/** A page that is fetched again may hold a few rows that came since; they are not shown. */
const againRows = 56;

/** Pages on both sides of what is shown that keep their rows. */
const keptPages = 8;

/** Pages without a match that are read at once before the next look at the screen. */
const emptyPages = 4;

const min = (a, b) => (b === undefined || a < b ? a : b);
const max = (a, b) => (b === undefined || a > b ? a : b);

export class PictureList {
  #pages = [];
  #pageOf = new Map();
  #ends = { newest: null, oldest: null };
  #abort = new AbortController();
  #busy = new Set();
  #removed = new Map();
  #newestAt = '';
  #edges = [];

  /** Ids that are deleted, but not by this page. */
  gone = new Set();

  /** Grows with every change that the grid shows. */
  version = signal(0);

  /** 'start' | 'ready' | 'failed' */
  state = signal('start');

  /** What kept the newest request from succeeding; null: nothing. */
  problem = signal(null);

  /** How many pictures were put before the first one that was loaded. */
  prepended = 0;

  count = 0;

  /** @param filter The filters of GET /images. */
  constructor(filter) {
    this.filter = filter;
  }

  get hasNewer() {
    return this.#ends.oldest !== null;
  }

  get hasOlder() {
    return this.#ends.newest !== null;
  }

  /** Reads the first page: the newest pictures or, if they do not have the given one, the pictures from there on. */
  async start(id = null) {
    this.#ends = { newest: {}, oldest: null };
    await this.#try('start', async () => {
      const newest = await this.#fetch('newest', {}, pageRows);
      this.#newestAt = newest.data[0]?.created_at ?? '';
      if (id && !newest.data.some((row) => row.id === id) && newest.next_cursor) await this.#startAt(id, newest);
      else this.#append('newest', {}, newest);
      this.state.value = 'ready';
    });
    if (this.state.value === 'start') this.state.value = 'failed';
  }

  async #startAt(id, newest) {
    try {
      const page = await this.#fetch('newest', { from: id }, pageRows);
      this.#append('newest', { from: id }, page);
      this.#ends.oldest = { from: id };
      await this.#more('oldest');
    } catch (problem) {
      // The picture is not there; the newest ones are.
      if (problem.status !== 404 && problem.status !== 400) throw problem;
      this.#append('newest', {}, newest);
    }
  }

  /** Loads what belongs to these places, and drops rows that are far away from them. */
  look(first, last) {
    if (this.state.value !== 'ready') return;
    const near = 2 * Math.max(12, last - first);
    const from = this.#pages.indexOf(this.#pageAt(first)), to = this.#pages.indexOf(this.#pageAt(Math.min(last, this.count - 1)));
    this.#pages.forEach((page, at) => {
      // Only a cursor leads to the same rows later on.
      if (page.place.cursor && (at < from - keptPages || at > to + keptPages)) page.rows = null;
    });
    if (this.problem.value) return;
    for (const page of this.#pages.slice(Math.max(0, from), to + 1)) {
      if (!page.rows) void this.#again(page);
    }
    if (this.hasOlder && last + near >= this.count) void this.#try('newest', () => this.#more('newest'));
    if (this.hasNewer && first - near <= 0) void this.#try('oldest', () => this.#more('oldest'));
  }

  /** Tries again what failed. */
  retry(first, last) {
    this.problem.value = null;
    if (this.state.value === 'failed') {
      this.state.value = 'start';
      void this.start();
    } else {
      this.look(first, last);
    }
  }

  idAt(index) {
    const page = this.#pageAt(index);
    return page?.ids[index - page.start];
  }

  /** The row of a picture; undefined while it is not loaded. */
  row(id) {
    return this.#pageOf.get(id)?.rows?.get(id);
  }

  /** The place of a picture; -1: it is not in the list. */
  indexOf(id) {
    const page = this.#pageOf.get(id);
    return page ? page.start + page.ids.indexOf(id) : -1;
  }

  has(id) {
    return this.#pageOf.has(id) || this.#removed.has(id);
  }

  ids(first = 0, last = this.count - 1) {
    return this.#pages.filter((page) => page.start <= last && page.start + page.ids.length > first)
      .flatMap((page) => page.ids.slice(Math.max(0, first - page.start), last - page.start + 1));
  }

  /** Closes the gaps of pictures that the user deleted here. */
  remove(ids) {
    for (const id of ids) {
      const page = this.#pageOf.get(id);
      if (!page) continue;
      page.places ??= new Map(page.ids.map((each, at) => [each, at]));
      this.#removed.set(id, { page, row: page.rows?.get(id) });
      page.ids.splice(page.ids.indexOf(id), 1);
      page.rows?.delete(id);
      this.#pageOf.delete(id);
    }
    this.#changed();
  }

  /** Puts deleted pictures back where they were, in whatever order they return. */
  restore(ids) {
    for (const id of ids) {
      this.gone.delete(id);
      const was = this.#removed.get(id);
      if (!was) continue;
      this.#removed.delete(id);
      const { ids: left, places } = was.page;
      const next = left.findIndex((each) => places.get(each) > places.get(id));
      left.splice(next < 0 ? left.length : next, 0, id);
      if (was.row && was.page.rows) was.page.rows.set(id, was.row);
      else was.page.rows = null;
      this.#pageOf.set(id, was.page);
    }
    this.#changed();
  }

  /** Marks a picture that somebody deleted elsewhere, or that is back. */
  mark(id, isGone) {
    if (this.#pageOf.has(id) && this.gone.has(id) !== isGone) {
      if (isGone) this.gone.add(id);
      else this.gone.delete(id);
      this.version.value++;
    }
  }

  /** Changes the loaded rows that `matches` chooses. */
  patch(matches, change) {
    let isChanged = false;
    for (const { rows } of this.#pages) {
      for (const [id, row] of rows ?? []) {
        const next = matches(row) ? { ...row, ...change(row) } : row;
        if (next !== row) rows.set(id, next);
        isChanged ||= next !== row;
      }
    }
    if (isChanged) this.version.value++;
  }

  /** Whether the list would have shown a picture of this time, had it been there when its part was loaded. */
  covers(createdAt) {
    if (createdAt > this.#newestAt) return true;
    return (!this.hasOlder || createdAt >= this.#edges[0]) && (!this.hasNewer || createdAt <= this.#edges[1]);
  }

  /** The newest pictures that came since their part of the list was loaded, by their ids. */
  async newer() {
    const page = await this.#fetch('newest', {}, pageRows);
    return page.data.filter((row) => !this.has(row.id) && this.covers(row.created_at)).map((row) => row.id);
  }

  end() {
    this.#abort.abort();
  }

  get #options() {
    return { signal: this.#abort.signal };
  }

  #fetch(order, place, limit) {
    return api.get('images', { ...this.filter, ...(order === 'oldest' ? { order } : {}), ...place, limit }, this.#options);
  }

  /** Reads the next page at one end. */
  async #more(order) {
    for (let at = 0; at < emptyPages && this.#ends[order]; at++) {
      const place = this.#ends[order];
      if (this.#append(order, place, await this.#fetch(order, place, pageRows)) > 0) return;
    }
    this.version.value++;
  }

  #append(order, place, { data, next_cursor: next }) {
    this.#ends[order] = next ? { cursor: next } : null;
    const fresh = data.filter((row) => !this.has(row.id));
    if (order === 'oldest') fresh.reverse();
    const times = data.map((row) => row.created_at).sort();
    if (times.length > 0) this.#edges = [min(times[0], this.#edges[0]), max(times.at(-1), this.#edges[1])];
    if (fresh.length > 0) {
      const page = { order, place, ids: fresh.map((row) => row.id), rows: new Map(fresh.map((row) => [row.id, row])), start: 0 };
      for (const id of page.ids) this.#pageOf.set(id, page);
      if (order === 'oldest') {
        this.#pages.unshift(page);
        this.prepended += fresh.length;
      } else {
        this.#pages.push(page);
      }
    }
    this.#changed();
    return fresh.length;
  }

  /** Fetches the rows of a page that were dropped. Rows that are not there any more were deleted. */
  #again(page) {
    return this.#try(page, async () => {
      const rows = new Map();
      let place = page.place;
      for (let at = 0; at < emptyPages && place && rows.size < page.ids.length; at++) {
        const { data, next_cursor: next } = await this.#fetch(page.order, place, againRows);
        for (const row of data) {
          if (this.#pageOf.get(row.id) === page) rows.set(row.id, row);
        }
        place = next ? { cursor: next } : null;
      }
      batch(() => {
        for (const id of page.ids) {
          if (rows.has(id)) this.gone.delete(id);
          else this.gone.add(id);
        }
        page.rows = rows;
        this.version.value++;
      });
    });
  }

  async #try(what, act) {
    if (this.#busy.has(what)) return;
    this.#busy.add(what);
    try {
      await act();
    } catch (problem) {
      if (problem.code === 'aborted') return;
      this.problem.value = problem;
    } finally {
      this.#busy.delete(what);
    }
  }

  #changed() {
    let start = 0;
    for (const page of this.#pages) {
      page.start = start;
      start += page.ids.length;
    }
    this.count = start;
    this.version.value++;
  }

  #pageAt(index) {
    let [low, high] = [0, this.#pages.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1, page = this.#pages[middle];
      if (index < page.start) high = middle - 1;
      else if (index >= page.start + page.ids.length) low = middle + 1;
      else return page;
    }
    return undefined;
  }
}

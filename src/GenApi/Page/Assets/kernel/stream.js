// Reads GET /events with fetch(), because EventSource sends no Last-Event-ID of an earlier page and shows no comments.
// It runs in the shared worker and in pages, so it imports nothing.

/** The server sends at least a comment every 15 seconds. After this much silence, in milliseconds, the connection counts as dead. */
export const SILENCE = 40_000;

/** How long an attempt may wait for the answer's headers, in milliseconds. */
const ATTEMPT = 6_000;

/** From one attempt to the next, in milliseconds, until the server says otherwise. */
const RETRY = 1_000;

/** The longest wait that a server's Retry-After can ask for, in milliseconds. */
const LONGEST_WAIT = 30_000;

/** A connection that was silent for longer than this, in milliseconds, is opened again when a page is shown. */
const STALE = 17_000;

const WATCH = 1_000;

/** Splits text into server-sent events: calls `onEvent({ event, data, id, retry })`. `data` is null for a block that only moves the id. */
export class EventParser {
  #onEvent;
  #rest = '';
  #begun = false;
  #event = '';
  #data = null;
  #id;
  #retry;

  constructor(onEvent) {
    this.#onEvent = onEvent;
  }

  push(text) {
    if (!this.#begun && text) {
      text = text.replace(/^\uFEFF/, '');
      this.#begun = true;
    }
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    for (const line of lines) this.#line(line);
  }

  #line(line) {
    if (line === '') return this.#dispatch();
    if (line[0] === ':') return;
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'event') this.#event = value;
    else if (name === 'data') this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.#retry = Number(value);
  }

  #dispatch() {
    const { event, data, id, retry } = { event: this.#event || 'message', data: this.#data, id: this.#id, retry: this.#retry };
    this.#event = '';
    this.#data = null;
    this.#id = this.#retry = undefined;
    if (data !== null || id !== undefined || retry !== undefined) this.#onEvent({ event, data, id, retry });
  }
}

/**
 * One lasting connection. `onState` gets 'connecting', 'open', 'lost' (an attempt failed; it goes on trying), 'out' (the caller is not
 * admitted; it has stopped) and 'stopped'. It is open when the server has sent everything that was missed (event `ready`).
 */
export class EventStream {
  #url;
  #onState;
  #onEvent;
  #fetch;
  #state = 'stopped';
  #running = false;
  #retry = RETRY;
  #heard = 0;
  #limit = 0;
  #attempt = null;
  #endPause = null;
  #skipPause = false;

  /** The id of the last event that was handed over. */
  lastId;

  constructor({ url, lastId, onState, onEvent, fetch = globalThis.fetch.bind(globalThis) }) {
    this.#url = url;
    this.lastId = lastId;
    this.#onState = onState;
    this.#onEvent = onEvent;
    this.#fetch = fetch;
  }

  get state() {
    return this.#state;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#run();
  }

  stop() {
    this.#running = false;
    this.#attempt?.abort();
    this.#endPause?.();
    this.#enter('stopped');
  }

  /** Makes sure that the connection lives: `isNew` after the network has come back, otherwise when a page is shown. */
  check({ isNew = false } = {}) {
    if (!this.#running) return;
    if (this.#endPause) this.#endPause();
    else if (isNew || Date.now() - this.#heard > STALE) {
      this.#skipPause = true;
      this.#attempt?.abort();
    }
  }

  async #run() {
    while (this.#running) {
      this.#enter(this.#state === 'lost' ? 'lost' : 'connecting');
      const wait = await this.#connect();
      if (!this.#running) return;
      if (this.#state === 'open') this.#enter('connecting');
      if (this.#skipPause) this.#skipPause = false;
      else await this.#pause(wait);
    }
  }

  /** Returns how long to wait before the next attempt. */
  async #connect() {
    const attempt = (this.#attempt = new AbortController());
    this.#heard = Date.now();
    this.#limit = ATTEMPT;
    let isAnswered = false;
    const watch = setInterval(() => {
      // After a sleep of the machine this is the first thing to happen.
      if (Date.now() - this.#heard > this.#limit) attempt.abort();
    }, WATCH);
    try {
      const headers = { Accept: 'text/event-stream' };
      if (this.lastId) headers['Last-Event-ID'] = this.lastId;
      const response = await this.#fetch(this.#url, { headers, cache: 'no-store', credentials: 'same-origin', signal: attempt.signal });
      if (response.status === 401 || response.status === 403) {
        this.#running = false;
        this.#enter('out');
        return 0;
      }
      if (!response.ok || !response.body) {
        this.#enter('lost');
        const seconds = Number(response.headers.get('Retry-After'));
        return seconds > 0 ? Math.min(seconds * 1_000, LONGEST_WAIT) : this.#jittered();
      }
      this.#limit = SILENCE;
      isAnswered = true;
      await this.#read(response.body, attempt.signal);
    } catch {
      // The network failed, or the attempt was ended: both are tried again. A connection that breaks counts as lost when the next fails.
      if (this.#running && !this.#skipPause && !isAnswered) this.#enter('lost');
    } finally {
      clearInterval(watch);
      attempt.abort();
    }
    return this.#jittered();
  }

  async #read(body, signal) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const parser = new EventParser((event) => this.#receive(event));
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return;
      this.#heard = Date.now();
      parser.push(decoder.decode(value, { stream: true }));
    }
  }

  #receive({ event, data, id, retry }) {
    if (!this.#running) return;
    if (retry !== undefined) this.#retry = Math.min(Math.max(retry, 100), LONGEST_WAIT);
    if (data !== null) this.#onEvent({ event, data: JSON.parse(data), id });
    else if (id !== undefined) this.#onEvent({ event: null, data: null, id });
    if (id !== undefined) this.lastId = id;
    if (event === 'ready') this.#enter('open');
  }

  /** Spreads the browsers of a team after a restart of the service. */
  #jittered() {
    return this.#retry * (0.8 + 0.4 * Math.random());
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#endPause = null;
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      this.#endPause = end;
    });
  }

  #enter(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.#onState(state);
  }
}

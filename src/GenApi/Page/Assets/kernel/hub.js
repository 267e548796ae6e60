// Shares one stream of events among the tabs of a browser. It runs in the shared worker or, where there is none, in each page.
import { EventStream } from './stream.js';

/** All tabs hidden for this long, in milliseconds: the stream is closed until one is shown. */
const HIDDEN = 300_000;

/** Every tab is asked in this interval whether it is there, in milliseconds. A frozen tab does not answer. */
const ASK = 30_000;

/** A tab that leaves this many questions unanswered is dropped. When it thaws, it answers them, and joins again. */
const UNANSWERED = 3;

/** The newest events and ids, for tabs that join again. */
const KEPT = 1_000;

const ENDED = new Set(['succeeded', 'failed', 'canceled']);

export class Hub {
  #makeStream;
  #members = new Set();
  #stream = null;
  #url = null;
  #who = null;
  #lastId = undefined;
  #state = 'connecting';
  #recent = [];
  #running = new Map();
  #hideTimer = null;
  #askTimer = null;

  constructor({ makeStream = (options) => new EventStream(options) } = {}) {
    this.#makeStream = makeStream;
  }

  /** Adds a tab: `post` sends it a message. Returns what takes its messages, and its end. */
  join(post) {
    const member = { post, visible: false, unanswered: 0, greeted: false };
    return { receive: (message) => this.#receive(member, message), leave: () => this.#leave(member) };
  }

  #receive(member, message) {
    member.unanswered = 0;
    if (message.type === 'bye') return this.#leave(member);
    if (message.type === 'hello') return this.#hello(member, message);
    // It was dropped while it was frozen, and has missed something.
    if (!this.#members.has(member)) {
      if (member.greeted) member.post({ type: 'again' });
      return;
    }
    if (message.type === 'visible') {
      member.visible = message.visible;
      this.#look(message.visible);
    } else if (message.type === 'online') this.#stream?.check({ isNew: true });
    else if (message.type === 'out') this.#signedOut();
  }

  #hello(member, { url, who, lastId, fresh, visible }) {
    if (this.#who !== who || this.#url !== url) {
      // Somebody else has signed in. The other tabs ask who that is.
      if (this.#who !== null) this.#signedOut();
      this.#url = url;
      this.#who = who;
    }
    Object.assign(member, { visible, greeted: true });
    this.#members.add(member);
    if (this.#stream) this.#catchUp(member, lastId, fresh);
    else this.#lastId ??= lastId;
    this.#askTimer ??= setInterval(() => this.#ask(), ASK);
    if (!this.#stream && (visible || !this.#isPaused)) this.#open();
    this.#look(visible);
  }

  /** Gives a tab that comes to an open stream what it has not seen. */
  #catchUp(member, lastId, fresh) {
    const at = this.#recent.findLastIndex((event) => event.id === lastId);
    if (lastId && at >= 0) this.#recent.slice(at + 1).forEach((event) => member.post(event));
    else if (!fresh && lastId !== this.#lastId) member.post({ type: 'event', event: 'reset', data: {}, id: this.#lastId });
    for (const generation of this.#running.values()) member.post({ type: 'event', event: 'generation', data: generation });
    member.post({ type: 'state', state: this.#state });
    if (this.#state === 'open') member.post({ type: 'event', event: 'ready', data: {}, id: this.#lastId });
  }

  #open() {
    this.#stream = this.#makeStream({
      url: this.#url,
      lastId: this.#lastId,
      onState: (state) => this.#changed(state),
      onEvent: (event) => this.#happened(event),
    });
    this.#stream.start();
  }

  #close() {
    const stream = this.#stream;
    this.#stream = null;
    stream?.stop();
  }

  #changed(state) {
    if (state === 'stopped') return;
    if (state === 'out') return this.#signedOut();
    this.#state = state;
    this.#tell({ type: 'state', state });
  }

  #happened({ event, data, id }) {
    if (id !== undefined) this.#lastId = id;
    this.#remember(event, data);
    const message = { type: 'event', event, data, id };
    if (event !== 'ready') {
      this.#recent.push(message);
      if (this.#recent.length > KEPT) this.#recent.splice(0, this.#recent.length - KEPT);
    }
    this.#tell(message);
  }

  /** Keeps what is unfinished, for tabs that come later. */
  #remember(event, data) {
    if (event === 'generation') {
      if (ENDED.has(data.status)) this.#running.delete(data.id);
      else this.#running.set(data.id, data);
    } else if (event === 'progress' && this.#running.has(data.id)) {
      const { id, revision, ...progress } = data;
      this.#running.set(id, { ...this.#running.get(id), progress, revision });
    } else if (event === 'removed' && data.id) this.#running.delete(data.id);
    else if (event === 'reset') this.#running.clear();
  }

  #signedOut() {
    this.#tell({ type: 'state', state: 'out' });
    this.#forget();
  }

  #forget() {
    this.#close();
    this.#recent = [];
    this.#running.clear();
    this.#lastId = undefined;
    this.#who = null;
    this.#state = 'connecting';
  }

  #tell(message) {
    for (const member of this.#members) member.post(message);
  }

  #ask() {
    for (const member of this.#members) {
      if (member.unanswered === UNANSWERED) {
        this.#leave(member);
        continue;
      }
      // Counted and not timed: while the machine sleeps nobody answers, and nobody is asked.
      member.unanswered++;
      member.post({ type: 'ping' });
    }
  }

  #leave(member) {
    if (!this.#members.delete(member)) return;
    if (this.#members.size === 0) {
      clearInterval(this.#askTimer);
      this.#askTimer = null;
    }
    this.#look(false);
  }

  get #isShown() {
    return [...this.#members].some((member) => member.visible);
  }

  get #isPaused() {
    return this.#who !== null && this.#state === 'paused';
  }

  /** Acts on what is visible now. */
  #look(isJustShown) {
    if (!this.#isShown) {
      this.#hideTimer ??= setTimeout(() => this.#rest(), HIDDEN);
      return;
    }
    clearTimeout(this.#hideTimer);
    this.#hideTimer = null;
    if (!this.#stream && this.#who !== null) this.#open();
    else if (isJustShown) this.#stream?.check();
  }

  #rest() {
    this.#hideTimer = null;
    if (!this.#stream) return;
    this.#close();
    this.#state = 'paused';
    this.#tell({ type: 'state', state: 'paused' });
  }
}

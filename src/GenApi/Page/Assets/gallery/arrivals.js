// What happens elsewhere while one looks: pictures that come are announced, those that go leave a mark, and nothing moves.
import { html } from '../kernel/dom.js';
import { api } from '../kernel/api.js';
import { connection, onChange } from '../kernel/live.js';
import { session } from '../kernel/session.js';
import { t } from '../kernel/words.js';
import { forget } from './actions.js';
import { forgetFacts } from './facts.js';
import { ownTags } from './filters.js';
import { pageRows } from './list.js';
import { arrived, begin, forgetPictures, list, place } from './state.js';

/** Changes come in bursts; the list is asked once for all of them. */
const gatherMilliseconds = 400;

let waiting = [];
let timer = null;
let wasLost = false;

/** Follows the changes for as long as the page is open, so that the list is right when the view is shown again. */
export function followChanges() {
  onChange(({ type, id, image, generation, tags }) => {
    const shown = list.value;
    if (!shown) return;
    if (type === 'generation' && generation) changed(shown, generation);
    else if (type === 'removed') removed(shown, image ?? id);
    else if (type === 'restored') restored(shown, image ?? id);
    else if (type === 'tagged') shown.patch((row) => row.id === image, () => ({ tags, more_tags: 0 }));
    else if (type === 'reset') void lookAgain(shown);
  });
  session.subscribe(({ state }) => {
    if (state === 'out') forgetEverything();
  });
  connection.subscribe((state) => {
    if (state === 'open' && wasLost) list.value?.retry(place.index, place.index);
    wasLost = state === 'lost';
  });
}

/** The next person at this browser sees nothing of the last one. */
function forgetEverything() {
  waiting = [];
  ownTags.value = [];
  Object.assign(place, { key: null, id: null });
  forgetFacts();
  forgetPictures();
}

function changed(shown, { id, status, images, pinned, created_at: at }) {
  shown.patch((row) => row.generation_id === id && row.pinned !== pinned, () => ({ pinned }));
  if (status !== 'succeeded' || images.length === 0 || !shown.covers(at)) return;
  waiting.push({ ids: images.map((each) => each.id), at });
  timer ??= setTimeout(announce, gatherMilliseconds);
}

async function announce() {
  const shown = list.value, came = waiting;
  [waiting, timer] = [[], null];
  const ids = came.flatMap((each) => each.ids).filter((id) => !shown.has(id) && !arrived.value.ids.has(id));
  if (ids.length === 0 || shown.state.value !== 'ready') return;
  try {
    const since = came.map((each) => each.at).sort()[0];
    const fitting = await matching(shown.filter, ids, since);
    if (shown === list.value && fitting.length > 0) add(shown, fitting, false);
  } catch (problem) {
    // The filters can't be applied now; the next change asks again.
    if (problem.code !== 'aborted') waiting.push(...came);
  }
}

/** Of these pictures, those that match the filters; of very many, those among the first ones. */
async function matching(filter, ids, since) {
  if (Object.keys(filter).length === 0) return ids;
  const after = filter.created_after > since ? filter.created_after : since;
  const page = await api.get('images', { ...filter, created_after: after, order: 'oldest', limit: pageRows });
  const found = new Set(page.data.map((row) => row.id));
  return ids.filter((id) => found.has(id));
}

function add(shown, ids, more) {
  // Nothing is looked at in an empty list, so nothing can move.
  if (shown.count === 0) begin();
  else arrived.value = { ids: new Set([...arrived.value.ids, ...ids]), more: arrived.value.more || more };
}

function removed(shown, id) {
  if (id?.startsWith('img_')) {
    shown.mark(id, true);
    if (arrived.value.ids.has(id)) arrived.value = { ...arrived.value, ids: new Set([...arrived.value.ids].filter((each) => each !== id)) };
  } else if (id) {
    for (const each of shown.ids()) {
      if (shown.row(each)?.generation_id === id) shown.mark(each, true);
    }
  }
}

function restored(shown, id) {
  if (!id?.startsWith('img_')) return;
  forget([id]);
  if (shown.has(id)) shown.restore([id]);
  else void lookAgain(shown);
}

/** Too much was missed to tell each change. */
async function lookAgain(shown) {
  try {
    const ids = await shown.newer();
    if (shown === list.value && ids.length > 0) add(shown, ids, true);
  } catch (problem) {
    if (problem.code !== 'aborted') wasLost = true;
  }
}

/** Says how many pictures came, and shows them if asked. */
export function Arrivals() {
  const { ids, more } = arrived.value;
  const show = () => {
    begin();
    window.scrollTo({ top: 0, behavior: 'instant' });
  };
  return html`
    <div role="status">
      ${ids.size > 0 && html`
        <button type="button" class="gallery-arrived" onClick=${show}>
          ${more ? t('gallery.arrived-more', { n: ids.size }) : t('gallery.arrived', { n: ids.size })}
        </button>`}
    </div>`;
}

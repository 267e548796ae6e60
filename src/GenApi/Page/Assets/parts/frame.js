// The head with the navigation, the view below it, and the messages.
import { html, useEffect, useState } from '../kernel/dom.js';
import { address } from '../kernel/address.js';
import { connection } from '../kernel/live.js';
import { session } from '../kernel/session.js';
import { has, loadWords, t } from '../kernel/words.js';
import { Icon } from './icon.js';
import { Notices } from './notices.js';
import { ProblemBox } from './problem-box.js';

const views = ['create', 'gallery', 'runs', 'usage', 'models', 'settings'];
const hidden = ['sign-in'];
const path = (view) => (view === 'create' ? '.' : `app/${view}`);

export function Frame() {
  const { state } = session.value;
  const wanted = address.value.view;
  const view = state === 'out' ? 'sign-in' : wanted;
  return html`
    <a class="frame-skip" href="#view">${t('common.skip')}</a>
    <header class="frame-head">
      <a class="frame-brand" href=".">GenApi</a>
      <nav aria-label=${t('common.views')}>
        ${state !== 'out' && views.map((each) => html`
          <a key=${each} href=${path(each)} class="frame-link" aria-current=${each === view ? 'page' : null}>
            <${Icon} name=${each} /><span>${t(`common.view-${each}`)}</span>
          </a>`)}
      </nav>
      <${Connection} />
    </header>
    <main id="view" class="frame-view" tabindex="-1">
      ${state === 'loading' ? html`<${Wait} />` : html`<${Loaded} key=${view} name=${view} />`}
    </main>
    <${Notices} />`;
}

/** Says that changes do not arrive at present; nothing while they do. */
function Connection() {
  const isLost = connection.value === 'lost' && session.value.state !== 'out';
  return html`<p class="frame-connection" role="status">${isLost && html`<${Icon} name="offline" /><span>${t('common.lost')}</span>`}</p>`;
}

const loads = new Map();
const loaded = new Map();

/** Loads the code, the texts and the style of a view, once. What is no view has nothing to load. */
export function loadView(name) {
  if (!isView(name)) return Promise.resolve(null);
  if (!loads.has(name)) {
    const load = Promise.all([import(`../views/${name}.js`), loadStyle(name), loadWords(name)]).then(([module]) => {
      loaded.set(name, module.default);
      return module.default;
    });
    loads.set(name, load);
    load.catch(() => loads.delete(name));
  }
  return loads.get(name);
}

const isView = (name) => views.includes(name) || hidden.includes(name);
let isStart = true;

/** A view, loaded when it is first shown. */
function Loaded({ name }) {
  const [problem, setProblem] = useState(null);
  const [View, setView] = useState(() => loaded.get(name));
  useEffect(() => {
    let isGone = false;
    document.title = isView(name) && has(`common.view-${name}`) ? `${t(`common.view-${name}`)} · GenApi` : 'GenApi';
    loadView(name)
      .then((view) => !isGone && setView(() => view))
      .catch((error) => {
        if (isGone) return;
        // After an upgrade of the service, files of the old page are gone.
        if (!isReloaded()) location.reload();
        else setProblem({ code: 'offline', detail: String(error) });
      });
    return () => {
      isGone = true;
    };
  }, [name]);
  useEffect(() => {
    if (!View) return;
    if (!isStart) document.getElementById('view').focus({ preventScroll: true });
    isStart = false;
  }, [View]);
  if (!isView(name)) return html`<h1>${t('common.no-view')}</h1><p><a href=".">${t('common.view-create')}</a></p>`;
  if (problem) return html`<${ProblemBox} problem=${problem} onRetry=${() => location.reload()} />`;
  return View ? html`<${View} />` : html`<${Wait} />`;
}

function Wait() {
  return html`<p class="frame-wait" aria-busy="true">${t('common.loading')}</p>`;
}

/** Whether the page was already loaded again for a missing file, at most once a minute. */
function isReloaded() {
  const last = Number(sessionStorage.getItem('genapi.reloaded') ?? 0);
  if (Date.now() - last < 60_000) return true;
  sessionStorage.setItem('genapi.reloaded', String(Date.now()));
  return false;
}

function loadStyle(name) {
  const id = `style-${name}`;
  if (document.getElementById(id)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement('link'), {
      id, rel: 'stylesheet', href: new URL(`../styles/${name}.css`, import.meta.url).href, onload: resolve, onerror: reject,
    });
    document.head.append(link);
  });
}

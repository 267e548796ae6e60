// The address bar is a part of the state: the view, and what it shows, stand in it.
import { signal } from './dom.js';

const root = new URL(document.baseURI);
const prefix = root.pathname;
const viewFolder = 'app/';

/** The view and its query, as { view, query }. */
export const address = signal(read());

/** The absolute address of something below the root of the service, such as `images/img_…`. */
export function url(path) {
  return new URL(path, root).href;
}

/** Shows another view. The path is relative to the root: `app/gallery?q=fox`; '' is the view `create`. */
export function go(path, { replace = false } = {}) {
  history[replace ? 'replaceState' : 'pushState'](null, '', url(path || '.'));
  address.value = read();
}

/** Changes parts of the query. A value of null or '' removes its name. */
export function setQuery(changes, { replace = true } = {}) {
  const next = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === '') next.searchParams.delete(name);
    else next.searchParams.set(name, value);
  }
  if (next.href === location.href) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', next);
  address.value = read();
}

function read() {
  const path = location.pathname.startsWith(prefix) ? location.pathname.slice(prefix.length) : '';
  const view = path.startsWith(viewFolder) ? path.slice(viewFolder.length).replace(/\/$/, '') : '';
  return { view: view || 'create', query: new URLSearchParams(location.search) };
}

window.addEventListener('popstate', () => {
  address.value = read();
});

// A plain click on a link to a view changes the view without loading the page again.
document.addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest?.('a[href]');
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  const path = link.pathname.startsWith(prefix) ? link.pathname.slice(prefix.length) : null;
  if (path !== '' && !path?.startsWith(viewFolder)) return;
  event.preventDefault();
  if (link.href !== location.href) go(path + link.search);
});

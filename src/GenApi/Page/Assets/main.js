// The frame of the page: navigation, the view of the address, messages.
import { html, render } from './kernel/dom.js';
import { address } from './kernel/address.js';
import { startTheme } from './kernel/theme.js';
import { loadSession } from './kernel/session.js';
import { Frame, loadView } from './parts/frame.js';

/** How long the page may stay empty while its session and view are loaded, in milliseconds. To draw it once is faster than twice. */
const longestEmpty = 500;

startTheme();
// A view that can't be loaded is the frame's to explain.
const ready = Promise.all([loadSession(), loadView(address.value.view).catch(() => null)]);
void Promise.race([ready, new Promise((done) => setTimeout(done, longestEmpty))])
  .finally(() => render(html`<${Frame} />`, document.getElementById('page')));

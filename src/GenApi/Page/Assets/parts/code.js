// A request as code, loaded when somebody first wants to see one.
import { html, useEffect, useState } from '../kernel/dom.js';
import { ProblemBox } from './problem-box.js';

/** Shows the body of a POST /generate as a program to copy; nothing while it is null. */
export function CodeDialog({ body, onClose }) {
  const [{ Dialog, problem }, setLoaded] = useState({});
  useEffect(() => {
    if (body === null || Dialog) return;
    import('../code/dialog.js')
      .then((module) => setLoaded({ Dialog: module.default }))
      .catch((error) => setLoaded({ problem: { code: 'offline', detail: String(error) } }));
  }, [body]);
  if (problem) return html`<${ProblemBox} problem=${problem} />`;
  return Dialog ? html`<${Dialog} body=${body} onClose=${onClose} />` : null;
}

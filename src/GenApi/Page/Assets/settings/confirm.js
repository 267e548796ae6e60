// Asks before something that can't be undone.
import { html, useEffect, useState } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { Dialog } from '../parts/dialog.js';
import { ProblemBox } from '../parts/problem-box.js';

export function Confirm({ open, onClose, title, text, button, onConfirm }) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    setBusy(false);
    setProblem(null);
  }, [open]);
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setProblem(failure);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} open=${open} onClose=${onClose} title=${title}>
      <${ProblemBox} problem=${problem} />
      <p>${text}</p>
      <footer class="settings-actions">
        <button type="button" class="secondary" onClick=${onClose}>${t('common.cancel')}</button>
        <button type="button" aria-busy=${isBusy ? 'true' : null} disabled=${isBusy} onClick=${confirm}>${button}</button>
      </footer>
    <//>`;
}

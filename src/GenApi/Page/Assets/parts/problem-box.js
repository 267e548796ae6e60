// What went wrong, and what to do next.
import { html } from '../kernel/dom.js';
import { explain } from '../kernel/problems.js';
import { t } from '../kernel/words.js';
import { Icon } from './icon.js';

export function ProblemBox({ problem, onRetry }) {
  if (!problem) return null;
  const { title, next, detail, fields } = explain(problem);
  return html`
    <div class="problem" role="alert">
      <${Icon} name="warn" />
      <div>
        <p class="problem-title">${title}</p>
        ${detail && html`<p class="problem-detail" lang="en">${detail}</p>`}
        ${fields.length > 0 && html`
          <ul class="problem-fields">
            ${fields.map(({ name, message }) => html`<li>${name && html`<strong>${name}</strong>`} <span lang="en">${message}</span></li>`)}
          </ul>`}
        ${next && html`<p>${next}</p>`}
        ${problem.generationId && html`<p><a href="app/runs?run=${problem.generationId}">${t('common.show-run')}</a></p>`}
        ${onRetry && html`<button type="button" class="outline" onClick=${onRetry}>${t('common.retry')}</button>`}
      </div>
    </div>`;
}

// Sign in with an API key. The address stays, so afterwards the view is shown that was asked for.
import { html, useEffect, useRef, useState } from '../kernel/dom.js';
import { address } from '../kernel/address.js';
import { session, signIn } from '../kernel/session.js';
import { t } from '../kernel/words.js';
import { ProblemBox } from '../parts/problem-box.js';
import { Field } from '../parts/small.js';

export default function View() {
  const { state, me } = session.value;
  const isAsked = address.value.view === 'sign-in';
  if (state === 'in') {
    return html`
      <section class="sign-in">
        <h1>${t('sign-in.done', { name: me.name })}</h1>
        <p><a href=".">${t('sign-in.begin')}</a></p>
      </section>`;
  }
  return html`
    <section class="sign-in">
      <h1>${t('sign-in.title')}</h1>
      <p>${t(state === 'out' && !isAsked ? 'sign-in.why' : 'sign-in.intro')}</p>
      <${KeyForm} />
      <p class="muted">${t('sign-in.where')}</p>
    </section>`;
}

function KeyForm() {
  const [key, setKey] = useState('');
  const [isShown, setShown] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const field = useRef();
  useEffect(() => {
    // After the frame, which gives the focus to each view that it shows.
    const frame = requestAnimationFrame(() => field.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, []);
  const refuse = (failure) => {
    setProblem(failure);
    field.current?.focus();
    field.current?.select();
  };
  const isWrong = problem?.status === 401;
  const error = isWrong ? t('sign-in.wrong') : problem?.code === 'empty' ? t('sign-in.empty') : null;
  const submit = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    if (key.trim() === '') {
      refuse({ code: 'empty' });
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await signIn(key);
    } catch (failure) {
      setBusy(false);
      refuse(failure);
    }
  };
  return html`
    <form onSubmit=${submit} noValidate>
      ${problem && !error && html`<${ProblemBox} problem=${problem} />`}
      <input type="text" name="username" autocomplete="username" value="GenApi" hidden readonly />
      <${Field} label=${t('sign-in.key')} error=${error}>
        ${(attributes) => html`
          <input ...${attributes} ref=${field} type=${isShown ? 'text' : 'password'} name="password"
            autocomplete="current-password" spellcheck=${false} autocapitalize="none" value=${key}
            onInput=${(event) => setKey(event.target.value)} required />`}
      <//>
      ${isWrong && problem.detail && html`<p class="muted" lang="en">${problem.detail}</p>`}
      <label class="sign-in-show">
        <input type="checkbox" checked=${isShown} onChange=${(event) => setShown(event.target.checked)} /> ${t('sign-in.show')}
      </label>
      <button type="submit" aria-busy=${isBusy ? 'true' : null}>${t('sign-in.submit')}</button>
    </form>`;
}

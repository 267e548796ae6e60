// What the button does, and what the keys and the results of earlier presses do in its place.
import { effect, untracked } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { current, currentName } from './actions.js';
import { chosen } from './estimate.js';
import { loadAliases, loadModel, modelOf, shortName } from './models.js';
import { press, refused } from './presses.js';
import { bodiesOf, bodyOf, bodyOfGeneration, flawsOf, mostRuns, promptsOf, sortErrors } from './request.js';
import { isEmpty } from './schema.js';
import { wholeOf } from './runs.js';
import { faults, form, isPainted, prompt, recall } from './state.js';
import { pendingIn } from './uploads.js';

/** How long a press waits for what the model takes, in milliseconds. */
const longestLoad = 2000;
const nothing = { prompt: null, model: null, fields: {}, rest: [], problem: null, isEstimate: false };

/** Sends what stands in the form. Returns the press; null if something has to be mended first, and says at the fields what it is. */
export async function generate() {
  const bodies = await checked();
  if (!bodies) {
    focusFault();
    return null;
  }
  faults.value = null;
  if (prompt.value.trim()) recall(prompt.value.trim());
  return press(bodies, prompt.value.trim());
}

/** The bodies of the form, for sending or for showing as code; null with `faults` set if there is a flaw. */
export async function checked() {
  if (!chosen.value) await Promise.race([loadChosen(), new Promise((done) => setTimeout(done, longestLoad))]);
  const models = chosen.value;
  if (!models) {
    // The picker itself says what is wrong with the model of the form.
    const isUnknown = modelOf(currentName())?.problem?.status > 0;
    const problem = form.value.others.map((name) => modelOf(name)?.problem).find((each) => each?.status > 0) ?? null;
    if (!isUnknown && !problem) return unchecked();
    faults.value = { ...nothing, problem: isUnknown ? null : problem };
    return null;
  }
  const { isPerLine, count, values } = form.value;
  const fields = {};
  for (const [name, flaw] of Object.entries(flawsOf(models[0].form.fields, values))) fields[name] = t(flaw.key, flaw.values);
  const pending = pendingIn(values);
  for (const [name, value] of Object.entries(values)) {
    if (pending.some((id) => [value].flat().includes(id))) fields[name] = t('create.flaw-upload');
  }
  const prompts = promptsOf(prompt.value, isPerLine);
  const needsPrompt = models.some((each) => each.form.prompt) && prompts.length === 0;
  const runs = Math.max(prompts.length, 1) * count * models.length;
  const rest = runs > mostRuns ? [t('create.flaw-many', { max: mostRuns, runs })] : [];
  if (!needsPrompt && rest.length === 0 && Object.keys(fields).length === 0) return bodiesOf({ prompts, count, models, values, isPainted });
  faults.value = { ...nothing, prompt: needsPrompt ? t('create.flaw-prompt') : null, fields, rest };
  return null;
}

/** A press right after the page has come up waits for the model. */
async function loadChosen() {
  if (!currentName()) await loadAliases().catch(() => null);
  await Promise.all([currentName(), ...form.value.others].map((name) => loadModel(name)));
}

/** The bodies while the service does not say what the models take. The presses are kept, and the service checks them when it is back. */
function unchecked() {
  const { isPerLine, count, values, model, others } = form.value;
  const prompts = promptsOf(prompt.value, isPerLine);
  if (prompts.length === 0) {
    faults.value = { ...nothing, prompt: t('create.flaw-prompt') };
    return null;
  }
  const input = Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)));
  const bodies = prompts.flatMap((words) => Array.from({ length: count }, () => [
    bodyOf({ model, prompt: words, input }), ...others.map((name) => bodyOf({ model: name, prompt: words })),
  ]).flat());
  return bodies.slice(0, mostRuns);
}

function focusFault() {
  requestAnimationFrame(() => document.querySelector('.create-form :is([aria-invalid="true"], [data-invalid])')?.focus());
}

/**
 * Runs a generation once more: with the same seed as a new run, or with a new one. A run that never began has only the body of its request.
 */
export async function repeat(item, known, { isNewSeed = false } = {}) {
  const generation = await wholeOf(known);
  const seedName = modelOf(item.model)?.form?.fields.find((each) => each.role === 'seed')?.name;
  const { metadata, cache, ...body } = generation ? bodyOfGeneration(generation, { isNewSeed, seedName }) : item.body;
  if (!isNewSeed && generation?.seed !== null && generation?.seed !== undefined && seedName) {
    body.input = { ...body.input, [seedName]: generation.seed };
  }
  const model = generation ? shortName(generation) : item.model;
  return press([{ ...body, ...(model ? { model } : {}), ...(isNewSeed ? {} : { cache: 'refresh' }) }], body.prompt ?? '');
}

let isStarted = false;

/** Puts what the service says about the form's own request to its fields. */
export function startGenerate() {
  if (isStarted) return;
  isStarted = true;
  effect(() => {
    const last = refused.value;
    if (!last?.problem.errors) return;
    untracked(() => {
      if ((last.item.model ?? currentName()) !== currentName()) return;
      faults.value = { ...nothing, ...sortErrors(last.problem.errors, current()?.form?.fields ?? []), rest: [] };
    });
  });
}

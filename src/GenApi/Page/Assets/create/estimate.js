// What the next press would cost and how long it would take, asked for a moment after the last change.
import { computed, effect, signal, untracked } from '../kernel/dom.js';
import { api } from '../kernel/api.js';
import { onChange } from '../kernel/live.js';
import { current, currentName } from './actions.js';
import { modelOf } from './models.js';
import { bodiesOf, flawsOf, promptsOf, sortErrors } from './request.js';
import { faults, form, isPainted, prompt } from './state.js';
import { pendingIn } from './uploads.js';

/** Whether an answer is on its way. */
export const isAsking = signal(false);

const pause = 350;
/** A price does not depend on the words; this stands in for a prompt that is still empty. */
const standIn = 'a picture';
const mostExact = 4;
const mostAnswers = 100;

/**
 * { runs, cost, worst, seconds, boot, state, budgets, fits, isFree }, or null while nothing is known. `cost` and `worst` are US dollars for
 * all runs of a press, null if any has no price; `budgets` are those with a limit.
 */
export const estimate = signal(null);

/** The models of the next press, as bodiesOf takes them; null until all are known. */
export const chosen = computed(() => {
  const names = [currentName(), ...form.value.others];
  const all = names.map((name) => ({ name, ...modelOf(name) }));
  return all.every((each) => each.details) ? all : null;
});

/** The bodies of the next press, without any press. */
export const planned = computed(() => {
  const models = chosen.value;
  if (!models || pendingIn(form.value.values).length > 0) return [];
  const { isPerLine, count, values } = form.value;
  if (Object.keys(flawsOf(models[0].form.fields, values)).length > 0) return [];
  const prompts = promptsOf(prompt.value, isPerLine);
  return bodiesOf({ prompts: prompts.length > 0 ? prompts : [standIn], count, models, values, isPainted });
});

const answers = new Map();
let timer = null;
let round = 0;

/**
 * One body for each model, and how often it runs. Words and seeds count only where a stored answer may be found: for few runs with a seed.
 */
function questions(bodies) {
  const asked = new Map();
  for (const body of bodies) {
    const plain = withoutSeed(body);
    const isExact = bodies.length <= mostExact && plain !== body;
    const { prompt: words, ...rest } = plain;
    const id = JSON.stringify(isExact ? body : rest);
    const known = asked.get(id);
    if (known) known.times++;
    else asked.set(id, { body: isExact ? body : plain, times: 1 });
  }
  return asked;
}

/** The same object if it names no seed. */
function withoutSeed(body) {
  const name = modelOf(body.model)?.form?.fields.find((each) => each.role === 'seed')?.name ?? 'seed';
  if (body.seed === undefined && body.input?.[name] === undefined) return body;
  const { seed, input = {}, ...rest } = body;
  const { [name]: own, ...others } = input;
  return { ...rest, input: others };
}

async function question(id, { body, times }) {
  if (!answers.has(id)) {
    try {
      answers.set(id, await api.post('generate/estimate', body));
    } catch (problem) {
      throw Object.assign(problem, { model: body.model });
    }
  }
  return { ...answers.get(id), times };
}

async function ask() {
  const mine = ++round;
  const bodies = planned.value;
  isAsking.value = bodies.length > 0;
  if (answers.size > mostAnswers) answers.clear();
  try {
    const parts = await Promise.all([...questions(bodies)].map(([id, each]) => question(id, each)));
    if (mine !== round) return;
    estimate.value = parts.length > 0 ? sum(parts, bodies.length) : null;
    if (faults.value?.isEstimate) faults.value = null;
  } catch (problem) {
    if (mine !== round) return;
    estimate.value = null;
    if (problem.errors && [400, 422].includes(problem.status)) faults.value = faultsOf(problem);
  } finally {
    if (mine === round) isAsking.value = false;
  }
}

/** At the fields if the model of the form refuses; in whole if one to compare with does. */
function faultsOf(problem) {
  const isOurs = problem.model === currentName();
  const sorted = sortErrors(isOurs ? problem.errors : {}, current()?.form?.fields ?? []);
  return { ...sorted, problem: isOurs ? null : problem, isEstimate: true };
}

function sum(parts, runs) {
  const paid = parts.filter((each) => each.cached === 'no');
  const isPriced = paid.every((each) => each.cost);
  const add = (member) => (isPriced ? paid.reduce((total, each) => total + Number(each.cost[member]) * each.times, 0) : null);
  const most = (member) => parts.reduce((top, each) => (Number.isFinite(each[member]) ? Math.max(top ?? 0, each[member]) : top), null);
  const worst = add('worst_usd');
  const budgets = parts[0].budgets ?? [];
  return {
    runs, cost: add('expected_usd'), worst, seconds: most('typical_seconds'), boot: most('boot_seconds'),
    state: parts.some((each) => each.state === 'cold') ? 'cold' : parts[0].state,
    budgets, isFree: paid.length === 0,
    fits: parts.every((each) => each.fits !== false) && budgets.every((each) => (worst ?? 0) <= Number(each.left_usd ?? Infinity)),
  };
}

let isStarted = false;

export function startEstimate() {
  if (isStarted) return;
  isStarted = true;
  effect(() => {
    planned.value;
    clearTimeout(timer);
    timer = setTimeout(ask, untracked(() => estimate.value) ? pause : 30);
  });
  // What is left of a budget changes with every run that begins or ends.
  onChange(({ type, generation }) => {
    const isStep = type === 'generation' && ['queued', 'succeeded', 'failed', 'canceled'].includes(generation?.status);
    const isLimited = estimate.value?.budgets.length > 0;
    if (!isLimited || (!isStep && type !== 'reset')) return;
    answers.clear();
    clearTimeout(timer);
    timer = setTimeout(ask, 1500);
  });
}

// Problems in the words of people who never send JSON: what happened, and what to do next.
import { has, money, seconds, t, when } from './words.js';

/** Codes that no answer of the service has: what a proxy or the page itself adds. */
const ofStatus = {
  http_400: 'invalid_request', http_401: 'unauthenticated', http_403: 'forbidden', http_404: 'not_found', http_405: 'method_not_allowed',
  http_408: 'request_timeout', http_413: 'body_too_large', http_414: 'uri_too_long', http_415: 'unsupported_media_type',
  http_429: 'rate_limited', http_431: 'request_header_fields_too_large', http_500: 'internal_error', http_502: 'gateway',
  http_503: 'gateway', http_504: 'gateway', http_507: 'storage_full',
};

/** Problems that pass. Where the service says when, that is the next step. */
const passing = new Set([
  'rate_limited', 'overloaded', 'upstream_unavailable', 'upstream_rate_limited', 'storage_unavailable', 'gateway',
]);

/** Problems whose own sentence says what is wrong this time; for all others the texts here say more. */
const specific = new Set([
  'invalid_request', 'forbidden', 'not_found', 'unknown_model', 'conflict', 'body_too_large', 'unsupported_media_type', 'invalid_input',
  'content_refused', 'image_not_convertible', 'upstream_failed', 'unusable_output', 'unknown',
]);

/**
 * Explains a Problem, the `error` of a generation, or any other error.
 * @returns {{ code: string, title: string, next: string | null, detail: string | null, fields: { name: string, message: string }[] }}
 * what happened and the next step in the user's language; the service's own sentence (English) where it says more; and what is wrong with
 * single settings.
 */
export function explain(problem) {
  const code = codeOf(problem);
  const values = valuesOf(problem);
  const variant = variantOf(code, problem);
  const text = (part) => {
    const key = [`problems.${code}.${variant}${part}`, `problems.${code}${part}`].find(has);
    return key ? t(key, values) : null;
  };
  const fields = fieldsOf(problem.errors);
  const sentence = problem.detail ?? problem.message ?? null;
  return {
    code,
    title: text(''),
    next: passing.has(code) && problem.retryAfter ? t('problems.wait', values) : text('.next'),
    detail: specific.has(code) && fields.length === 0 ? sentence : null,
    fields,
  };
}

function codeOf(problem) {
  const code = ofStatus[problem.code] ?? problem.code;
  if (code && has(`problems.${code}`)) return code;
  // An error of the page's own code has no code of ours.
  return code || problem.status ? 'unknown' : 'broken';
}

/** The case of a code that needs other words. */
function variantOf(code, problem) {
  if (code === 'budget_exhausted' && problem.budget) return problem.budget.of + (problem.budget.span === 'total' ? '-total' : '');
  if (code === 'storage_full' && problem.generationId) return 'run';
  // The error of a generation, not the answer to a request.
  if ('retryable' in problem) return 'failed';
  return 'plain';
}

function valuesOf(problem) {
  const budget = problem.budget ?? {};
  return {
    status: problem.status ?? '',
    trace: problem.traceId ?? '',
    wait: seconds(problem.retryAfter ?? 0),
    span: budget.span ? t(`problems.span-${budget.span}`) : '',
    limit: money(budget.limit_usd),
    spent: money(budget.spent_usd),
    reserved: money(budget.reserved_usd),
    price: money(budget.price_usd),
    resets: when(budget.resets_at),
    person: budget.end_user ?? '',
  };
}

/** `$.input.width` is `width` for people; `$` says how many more there are. */
function fieldsOf(errors) {
  return Object.entries(errors ?? {}).flatMap(([path, messages]) =>
    messages.map((message) => ({ name: path.replace(/^\$\.?(input\.)?/, ''), message })));
}

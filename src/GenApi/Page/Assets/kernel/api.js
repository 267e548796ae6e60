// Calls of the public API. Every failure is a Problem.
import { url } from './address.js';

let guard = null;
let onRefused = () => {};

/** The header that every change with a session needs: { header, token }; null without a session. */
export function antiforgery() {
  return guard;
}

export function setGuard(value) {
  guard = value;
}

/** Calls back when an answer says that nobody is signed in. */
export function whenRefused(listener) {
  onRefused = listener;
}

/** A problem document, or what kept the service from answering. */
export class Problem extends Error {
  constructor({ status = 0, code, title, detail, errors, retry_after, generation_id, budget, trace_id }) {
    super(detail ?? title ?? code);
    Object.assign(this, {
      status, code, title, detail, errors: errors ?? null, retryAfter: retry_after ?? null, generationId: generation_id ?? null,
      budget: budget ?? null, traceId: trace_id ?? null,
    });
  }
}

const unsafe = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Sends a request and returns the Response, whatever its status. Throws a Problem with the code `offline` or `aborted` without one. */
export async function raw(path, { method = 'GET', query, headers, body, signal } = {}) {
  const target = new URL(url(path));
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') target.searchParams.set(name, value);
  }
  const all = new Headers(headers);
  const guard = unsafe.has(method) ? antiforgery() : null;
  if (guard) all.set(guard.header, guard.token);
  try {
    return await fetch(target, { method, headers: all, body, signal, credentials: 'same-origin', cache: 'no-cache' });
  } catch (error) {
    throw new Problem({ code: signal?.aborted ? 'aborted' : 'offline', detail: String(error?.message ?? error) });
  }
}

/** Reads the problem of an answer from 400 on. */
export async function problemOf(response) {
  let document = null;
  try {
    document = await response.json();
  } catch {
    // A proxy's own page, for instance; the status has to do.
  }
  const retry = Number(response.headers.get('Retry-After'));
  return new Problem({
    ...(document && typeof document === 'object' ? document : {}),
    status: response.status,
    code: document?.code ?? `http_${response.status}`,
    retry_after: document?.retry_after ?? (retry > 0 ? retry : null),
  });
}

async function send(method, path, options = {}) {
  const response = await raw(path, { ...options, method });
  if (response.ok) {
    if (response.status === 204 || response.headers.get('Content-Length') === '0') return null;
    return (response.headers.get('Content-Type') ?? '').includes('json') ? await response.json() : await response.text();
  }
  const problem = await problemOf(response);
  if (problem.status === 401) onRefused();
  // Another tab or service may have replaced the cookie that belongs to the token. Nothing was done, so the request is sent again, once.
  if (isAboutToken(problem) && !options.isRepeated && (await renewGuard())) return send(method, path, { ...options, isRepeated: true });
  throw problem;
}

/** Gets a new anti-forgery token where another tab or service has replaced its cookie. Returns whether there is one. */
async function renewGuard() {
  const before = guard?.token;
  guard = (await send('GET', 'session')).antiforgery;
  return guard !== null && guard.token !== before;
}

const isAboutToken = (problem) => problem.status === 403 && antiforgery() !== null && antiforgery().header in (problem.errors ?? {});

const withJson = (body, options) => ({
  ...options,
  headers: { ...options?.headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
  body: body === undefined ? undefined : JSON.stringify(body),
});

export const api = {
  raw,
  problemOf,
  get: (path, query, options) => send('GET', path, { ...options, query }),
  post: (path, body, options) => send('POST', path, withJson(body, options)),
  put: (path, body, options) => send('PUT', path, withJson(body, options)),
  patch: (path, body, options) => send('PATCH', path, withJson(body, options)),
  delete: (path, options) => send('DELETE', path, options),

  /** Uploads an image as an input. onProgress gets the sent part, from 0 to 1. */
  upload(file, { signal, onProgress, isRepeated = false } = {}) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const fail = (code) => reject(new Problem({ code }));
      request.open('POST', url('uploads'));
      request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
      const guard = antiforgery();
      if (guard) request.setRequestHeader(guard.header, guard.token);
      request.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total);
      request.onerror = () => fail('offline');
      request.onabort = () => fail('aborted');
      request.onload = async () => {
        const headers = { 'Retry-After': request.getResponseHeader('Retry-After') ?? '' };
        const response = new Response(request.responseText || null, { status: request.status, headers });
        if (response.ok) {
          resolve(await response.json());
          return;
        }
        const problem = await problemOf(response);
        if (problem.status === 401) onRefused();
        if (isAboutToken(problem) && !isRepeated && (await renewGuard())) {
          api.upload(file, { signal, onProgress, isRepeated: true }).then(resolve, reject);
          return;
        }
        reject(problem);
      };
      signal?.addEventListener('abort', () => request.abort());
      request.send(file);
    });
  },
};

// Why a picture can't be shown: the address of the picture is asked once more, for the words of its problem.
import { api, problemOf } from '../kernel/api.js';
import { has, t } from '../kernel/words.js';

/** Problems that pass, such as too many pictures being made smaller at once. */
const passing = new Set(['overloaded', 'offline', 'rate_limited', 'storage_unavailable']);

/** Returns { code, text, next, retrySeconds } for a picture that did not load; null: it is there now. */
export async function faultOf(path, query) {
  try {
    const response = await api.raw(path, { query });
    if (response.ok) {
      await response.body?.cancel();
      // The bytes are there, but the browser can't show them.
      return fault({ code: 'not_shown' });
    }
    return fault(await problemOf(response));
  } catch (problem) {
    return fault(problem);
  }
}

function fault({ code, retryAfter }) {
  const known = has(`gallery.fault-${code}`) ? code : 'other';
  return {
    code,
    text: t(`gallery.fault-${known}`),
    next: t(`gallery.fault-${known}-next`),
    retrySeconds: passing.has(code) ? retryAfter ?? 3 : null,
  };
}

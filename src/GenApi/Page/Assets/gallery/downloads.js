// Getting pictures out: one in any format, or many as a zip.
import { api, problemOf } from '../kernel/api.js';
import { t } from '../kernel/words.js';
import { notify } from '../parts/notices.js';
import { imageUrl } from '../parts/picture.js';
import { complain, mostAtOnce, unnamed, work } from './actions.js';

/** The formats that a picture can be downloaded in; the first one is the file as the model made it. */
export const formats = ['original', 'png', 'jpeg', 'webp', 'avif'];

const withSettings = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/avif']);

/** Whether settings can be written into a picture of this type. */
export function canEmbed(format, contentType) {
  return format !== 'original' || withSettings.has(contentType);
}

/** Downloads a picture. The service is asked first whether it can make the file, so that a refusal is not saved as one. */
export async function downloadPicture(id, { format, embedded }) {
  const query = { ...(format === 'original' ? {} : { format }), ...(embedded ? { metadata: 'embedded' } : {}) };
  const check = await api.raw(`images/${id}`, { method: 'HEAD', query });
  if (!check.ok) {
    // The answer to HEAD has no words.
    throw await problemOf(await api.raw(`images/${id}`, { query }));
  }
  save(imageUrl(id, { ...query, download: '' }), '');
}

/** Downloads pictures as a zip, or as several if they are more than one request takes. */
export async function downloadZip(ids) {
  for (let at = 0; at < ids.length; at += mostAtOnce) {
    const part = ids.slice(at, at + mostAtOnce);
    work.value = { key: 'zipping', done: 0, of: 100 };
    try {
      const response = await api.raw('images/archive', {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ids: part }),
      });
      if (!response.ok) throw await problemOf(response);
      const bytes = await read(response);
      saveBytes(bytes, /filename="?([^";]+)/.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? 'images.zip');
      notify({ text: t('gallery.zipped', { n: part.length }), kind: 'good' });
    } catch (problem) {
      const others = unnamed(problem, part);
      const isSome = others.length > 0 && others.length < part.length;
      complain(
        problem.code ? problem : { code: 'offline', detail: t('gallery.zip-cut') },
        isSome ? t('gallery.without', { n: others.length }) : null, () => void downloadZip(others));
      return;
    } finally {
      work.value = null;
    }
  }
}

/** Reads a whole answer and shows how far it is. An answer that is cut throws. */
async function read(response) {
  const length = Number(response.headers.get('Content-Length')), parts = [];
  let done = 0;
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    done += part.value.length;
    const percent = length > 0 ? Math.floor((100 * done) / length) : 0;
    if (percent !== work.value?.done) work.value = { key: 'zipping', done: percent, of: 100 };
  }
  return new Blob(parts, { type: 'application/zip' });
}

function saveBytes(bytes, name) {
  const address = URL.createObjectURL(bytes);
  save(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function save(address, name) {
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

// ThumbHashes as small pictures. The last thousand are kept.
import { thumbHashToDataURL } from '../vendor/thumbhash.js';

const known = new Map();

/** Returns a data URL of the blur; null if the hash is damaged. */
export function blurOf(hash) {
  if (!known.has(hash)) {
    if (known.size >= 1000) known.delete(known.keys().next().value);
    known.set(hash, draw(hash));
  }
  return known.get(hash);
}

function draw(hash) {
  try {
    return thumbHashToDataURL(Uint8Array.from(atob(hash), (each) => each.charCodeAt(0)));
  } catch {
    return null;
  }
}

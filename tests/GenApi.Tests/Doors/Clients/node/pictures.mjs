// What a picture's bytes say about themselves, and requests that give up.

export function picture(bytes) {
  const data = Buffer.from(bytes);
  if (data.subarray(0, 4).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47]))) {
    return { type: "image/png", width: data.readUInt32BE(16), height: data.readUInt32BE(20), bytes: data.length };
  }
  const head = data.subarray(0, 12).toString("latin1");
  if (head.startsWith("RIFF") && head.endsWith("WEBP")) return { type: "image/webp", bytes: data.length };
  if (data[0] === 0xff && data[1] === 0xd8) return { type: "image/jpeg", bytes: data.length };
  return { type: `unknown: ${head}`, bytes: data.length };
}

export const ofBase64 = (text) => picture(Buffer.from(text, "base64"));

/** Fetches a link without any key, as a browser would. */
export async function ofLink(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`GET ${url}: ${answer.status} ${await answer.text()}`);
  return { ...picture(await answer.arrayBuffer()), said: answer.headers.get("content-type"), path: new URL(url).pathname };
}

/** A fetch with a time limit for each request, for clients without one. */
export const limited = (milliseconds) =>
  milliseconds ? (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(milliseconds) }) : undefined;

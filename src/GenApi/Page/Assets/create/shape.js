// Shapes and numbers of pictures that are still to come. Nothing here touches the document.

/** Width by height of a text such as `16:9` or `1024x768`; null for any other. */
export function ratioOf(text) {
  const match = /^\s*(\d+(?:\.\d+)?)\s*[:x×]\s*(\d+(?:\.\d+)?)\s*$/.exec(String(text ?? ''));
  if (!match) return null;
  const ratio = Number(match[1]) / Number(match[2]);
  return Number.isFinite(ratio) && ratio > 0 ? ratio : null;
}

/** The option whose shape is nearest to width by height; null if none has a shape. */
export function nearestShape(width, height, options) {
  const wanted = Math.log(width / height);
  let best = null;
  for (const option of options ?? []) {
    const ratio = ratioOf(option);
    if (ratio === null) continue;
    const distance = Math.abs(Math.log(ratio) - wanted);
    if (best === null || distance < best.distance) best = { option, distance };
  }
  return best?.option ?? null;
}

/** Sides of about one megapixel in a shape, in the steps of 64 pixels that every model takes. */
export function sidesOf(text) {
  const ratio = ratioOf(text);
  if (ratio === null) return null;
  const side = (value) => Math.min(2048, Math.max(256, Math.round(value / 64) * 64));
  return { width: side(1024 * Math.sqrt(ratio)), height: side(1024 / Math.sqrt(ratio)) };
}

/** How many pictures a request makes, and width by height of each, as far as its body and its model show: { count, ratio }. */
export function expectedOf(body, fields) {
  const value = (role) => {
    const field = fields.find((each) => each.role === role);
    return body[role] ?? body.input?.[field?.name ?? role] ?? field?.default ?? null;
  };
  const count = Math.min(Math.max(Number(value('num_outputs')) || 1, 1), 16);
  const sized = fields.find((each) => ['size', 'resolution', 'image_size'].includes(each.name));
  const sides = body.width && body.height ? body.width / body.height : null;
  const shape = ratioOf(value('aspect_ratio')) ?? ratioOf(body.input?.[sized?.name] ?? sized?.default);
  const ratio = sides ?? shape ?? (value('width') && value('height') ? value('width') / value('height') : 1);
  return { count, ratio: Math.min(Math.max(ratio, 1 / 4), 4) };
}

// Where the tiles are: squares in rows, of which only those near the screen exist.
const gap = 6;
const mostTiles = 400;

/** Rows beyond the screen on each side, as a part of the rows on it. */
const beyond = 0.75;

/** Columns and size of the tiles for a width, in CSS pixels. */
export function columnsOf(width) {
  const least = width < 600 ? 104 : 168;
  const columns = Math.max(2, Math.floor((width + gap) / (least + gap)));
  return { columns, size: (width - gap * (columns - 1)) / columns };
}

/**
 * The layout of a list. Pictures that are put before the first one fill the row above it from the right, so no tile leaves its column:
 * `lead` cells of the first row stay empty.
 */
export function layoutOf(width, count, prepended) {
  const { columns, size } = columnsOf(width);
  const lead = (columns - (prepended % columns)) % columns;
  const rows = Math.ceil((count + lead) / columns);
  return { columns, size, lead, rows, rowHeight: size + gap, height: Math.max(0, rows * (size + gap) - gap) };
}

/** The rows that exist for a part of the list's height, from `top` to `bottom`. */
export function rowsNear({ columns, rows, rowHeight }, top, bottom) {
  const first = clamp(Math.floor(top / rowHeight), rows), last = clamp(Math.floor(bottom / rowHeight), rows);
  // One more row may hold the focus.
  const most = Math.floor(mostTiles / columns) - 1;
  const extra = Math.max(0, Math.min(Math.ceil((last - first + 1) * beyond), Math.floor((most - (last - first + 1)) / 2)));
  return { first: clamp(first - extra, rows), last: clamp(Math.min(last + extra, first - extra + most - 1), rows), seen: [first, last] };
}

const clamp = (row, rows) => Math.max(0, Math.min(row, rows - 1));

// Small pictures beside words. Screen readers skip them.
import { html } from '../kernel/dom.js';

const paths = {
  create: 'M12 5v14M5 12h14',
  gallery: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  runs: 'M4 6h16M4 12h16M4 18h10',
  usage: 'M5 20V10M12 20V4M19 20v-7',
  models: 'M12 3l8 4.5v9L12 21l-8-4.5v-9zM12 12l8-4.5M12 12v9M12 12L4 7.5',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M14 7a2 2 0 1 0 4 0 2 2 0 1 0-4 0M6 17a2 2 0 1 0 4 0 2 2 0 1 0-4 0',
  offline: 'M3 3l18 18M8 12a6 6 0 0 1 3-1.6M5 9a10 10 0 0 1 3-2M13 7a10 10 0 0 1 6 2M12 18h.01',
  close: 'M6 6l12 12M18 6L6 18',
  back: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  check: 'M5 13l4 4L19 7',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  delete: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  pin: 'M9 4h6l-1 6 3 3H7l3-3zM12 13v7',
  tag: 'M4 4h8l8 8-8 8-8-8zM8.5 8.5h.01',
  search: 'M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM16 16l4 4',
  again: 'M19 12a7 7 0 1 1-2-5M19 4v4h-4',
  dice: 'M5 5h14v14H5zM9 9h.01M15 15h.01M15 9h.01M9 15h.01M12 12h.01',
  input: 'M4 4h10v10H4zM17 11h3v9h-9v-3',
  zoom: 'M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM16 16l4 4M11 9v4M9 11h4',
  warn: 'M12 4l9 16H3zM12 10v4M12 17h.01',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5M12 8h.01',
  brush: 'M19 4l-9 9M10 13a3 3 0 0 0-3 3c0 2-2 3-3 3 1 1 2.5 1 4 1a3.5 3.5 0 0 0 3.5-3.5z',
  upload: 'M12 20V9M7 13l5-5 5 5M5 4h14',
  history: 'M12 8v5l3 2M5 12a7 7 0 1 0 2-5L4 9M4 5v4h4',
  compare: 'M4 5h7v14H4zM13 5h7v14h-7z',
  code: 'M8 8l-4 4 4 4M16 8l4 4-4 4',
  key: 'M8 12a4 4 0 1 0 0 .01M12 12h9M18 12v4',
  cancel: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 8l8 8',
  menu: 'M12 6h.01M12 12h.01M12 18h.01',
};

export function Icon({ name }) {
  return html`
    <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
      <path d=${paths[name] ?? paths.info} fill="none" stroke="currentColor" stroke-width="2"
        stroke-linecap="round" stroke-linejoin="round" />
    </svg>`;
}

// Light or dark: as the system, unless chosen.
import { effect } from './dom.js';
import { kept } from './keep.js';

/** 'auto', 'light' or 'dark' */
export const theme = kept('theme', 'auto');

export function startTheme() {
  effect(() => {
    if (theme.value === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
  });
}

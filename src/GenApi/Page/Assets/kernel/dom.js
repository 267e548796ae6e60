// Everything of Preact that the page uses, in one import. Importing signals makes every component follow the signals that it reads.
import { Fragment, createContext, h, render } from 'preact';
import htm from 'htm';

export { useCallback, useContext, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from '@preact/signals';
export { Fragment, createContext, h, render };

/** Templates: html`<p>${text}</p>`. Values become text nodes or attributes, never markup. */
export const html = htm.bind(h);

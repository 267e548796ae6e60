// The time, as a signal that moves while somebody looks at something that runs.
import { signal, useEffect } from '../kernel/dom.js';

const now = signal(Date.now());
let users = 0;
let timer = null;

/** Returns the time in milliseconds, once a second again while `isNeeded`. */
export function useNow(isNeeded) {
  useEffect(() => {
    if (!isNeeded) return undefined;
    users++;
    now.value = Date.now();
    timer ??= setInterval(() => {
      now.value = Date.now();
    }, 1000);
    return () => {
      if (--users > 0) return;
      clearInterval(timer);
      timer = null;
    };
  }, [isNeeded]);
  return isNeeded ? now.value : 0;
}

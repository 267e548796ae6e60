// How fast the list is scrolled.
const fastPixelsPerMillisecond = 2.5;
const restMilliseconds = 150;

let last = { y: 0, at: 0 }, speed = 0;

window.addEventListener('scroll', () => {
  const now = { y: window.scrollY, at: performance.now() };
  speed = Math.abs(now.y - last.y) / Math.max(1, now.at - last.at);
  last = now;
}, { passive: true });

/** Whether tiles pass by too quickly to be looked at. */
export function isRushing() {
  return speed > fastPixelsPerMillisecond && performance.now() - last.at < restMilliseconds;
}

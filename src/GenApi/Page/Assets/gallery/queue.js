// The order in which small pictures are fetched. A browser opens six connections to a service over HTTP/1.1: one carries the changes, and
// one must stay free for the answer to a click.
const mostAtOnce = 4;

const waiting = [];
let running = 0;

/** Calls `start` when it is its turn. Returns a function to call once the picture is there, has failed, or is not wanted any more. */
export function queue(start) {
  let isRunning = false, isDone = false;
  const run = () => {
    isRunning = true;
    running++;
    start();
  };
  waiting.push(run);
  next();
  return () => {
    if (isDone) return;
    isDone = true;
    if (isRunning) running--;
    else waiting.splice(waiting.indexOf(run), 1);
    next();
  };
}

function next() {
  while (running < mostAtOnce && waiting.length > 0) waiting.shift()();
}

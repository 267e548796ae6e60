// The one stream of events of a browser. Import maps do not hold in workers, so every import is relative.
import { Hub } from './kernel/hub.js';

const hub = new Hub();

addEventListener('connect', ({ ports: [port] }) => {
  const member = hub.join((message) => port.postMessage(message));
  port.addEventListener('message', ({ data }) => member.receive(data));
  port.addEventListener('close', () => member.leave());
  port.start();
});

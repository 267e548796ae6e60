#!/usr/bin/env bash
# @langchain/openai 1.6.0 (npm) with @langchain/core 1.4.0: several images from its tool for OpenAI's Images API.
#
# Good guess: `n: 3` goes to the server as `n: 3`, so one request makes three images, and a gateway may take equal requests at the same moment for
# repeats of one.
# Seen: the tool sends three requests at once, equal byte for byte, each with `n: 1`. None has an idempotency key, and X-Stainless-Retry-Count is 0 in all
# of them. Nothing on the wire tells three wanted images from one image asked for three times.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @langchain/openai@1.6.0 @langchain/core@1.4.0 > /dev/null
cat > images.mjs <<'JS'
import { createServer } from 'node:http';
import { DallEAPIWrapper } from '@langchain/openai';

const bodies = [];
const retries = [];
let open = 0, most = 0;
const server = createServer((request, response) => {
  let text = '';
  most = Math.max(most, ++open);
  request.on('data', piece => text += piece).on('end', () => {
    bodies.push(text);
    retries.push(request.headers['x-stainless-retry-count']);
    setTimeout(() => {
      open--;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ created: 1, data: [{ url: 'http://images.example/a.png' }] }));
    }, 200);
  });
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const tool = new DallEAPIWrapper({
  n: 3, model: 'dall-e-3', apiKey: 'a-key', baseUrl: `http://127.0.0.1:${server.address().port}/v1`,
});
await tool.invoke('a red fox');
server.close();
console.log(`${bodies.length} requests, ${most} of them at once, ${new Set(bodies).size} different bodies, n = ${JSON.parse(bodies[0]).n}, `
  + `retry counts ${[...new Set(retries)]}`);
JS
node images.mjs | tee seen.txt
[ "$(cat seen.txt)" = "3 requests, 3 of them at once, 1 different bodies, n = 1, retry counts 0" ] || { echo "This has changed."; exit 1; }

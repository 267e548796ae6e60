#!/usr/bin/env bash
# replicate 1.4.0 (npm): `run("owner/name:version", …)` against a server behind `baseUrl`, and what its caller gets.
#
# Good guess: the request names the model, since the caller does, and an output over http is wrapped as a file like one over https.
# Seen:
#   * The body holds the hash of the version alone. No part of the request names the model, and Replicate's API has no route from a hash to its model:
#     a gateway that needs the model's schema or price has to know the hash from elsewhere.
#   * An output whose address begins with http: comes back as a string, so `output[0].blob()` throws; with data: it is a FileOutput.
#   * `fetch(output[0])` works with that FileOutput all the same, because it becomes its address as a string, and fetch knows data: addresses.
#   * An answer `processing` with a null output ends run() with null, as a success.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund replicate@1.4.0 > /dev/null
cat > run.mjs <<'JS'
import { createServer } from 'node:http';
import Replicate from 'replicate';

const hash = 'a'.repeat(64);
let seen, prediction;
const server = createServer((request, response) => {
  let text = '';
  request.on('data', piece => text += piece).on('end', () => {
    seen = { path: request.url, body: JSON.parse(text || '{}') };
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: 'p', ...prediction, urls: { get: `http://127.0.0.1:${server.address().port}/v1/predictions/p` } }));
  });
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const replicate = new Replicate({ auth: 'a-token', baseUrl: `http://127.0.0.1:${server.address().port}/v1` });
const run = answer => (prediction = answer, replicate.run(`an-owner/a-model:${hash}`, { input: { prompt: 'a red fox' } }));

const plain = await run({ status: 'succeeded', output: ['http://images.example/a.png'] });
console.log(`${seen.path} ${Object.keys(seen.body).sort()} names the model: ${JSON.stringify(seen.body).includes('a-model')}`);
console.log(`http: ${typeof plain[0]}`);
const inline = await run({ status: 'succeeded', output: ['data:text/plain;base64,aGVsbG8='] });
console.log(`data: ${inline[0].constructor.name}, fetched as it is: ${await (await fetch(inline[0])).text()}`);
console.log(`processing without output: ${await run({ status: 'processing', output: null })}`);
server.close();
JS
node run.mjs | tee seen.txt
cat > wanted.txt <<'TXT'
/v1/predictions input,version names the model: false
http: string
data: FileOutput, fetched as it is: hello
processing without output: null
TXT
diff seen.txt wanted.txt || { echo "This has changed."; exit 1; }

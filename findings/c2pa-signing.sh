#!/usr/bin/env bash
# @contentauth/c2pa-wasm 0.15.0 (npm) signs a PNG in Node with a self-signed certificate of OpenSSL 3.
#
# Good guess: a leaf with digitalSignature, emailProtection, subjectKeyIdentifier and "authorityKeyIdentifier = keyid" is what the C2PA profile asks
# for, and the package signs in browsers only.
# Seen:
#   * OpenSSL leaves authorityKeyIdentifier out of a self-signed certificate although the configuration asks for it. The builder then refuses its own
#     signature: "certificate params incorrect", which names no extension. With "keyid:always" the same certificate is accepted: Valid, and untrusted.
#   * The builder reads blobs by FileReaderSync, which only workers of browsers have; ten lines stand in for it. The signer has to return the whole
#     COSE_Sign1 with the certificate inside, padded to exactly the reserved size.
#   * The manifest is 3.2 kB with the thumbnail switched off.
# sandbox/signed returns a picture that was signed like this; its key was thrown away.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @contentauth/c2pa-wasm@0.15.0 > /dev/null
openssl ecparam -name prime256v1 -genkey -noout -out key.pem
for identifier in keyid keyid:always; do
    cat > leaf.cnf <<CNF
[req]
distinguished_name = name
prompt = no
[name]
CN = A test signer
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = emailProtection
subjectKeyIdentifier = hash
authorityKeyIdentifier = $identifier
CNF
    openssl req -x509 -new -key key.pem -sha256 -days 30 -config leaf.cnf -extensions leaf -outform DER -out "${identifier#*:}.der"
done
cat > sign.mjs <<'JS'
import { createPrivateKey, sign as signBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { initSync, WasmBuilder, WasmReader } from '@contentauth/c2pa-wasm';

initSync({ module: readFileSync(new URL(import.meta.resolve('@contentauth/c2pa-wasm/c2pa.wasm'))) });
class KnownBlob extends Blob {
  constructor(bytes) { super([bytes]); this.bytes = bytes; }
  slice(from, to) { return new KnownBlob(this.bytes.slice(from, to)); }
}
globalThis.FileReaderSync = class {
  readAsArrayBuffer({ bytes }) { return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength); }
};

// As much CBOR as a COSE_Sign1 needs.
const head = (kind, n) => Buffer.from(n < 24 ? [kind << 5 | n] : n < 256 ? [kind << 5 | 24, n] : [kind << 5 | 25, n >> 8, n & 255]);
const bytes = value => Buffer.concat([head(2, value.length), value]);
const text = value => Buffer.concat([head(3, value.length), Buffer.from(value)]);
const key = createPrivateKey(readFileSync('key.pem')), reserveSize = 2048;
const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const definition = JSON.stringify({
  claim_generator_info: [{ name: 'a test', version: '1' }],
  assertions: [{ label: 'c2pa.actions.v2', data: { actions: [{ action: 'c2pa.created',
    digitalSourceType: 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia' }] } }],
});

for (const certificate of ['keyid', 'always']) {
  const header = Buffer.concat([head(5, 2), head(0, 1), head(1, 6), head(0, 33), bytes(readFileSync(`${certificate}.der`))]);
  const sign = async claim => {
    const signed = Buffer.concat([head(4, 4), text('Signature1'), bytes(header), bytes(Buffer.alloc(0)), bytes(Buffer.from(claim))]);
    const signature = signBytes('sha256', signed, { key, dsaEncoding: 'ieee-p1363' });
    const made = pad => Buffer.concat([head(6, 18), head(4, 4), bytes(header), head(5, 1), text('pad'), bytes(Buffer.alloc(pad)),
      Buffer.from([0xf6]), bytes(signature)]);
    return new Uint8Array(made(reserveSize - made(300).length + 300));
  };
  try {
    const builder = WasmBuilder.fromJson(definition, JSON.stringify({ builder: { thumbnail: { enabled: false } } }));
    const result = await builder.sign({ sign, reserveSize, alg: 'es256' }, [], 'image/png', new KnownBlob(picture));
    const seen = JSON.parse((await WasmReader.fromBytes('image/png', new Uint8Array(result))).json());
    console.log(`${certificate}: ${seen.validation_state}, ${seen.validation_status.map(each => each.code)}, under 4 kB: ${result.length < 4096}`);
  } catch (failure) {
    console.log(`${certificate}: refused, ${String(failure).match(/certificate params incorrect/)}`);
  }
}
JS
node sign.mjs | tee seen
diff seen - <<'TXT'
keyid: refused, certificate params incorrect
always: Valid, signingCredential.untrusted, under 4 kB: true
TXT

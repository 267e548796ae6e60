#!/usr/bin/env bash
# preact 11.2.0 (npm), with jsdom 26.1.0: when the clean-up of an effect runs at the end of a component.
#
# Good guess: taking a component away runs the clean-ups of its effects at once, as preact 10 does. A timer or listener made in useEffect
# is then gone with its elements.
# Seen: preact 11 takes the elements away first and runs the clean-up of useEffect after the next paint. Until then timers and listeners of
# the component find elements that are no longer in the document. The clean-up of useLayoutEffect runs at once in both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for version in 10.27.2 11.2.0; do
    mkdir "${version%%.*}"
    (cd "${version%%.*}" && npm init -y && npm install --silent --no-audit --no-fund "preact@$version" jsdom@26.1.0) > /dev/null
done
cat > run.mjs <<'JS'
import { h, render } from 'preact';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { JSDOM } from 'jsdom';

const version = process.argv[2];
const { window } = new JSDOM('<body></body>', { pretendToBeVisual: true });
Object.assign(globalThis, { window, document: window.document, requestAnimationFrame: window.requestAnimationFrame });

const cleaned = [];
function View() {
  useEffect(() => () => cleaned.push('effect'), []);
  useLayoutEffect(() => () => cleaned.push('layout effect'), []);
  return h('p', null, 'here');
}
render(h(View), document.body);
await new Promise(done => setTimeout(done, 200));
render(null, document.body);
console.log(`preact ${version}: elements ${document.querySelectorAll('p').length}, cleaned at once: ${cleaned.sort()}`);
await new Promise(done => setTimeout(done, 200));
console.log(`preact ${version}: cleaned a moment later: ${cleaned.sort()}`);
window.close();
JS
for version in 10 11; do
    cp run.mjs $version/
    (cd $version && node run.mjs $version)
done | tee seen.txt
cat > wanted.txt <<'TXT'
preact 10: elements 0, cleaned at once: effect,layout effect
preact 10: cleaned a moment later: effect,layout effect
preact 11: elements 0, cleaned at once: layout effect
preact 11: cleaned a moment later: effect,layout effect
TXT
diff seen.txt wanted.txt || { echo "This has changed."; exit 1; }

// What a run made: pictures, files, text.
import { html } from '../kernel/dom.js';
import { url } from '../kernel/address.js';
import { bytes, seconds, t } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { Picture } from '../parts/picture.js';
import { CopyButton } from '../parts/small.js';
import { promptOf } from './facts.js';

export function Outputs({ run }) {
  const { images, files, output } = run;
  if (images.length + files.length === 0 && output === null) return null;
  return html`
    <section class="runs-outputs" aria-labelledby="runs-outputs-title">
      <h3 id="runs-outputs-title">${t('runs.outputs')}</h3>
      ${images.length > 0 && html`
        <ul class="runs-images">
          ${images.map((image) => html`<${Image} key=${image.id} image=${image} prompt=${promptOf(run)} />`)}
        </ul>`}
      ${files.length > 0 && html`
        <ul class="runs-files">${files.map((file) => html`<${File} key=${file.id} file=${file} />`)}</ul>`}
      ${output !== null && html`<${Output} output=${output} />`}
    </section>`;
}

function Image({ image, prompt }) {
  const size = image.width && image.height ? `${image.width} × ${image.height}` : image.content_type;
  return html`
    <li>
      <a href="app/gallery?image=${image.id}" class="runs-image"><${Picture} image=${image} width=${224} alt=${prompt} /></a>
      <span class="runs-image-facts">
        <small>${size}, ${bytes(image.bytes)}</small>
        <${Download} path=${`images/${image.id}`} name=${t('runs.download-image', { at: image.index + 1 })} />
      </span>
    </li>`;
}

function File({ file }) {
  const facts = [t(`runs.kind-${file.kind}`), file.content_type, file.duration && seconds(file.duration), bytes(file.bytes)];
  const source = url(`files/${file.id}`);
  const name = file.name ?? t(`runs.kind-${file.kind}`);
  return html`
    <li>
      ${file.kind === 'video' && html`<video class="runs-media" controls preload="none" src=${source} aria-label=${name}></video>`}
      ${file.kind === 'audio' && html`<audio class="runs-media" controls preload="none" src=${source} aria-label=${name}></audio>`}
      <span class="runs-image-facts">
        <small>${file.name && html`<strong>${file.name}</strong> `}${facts.filter(Boolean).join(', ')}</small>
        <${Download} path=${`files/${file.id}`} name=${t('runs.download-file', { name: file.name ?? file.id })} />
      </span>
    </li>`;
}

function Download({ path, name }) {
  return html`
    <a class="runs-download" href="${path}?download=true" download aria-label=${name} title=${name}><${Icon} name="download" /></a>`;
}

/** The model's own answer: a text, a list of its parts, or JSON. */
function Output({ output }) {
  const isText = typeof output === 'string' || (Array.isArray(output) && output.every((each) => typeof each === 'string'));
  const text = isText ? [output].flat().join('') : JSON.stringify(output, null, 2);
  return html`
    <div class="runs-text">
      <pre tabindex="0" role="region" aria-label=${t('runs.output')} class=${isText ? 'runs-prose' : ''}>${text}</pre>
      <${CopyButton} text=${text} className="outline small" />
    </div>`;
}

// The way to a painted mask. The painter is loaded when somebody first wants it.
import { html, useEffect, useState } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { Icon } from '../parts/icon.js';
import { imageUrl } from '../parts/picture.js';
import { ProblemBox } from '../parts/problem-box.js';
import { imageField } from './actions.js';
import { files, form } from './state.js';
import { addFile, originalOf } from './uploads.js';

/** The first picture of the form, as { source, width, height }: what is to be painted over; null if the browser can't show it. */
function pictureOf() {
  const field = imageField();
  const [id] = [form.value.values[field?.name] ?? []].flat();
  if (!id) return null;
  if (id.startsWith('img_')) return { source: imageUrl(id) };
  const { preview, width, height } = files.value[id] ?? {};
  const original = originalOf(id);
  if (original) return { source: URL.createObjectURL(original), isOwn: true };
  return preview ? { source: preview, width, height } : null;
}

export function MaskButton({ field }) {
  const [{ Painter, problem }, setLoaded] = useState({});
  const [picture, setPicture] = useState(null);
  useEffect(() => () => picture?.isOwn && URL.revokeObjectURL(picture.source), [picture]);
  const open = async () => {
    const shown = pictureOf();
    if (!shown) {
      setLoaded({ Painter, problem: { title: t('create.mask-no-picture') } });
      return;
    }
    try {
      const module = Painter ? null : await import('./mask.js');
      setLoaded({ Painter: Painter ?? module.default });
      setPicture(shown);
    } catch (error) {
      setLoaded({ problem: { code: 'offline', detail: String(error) } });
    }
  };
  const close = () => setPicture(null);
  const done = (file) => {
    close();
    void addFile(file, field, { isPainted: true });
  };
  return html`
    <button type="button" class="outline small" onClick=${open}><${Icon} name="brush" /><span>${t('create.mask-paint')}</span></button>
    ${problem?.title && html`<small class="field-error" role="alert">${problem.title}</small>`}
    ${problem?.code && html`<${ProblemBox} problem=${problem} />`}
    ${picture && Painter && html`<${Painter} ...${picture} onDone=${done} onClose=${close} />`}`;
}

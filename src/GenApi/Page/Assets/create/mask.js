// Paints a mask over a picture: the model repaints what is white. The result is a PNG of the picture's size, white on black.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../kernel/dom.js';
import { t } from '../kernel/words.js';
import { Dialog } from '../parts/dialog.js';
import { Icon } from '../parts/icon.js';

/** The longest side of a mask in pixels. Models bring a smaller one to the size of their picture. */
const longest = 4096;
/** The sizes of the brush, in parts of the picture's shorter side. */
const sizes = { min: 0.01, max: 0.4, step: 0.01, first: 0.08 };
/** The colour on the screen: white would not be seen on a white picture. */
const shown = '#e5007d';
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * `source` is the address of the picture, or of a small copy; `width` and `height` are those of the picture, if they are known. `onDone`
 * gets the mask as a File.
 */
export default function MaskDialog({ source, width, height, onDone, onClose }) {
  const [size, setSize] = useState(null);
  const [isBroken, setBroken] = useState(false);
  const load = ({ target }) => {
    const [w, h] = [width ?? target.naturalWidth, height ?? target.naturalHeight];
    const scale = Math.min(1, longest / Math.max(w, h));
    setSize({ width: Math.round(w * scale), height: Math.round(h * scale) });
  };
  return html`
    <${Dialog} open onClose=${onClose} title=${t('create.mask-title')} className="mask-dialog" isSure>
      <p class="muted">${t(isBroken ? 'create.mask-no-picture' : 'create.mask-hint')}</p>
      <${Painter} ...${size ?? {}} onDone=${onDone} onClose=${onClose}>
        <img src=${source} alt="" onLoad=${load} onError=${() => setBroken(true)} draggable="false" />
      <//>
    <//>`;
}

/** The picture with the mask over it, and the tools. It can't be painted on before its size is known. */
function Painter({ width = 1, height = 1, children, onDone, onClose }) {
  const canvas = useRef();
  const [strokes, setStrokes] = useState([]);
  const [brush, setBrush] = useState(sizes.first);
  const [isErasing, setErasing] = useState(false);
  const stroke = useRef(null);
  const cursor = useRef(null);
  const pixels = brush * Math.min(width, height);

  const drawAll = (more = null) => {
    const context = canvas.current.getContext('2d');
    context.clearRect(0, 0, width, height);
    for (const each of more ? [...strokes, more] : strokes) draw(context, each, shown);
  };
  useLayoutEffect(() => drawAll(), [strokes, width, height]);
  // The controls stand below the picture, so the focus begins where the keys paint.
  useEffect(() => canvas.current.focus({ preventScroll: true }), []);

  const placeOf = ({ clientX, clientY }) => {
    const box = canvas.current.getBoundingClientRect();
    return [((clientX - box.left) / box.width) * width, ((clientY - box.top) / box.height) * height];
  };
  const begin = (event) => {
    if (event.button !== 0 || width === 1) return;
    event.preventDefault();
    canvas.current.focus({ preventScroll: true });
    canvas.current.setPointerCapture(event.pointerId);
    stroke.current = { pixels, isErasing, points: [placeOf(event)] };
    drawAll(stroke.current);
  };
  const move = (event) => {
    if (!stroke.current) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length > 0 ? events : [event]) stroke.current.points.push(placeOf(each));
    drawAll(stroke.current);
  };
  const end = () => {
    if (!stroke.current) return;
    cursor.current = stroke.current.points.at(-1);
    setStrokes([...strokes, stroke.current]);
    stroke.current = null;
  };
  const undo = () => setStrokes(strokes.slice(0, -1));
  const resize = (by) => setBrush(Math.min(sizes.max, Math.max(sizes.min, brush + by)));
  const press = (event) => {
    const { key } = event;
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === 'z') undo();
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (arrows[key]) {
      const [x, y] = cursor.current ?? [width / 2, height / 2];
      const [right, down] = arrows[key];
      const within = (value, most) => Math.min(most, Math.max(0, value));
      cursor.current = [within(x + right * pixels / 2, width), within(y + down * pixels / 2, height)];
      drawAll({ pixels, isErasing: false, isOutline: true, points: [cursor.current] });
    } else if (key === ' ') setStrokes([...strokes, { pixels, isErasing, points: [cursor.current ?? [width / 2, height / 2]] }]);
    else if (key === '[' || key === ']') resize(key === ']' ? sizes.step : -sizes.step);
    else return;
    event.preventDefault();
  };
  const use = async () => onDone(await maskOf(strokes, width, height));
  return html`
    <div class="mask-picture">
      ${children}
      <canvas ref=${canvas} class="mask-canvas" width=${width} height=${height} tabindex="0" role="application"
        aria-label=${t('create.mask-canvas')} onPointerDown=${begin} onPointerMove=${move} onPointerUp=${end} onPointerCancel=${end}
        onKeyDown=${press}></canvas>
    </div>
    <div class="mask-tools">
      <label class="mask-size">${t('create.mask-size')}
        <input type="range" min=${sizes.min} max=${sizes.max} step=${sizes.step} value=${brush}
          onInput=${({ target }) => setBrush(Number(target.value))} />
      </label>
      <label class="create-check">
        <input type="checkbox" role="switch" checked=${isErasing} onChange=${({ target }) => setErasing(target.checked)} />
        <span>${t('create.mask-erase')}</span>
      </label>
      <button type="button" class="outline small" disabled=${strokes.length === 0} onClick=${undo}>${t('create.undo')}</button>
      <button type="button" class="outline small" disabled=${strokes.length === 0} onClick=${() => setStrokes([])}>
        <${Icon} name="delete" /><span>${t('create.clear')}</span>
      </button>
      <span class="create-gap"></span>
      <button type="button" class="outline small" onClick=${onClose}>${t('common.cancel')}</button>
      <button type="button" class="small" disabled=${strokes.every((each) => each.isErasing)} onClick=${use}>
        ${t('create.mask-use')}
      </button>
    </div>`;
}

/** Draws one stroke. A single point is a dot. */
function draw(context, { pixels, isErasing, isOutline = false, points }, ink) {
  const [[x, y], ...others] = points;
  context.globalCompositeOperation = isErasing ? 'destination-out' : 'source-over';
  context.strokeStyle = context.fillStyle = ink;
  context.lineCap = context.lineJoin = 'round';
  context.lineWidth = isOutline ? Math.max(2, pixels / 12) : pixels;
  context.beginPath();
  if (others.length > 0) {
    context.moveTo(x, y);
    for (const [toX, toY] of others) context.lineTo(toX, toY);
    context.stroke();
  } else {
    context.arc(x, y, pixels / 2, 0, 2 * Math.PI);
    if (isOutline) context.stroke();
    else context.fill();
  }
}

/** The mask as a file: white where it is painted, black elsewhere. */
async function maskOf(strokes, width, height) {
  const make = () => Object.assign(document.createElement('canvas'), { width, height });
  const [painted, mask] = [make(), make()];
  for (const each of strokes) draw(painted.getContext('2d'), each, '#fff');
  const context = mask.getContext('2d');
  context.fillStyle = '#000';
  context.fillRect(0, 0, width, height);
  context.drawImage(painted, 0, 0);
  const blob = await new Promise((done) => mask.toBlob(done, 'image/png'));
  return new File([blob], t('create.mask-name'), { type: 'image/png' });
}

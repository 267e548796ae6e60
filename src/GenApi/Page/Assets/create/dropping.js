// Pictures that are dragged over the page or pasted into it.
import { signal } from '../kernel/dom.js';

/** Whether something that may be a picture is dragged over the page. */
export const isDragging = signal(false);

const addressOfImage = /\/images\/(img_[0-9a-z]{26})\b/;

/** The files of a drop, which then opens in no tab. */
export function draggedFiles(event) {
  event.preventDefault();
  event.stopPropagation();
  isDragging.value = false;
  return [...event.dataTransfer.files];
}

/** The id of one of our own pictures, dragged from this page or another tab; null for anything else. */
export function draggedImage(event) {
  const text = event.dataTransfer.getData('text/uri-list') || event.dataTransfer.getData('text/plain');
  return addressOfImage.exec(text)?.[1] ?? null;
}

/**
 * Watches a view for drags and pastes until the returned function is called. `onFiles` and `onImage` get what was dropped outside any
 * field.
 */
export function watchDrops({ onFiles, onImage }) {
  let depth = 0;
  const isPicture = ({ dataTransfer }) => [...(dataTransfer?.types ?? [])].some((type) => type === 'Files' || type === 'text/uri-list');
  const enter = (event) => {
    if (!isPicture(event)) return;
    depth++;
    isDragging.value = true;
  };
  const leave = (event) => {
    if (isPicture(event) && --depth <= 0) end();
  };
  const over = (event) => {
    if (isPicture(event)) event.preventDefault();
  };
  const end = () => {
    depth = 0;
    isDragging.value = false;
  };
  const drop = (event) => {
    depth = 0;
    if (!isPicture(event)) return;
    const image = draggedImage(event);
    const files = draggedFiles(event);
    if (files.length > 0) onFiles(files);
    else if (image) onImage(image);
  };
  // The field under the pointer stops the event, so this runs first to forget the depth.
  const reset = () => {
    depth = 0;
  };
  const paste = (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter((each) => each.type.startsWith('image/'));
    // Office programs put a picture of the text beside it.
    const isText = event.target.closest?.('textarea, input') && event.clipboardData.types.includes('text/plain');
    if (files.length === 0 || isText) return;
    event.preventDefault();
    onFiles(files);
  };
  const all = { dragenter: enter, dragleave: leave, dragover: over, drop, dragend: end, paste };
  for (const [name, listener] of Object.entries(all)) window.addEventListener(name, listener);
  window.addEventListener('drop', reset, true);
  return () => {
    for (const [name, listener] of Object.entries(all)) window.removeEventListener(name, listener);
    window.removeEventListener('drop', reset, true);
    end();
  };
}

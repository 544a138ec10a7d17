/** Keeps the web view from being a browser: no reload, no menu of a page, nothing opened by dropping it here. */
import type { Key } from './keys';

/** Keys by which a browser reloads, prints, saves, searches, goes back or shows the source. */
export function browserKey(e: Key): boolean {
  if (/^F(3|5|7|12)$/.test(e.key) || /^Browser/.test(e.key)) return true;
  if (e.altKey && !e.ctrlKey && !e.metaKey) return e.key === 'ArrowLeft' || e.key === 'ArrowRight' || e.key === 'Home';
  if (!e.ctrlKey && !e.metaKey) return false;
  const key = e.key.toLowerCase();
  return ['r', 'p', 's', 'u', 'g', 'j', '[', ']'].includes(key) || (e.shiftKey && ['i', 'k'].includes(key));
}

/** A field that takes text. */
const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== 'radio');

/** True where a menu offers to copy or to paste, and no reload. */
function onText(target: EventTarget | null): boolean {
  if (isField(target)) return true;
  const selection = window.getSelection();
  if (!(target instanceof Node) || !selection || selection.isCollapsed) return false;
  return selection.getRangeAt(0).intersectsNode(target);
}

/** Words dropped on a field are typed there; nothing else is anybody's. */
function drop(e: DragEvent): void {
  if (e.defaultPrevented || (isField(e.target) && !e.dataTransfer?.types.includes('Files'))) return;
  e.preventDefault();
  if (e.dataTransfer) e.dataTransfer.dropEffect = 'none';
}

export function guard(page: Window): void {
  page.addEventListener('keydown', (e) => browserKey(e) && e.preventDefault(), { capture: true });
  page.addEventListener('contextmenu', (e) => onText(e.target) || e.preventDefault());
  // After everybody else: who takes a file says so.
  page.addEventListener('dragover', drop);
  page.addEventListener('drop', drop);
}

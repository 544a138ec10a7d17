// Watches frames and what is in them: when each numbered part of the answer is first on the page, and what comes in
// over the channels. Times are milliseconds since 1970.
const seen = (window.__seen = { frames: [], parts: [], bytes: 0, messages: 0, done: null });
const now = () => performance.timeOrigin + performance.now();
const channels = window.__TAURI_INTERNALS__?.callbacks;
const size = (value) => (value instanceof ArrayBuffer ? value.byteLength : JSON.stringify(value).length);
const listen = () => {
    for (const [id, callback] of channels ?? []) {
        if (callback.heard) continue;
        const heard = (data) => {
            if (data && typeof data === 'object' && 'message' in data) {
                seen.bytes += size(data.message);
                seen.messages += 1;
            }
            return callback(data);
        };
        heard.heard = true;
        channels.set(id, heard);
    }
};
/** The last words of an element, read from its end: reading all of a long answer at every frame would be the cost. */
const ending = (element) => {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    let text = '';
    let node = element;
    while (node.lastChild) node = node.lastChild;
    texts.currentNode = node;
    if (node.nodeType !== Node.TEXT_NODE) node = texts.previousNode();
    for (let count = 0; node && count < 400 && text.length < 4000; count += 1) {
        text = node.data + text;
        node = texts.previousNode();
    }
    return text;
};
const answer = (article) => article?.closest('[data-message]')?.dataset.message;
// The answer that is there already is not the one that is watched; a short one may be over before a frame shows it grow.
const messages = document.querySelector('article[aria-busy]').closest('.messages');
const old = answer(messages.lastElementChild);
let last = -1;
let waiting = null;
// Frames in which nothing changed are only counted: looking at them would be a cost that the floor does not have.
let changed = true;
new MutationObserver(() => (changed = true)).observe(document.querySelector('main'), {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ['aria-busy'],
});
const frame = () => {
    const at = now();
    seen.frames.push(at);
    if (!seen.stop) requestAnimationFrame(frame);
    // What was there in the frame before has been painted since.
    if (waiting !== null) {
        seen.parts.push([waiting, at]);
        waiting = null;
    }
    if (!changed) return;
    changed = false;
    listen();
    // Not looked for in the whole page: of a long answer, that would be the cost.
    const article = messages.lastElementChild;
    const numbers = article?.ariaBusy ? [...ending(article).matchAll(/[Pp]art (\d+)[):]/g)] : [];
    const newest = Number(numbers[numbers.length - 1]?.[1] ?? -1);
    if (newest > last) {
        last = newest;
        waiting = newest;
    }
    const over = article?.getAttribute('aria-busy') === 'false' && answer(article) !== old;
    if (over && seen.done === null) seen.done = at;
};
requestAnimationFrame(frame);

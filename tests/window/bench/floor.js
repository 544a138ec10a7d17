// The same text in the same window as plain as can be: appended to a <pre> at the same pace, its end kept in sight.
const [pieces, rate] = arguments;
const seen = (window.__seen = { frames: [], parts: [], bytes: 0, messages: 0, done: null });
const now = () => performance.timeOrigin + performance.now();
const scroller = document.createElement('div');
const pre = document.createElement('pre');
Object.assign(scroller.style, { height: '100vh', overflow: 'auto' });
Object.assign(pre.style, { whiteSpace: 'pre-wrap', maxWidth: '46rem', margin: '0 auto' });
scroller.append(pre);
document.body.replaceChildren(scroller);
let sent = 0;
const frame = () => {
    seen.frames.push(now());
    if (sent === pieces.length && seen.done === null) seen.done = now();
    if (!seen.stop) requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
const start = performance.now();
const timer = setInterval(() => {
    const passed = performance.now() - start;
    const due = rate > 0 ? Math.min(pieces.length, Math.floor((passed * rate) / 1000)) : pieces.length;
    if (due === sent) return;
    pre.append(pieces.slice(sent, due).join(''));
    sent = due;
    scroller.scrollTop = scroller.scrollHeight;
    if (sent === pieces.length) clearInterval(timer);
}, rate > 0 ? Math.max(1, 1000 / rate) : 1);

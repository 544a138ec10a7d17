import { beforeEach, expect, it } from 'vitest';
import { Follow, type Content, type Mark } from './follow.svelte';

/** Things of some height below each other, in an element that keeps its position within its bounds as a browser does. */
class Box implements Content<string> {
  private at = 0;
  constructor(
    public things: [name: string, height: number][],
    public clientHeight: number,
  ) {}
  get scrollHeight() {
    return Math.max(
      this.clientHeight,
      this.things.reduce((sum, [, height]) => sum + height, 0),
    );
  }
  get scrollTop() {
    return Math.min(this.at, this.scrollHeight - this.clientHeight);
  }
  set scrollTop(to: number) {
    this.at = Math.max(0, Math.min(to, this.scrollHeight - this.clientHeight));
  }
  topOf(name: string): number | null {
    let top = -this.scrollTop;
    for (const [thing, height] of this.things) {
      if (thing === name) return top;
      top += height;
    }
    return null;
  }
  inSight(): Mark<string>[] {
    const found = this.things.findIndex(([name, height]) => this.topOf(name)! + height > 0);
    // The one in sight, and as a stand-in for it the one before.
    return [found, found - 1]
      .filter((at) => at >= 0)
      .map((at) => this.things[at]![0])
      .map((name) => ({ at: name, top: this.topOf(name)! }));
  }
}

let box: Box;
let follow: Follow<string>;

beforeEach(() => {
  box = new Box(
    ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((name) => [name, 100]),
    400,
  );
  follow = new Follow();
  follow.attach(box, box);
});

/** Changes the content, and tells as the browser does: before the next picture. */
const change = (how: () => void) => {
  how();
  follow.resized();
};
const grow = (by: number) => change(() => (box.things.at(-1)![1] += by));
const read = (to: number) => {
  box.scrollTop = to;
  follow.scrolled();
};
const place = (name: string) => box.topOf(name);

it('begins at the end and follows what grows', () => {
  expect(box.scrollTop).toBe(600);
  grow(300);
  expect([box.scrollTop, follow.below]).toEqual([900, false]);
});

it('stays where the reader scrolled to, and says that there is more', () => {
  read(500);
  grow(300);
  expect([box.scrollTop, follow.following, follow.below]).toEqual([500, false, true]);
});

it('does not pull back a reader who has only begun to scroll up', () => {
  follow.pulledUp();
  grow(300);
  expect(box.scrollTop).toBe(600);
});

it('follows again when the reader comes back to the end', () => {
  read(500);
  read(600);
  expect([follow.following, follow.below]).toEqual([true, false]);
  grow(50);
  expect(box.scrollTop).toBe(650);
});

it('goes to the end when asked to, and follows from there', () => {
  read(100);
  follow.toEnd();
  grow(50);
  expect([box.scrollTop, follow.below]).toEqual([650, false]);
});

it('does not take a shrinking content for a reader', () => {
  box.things[0]![1] = 0;
  follow.scrolled();
  expect(follow.following).toBe(true);
  grow(500);
  expect(box.scrollTop).toBe(1000);
});

it('does not take its own scrolling for the reader when the content grew meanwhile', () => {
  box.things.at(-1)![1] += 200;
  follow.scrolled();
  expect(follow.following).toBe(true);
});

it('has nothing to pull from when all of it is seen', () => {
  const small = new Follow<string>();
  const all = new Box([['a', 200]], 400);
  small.attach(all, all);
  small.pulledUp();
  expect(small.following).toBe(true);
});

it('what is read stays in its place when older messages come in above it', () => {
  read(250);
  expect(place('c')).toBe(-50);
  change(() => box.things.unshift(['y', 300], ['z', 120]));
  expect([place('c'), box.scrollTop]).toEqual([-50, 670]);
});

it('and when messages above it go', () => {
  read(450);
  change(() => box.things.splice(0, 2));
  expect([place('e'), box.scrollTop]).toEqual([-50, 250]);
});

it('and when something above it changes its size, as in a window made narrower', () => {
  read(450);
  change(() => {
    box.things = box.things.map(([name, height]) => [name, height * 1.5]);
  });
  expect(place('e')).toBe(-50);
});

it('and when the reader scrolls in the same moment', () => {
  read(450);
  box.things.unshift(['z', 300]);
  box.scrollTop += 30;
  follow.scrolled();
  expect(place('e'), 'their thirty pixels and nothing else').toBe(-80);
  follow.resized();
  expect(place('e')).toBe(-80);
});

it('what stands before it keeps the place when what is read is gone', () => {
  read(450);
  change(() => {
    box.things = box.things.map(([name, height]) => (name === 'e' ? ['e2', 240] : [name, height]));
  });
  expect([place('e2'), place('d')]).toEqual([-50, -150]);
});

it('a fraction of a pixel is no movement', () => {
  read(450);
  change(() => (box.things[0]![1] += 0.5));
  expect(box.scrollTop).toBe(450);
});

it('at the end of what is loaded it follows nothing while the thread goes on', () => {
  read(500);
  follow.more = true;
  read(600);
  expect([follow.following, follow.below]).toEqual([false, true]);
  change(() => box.things.push(['k', 300]));
  expect(box.scrollTop).toBe(600);
  follow.more = false;
  read(900);
  expect([follow.following, follow.below]).toEqual([true, false]);
});

it('a reader at the end stays when the end goes out of what is loaded', () => {
  follow.more = true;
  grow(100);
  expect([box.scrollTop, follow.following, follow.below]).toEqual([600, false, true]);
});

it('wants the next page before its edge is reached, and no page in the middle', () => {
  box.things = Array.from({ length: 40 }, (_, at) => [`m${at}`, 100]);
  read(2000);
  expect(follow.wants()).toEqual({ older: false, newer: false });
  read(500);
  expect(follow.wants()).toEqual({ older: true, newer: false });
  read(3100);
  expect(follow.wants()).toEqual({ older: false, newer: true });
});

it('what is shown on purpose comes into view, and does not move when it is in view', () => {
  follow.show('b', 100);
  expect([place('b'), follow.following]).toEqual([80, false]);
  follow.show('c', 100);
  expect(place('c')).toBe(180);
  grow(300);
  expect(place('c')).toBe(180);
  follow.show('nowhere', 100);
  expect(place('c')).toBe(180);
});

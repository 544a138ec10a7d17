import { beforeEach, expect, it } from 'vitest';
import { Follow } from './follow.svelte';

/** An element that keeps its position within its bounds, as a browser does. */
class Box {
  private at = 0;
  constructor(
    public scrollHeight: number,
    public clientHeight: number,
  ) {}
  get scrollTop() {
    return Math.min(this.at, Math.max(0, this.scrollHeight - this.clientHeight));
  }
  set scrollTop(to: number) {
    this.at = Math.max(0, Math.min(to, this.scrollHeight - this.clientHeight));
  }
}

let box: Box;
let follow: Follow;

beforeEach(() => {
  box = new Box(1000, 400);
  follow = new Follow();
  follow.attach(box);
});

const grow = (by: number) => {
  box.scrollHeight += by;
  follow.resized();
};
const read = (to: number) => {
  box.scrollTop = to;
  follow.scrolled();
};

it('begins at the end and follows what grows', () => {
  expect(box.scrollTop).toBe(600);
  grow(300);
  expect(box.scrollTop).toBe(900);
  expect(follow.below).toBe(false);
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
  box.scrollHeight = 900;
  follow.scrolled();
  expect(follow.following).toBe(true);
  grow(500);
  expect(box.scrollTop).toBe(1000);
});

it('does not take its own scrolling for the reader when the content grew meanwhile', () => {
  box.scrollHeight += 200;
  follow.scrolled();
  expect(follow.following).toBe(true);
});

it('has nothing to pull from when all of it is seen', () => {
  const small = new Follow();
  small.attach(new Box(200, 400));
  small.pulledUp();
  expect(small.following).toBe(true);
});

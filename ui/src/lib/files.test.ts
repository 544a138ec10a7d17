import { expect, it } from 'vitest';
import type { Attachment, Model } from '../bindings/wire';
import { able, fileTokens, missing, readingCost } from './files';
import { ALL, NONE } from './options';

const file = (over: Partial<Attachment>): Attachment => ({
  id: '1',
  name: 'a',
  kind: 'text',
  size: 10,
  state: { kind: 'ready' },
  pages: null,
  pixels: null,
  letters: null,
  trimmed: null,
  pictured: false,
  ...over,
});

const model = (id: string, over: Partial<Model>): Model =>
  ({
    id,
    name: id,
    author: 'a',
    images: false,
    audio: false,
    files: false,
    inputPrice: 1,
    supports: ALL,
    ...over,
  }) as Model;

it('what is read of a file is guessed by what it is', () => {
  expect(fileTokens(file({ letters: 4_000 }))).toBe(1_000);
  expect(fileTokens(file({ letters: 4_000, trimmed: 400 }))).toBe(100);
  expect(fileTokens(file({ kind: 'image', pixels: [750, 100] }))).toBe(100);
  expect(fileTokens(file({ kind: 'pdf', pages: 3 }))).toBe(1_800);
  expect(fileTokens(file({ letters: 4_000, state: { kind: 'reading' } }))).toBe(0);
});

it('who reads a PDF is said with its price before it is sent', () => {
  const pdf = file({ kind: 'pdf', pages: 14 });
  expect(readingCost(pdf, [model('x', {})], NONE)).toBe('free to read');
  expect(readingCost(pdf, [model('x', { files: true })], NONE)).toBe('read by the model');
  expect(readingCost(pdf, [model('x', { files: true })], { ...NONE, pdf: 'ocr' })).toBe('≈ $0.028 to read');
  expect(readingCost(pdf, [model('x', {})], { ...NONE, pdf: 'native' })).toBe('free to read');
  // Several models: each has it read by itself.
  const both = [model('x', { files: true }), model('y', {})];
  expect(readingCost(pdf, both, NONE)).toBe('free to read');
  expect(readingCost(pdf, both, { ...NONE, pdf: 'ocr' })).toBe('≈ $0.056 to read');
  expect(readingCost(pdf, [both[0]!, both[0]!], NONE)).toBe('read by the models');
});

it('a model that can see is offered, of the same author first and then of the nearest price', () => {
  const blind = model('blind', { inputPrice: 2 });
  const files = [file({ kind: 'image' })];
  expect(missing(blind, files)).toBe('images');
  expect(missing(null, files)).toBe(null);
  const dear = model('dear', { author: 'b', images: true, inputPrice: 9 });
  const near = model('near', { author: 'b', images: true, inputPrice: 3 });
  const own = model('own', { images: true, inputPrice: 50 });
  expect(able([blind, dear, near], blind, files)?.id).toBe('near');
  expect(able([blind, dear, near, own], blind, files)?.id).toBe('own');
  expect(able([blind], blind, files)).toBe(null);
});

/** Made-up files for the preview. */
import type { Attachment } from '../src/bindings/wire';

export const file = (id: string, name: string, change: Partial<Attachment>): Attachment => ({
  id,
  name,
  kind: 'text',
  size: 48_200,
  state: { kind: 'ready' },
  pages: null,
  pixels: null,
  letters: null,
  trimmed: null,
  pictured: false,
  ...change,
});

export const REPORT = file('f1', 'q3-report.pdf', { kind: 'pdf', pages: 14, size: 2_481_152 });

/** What a model made. */
export const DRAWN = file('f9', 'Picture 1.png', {
  kind: 'image',
  pixels: [1024, 768],
  pictured: true,
  size: 1_482_000,
});

const ATTACHED: Record<string, Attachment[]> = {
  comparefiles: [REPORT],
  attached: [
    REPORT,
    file('f2', 'harbour at dusk.jpg', { kind: 'image', pixels: [2048, 1365], pictured: true }),
    file('f3', 'regions-with-a-rather-long-name-that-goes-on-and-on.csv', { letters: 48_200, trimmed: 24_100 }),
    file('f4', 'interview.m4a', { kind: 'audio', size: 1_248_000 }),
    file('f5', 'slides.key', { state: { kind: 'reading' }, size: 0 }),
    file('f6', 'budget.zip', {
      size: 0,
      state: {
        kind: 'refused',
        problem: {
          code: 'refused',
          message: '“budget.zip” is an archive. Unpack it, and attach the files in it.',
          detail: null,
          retryAfterMs: null,
        },
      },
    }),
  ],
};

/** What is attached on a screen of its own. */
export const attached = (screen: string): Attachment[] => ATTACHED[screen] ?? [];

/** A small picture for every card that has one. */
export const PICTURE =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"%3E%3Crect width="40" height="30" fill="%23e0763a"/%3E%3Crect y="18" width="40" height="12" fill="%23224"/%3E%3C/svg%3E';

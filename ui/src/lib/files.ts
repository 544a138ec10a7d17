/** What is attached, in words. */
import type { Attachment, FileKind, Model, Options } from '../bindings/wire';
import { plural } from './count';
import { about } from './money';

const LETTERS_PER_TOKEN = 4;
/** A picture is cut into tiles; so many pixels are about a token. */
const PIXELS_PER_TOKEN = 750;
/** A page of text. */
const TOKENS_PER_PAGE = 600;
/** OpenRouter's price for reading scans. */
const OCR_USD_PER_PAGE = 0.002;

/** How many tokens it is likely to be read as. */
export function fileTokens(file: Attachment): number {
  if (file.state.kind !== 'ready') return 0;
  if (file.pixels) return Math.ceil((file.pixels[0] * file.pixels[1]) / PIXELS_PER_TOKEN);
  if (file.kind === 'pdf') return (file.pages ?? 1) * TOKENS_PER_PAGE;
  return Math.ceil((file.trimmed ?? file.letters ?? 0) / LETTERS_PER_TOKEN);
}

/** Who reads a PDF for this model with these options. */
export function pdfReader(model: Model | null, options: Options): 'native' | 'free' | 'ocr' {
  if (options.pdf === 'ocr' || options.pdf === 'free') return options.pdf;
  return model?.files ? 'native' : 'free';
}

/** What having it read for these models costs beside the tokens: `free to read`, `≈ $0.028 to read`; null where nothing
 * is. */
export function readingCost(file: Attachment, models: readonly (Model | null)[], options: Options): string | null {
  if (file.kind !== 'pdf') return null;
  const readers = models.map((model) => pdfReader(model, options));
  const scans = readers.filter((reader) => reader === 'ocr').length;
  // For each of them it is read by itself.
  if (scans > 0)
    return file.pages === null ? '$2 for 1,000 pages' : `${about(scans * file.pages * OCR_USD_PER_PAGE)} to read`;
  if (readers.includes('free')) return 'free to read';
  return models.length > 1 ? 'read by the models' : 'read by the model';
}

/** `14 pages`, `1,024 × 768`, `2,000 letters`. */
export function measure(file: Attachment): string | null {
  if (file.pages !== null) return plural(file.pages, 'page');
  if (file.pixels) return `${file.pixels[0].toLocaleString('en-US')} × ${file.pixels[1].toLocaleString('en-US')}`;
  return null;
}

const TAKES: Partial<Record<FileKind, keyof Pick<Model, 'images' | 'audio'>>> = { image: 'images', audio: 'audio' };

/** What of the files a model can't take: `images`, `audio`, or nothing. */
export function missing(model: Model | null, files: readonly Attachment[]): 'images' | 'audio' | null {
  if (!model) return null;
  for (const { kind } of files) {
    const needed = TAKES[kind];
    if (needed && !model[needed]) return needed;
  }
  return null;
}

/** A model that takes all of this: of the same author and about the same price, if there is one. */
export function able(models: readonly Model[], from: Model, files: readonly Attachment[]): Model | null {
  const fit = models.filter((model) => missing(model, files) === null && model.inputPrice !== null);
  const own = fit.filter((model) => model.author === from.author);
  const wanted = from.inputPrice ?? 0;
  const distance = (model: Model) => Math.abs((model.inputPrice ?? 0) - wanted);
  return (own.length > 0 ? own : fit).toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
}

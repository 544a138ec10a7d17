/** How many tokens a request is likely to read. A guess, for no tokeniser is at hand: four letters a token. */

const LETTERS_PER_TOKEN = 4;
/** Of the letters of an answer's HTML, so many are the model's own. */
const OWN_SHARE = 0.8;
/** An answer of about a page. */
export const PAGE_TOKENS = 500;
/** A question with a page of context. */
export const QUESTION_TOKENS = 1_000;

export interface Said {
  text: string;
  htmlLetters: number;
  tokensFiles: number;
  tokensIn: number | null;
  tokensOut: number | null;
}

export const textTokens = (text: string) => Math.ceil(text.length / LETTERS_PER_TOKEN);

/**
 * What the next request reads of the thread. From the last answer on that the service counted it is its count, which is
 * right for a thread of any length; only what came after is guessed.
 */
export function threadTokens(thread: readonly Said[]): number {
  let sum = 0;
  for (const said of thread.toReversed()) {
    sum += textTokens(said.text) + said.tokensFiles;
    sum += said.tokensOut ?? Math.ceil((said.htmlLetters * OWN_SHARE) / LETTERS_PER_TOKEN);
    if (said.tokensIn !== null) return sum + said.tokensIn;
  }
  return sum;
}

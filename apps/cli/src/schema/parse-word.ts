import { closestWord } from '../command-line/closest-word.ts';
import { wrongUsage } from '../command-line/problems.ts';

/** One of a few words, in any case. Throws `cli.wrong-usage` with the one that was probably meant. */
export function parseWord<Word extends string>(text: string, words: readonly Word[], option: string): Word {
  const found = words.find((word) => word === text.toUpperCase());
  if (found !== undefined) return found;
  const meant = closestWord(text.toUpperCase(), words);
  const hint = meant === null ? `expected one of ${words.join(', ')}` : `did you mean ${meant}?`;
  throw wrongUsage(`${option}: there is no ${JSON.stringify(text)}; ${hint}`);
}

import { createContext, Script } from 'node:vm';

/** One search of a text. A pattern that takes longer goes back over the text again and again. */
const timeoutMs = 2_000;
const place = createContext({}) as { pattern?: RegExp; text?: string };
const search = new Script('pattern.exec(text)');

/** A regular expression whose searches end, whatever its pattern and the text are. */
export class BoundedRegExp extends RegExp {
  override exec(text: string): RegExpExecArray | null {
    place.pattern = new RegExp(this.source, this.flags);
    place.pattern.lastIndex = this.lastIndex;
    place.text = text;
    const found = search.runInContext(place, { timeout: timeoutMs }) as RegExpExecArray | null;
    this.lastIndex = place.pattern.lastIndex;
    return found;
  }
}

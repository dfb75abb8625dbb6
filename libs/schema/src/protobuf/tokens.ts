import type { Problem } from '@penstock/kernel';
import { invalidSchema } from '../problems.ts';

export type TokenKind = 'name' | 'number' | 'string' | 'sign' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a string, what it says. */
  readonly text: string;
  readonly at: number;
}

/** By the character that each begins with: most of a text is told apart without looking further. */
const patterns = {
  blank: /\s+/y,
  comment: /\/\/[^\n]*|\/\*[\s\S]*?\*\//y,
  name: /[A-Za-z_]\w*/y,
  number: /0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y,
  string: /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y,
} as const;
const startOf = new Map<string, keyof typeof patterns>([
  ...[...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_'].map((letter) => [letter, 'name'] as const),
  ...[...'0123456789.'].map((digit) => [digit, 'number'] as const),
  ...[...'"\''].map((quote) => [quote, 'string'] as const),
  ['/', 'comment'],
]);
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' };
const escape = /\\(?:x([\da-fA-F]{1,2})|u([\da-fA-F]{4})|([0-7]{1,3})|(.))/g;

/** Reads the words of a .proto text one by one. Throws `schema.invalid-schema` with line and column. */
export class Tokens {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #index = 0;

  constructor(text: string) {
    this.#text = text;
    for (let at = 0; at < text.length; ) at = this.#take(at);
    this.#tokens.push({ kind: 'end', text: 'the end of the text', at: text.length });
  }

  /** Answers where the next one begins. */
  #take(at: number): number {
    const first = this.#text.charAt(at);
    const kind = first === ' ' || first === '\n' ? 'blank' : (startOf.get(first) ?? (first.trim() === '' ? 'blank' : 'sign'));
    const end = kind === 'sign' ? at + 1 : endOf(patterns[kind], this.#text, at);
    if (kind === 'blank' || (kind === 'comment' && end > at)) return end;
    if (end === at && (kind === 'string' || this.#text.startsWith('/*', at)))
      throw this.#complaintAt(at, `a ${kind} that nobody closes`); // whoever looked for its end at each would look for ever
    // A dot or a slash stands for itself.
    if (end === at || kind === 'sign' || kind === 'comment') return this.#add('sign', first, at);
    const written = this.#text.slice(at, end);
    this.#tokens.push({ kind, text: kind === 'string' ? unquoted(written) : written, at });
    return end;
  }

  #add(kind: TokenKind, text: string, at: number): number {
    this.#tokens.push({ kind, text, at });
    return at + text.length;
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#index + ahead, this.#tokens.length - 1)] as Token;
  }

  next(): Token {
    const token = this.peek();
    if (this.#index < this.#tokens.length - 1) this.#index += 1;
    return token;
  }

  /** Takes the next token when it reads `text` and is no string. */
  accept(text: string): boolean {
    const token = this.peek();
    if (token.text !== text || token.kind === 'string') return false;
    this.next();
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.complaint(`expected ${text}, got ${this.peek().text}`);
  }

  take(kind: TokenKind, what: string): string {
    const token = this.peek();
    if (token.kind !== kind) throw this.complaint(`expected ${what}, got ${token.text}`);
    return this.next().text;
  }

  /** An integer of at most 2^53, with its sign. */
  integer(what: string): number {
    const negative = this.accept('-');
    const text = this.take('number', what);
    const value = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
    if (!Number.isSafeInteger(value)) throw this.complaint(`expected ${what}, got ${text}`);
    return negative ? -value : value;
  }

  /** `a.b.C`, with or without a leading dot. */
  path(what: string): string {
    let path = this.accept('.') ? '.' : '';
    path += this.take('name', what);
    while (this.peek().text === '.' && this.peek().kind === 'sign') {
      this.next();
      path += `.${this.take('name', what)}`;
    }
    return path;
  }

  /** Adjacent strings are one string. */
  string(what: string): string {
    let text = this.take('string', what);
    while (this.peek().kind === 'string') text += this.next().text;
    return text;
  }

  complaint(message: string): Problem {
    return this.#complaintAt(this.peek().at, message);
  }

  #complaintAt(at: number, message: string): Problem {
    const before = this.#text.slice(0, at).split('\n');
    const line = before.length;
    const column = (before.at(-1) ?? '').length + 1;
    return invalidSchema(`Protobuf schema, line ${line}, column ${column}: ${message}`, { facts: { line, column } });
  }
}

/** `at` where the pattern does not match there. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function unquoted(literal: string): string {
  return literal.slice(1, -1).replace(escape, (...match: string[]) => {
    const [, hex, unicode, octal, other = ''] = match;
    const code = hex ?? unicode;
    if (code) return String.fromCharCode(Number.parseInt(code, 16));
    return octal ? String.fromCharCode(Number.parseInt(octal, 8)) : (escapes[other] ?? other);
  });
}

import { contextOf, defaultContext, LayeredMap } from '@penstock/registry';
import type { DekAlgorithm } from '@penstock/schema';
import { algorithmRank, type DekName, type Kek, type StoredDek, type StoredKek } from './key.ts';

/** The versions of one DEK: of one subject, below one KEK, for one algorithm. */
export type DekLine = Omit<DekName, 'version'>;

/** All KEKs and DEKs that the topic says there are, deleted ones among them. Keys over others hold what is about to happen. */
export class Keys {
  readonly #keks: LayeredMap<string, StoredKek>;
  /** The versions of a line, in order. */
  readonly #lines: LayeredMap<string, readonly StoredDek[]>;
  #kekCount: number;
  #dekCount: number;

  constructor(base: Keys | null = null) {
    this.#keks = new LayeredMap(base === null ? null : base.#keks);
    this.#lines = new LayeredMap(base === null ? null : base.#lines);
    this.#kekCount = base?.kekCount ?? 0;
    this.#dekCount = base?.dekCount ?? 0;
  }

  get kekCount(): number {
    return this.#kekCount;
  }

  get dekCount(): number {
    return this.#dekCount;
  }

  kek(name: string): StoredKek | undefined {
    return this.#keks.get(name);
  }

  /** By name. */
  keks(): StoredKek[] {
    const names = this.#keks.keys().sort();
    return names.flatMap((name) => this.#keks.get(name) ?? []);
  }

  dek(name: DekName): StoredDek | undefined {
    return this.versions(name).find(({ version }) => version === name.version);
  }

  versions(line: DekLine): readonly StoredDek[] {
    return this.#lines.get(lineKey(line)) ?? none;
  }

  /** Of one KEK, or of all, in no order. */
  deks(kekName: string | null = null): StoredDek[] {
    const keys = this.#lines.keys();
    const wanted = kekName === null ? keys : keys.filter((key) => key.startsWith(`${kekName}\0`));
    return wanted.flatMap((key) => this.#lines.get(key) ?? []);
  }

  putKek(kek: StoredKek): void {
    if (this.#keks.get(kek.name) === undefined) this.#kekCount += 1;
    this.#keks.set(kek.name, kek);
  }

  removeKek(name: Kek['name']): void {
    if (this.#keks.get(name) !== undefined) this.#kekCount -= 1;
    this.#keks.delete(name);
  }

  putDek(dek: StoredDek): void {
    const others = this.#others(dek);
    const after = [...others, dek].sort((one, other) => one.version - other.version);
    this.#setLine(dek, after);
  }

  removeDek(name: DekName): void {
    this.#setLine(name, this.#others(name));
  }

  #others({ version, ...line }: DekName): readonly StoredDek[] {
    return this.versions(line).filter((stored) => stored.version !== version);
  }

  #setLine(line: DekLine, versions: readonly StoredDek[]): void {
    this.#dekCount += versions.length - this.versions(line).length;
    if (versions.length === 0) this.#lines.delete(lineKey(line));
    else this.#lines.set(lineKey(line), versions);
  }
}

const none: readonly StoredDek[] = [];

/** `:.:rooms` and `rooms` are one subject. */
function lineKey({ kekName, subject, algorithm }: { kekName: string; subject: string; algorithm: DekAlgorithm }): string {
  const context = contextOf(subject);
  const plain = context === defaultContext && subject.startsWith(':.:') ? subject.slice(3) : subject;
  return `${kekName}\0${plain}\0${algorithmRank(algorithm)}`;
}

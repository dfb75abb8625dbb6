import { registryUnreachable } from '../../problems.ts';
import type { Dek, DekPlace, Kek, KeyRegistry } from '../key-registry.ts';

/** A registry of keys in memory: it refuses what is there already, as one does. */
export class MemoryKeys implements KeyRegistry {
  readonly keks = new Map<string, Kek>();
  readonly deks = new Map<string, Dek>();
  readonly asked: string[] = [];
  isAway = false;
  nowMs = 0;
  /** What another process does before something is created. */
  meanwhile: () => void = () => undefined;

  async kek(name: string): Promise<Kek | null> {
    this.#ask('kek');
    return this.keks.get(name) ?? null;
  }

  async createKek(kek: Kek): Promise<Kek | null> {
    this.#ask('createKek');
    this.meanwhile();
    if (this.keks.has(kek.name)) return null;
    this.keks.set(kek.name, kek);
    return kek;
  }

  async dek(place: DekPlace): Promise<Dek | null> {
    this.#ask(`dek ${place.version}`);
    return this.deks.get(nameOf(place, place.version === -1 ? this.#latestOf(place) : place.version)) ?? null;
  }

  async createDek(place: DekPlace, encryptedKeyMaterial: string | null): Promise<Dek | null> {
    this.#ask(`createDek ${place.version}`);
    this.meanwhile();
    const name = nameOf(place, place.version);
    if (this.deks.has(name)) return null;
    const dek = { version: place.version, ts: this.nowMs, encryptedKeyMaterial };
    this.deks.set(name, dek);
    return dek;
  }

  #latestOf(place: DekPlace): number {
    let version = 0;
    while (this.deks.has(nameOf(place, version + 1))) version += 1;
    return version;
  }

  #ask(question: string): void {
    this.asked.push(question);
    if (this.isAway) throw registryUnreachable('away');
  }
}

function nameOf({ kekName, subject, algorithm }: DekPlace, version: number): string {
  return [kekName, subject, algorithm, version].join(' ');
}

import { finiteValues, type InstanceType, listOf, type Part, type Parts, partsOf, typesOf } from './facts.ts';
import { below, type JsonNode } from './node.ts';

const choices = ['anyOf', 'oneOf', 'if'] as const;
type Choice = (typeof choices)[number];

interface Restrictions {
  readonly types?: ReadonlySet<InstanceType> | null;
  readonly nots?: readonly JsonNode[];
  /** Choices that were made already: their branches are among the nodes. */
  readonly made?: ReadonlySet<string>;
}

/** What may have been written: instances that obey all nodes, have one of the types, and obey none of what is excluded. */
export class Written {
  readonly nodes: readonly JsonNode[];
  readonly parts: Parts;
  readonly types: ReadonlySet<InstanceType>;
  /** Schemas that no instance obeys. */
  readonly nots: readonly JsonNode[];
  /** Equal for equal sets. */
  readonly key: string;
  readonly #only: ReadonlySet<InstanceType> | null;
  readonly #made: ReadonlySet<string>;

  constructor(nodes: readonly JsonNode[], { types = null, nots = [], made = new Set() }: Restrictions = {}) {
    this.nodes = [...new Set(nodes)].sort((left, right) => left.id - right.id);
    this.parts = partsOf(this.nodes);
    const own = typesOf(this.parts ?? []);
    this.types = types === null ? own : new Set([...own].filter((type) => types.has(type)));
    const excluded = (this.parts ?? []).flatMap(({ node, json }) => (json['not'] === undefined ? [] : [below(node, 'not')]));
    this.nots = [...new Set([...nots, ...excluded])];
    this.#only = types;
    this.#made = made;
    const ids = (list: readonly JsonNode[]): string => list.map(({ id }) => id).join();
    this.key = [ids(this.nodes), [...(types ?? [])].join(), ids(nots), [...made].join()].join(';');
  }

  get isEmpty(): boolean {
    return this.parts === null || this.types.size === 0;
  }

  /** All values there are, where they are few. */
  get values(): readonly unknown[] | null {
    const values = finiteValues(this.parts ?? []);
    return values?.filter((value) => this.types.has(typeOf(value))) ?? null;
  }

  with(node: JsonNode): Written {
    return new Written([...this.nodes, node], { types: this.#only, nots: this.nots, made: this.#made });
  }

  /** True while branches are left to be told apart. */
  get hasChoice(): boolean {
    return (this.parts ?? []).some((part) => choices.some((choice) => this.#isOpen(part, choice)));
  }

  #isOpen({ node, json }: Part, choice: Choice): boolean {
    return json[choice] !== undefined && !this.#made.has(`${node.id}${choice}`);
  }

  /** The same instances in cases: by the first choice that is open, else by type. Null when there is nothing to tell apart. */
  split(): { readonly by: 'choice' | 'type'; readonly cases: readonly Written[] } | null {
    for (const part of this.parts ?? []) {
      for (const choice of choices) {
        if (this.#isOpen(part, choice)) return { by: 'choice', cases: this.#choose(part, choice, `${part.node.id}${choice}`) };
      }
    }
    if (this.types.size < 2) return null;
    const { nots } = this;
    const cases = [...this.types].map((type) => new Written(this.nodes, { types: new Set([type]), nots, made: this.#made }));
    return { by: 'type', cases };
  }

  #choose({ node, json }: Part, choice: Choice, mark: string): Written[] {
    const made = new Set([...this.#made, mark]);
    const branch = (nodes: readonly JsonNode[], nots: readonly JsonNode[]): Written =>
      new Written([...this.nodes, ...nodes], { types: this.#only, nots: [...this.nots, ...nots], made });
    if (choice === 'if') {
      const when = below(node, 'if');
      const then = json['then'] === undefined ? [] : [below(node, 'then')];
      const otherwise = json['else'] === undefined ? [] : [below(node, 'else')];
      return [branch([when, ...then], []), branch(otherwise, [when])];
    }
    const branches = [...listOf(json[choice]).keys()].map((index) => below(node, choice, index));
    return branches.map((own) => branch([own], choice === 'oneOf' ? branches.filter((other) => other !== own) : []));
  }
}

function typeOf(value: unknown): InstanceType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  return typeof value as InstanceType;
}

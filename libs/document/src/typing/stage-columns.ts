import { compile, type Scope } from '@penstock/expressions';
import type { Binding, Field, Shape, Slot } from '@penstock/kernel';
import { factFields } from '@penstock/pipeline';

/** The columns of one stage: which there are, in which slots, and which of those that come in are looked at. */
export class StageColumns {
  readonly #slots: Field[] = [...factFields];
  readonly #used = new Set<Slot>();
  readonly input: readonly Binding[];

  constructor(shape: Shape) {
    this.input = shape.fields.map((field) => ({ field, slot: this.add(field) }));
  }

  get slots(): readonly Field[] {
    return this.#slots;
  }

  add(field: Field): Slot {
    return this.#slots.push(field) - 1;
  }

  use({ slot }: Binding): void {
    this.#used.add(slot);
  }

  /** Uses what an expression over these columns reads. */
  useNames(names: ReadonlySet<string>, columns: readonly Binding[]): void {
    for (const binding of columns) if (names.has(binding.field.name)) this.use(binding);
  }

  /** Those of the columns that come in that somebody looks at: decoders fill no others. */
  get read(): readonly Binding[] {
    return this.input.filter(({ slot }) => this.#used.has(slot));
  }

  /** True for a column that came in. */
  isInput({ slot }: Binding): boolean {
    return this.input.some((binding) => binding.slot === slot);
  }

  compile(text: string, scope: Scope): ReturnType<typeof compile> {
    const expression = compile(text, scope);
    this.useNames(expression.names, scope.columns);
    return expression;
  }
}

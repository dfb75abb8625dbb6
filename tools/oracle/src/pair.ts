/** A schema and what became of it. */
export interface Pair<Model> {
  readonly before: Model;
  readonly after: Model;
}

/** What the rules see of the repository: its tracked files, and the text of those that are text. */
export interface Tree {
  readonly files: readonly string[];
  text(file: string): string;
}

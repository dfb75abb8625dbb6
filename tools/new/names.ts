/** A project's name in the spellings that its files need. */
export interface Names {
  /** `stuck-sensor` */
  readonly kebab: string;
  /** `StuckSensor` */
  readonly pascal: string;
  /** `stuckSensor` */
  readonly camel: string;
}

/** Null when the text is not a name in kebab-case. */
export function parseNames(text: string): Names | null {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(text)) return null;
  const pascal = text
    .split('-')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('');
  return { kebab: text, pascal, camel: `${pascal.charAt(0).toLowerCase()}${pascal.slice(1)}` };
}

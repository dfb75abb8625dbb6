/** What a platform says while it starts, runs and ends. */
export type PlatformEvent =
  /** Something is under way that takes a while. */
  | { readonly event: 'line'; readonly line: string }
  /** A part answers now. */
  | { readonly event: 'ready'; readonly part: string; readonly seconds: number }
  /** A service ended by itself and is started again. */
  | { readonly event: 'died'; readonly part: string; readonly how: string; readonly reason: string; readonly againInMs: number }
  | { readonly event: 'back'; readonly part: string; readonly seconds: number }
  /** It was asked to end and did. */
  | { readonly event: 'ended'; readonly part: string; readonly how: string; readonly seconds: number };

export type Said = (event: PlatformEvent) => void;

/** One line for a person. */
export function sentenceOf(said: PlatformEvent): string {
  switch (said.event) {
    case 'line':
      return said.line;
    case 'ready':
      return `${said.part}: ready after ${seconds(said.seconds)}`;
    case 'died':
      return `${said.part} ${said.how}${said.reason === '' ? '' : ` (${said.reason})`}; starts again in ${seconds(said.againInMs / 1_000)}`;
    case 'back':
      return `${said.part} is back after ${seconds(said.seconds)}`;
    case 'ended':
      return `${said.part} ${said.how} after ${seconds(said.seconds)}`;
  }
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

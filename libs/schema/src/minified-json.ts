/** JSON text without the blanks between its parts. Numbers stay as they were written, which parsing would round. */
export function minifiedJson(text: string): string {
  if (!/[ \t\r\n]/.test(text)) return text;
  return text.replace(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, '$1');
}

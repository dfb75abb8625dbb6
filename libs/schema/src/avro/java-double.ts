/**
 * A number as Java prints a double: always with a point, and beyond 10^7 and below 10^-3 with an exponent. What is too large for one is a
 * word, in the quotes that make it JSON.
 */
export function printJavaDouble(value: number): string {
  if (!Number.isFinite(value)) return JSON.stringify(String(value));
  const size = Math.abs(value);
  if (size === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  if (size >= 1e-3 && size < 1e7) return withPoint(plain(digits, Number(exponent)));
  return `${withPoint(digits)}E${Number(exponent)}`;
}

function withPoint(digits: string): string {
  return digits.includes('.') ? digits : `${digits}.0`;
}

/** Digits with one before their point, moved by an exponent. */
function plain(digits: string, exponent: number): string {
  const sign = digits.startsWith('-') ? '-' : '';
  const all = digits.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${all}`;
  const whole = all.padEnd(exponent + 1, '0');
  const rest = whole.slice(exponent + 1);
  return `${sign}${whole.slice(0, exponent + 1)}${rest === '' ? '' : `.${rest}`}`;
}

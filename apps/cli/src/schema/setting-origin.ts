/** Where a setting of a subject comes from, to stand behind it. */
export function originOf({
  subject,
  own,
  all,
}: {
  readonly subject: string;
  readonly own: boolean;
  readonly all: string;
}): string {
  if (subject === '') return '';
  return own ? ` (its own; all subjects: ${all})` : ' (inherited from all subjects)';
}

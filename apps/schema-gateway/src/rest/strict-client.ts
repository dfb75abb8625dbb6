/**
 * Confluent's server sends every field to everybody on premises, and so breaks Java clients of its own first years, which refuse what they
 * do not know. Those go by the name that Java itself gives to requests; later ones say that they take more.
 */
export function isStrict(agent: string | undefined): boolean {
  return agent?.startsWith('Java/') === true;
}

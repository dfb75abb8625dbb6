/**
 * Makes something of an object once, and lets the object hold it where nobody else looks. The values of a WeakMap outlive their keys until
 * everything is collected when they lead back to them, which costs more than making them where most objects live for one request.
 */
export function heldBy<Made>(holder: object, name: symbol, make: () => Made): Made {
  if (Object.hasOwn(holder, name)) return Reflect.get(holder, name) as Made;
  const made = make();
  Object.defineProperty(holder, name, { value: made });
  return made;
}

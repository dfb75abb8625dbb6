export { Bell } from './bell.ts';
export { type Clock, systemClock } from './clock.ts';
export { type Binding, type Decoder, type Encoder, schemaHeaders } from './codec.ts';
export { authorizationOf, type Login, splitLogin } from './login.ts';
export {
  defineProblem,
  type Facts,
  messageOf,
  Problem,
  type ProblemKind,
  type ProblemMaker,
  type Remedy,
  type Status,
} from './problem.ts';
export { createRandom, type Random } from './random.ts';
export { type RowFate, Rows, rowFate, type Slot } from './rows.ts';
export { type Field, type FieldType, fieldOf, isNumeric, type Shape } from './shape.ts';

import {
  status as codes,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type StatusObject,
} from '@grpc/grpc-js';
import { Problem } from '@penstock/kernel';
import { defective } from '../problems.ts';
import type { CallForm, Calls, OpenCall, RawCall } from './calls.ts';
import type { BidiStream, ClientStream, Handler, ServerStream, Unary } from './handlers.ts';
import type { ObserveCall } from './observe.ts';
import { statusOf } from './status.ts';
import { readAll, untilAborted, writeAll } from './streams.ts';

export type Answer = (path: string, handler: Handler, standing: boolean) => RawHandler;
type RawHandler =
  | handleUnaryCall<unknown, unknown>
  | handleServerStreamingCall<unknown, unknown>
  | handleClientStreamingCall<unknown, unknown>
  | handleBidiStreamingCall<unknown, unknown>;

export interface AnswerContext {
  readonly calls: Calls;
  readonly observe: ObserveCall;
  readonly defect: (method: string, thrown: unknown) => void;
}

interface Work {
  readonly path: string;
  readonly form: CallForm;
  run(call: OpenCall): Promise<void>;
  refuse(status: StatusObject): void;
}

/** Turns handlers into what grpc-js calls: with limits, deadlines, telemetry and problems as statuses. */
export function answerer(context: AnswerContext): Answer {
  return (path, handler, standing) => {
    const serve: Serve = (raw, work) => void serveCall(context, raw, standing ? { ...work, form: 'standing' } : work);
    switch (handler.form) {
      case 'unary':
        return answerUnary(path, handler, serve);
      case 'serverStream':
        return answerServerStream(path, handler, serve);
      case 'clientStream':
        return answerClientStream(path, handler, serve);
      case 'bidiStream':
        return answerBidiStream(path, handler, serve);
    }
  };
}

type Serve = (raw: RawCall, work: Work) => void;

function answerUnary(path: string, { run }: Unary<unknown, unknown>, serve: Serve): handleUnaryCall<unknown, unknown> {
  return (raw, reply) =>
    serve(raw, {
      path,
      form: 'unary',
      run: async (call) => reply(null, await untilAborted(run(raw.request, call), call.signal)),
      refuse: reply,
    });
}

function answerServerStream(
  path: string,
  { run }: ServerStream<unknown, unknown>,
  serve: Serve,
): handleServerStreamingCall<unknown, unknown> {
  return (raw) =>
    serve(raw, {
      path,
      form: 'stream',
      run: async (call) => {
        await writeAll(raw, run(raw.request, call), call.signal);
        raw.end();
      },
      refuse: (status) => raw.emit('error', status),
    });
}

function answerClientStream(
  path: string,
  { run }: ClientStream<unknown, unknown>,
  serve: Serve,
): handleClientStreamingCall<unknown, unknown> {
  return (raw, reply) =>
    serve(raw, {
      path,
      form: 'dialogue',
      run: async (call) => {
        const response = await untilAborted(run(readAll(raw, call.intakeEnded), call), call.signal);
        call.intakeEnded.throwIfAborted();
        reply(null, response);
      },
      refuse: reply,
    });
}

function answerBidiStream(
  path: string,
  { run }: BidiStream<unknown, unknown>,
  serve: Serve,
): handleBidiStreamingCall<unknown, unknown> {
  return (raw) =>
    serve(raw, {
      path,
      form: 'dialogue',
      run: async (call) => {
        await writeAll(raw, run(readAll(raw, call.intakeEnded), call), call.signal);
        // Cut short, though everything taken was answered: the caller goes on elsewhere.
        call.intakeEnded.throwIfAborted();
        raw.end();
      },
      refuse: (status) => raw.emit('error', status),
    });
}

async function serveCall(context: AnswerContext, raw: RawCall, work: Work): Promise<void> {
  const seen = context.observe(work.path, raw.metadata);
  let call: OpenCall | null = null;
  try {
    const begun = context.calls.begin(raw, work.form);
    call = begun;
    await seen.within(() => work.run(begun));
    seen.ended('OK');
  } catch (thrown) {
    const problem = thrown instanceof Problem ? thrown : defective('a defect of this service: its log says more');
    if (problem !== thrown) context.defect(work.path, thrown);
    const status = statusOf(problem);
    seen.ended(codes[status.code] ?? 'UNKNOWN', problem !== thrown ? thrown : undefined);
    if (!raw.cancelled) work.refuse(status);
  } finally {
    call?.[Symbol.dispose]();
  }
}

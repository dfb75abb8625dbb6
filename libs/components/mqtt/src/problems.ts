import { defineProblem, type Problem, type ProblemMaker } from '@penstock/kernel';

/** No connection, or no answer to CONNECT. */
export const unreachable = defineProblem({ code: 'mqtt.unreachable', status: 'UNAVAILABLE', remedy: 'retry' });
/** A connection that stood has ended. */
export const connectionLost = defineProblem({ code: 'mqtt.connection-lost', status: 'UNAVAILABLE', remedy: 'retry' });
/** Nothing came from the broker for more than the keepalive, while pings went out and everything was read. */
export const silent = defineProblem({ code: 'mqtt.silent', status: 'UNAVAILABLE', remedy: 'retry' });
/** The broker is there and does not want to serve now. */
export const busy = defineProblem({ code: 'mqtt.busy', status: 'UNAVAILABLE', remedy: 'retry' });
/** Credentials are wrong or lack a right. An outage, not a fault of any record: it is waited for. */
export const unauthorised = defineProblem({ code: 'mqtt.unauthorised', status: 'PERMISSION_DENIED', remedy: 'retry' });
/** The broker's certificate is not trusted, or ours is not. */
export const untrusted = defineProblem({ code: 'mqtt.untrusted', status: 'UNAUTHENTICATED', remedy: 'retry' });
/** Another client connected with the same client id. */
export const takenOver = defineProblem({ code: 'mqtt.taken-over', status: 'ABORTED', remedy: 'retry' });
/** It happens again and again: two clients take the session away from each other. */
export const takeoverLoop = defineProblem({ code: 'mqtt.takeover-loop', status: 'ABORTED', remedy: 'retry' });
/** The broker does not speak this version of MQTT, or not with this client id. */
export const refused = defineProblem({ code: 'mqtt.refused', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** A topic filter that the broker will never take. */
export const filterRefused = defineProblem({ code: 'mqtt.filter-refused', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** The broker grants a lower QoS than was asked for: what is not stored yet would be lost with the process. */
export const qosLowered = defineProblem({ code: 'mqtt.qos-lowered', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** Bytes that are not MQTT. */
export const malformed = defineProblem({ code: 'mqtt.malformed', status: 'UNAVAILABLE', remedy: 'retry' });
/** A payload beyond `payloadBytesMax`. */
export const payloadTooLarge = defineProblem({ code: 'mqtt.payload-too-large', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** A row that came by a subscription of an earlier life of the session. */
export const notSubscribed = defineProblem({ code: 'mqtt.topic-not-subscribed', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** The publisher was closed, or gave up, before the PUBACK came. */
export const notAcknowledged = defineProblem({ code: 'mqtt.not-acknowledged', status: 'UNAVAILABLE', remedy: 'retry' });

interface Answer {
  readonly make: ProblemMaker;
  readonly says: string;
}

/** CONNACK return codes of MQTT 3.1.1, section 3.2.2.3. */
const returnCodes: Readonly<Record<number, Answer>> = {
  1: { make: refused, says: 'it does not speak MQTT 3.1.1' },
  2: { make: refused, says: 'it does not accept this client id' },
  3: { make: busy, says: 'it is not available' },
  4: { make: unauthorised, says: 'wrong user name or password' },
  5: { make: unauthorised, says: 'this client may not connect' },
};

/** Reason codes of MQTT 5, section 2.4, in CONNACK, SUBACK and DISCONNECT. */
const reasonCodes: Readonly<Record<number, Answer>> = {
  0x84: { make: refused, says: 'it does not speak MQTT 5: set `protocol: "3.1.1"`' },
  0x85: { make: refused, says: 'it does not accept this client id' },
  0x86: { make: unauthorised, says: 'wrong user name or password' },
  0x87: { make: unauthorised, says: 'not authorised' },
  0x88: { make: busy, says: 'it is not available' },
  0x89: { make: busy, says: 'it is busy' },
  0x8a: { make: unauthorised, says: 'this client is banned' },
  0x8b: { make: connectionLost, says: 'it shuts down' },
  0x8c: { make: refused, says: 'bad authentication method' },
  0x8d: { make: connectionLost, says: 'it saw no ping within the keepalive' },
  0x8e: { make: takenOver, says: 'another client connected with the same client id' },
  0x8f: { make: filterRefused, says: 'the topic filter is invalid' },
  0x93: { make: connectionLost, says: 'more publishes than its Receive Maximum were on the way' },
  0x95: { make: connectionLost, says: 'a packet was too large for it' },
  0x97: { make: busy, says: 'a quota is used up' },
  0x98: { make: connectionLost, says: 'an administrator ended the connection' },
  0x9c: { make: busy, says: 'another server serves this client for now' },
  0x9d: { make: busy, says: 'this client has moved to another server' },
  0x9e: { make: filterRefused, says: 'it has no shared subscriptions' },
  0x9f: { make: busy, says: 'too many connections in a short time' },
  0xa1: { make: filterRefused, says: 'it has no subscription identifiers' },
  0xa2: { make: filterRefused, says: 'it has no wildcard subscriptions' },
};

/** An answer of 0x80 and above to a SUBSCRIBE; 3.1.1 gives no reason, so it may be a missing right. */
export function problemOfSubscription(code: number, at: { broker: string; filter: string }): Problem {
  const { make, says } = reasonCodes[code] ?? { make: unauthorised, says: 'it gives no reason' };
  return make(`${at.broker} › subscribe ${at.filter}: refused, ${says} (0x${code.toString(16)})`, {
    facts: { reasonCode: code },
  });
}

/** The answer to CONNECT, when it is no. */
export function problemOfConnack(code: number, at: { broker: string; protocol: string; clientId: string }): Problem {
  const known = at.protocol === '5' ? reasonCodes[code] : returnCodes[code];
  const { make, says } = known ?? { make: unreachable, says: 'for a reason unknown to us' };
  const where = `${at.broker} › connect as ${at.clientId} with MQTT ${at.protocol}`;
  return make(`${where}: the broker refused, ${says} (${code})`, { facts: { reasonCode: code } });
}

/** A DISCONNECT that the broker sent. */
export function problemOfDisconnect(code: number, broker: string): Problem {
  const { make, says } = reasonCodes[code] ?? { make: connectionLost, says: 'for a reason unknown to us' };
  return make(`${broker}: the broker ended the connection, ${says} (0x${code.toString(16)})`, { facts: { reasonCode: code } });
}

const tlsErrors = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)/;

/** What a socket said before or after the session stood. */
export function problemOfSocket(thrown: NodeJS.ErrnoException, at: { broker: string; stood: boolean }): Problem {
  const code = thrown.code ?? '';
  const more = { cause: thrown, facts: { socketCode: code } };
  if (tlsErrors.test(code)) return untrusted(`${at.broker}: TLS failed, ${thrown.message}: look at \`tls\``, more);
  if (at.stood) return connectionLost(`${at.broker}: the connection broke, ${thrown.message}`, more);
  return unreachable(`${at.broker}: no connection, ${thrown.message}: does the broker run there?`, more);
}

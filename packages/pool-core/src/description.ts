/**
 * Owns the words for what an error says and for how a pool stands, in one line each.
 * It must never know which message they become a part of, nor see a secret: causes arrive masked.
 */
import type { PoolSnapshot } from './snapshot.ts';

/**
 * What an error says, in one line, also where the platform left `message` empty: Node's failed connect to a name with
 * several addresses is an AggregateError without one.
 */
export function describeCause(error: unknown): string {
  try {
    return `${lineOfError(error)}`;
  } catch {
    // It throws when it is read, and whoever is told of it did nothing wrong.
    return 'an unprintable value';
  }
}

function lineOfError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  const inner = error instanceof AggregateError ? error.errors.filter((one) => !(one instanceof AggregateError)) : [];
  if (inner.length > 0) return inner.map(describeCause).join('; ');
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** The counts that an operator asks for first. */
export function describeSnapshot(snapshot: PoolSnapshot): string {
  if (snapshot !== described.snapshot) described = { snapshot, line: lineOf(snapshot) };
  return described.line;
}

/** Requests refused in bulk share one snapshot, and so these. */
let described: { readonly snapshot: PoolSnapshot | undefined; readonly line: string } = {
  snapshot: undefined,
  line: '',
};

function lineOf({ connections, live, size, waiting, oldestLeaseMs, breaker, state, abandoned }: PoolSnapshot): string {
  const parts = [
    `${live} of ${size.max} connections live: ${connections.leased} leased, ${connections.idle} idle, ${connections.dialing} dialing`,
  ];
  const busy = connections.checking + connections.resetting + connections.closing;
  if (busy > 0) parts.push(`${busy} being checked, reset or closed`);
  parts.push(`${waiting} waiting`);
  if (connections.leased > 0) parts.push(`longest lease ${Math.round(oldestLeaseMs)} ms`);
  if (breaker.state !== 'closed' && breaker.state !== 'off') parts.push(`dial breaker ${breaker.state}`);
  if (abandoned > 0) {
    const calls = `${abandoned} driver ${abandoned === 1 ? 'call' : 'calls'} given up on`;
    parts.push(abandoned < size.max ? calls : `${calls}, so that nothing is dialed`);
  }
  if (state !== 'open') parts.push(state);
  return parts.join(', ');
}

/**
 * Owns what every policy looks like from outside, and how several become one.
 * Must never know any policy by name.
 */
import type { AbortSource } from './abort-source.ts';
import {
  AttemptContext,
  type ExecuteOptions,
  type NotedWork,
  type PolicyContext,
  rejectWith,
  surroundingsOf,
  type Work,
} from './call.ts';
import type { Deadline } from './deadline.ts';
import { type Boundary, Frame, type Route, type Step } from './frame.ts';
import { faultsOf, having, throwFaults } from './option-rules.ts';

/** Under this symbol a policy of ours has its pipeline if it is none itself; a policy of anybody else needs only `execute`. */
export const policyPipeline: unique symbol = Symbol('cryo.policy.pipeline');

declare const alternative: unique symbol;

/** Something that runs work and makes more of it. `Alternative` is what may come out instead of the work's own result. */
export interface Policy<Alternative = never> {
  /**
   * Runs the work, and settles as the policy makes of it. Never throws synchronously.
   *
   * @throws InvalidOptionsError (as a rejection) when the work is not a function, or its options hold no signal or deadline
   * @throws AbortedError (as a rejection) when the caller's signal was aborted before the work began
   * @throws what the policy itself refuses or gives up with (as a rejection): its own comment says which
   */
  execute<Result>(work: Work<Result>, options?: ExecuteOptions): Promise<Result | Alternative>;
  readonly [policyPipeline]?: Pipeline;
  /** A type and never a value: where {@link compose} finds what may come out. */
  readonly [alternative]?: (() => Alternative) | undefined;
}

/** What may come out of a policy besides the work's result; nothing, as far as is known, of one that does not say. */
type AlternativeOf<Given> = 0 extends 1 & Given
  ? never // `any` says nothing
  : Given extends { readonly [alternative]?: (() => infer Alternative) | undefined }
    ? typeof alternative extends keyof Given
      ? Alternative
      : never
    : never;

/**
 * One policy made of several, the first being the outermost: `compose(retry, breaker)` retries calls through the breaker.
 * Policies of ours become one loop with one frame per call; one that has only `execute` is called as it stands. What it
 * hands on to its work of `signal`, `deadline` and `attempt` reaches the policies inside it.
 *
 * @throws InvalidOptionsError listing every argument that is no policy
 */
export function compose<const Policies extends readonly Policy<unknown>[]>(
  ...policies: Policies
): Policy<{ [Place in keyof Policies]: AlternativeOf<Policies[Place]> }[number]> {
  throwFaults(
    'compose()',
    policies.flatMap((policy, index) => faultsOf(having('execute'), `policies[${index}]`, policy)),
  );
  const layers = layersOf(policies);
  const [only] = layers;
  if (layers.length === 1 && only instanceof Pipeline) return only;
  return {
    execute<Result>(work: Work<Result>, options: ExecuteOptions = {}) {
      const around = surroundingsOf(work, options);
      if (around instanceof Promise) return around;
      const context = new AttemptContext(around.source, around.deadline, 0);
      return runThrough(layers, 0, noting(work), context, 0) as Promise<Result>;
    },
  };
}

/**
 * Neighbours that have steps are joined into one layer; the policies of others are layers as they are. The innermost is one of
 * ours, and begins no work whose caller has aborted.
 */
function layersOf(policies: readonly Policy<unknown>[]): readonly Policy<unknown>[] {
  const layers: Policy<unknown>[] = [new Pipeline([])];
  for (const policy of policies) {
    const layer = policy[policyPipeline] ?? policy;
    const last = layers.at(-1);
    if (last instanceof Pipeline && layer instanceof Pipeline) layers[layers.length - 1] = join(last, layer);
    else layers.push(layer);
  }
  if (!(layers.at(-1) instanceof Pipeline)) layers.push(new Pipeline([]));
  return layers;
}

/** Runs work inside of the layers from `depth` on. */
function runThrough(
  layers: readonly Policy<unknown>[],
  depth: number,
  work: NotedWork,
  options: ExecuteOptions,
  attempt: number,
): Promise<unknown> {
  const layer = layers[depth] as Policy<unknown>;
  const isInnermost = depth === layers.length - 1;
  const further: Work<unknown> = (context) => runThrough(layers, depth + 1, work, context, context.attempt);
  const inside = isInnermost ? work : Object.assign(further, { noted: work.noted });
  if (layer instanceof Pipeline) return layer.run(inside, options, attempt);
  return layer.execute((given: Partial<PolicyContext> | undefined) => {
    const around = surroundingsOf(inside, given instanceof AttemptContext ? given : handedOn(given, options));
    if (around instanceof Promise) return around;
    return inside(new AttemptContext(around.source, around.deadline, given?.attempt ?? attempt));
  }, options);
}

/** A policy of somebody else's may run what is inside of it twice, or not at all: so it is noted when the work begins. */
function noting(work: Work<unknown>): NotedWork {
  const noted = { hasBegun: false };
  const begin: Work<unknown> = (context) => {
    noted.hasBegun = true;
    return work(context);
  };
  return Object.assign(begin, { noted });
}

/** What a policy of somebody else's hands on to its work, and what it was given where it hands on nothing. */
function handedOn(given: Partial<PolicyContext> | undefined, options: ExecuteOptions): ExecuteOptions {
  return { signal: given?.signal ?? options.signal, deadline: given?.deadline ?? options.deadline };
}

/** One pipeline that does what both do, one inside of the other. */
function join({ steps, boundary, inner = new Pipeline([]) }: Pipeline, inside: Pipeline): Pipeline {
  if (boundary !== undefined) return new Pipeline(steps, boundary, join(inner, inside));
  return new Pipeline([...steps, ...inside.steps], inside.boundary, inside.inner);
}

/**
 * Steps that every call goes through, up to a boundary if there is one, and what is inside of that if it is not the work
 * itself. A policy of ours is a pipeline, or has one.
 */
export class Pipeline implements Policy, Route {
  declare readonly steps: readonly Step[];
  declare readonly boundary: Boundary | undefined;
  declare readonly inner: Pipeline | undefined;
  declare readonly firstBusy: number;
  readonly idle: Frame[] = [];

  constructor(steps: readonly Step[], boundary?: Boundary, inner?: Pipeline) {
    const firstBusy = steps.findIndex(({ waitsForFailure }) => !waitsForFailure);
    this.steps = steps;
    this.boundary = boundary;
    this.inner = inner;
    this.firstBusy = firstBusy < 0 ? steps.length : firstBusy;
  }

  execute<Result>(work: Work<Result>, options?: ExecuteOptions): Promise<Result> {
    if (options !== undefined || typeof work !== 'function') return this.run(work, options, 0) as Promise<Result>;
    const frame = this.idle.pop() ?? new Frame(this);
    return frame.carry(work) as Promise<Result>;
  }

  run(work: Work<unknown>, options: ExecuteOptions = {}, attempt: number): Promise<unknown> {
    const around = surroundingsOf(work, options);
    if (around instanceof Promise) return around;
    try {
      return this.begin(work, around.source, around.deadline, attempt);
    } catch (error) {
      // A signal or a clock that throws when it is looked at.
      return rejectWith(error);
    }
  }

  begin(work: Work<unknown>, scope: AbortSource | undefined, deadline: Deadline, attempt: number): Promise<unknown> {
    const frame = this.idle.pop() ?? new Frame(this);
    return frame.carryUnder(work, scope, deadline, attempt);
  }
}

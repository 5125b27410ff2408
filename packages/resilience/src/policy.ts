/**
 * Owns what every policy looks like from outside, and how several become one.
 * Must never know any policy by name.
 */
import {
  AttemptContext,
  type CallOrigin,
  type ExecuteOptions,
  type PolicyContext,
  rejectBadCall,
  type Work,
} from './call.ts';
import { type Boundary, Frame, type Route, type Step } from './frame.ts';
import { faultsOf, having, throwFaults } from './option-rules.ts';

/** What a policy of ours is made of. */
export type Part = Step | Boundary;

/** Under this symbol a policy of ours carries its steps; a policy of anybody else needs only `execute`. */
export const policySteps: unique symbol = Symbol('cryo.policy.steps');

declare const alternative: unique symbol;

/** Something that runs work and makes more of it. `Alternative` is what may come out instead of the work's own result. */
export interface Policy<Alternative = never> {
  /**
   * Runs the work, and settles as the policy makes of it. Never throws synchronously.
   *
   * @throws InvalidOptionsError (as a rejection) when the work is not a function, or its options hold no signal or deadline
   * @throws AbortedError (as a rejection) when the caller's signal was aborted before the work began
   */
  execute<Result>(work: Work<Result>, options?: ExecuteOptions): Promise<Result | Alternative>;
  readonly [policySteps]?: readonly Part[];
  /** A type and never a value: where {@link compose} finds what may come out. */
  readonly [alternative]?: (() => Alternative) | undefined;
}

/** What may come out of a policy besides the work's result; nothing, as far as is known, of one that does not say. */
type AlternativeOf<Given> = Given extends { readonly [alternative]?: (() => infer Alternative) | undefined }
  ? unknown extends Alternative
    ? never
    : Alternative
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
): Policy<AlternativeOf<Policies[number]>> {
  throwFaults(
    'compose()',
    policies.flatMap((policy, index) => faultsOf(having('execute'), `policies[${index}]`, policy)),
  );
  const layers = layersOf(policies);
  const [only] = layers;
  const composed = layers.length === 1 && only instanceof Pipeline ? only : new Nest(layers);
  return composed as Policy<AlternativeOf<Policies[number]>>;
}

interface Layer {
  run(work: Work<unknown>, options: ExecuteOptions, attempt: number): Promise<unknown>;
}

/** Neighbours that have steps are joined into one layer. */
function layersOf(policies: readonly Policy<unknown>[]): readonly Layer[] {
  const layers: Layer[] = [new Pipeline([])];
  for (const policy of policies) {
    const steps = policy[policySteps];
    const last = layers.at(-1);
    if (steps === undefined) layers.push(new ForeignLayer(policy));
    else if (last instanceof Pipeline) layers[layers.length - 1] = new Pipeline([...last[policySteps], ...steps]);
    else layers.push(new Pipeline(steps));
  }
  return layers;
}

/**
 * Steps that every call goes through, up to the first boundary, and what is inside of that. A policy of ours is one with
 * steps of its own.
 */
export class Pipeline implements Policy, Layer, Route {
  readonly [policySteps]: readonly Part[];
  readonly steps: readonly Step[];
  readonly firstBusy: number;
  readonly boundary: Boundary | undefined;
  readonly inner: Pipeline | undefined;
  readonly idle: Frame[] = [];

  constructor(parts: readonly Part[]) {
    const boundaryAt = parts.findIndex((part) => 'guard' in part);
    const outside = boundaryAt === -1 ? parts.length : boundaryAt;
    const inside = parts.slice(outside + 1);
    this[policySteps] = parts;
    this.steps = parts.slice(0, outside) as readonly Step[];
    const firstBusy = this.steps.findIndex(({ waitsForFailure }) => !waitsForFailure);
    this.firstBusy = firstBusy === -1 ? outside : firstBusy;
    this.boundary = parts[outside] as Boundary | undefined;
    this.inner = inside.length === 0 ? undefined : new Pipeline(inside);
  }

  execute<Result>(work: Work<Result>, options?: ExecuteOptions): Promise<Result> {
    if (options !== undefined || typeof work !== 'function') return this.run(work, options, 0) as Promise<Result>;
    const frame = this.idle.pop() ?? new Frame(this);
    return frame.carry(work) as Promise<Result>;
  }

  run(work: Work<unknown>, options: ExecuteOptions = {}, attempt: number): Promise<unknown> {
    const rejected = rejectBadCall(work, options);
    if (rejected !== undefined) return rejected;
    const { deadline = Infinity } = options;
    return this.begin(work, { scope: AttemptContext.sourceOf(options), deadline, attempt });
  }

  begin(work: Work<unknown>, origin: CallOrigin): Promise<unknown> {
    const frame = this.idle.pop() ?? new Frame(this);
    return frame.carryUnder(origin, work);
  }
}

class ForeignLayer implements Layer {
  readonly #policy: Policy<unknown>;

  constructor(policy: Policy<unknown>) {
    this.#policy = policy;
  }

  run(work: Work<unknown>, options: ExecuteOptions, attempt: number): Promise<unknown> {
    return this.#policy.execute((given: Partial<PolicyContext> | undefined) => {
      const source =
        given instanceof AttemptContext ? AttemptContext.sourceOf(given) : (given?.signal ?? options.signal);
      const deadline = given?.deadline ?? options.deadline ?? Infinity;
      return work(new AttemptContext(source, deadline, given?.attempt ?? attempt));
    }, options);
  }
}

class Nest implements Policy<unknown> {
  readonly #layers: readonly Layer[];

  constructor(layers: readonly Layer[]) {
    this.#layers = layers;
  }

  execute(work: Work<unknown>, options: ExecuteOptions = {}): Promise<unknown> {
    return rejectBadCall(work, options) ?? this.#run(0, work, options, 0);
  }

  #run(depth: number, work: Work<unknown>, options: ExecuteOptions, attempt: number): Promise<unknown> {
    const layer = this.#layers[depth] as Layer;
    const isInnermost = depth === this.#layers.length - 1;
    const inside: Work<unknown> = isInnermost
      ? work
      : (context) => this.#run(depth + 1, work, context, context.attempt);
    return layer.run(inside, options, attempt);
  }
}

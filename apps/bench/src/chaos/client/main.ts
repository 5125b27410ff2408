/**
 * Owns the process of one trial: one pool, its callers, and answers to the process that plays the network.
 * It must never know which fault is played, nor judge what came out.
 */
import type { Contender, ContenderKind } from '../contender.ts';
import { contenderNamed } from '../contenders.ts';
import { countDials } from './dials.ts';
import type { Order, Reply, StartOrder } from './messages.ts';
import { ownName, SERVER_NAME } from './names.ts';
import { summarize } from './summary.ts';
import { Workload } from './workload.ts';

interface Trial {
  readonly kind: ContenderKind;
  readonly contender: Contender;
  readonly workload: Workload;
}

const dials = countDials();
const names = ownName();
const unhandled: string[] = [];
let password = '';
let trial: Trial | undefined;

process.on('uncaughtException', (error) => void unhandled.push(error.message));
process.on('unhandledRejection', (reason) => {
  unhandled.push(reason instanceof Error ? reason.message : String(reason));
});
process.on('disconnect', () => process.exit());
process.on('message', (order: Order) => {
  obey(order).then(answer, (error: unknown) => {
    answer({ kind: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
});

async function obey(order: Order): Promise<Reply> {
  switch (order.ask) {
    case 'start':
      trial = await start(order);
      return { kind: 'done' };
    case 'password':
      password = order.password;
      return { kind: 'done' };
    case 'names':
      names.are = order.are;
      return { kind: 'done' };
    case 'finish': {
      const { kind, workload } = started();
      await workload.stop(kind.tellsLeases);
      const { operations } = workload;
      const book = { operations, tellsLeases: kind.tellsLeases, dialsAtMs: dials.atMs, unhandled };
      return { kind: 'summary', summary: summarize(book, order) };
    }
    case 'live':
      return { kind: 'live', live: started().contender.live() };
  }
}

async function start(order: StartOrder): Promise<Trial> {
  const kind = contenderNamed(order.database, order.contender);
  password = order.password;
  const contender = await kind.start({
    ...{ host: SERVER_NAME, port: order.port, user: order.user, database: order.schema },
    password: () => password,
    writes: order.writes,
  });
  const workload = new Workload(contender, order.sql);
  workload.start(order.workers);
  return { kind, contender, workload };
}

function started(): Trial {
  if (trial === undefined) throw new Error('the trial has not begun');
  return trial;
}

function answer(reply: Reply): void {
  process.send?.(reply);
}

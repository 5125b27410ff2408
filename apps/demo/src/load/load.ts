/**
 * Owns the load as the service sees it: started, watched, ended.
 * It must never know how requests are made.
 */
import { Worker } from 'node:worker_threads';
import type { LoadPlan } from './profiles.ts';
import { Tally, type TallyReading } from './tally.ts';
import type { LoadAssignment, LoadNews } from './thread.ts';

export interface Load {
  /** The latest news. */
  readonly tally: TallyReading;
  readonly unhandledRejections: number;
  /** Settles once the load is over and its last answers are in. Rejects when its thread fails. */
  readonly ended: Promise<void>;
}

/**
 * Starts a load.
 *
 * @param origin who is asked, such as `http://127.0.0.1:4100`
 * @param ending ends the load before its time when it aborts
 */
export function startLoad(plan: LoadPlan, origin: string, ending: AbortSignal): Load {
  const workerData: LoadAssignment = { plan, origin };
  const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData });
  let latest: LoadNews = { tally: new Tally().read(), unhandledRejections: 0 };
  const stop = () => thread.postMessage('stop');
  ending.addEventListener('abort', stop, { once: true });
  if (ending.aborted) stop();
  const ended = new Promise<void>((resolve, reject) => {
    thread.on('message', (news: LoadNews) => {
      latest = news;
    });
    thread.once('error', reject);
    thread.once('exit', (code) => {
      ending.removeEventListener('abort', stop);
      if (code === 0) resolve();
      else reject(new Error(`the load's thread ended with code ${code}`));
    });
  });
  return {
    get tally() {
      return latest.tally;
    },
    get unhandledRejections() {
      return latest.unhandledRejections;
    },
    ended,
  };
}

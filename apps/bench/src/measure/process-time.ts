/**
 * Owns the time by which costs are told.
 * It must never know what is measured.
 */
const MICROSECONDS = 1_000;

/**
 * What this process has had of the cores, in ms, its collector included: on a machine that others use too, time spent waiting
 * for a core is not a cost. The figure for one thread alone would be finer still, but some kernels keep it only every 4 ms.
 */
export function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / MICROSECONDS;
}

/**
 * Owns the words of `--help`.
 * It must never know what the words do.
 */

export const USAGE = `CryoProtect: a resilient pool at work on SQLite, PostgreSQL or MySQL, with a load of its own.

usage: pnpm demo [flags]

The run
  --duration <s>        seconds of load; without it the load goes on, gently, until Ctrl-C
  --profile <name>      steady, burst, ramp or spike (default steady)
  --workers <n>         callers at full load, 1 to 100 (default 40, 60, 80, 100 by profile; 20 when nothing is asked for)
  --open                open loop: requests arrive at a rate, whether or not earlier ones were answered
  --rate <n>            arrivals per second of the open loop at full load (default 400)
  --service-time <ms>   median time for which each request holds its lease (default 8; 0 for none)
  --seed <n>            seed of every draw (default 1)
  --json                no talk: one JSON report on standard output, nothing from the pools

Chaos
  --chaos <list>        slow, dial-failures, kill (comma-separated), or all
  --chaos-at <s>        when it begins (default: so that it lies in the middle of the run)
  --chaos-for <s>       how long it lasts (default 3)

The service
  --host <name>         where to listen (default 127.0.0.1)
  --port <n>            0 for any free one (default 4100; with --json, any free one)
  --database <name>     sqlite, postgres or mysql (default sqlite, or what --url leads to)
  --url <url>           the server, such as postgres://user:password@host/database; also as CRYO_DATABASE_URL
                        (default: a server of the demo's own, which ends with it)
  --file <path>         the SQLite file (default apps/demo/.data/cryoprotect.sqlite)

The pool: also from the environment as SUPABASE_MIN_CONNECTIONS and so on; times in seconds; flags win
  --min-connections <n>             --max-connections <n>           --absolute-max-connections <n>
  --connection-timeout <s>          --connection-lifetime <s>       --idle-timeout <s>
  --health-check-interval <s>       --validation-query <sql>        --validation-timeout <s>
  --retry-attempts <n>              --initial-retry-delay <s>       --max-retry-delay <s>
  --retry-jitter-factor <n>         --metrics-reporting-interval <s>
  --circuit-breaker-threshold <n>   --circuit-breaker-timeout <s>   --circuit-breaker-reset <n>

Exit codes: 0 nothing was lost; 1 something was; 2 bad input; 130 stopped by a second Ctrl-C.
`;

import { readdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Family } from './families.ts';

/**
 * The process, under the names that all Prometheus clients give it. Not prom-client's own defaults:
 * they watch the event loop and each garbage collection, which an idle server would wake up for a
 * hundred times a second.
 */
export const PROCESS_FAMILIES: readonly Family[] = [
  {
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the server, user and system, in seconds.',
    kind: 'counter',
    samples: () => {
      const { user, system } = process.cpuUsage();
      return [{ value: (user + system) / 1_000_000 }];
    },
  },
  {
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the server.',
    kind: 'gauge',
    samples: () => [{ value: process.memoryUsage.rss() }],
  },
  {
    name: 'process_start_time_seconds',
    help: 'When the server was started, in seconds since 1970.',
    kind: 'gauge',
    samples: () => [{ value: performance.timeOrigin / 1_000 }],
  },
  {
    name: 'process_open_fds',
    help: 'Open files and connections of the server.',
    kind: 'gauge',
    samples: () => [{ value: readdirSync('/proc/self/fd').length }],
  },
  {
    name: 'nodejs_heap_size_used_bytes',
    help: "Memory of JavaScript objects, part of the server's resident memory.",
    kind: 'gauge',
    samples: () => [{ value: process.memoryUsage().heapUsed }],
  },
  {
    name: 'nodejs_eventloop_active_seconds_total',
    help: 'Seconds in which the server was not waiting for anything; near 1 a second it is at its limit.',
    kind: 'counter',
    samples: () => [{ value: performance.eventLoopUtilization().active / 1_000 }],
  },
];

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Clock ticks a second of /proc/PID/stat. */
const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Microseconds of processor time, user and system, that a process has used over all its threads. */
export function processorTime(pid: number): number {
  const [user, system] = times(pid);
  return user! + system!;
}

/** Microseconds that those children of ours have used that have ended. */
export function childrensTime(): number {
  const [, , user, system] = times(process.pid);
  return user! + system!;
}

/** utime, stime, cutime and cstime, proc(5); the name before them may hold anything. */
function times(pid: number): number[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).map((ticks) => (Number(ticks) / TICKS) * 1e6);
}

import { connectAmi } from '../ami/index.ts';
import { type GuardOptions, openGuard } from './parts.ts';
import type { Found } from './shut-out.ts';

/**
 * One look, for cron: who is registered, which calls were refused lately, and the firewall brought up
 * to date.
 * @returns what was found, by source
 * @throws Fault where Asterisk or the firewall can't be reached
 */
export async function guardOnce(options: Omit<GuardOptions, 'found'>): Promise<Found[]> {
  const found = new Map<string, Found>();
  const parts = await openGuard({ ...options, found: (one) => void found.set(one.source, one) });
  try {
    const connection = await connectAmi({ ...parts.account, events: 'off' });
    try {
      parts.shutOut.reconsider();
      await parts.watch.sweep(connection);
      for (const call of parts.refusedCalls()) parts.watch.refusedCall(call);
      await parts.watch.settled();
    } finally {
      connection.close();
    }
    return [...found.values()];
  } finally {
    parts.close();
  }
}

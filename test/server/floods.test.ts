// Whoever may ask may also be broken, or taken over: connections without end from an address that is
// allowed, none of which ever asks. Real calls go on beside them.
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Built, build } from '../support/build.ts';
import { ask, openPlace, type Place, startFlow } from '../support/place.ts';
import type { Serving } from '../support/serving.ts';

const LOCAL = '127.0.0.1';
const POLL = { interval: 50, timeout: 30_000 };

let built: Built;
beforeAll(async () => {
  built = await build();
});
afterAll(() => built.remove());

async function atPlace(
  agi: Readonly<Record<string, number>>,
  test: (place: Place, serving: Serving) => Promise<void>,
): Promise<void> {
  const place = await openPlace(built, { agi, screening: { rate_calls: 0 } });
  try {
    await test(place, await place.serve());
  } finally {
    await place.remove();
  }
}

const handles = ({ child }: Serving) => readdirSync(`/proc/${child.pid}/fd`).length;

/** So many connections at a time that never ask, each of its kind, opened anew when it is closed. */
function startFlood({ address, port }: Place['at'], count: number) {
  let opened = 0;
  let over = false;
  const open = new Set<() => void>();
  function another(kind: number): void {
    opened++;
    const socket = connect({ host: address, port, noDelay: true });
    // Nothing; a byte now and then; half of an environment.
    const slow = kind % 3 === 1 ? setInterval(() => socket.write('a'), 100) : undefined;
    if (kind % 3 === 2) socket.write('agi_network: yes\nagi_request: agi://127.0');
    const end = () => socket.destroy();
    open.add(end);
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(slow);
      open.delete(end);
      if (!over) setTimeout(() => !over && another(kind), 10); // as fast as a loop that is not ours
    });
  }
  for (let kind = 0; kind < count; kind++) another(kind);
  return {
    opened: () => opened,
    stop() {
      over = true;
      for (const end of open) end();
    },
  };
}

it('below the limit of connections: each call gets its verdict, and nothing is left behind', () =>
  atPlace({ deadline: 1_500 }, async (place, serving) => {
    await ask(place.at, LOCAL);
    const before = handles(serving);
    const flood = startFlood(place.at, 600);
    const flow = startFlow(place.at, LOCAL);
    await vi.waitFor(() => expect(flood.opened()).toBeGreaterThan(1_200), POLL); // all closed once
    await flow.more(50);
    await flow.stop(); // throws where a call was not answered
    flood.stop();
    expect(flow.answers.every(({ reason }) => reason === 'unlisted')).toBe(true);
    await vi.waitFor(() => expect(handles(serving)).toBeLessThanOrEqual(before), POLL);
  }));

it('above it: a call has its verdict or is closed at once, for the dialplan’s policy; afterwards all is as before', () =>
  atPlace({ connections: 50, deadline: 500 }, async (place, serving) => {
    await ask(place.at, LOCAL);
    const before = handles(serving);
    const flood = startFlood(place.at, 200);
    await serving.logged('agi: connection limit');
    const outcomes: string[] = [];
    let longest = 0;
    for (let i = 0; i < 100; i++) {
      const began = performance.now();
      outcomes.push(
        await ask(place.at, LOCAL).then(
          ({ reason }) => reason,
          () => 'closed',
        ),
      );
      longest = Math.max(longest, performance.now() - began);
    }
    flood.stop();
    expect(new Set(outcomes.filter((outcome) => outcome !== 'closed'))).toEqual(
      new Set(outcomes.includes('unlisted') ? ['unlisted'] : []),
    );
    expect(outcomes).toContain('closed');
    expect(longest).toBeLessThan(3_000); // the dialplan waits no longer
    await vi.waitFor(() => expect(handles(serving)).toBeLessThanOrEqual(before), POLL);
    const flow = startFlow(place.at, LOCAL);
    await flow.more(50);
    await flow.stop();
    // One line in a while, and not one a connection.
    const complaints = serving.lines.filter(({ msg }) => msg === 'agi: connection limit');
    expect(complaints.length).toBeLessThan(10);
  }));

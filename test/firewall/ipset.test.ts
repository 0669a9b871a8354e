import { describe, expect, it } from 'vitest';
import { renderIpset } from '../../src/firewall/ipset.ts';
import { planOf } from '../support/firewall-plan.ts';

const lines = (plan: Parameters<typeof planOf>[0]) => renderIpset(planOf(plan)).split('\n');
const added = (plan: Parameters<typeof planOf>[0]) =>
  lines(plan).flatMap((line) =>
    line.startsWith('add ') ? [line.slice('add ipcountry-'.length)] : [],
  );

describe('entries', () => {
  it('go to the set of their list and family', () => {
    const plan = {
      trust: ['198.51.100.7'],
      deny: ['203.0.113.0/24', '2001:db8:1::/48'],
      permit: ['192.0.2.0/24', '2001:db8::1'],
    };
    expect(added(plan)).toEqual([
      'trust4-new 198.51.100.7',
      'deny4-new 203.0.113.0/24',
      'permit4-new 192.0.2.0/24',
      'deny6-new 2001:db8:1::/48',
      'permit6-new 2001:db8::1',
    ]);
  });

  it.each([
    ['192.0.2.1-192.0.2.4', ['192.0.2.1', '192.0.2.2/31', '192.0.2.4']],
    ['0.0.0.0/0', ['0.0.0.0/1', '128.0.0.0/1']],
    ['0.0.0.0/1', ['0.0.0.0/1']],
    ['::/0', ['::/1', '8000::/1']],
  ])('%s becomes networks that hash:net takes', (range, networks) => {
    expect(added({ permit: [range] }).map((line) => line.split(' ')[1])).toEqual(networks);
  });

  it.each([
    ['203.0.113.7', 60, ['block4-new 203.0.113.7 timeout 60']],
    ['2001:db8::/64', 60.2, ['block6-new 2001:db8::/64 timeout 61']],
    ['203.0.113.7', undefined, ['block4-new 203.0.113.7 timeout 0']],
    ['203.0.113.7', 64 * 86_400, ['block4-new 203.0.113.7 timeout 2147483']],
    // Would be for ever.
    ['203.0.113.7', 0, []],
    ['203.0.113.7', -3, []],
  ])('a block of %s with %s seconds left', (counted, seconds, expected) => {
    expect(added({ blocks: [{ counted, seconds }] })).toEqual(expected);
  });
});

describe('the file', () => {
  const names = ['trust', 'deny', 'permit', 'block'].flatMap((list) => [`${list}4`, `${list}6`]);

  it('fills every set beside the one in use, then swaps all of them', () => {
    const all = lines({ permit: ['192.0.2.0/24'] }).filter((line) => /^[a-z]/.test(line));
    const lastFill = all.findLastIndex((line) => /^(create|flush|add) /.test(line));
    expect(all.slice(lastFill + 1).map((line) => line.split(' ')[0])).toEqual([
      ...names.map(() => 'swap'),
      ...names.map(() => 'destroy'),
    ]);
    for (const name of names) {
      expect(all).toContain(`swap ipcountry-${name}-new ipcountry-${name}`);
      const [create, flush] = ['create', 'flush'].map((verb) =>
        all.findIndex((line) => line.startsWith(`${verb} ipcountry-${name}-new`)),
      );
      expect(create).toBeGreaterThanOrEqual(0);
      expect(flush).toBe(create! + 1); // what a failed load left is gone
    }
  });

  it('creates a set with the same bounds however many entries there are', () => {
    const bounds = (plan: Parameters<typeof planOf>[0]) =>
      lines(plan)
        .filter((line) => line.startsWith('create'))
        .map((line) => line.replace(/hashsize \d+/, ''));
    expect(bounds({ permit: ['0.0.0.1-127.255.255.254'] })).toEqual(bounds({}));
  });

  it('has no name longer than the 31 characters of the kernel', () => {
    for (const line of lines({}))
      for (const word of line.match(/^\w+ (ipcountry\S+)/)?.slice(1) ?? []) {
        expect(word.length).toBeLessThanOrEqual(31);
      }
  });

  it('tells how it is loaded', () => {
    expect(renderIpset(planOf())).toContain('#   ipset restore -exist < FILE\n');
  });
});

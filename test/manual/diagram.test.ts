import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAddress } from '../../src/address/index.ts';
import { blankCall, decide, type Entry, type Source } from '../../src/screening/index.ts';
import { codeIn } from '../support/manual.ts';
import { policy } from '../support/policy.ts';

/** A call, by what the diagram asks about it. */
interface Situation {
  readonly entry: Entry;
  readonly source: 'none' | 'malformed' | 'address';
  readonly trusted: boolean;
  readonly denied: boolean;
  readonly scanner: boolean;
  readonly overRate: boolean;
  readonly permitted: boolean;
  readonly known: boolean;
  readonly domains: boolean;
  readonly ours: boolean;
  readonly listed: boolean;
}

/** What each diamond of the diagram asks. */
const ASKED: Readonly<Record<string, (call: Situation) => boolean>> = {
  source: ({ source }) => source !== 'none',
  inbound0: ({ entry }) => entry === 'blacklist-check',
  parsed: ({ source }) => source !== 'malformed',
  trust: ({ trusted }) => trusted,
  deny: ({ denied }) => denied,
  scanner: ({ scanner }) => scanner,
  rate: ({ overRate }) => overRate,
  permit: ({ permitted }) => permitted,
  inbound: ({ entry }) => entry === 'blacklist-check',
  domain: ({ domains, ours }) => domains && !ours,
  listed: ({ listed }) => listed,
};

/** The README's diagram: what is written on each node, and where its arrows lead. */
function readDiagram() {
  const { text } = codeIn('README.md').find(({ language }) => language === 'mermaid')!;
  const labels = new Map<string, string>();
  const arrows = new Map<string, { yes?: string; no?: string; on?: string }>();
  const name = (node: string) => {
    const [, id = '', label = ''] = /^(\w+)(?:[({[]+(.*?)[)}\]]+)?$/.exec(node)!;
    if (label !== '') labels.set(id, label);
    return id;
  };
  for (const line of text.split('\n').slice(1)) {
    const [from, label, to] = line
      .trim()
      .split(/ -->\s?| -- (?="?yes|"?no)/)
      .map((part) => part.trim());
    const [source, answer, target] = to === undefined ? [from!, 'on', label!] : [from!, label!, to];
    const key = /^"?(yes|no|on)/.exec(answer)![1] as 'yes' | 'no' | 'on';
    const id = name(source);
    arrows.set(id, { ...arrows.get(id), [key]: name(target) });
  }
  return { labels, arrows };
}

/** Where the arrows lead a call. */
function walk(situation: Situation): string {
  const { labels, arrows } = readDiagram();
  let at = arrows.get('call')!.on!;
  while (arrows.has(at)) at = arrows.get(at)![ASKED[at]!(situation) ? 'yes' : 'no']!;
  return labels.get(at)!.replaceAll('<br>', ' ');
}

function verdictOn(situation: Situation) {
  const here = '203.0.113.7';
  const source: Source = {
    none: { kind: 'none' } as const,
    malformed: { kind: 'malformed', text: 'x' } as const,
    address: { kind: 'address', address: parseAddress(here)! } as const,
  }[situation.source];
  const rules = policy({
    trust: situation.trusted ? [here] : [],
    deny: situation.denied ? [here] : [],
    permit: situation.permitted ? [here] : [],
    extensions: situation.listed ? { weather: 'goto,a,b,1' } : {},
    domains: situation.domains ? [situation.ours ? 'sip.example.com' : 'other.example.com'] : [],
    scanners: ['scanner'],
  });
  const call = {
    ...blankCall(situation.entry, source),
    ...{ domain: 'sip.example.com', extension: 'weather' },
    agent: situation.scanner ? 'a scanner' : 'a phone',
  };
  const country = situation.known ? 'US' : undefined;
  return decide(call, rules, {
    country,
    operator: undefined,
    overRate: situation.overRate,
    now: 0,
  });
}

it('the diagram in the README leads where decide() does', () => {
  const { boolean } = fc;
  fc.assert(
    fc.property(
      fc.record({
        entry: fc.constantFrom<Entry>('external', 'blacklist-check'),
        source: fc.constantFrom('none', 'malformed', 'address', 'address', 'address', 'address'),
        ...{ trusted: boolean(), denied: boolean(), scanner: boolean(), overRate: boolean() },
        ...{ permitted: boolean(), known: boolean(), domains: boolean(), ours: boolean() },
        listed: boolean(),
      }) as fc.Arbitrary<Situation>,
      (situation) => {
        const verdict = verdictOn(situation);
        const end = walk(situation);
        const routed = verdict.outcome === 'allow' && verdict.route;
        expect(end).toContain(routed ? '10 allow, and go where' : `${verdict.outcome}: `);
        if (!routed && verdict.outcome !== 'unlisted') {
          expect(end.split(/: |, or | or /)).toContain(verdict.reason);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

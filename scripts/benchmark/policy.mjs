// The policy look-up alone at 100 000 ranges, half IPv4, half IPv6; addresses that match and that don't.
import { ipv4, ipv6 } from '../../dist/address/index.js';
import { compilePolicy } from '../../dist/policy/policy.js';

const RANGES = 100_000;
const LOOKUPS = 2_000_000;

/** A small generator with a seed, so that each run looks up the same. */
function random(seed) {
  return () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed;
  };
}

measurePolicy();

function measurePolicy() {
  const next = random(7);
  const v4 = () => ipv4(next());
  const v6 = () => ipv6([0x2000_0000 + (next() >>> 4), next(), next(), next()]);
  const rules = Array.from({ length: RANGES }, (_, id) => {
    const first = id % 2 ? v4() : v6();
    const last =
      first.family === 4
        ? ipv4(Math.min(first.value + 255, 0xffff_ffff))
        : { family: 6, words: [first.words[0], first.words[1], 0xffff_ffff, 0xffff_ffff] };
    const subject = { kind: 'range', range: { first, last } };
    return {
      id,
      list: 'permit',
      subject,
      text: '',
      note: '',
      origin: '',
      createdAt: 0,
      expiresAt: undefined,
    };
  });
  const began = performance.now();
  const policy = compilePolicy({
    revision: 1,
    mode: 'enforce',
    rules: { batches: [rules], rule: (number) => rules[number] },
    resolved: new Map(),
    extensions: new Map(),
    domains: new Set(),
    scanners: [],
  });
  const compiled = performance.now() - began;
  const origins = Array.from({ length: 4_096 }, (_, i) => {
    const rule = rules[next() % RANGES].subject.range.first;
    const address = i % 4 === 0 ? rule : i % 2 ? v4() : v6();
    return { address, country: undefined, operator: undefined };
  });
  let found = 0;
  const run = (count) => {
    for (let i = 0; i < count; i++) if (policy.match('permit', origins[i & 4_095], 1)) found++;
  };
  run(LOOKUPS / 4); // warm
  const start = performance.now();
  run(LOOKUPS);
  const seconds = (performance.now() - start) / 1_000;
  const perSecond = (LOOKUPS / seconds / 1e6).toFixed(1);
  console.log(`\npolicy look-up alone, ${RANGES} ranges, ${found} found:`);
  console.log(`${perSecond} million a second; compiled in ${Math.round(compiled)} ms`);
}

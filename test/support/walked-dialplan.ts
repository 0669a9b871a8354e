import fc from 'fast-check';

/** How many dialplans are made at once. */
export const DIALPLANS = 40;
const CONTEXTS = ['in', 'a', 'b'];
/** What is called; each context has some of it. */
export const DIALLED = ['1', '12', '9', '91', '912', '00', 's', 'x1'];

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: Asterisk's, not ours
const name = fc.constantFrom(
  ...['1', '12', '91', 's', 'x1', 'h', 'i', '_X', '_X.', '_9.', '_1X', '_[1-9]!', '_.'],
);
const text = fc.constantFrom(
  ...['${EXTEN}', '${EXTEN:1}', '1', '9${EXTEN}', '${A}', '${B}', '${ARG1}', '${A:1}', 's', '12'],
  ...['${C${D}}', '${IF($["${A}" = "1"]?12:${EXTEN})}', '${FILTER(0-9,${EXTEN})}'],
  '${GLOBAL(G@)}',
);
const condition = fc.constantFrom(
  ...['$["${EXTEN}" = "1"]', '$["${A}" != ""]', '$[${LEN(${EXTEN})} > 1]', '$["${G@}" = "yes"]'],
  ...['0', '1', '${A}', '$["${A}" = "1" & "${EXTEN}" != "9"]', '$["${B}" = "" | "${A}" = "12"]'],
  '$[("${A}" = "1")]',
);
/** @param contexts empty for a place in the same */
const place = (contexts: readonly string[]) => {
  const priority = fc.constantFrom('1', '1', 'l', '2');
  const parts = [text, priority] as const;
  if (contexts.length === 0)
    return fc.oneof(
      fc.tuple(...parts).map((all) => all.join(',')),
      priority,
    );
  return fc.tuple(fc.constantFrom(...contexts), ...parts).map((all) => all.join(','));
};

const set = fc
  .tuple(fc.constantFrom('A', 'B', 'C', 'C1', 'D', '__A', 'GLOBAL(G@)'), text)
  .map(([variable, value]) => `Set(${variable}=${value})`);
/** Jumps wherever it may be, of which a call does a few only. */
const counted = (to: fc.Arbitrary<string>) =>
  fc.oneof(
    fc
      .tuple(condition, to, to)
      .map(([when, one, or]) => `ExecIf($[${COUNT}]?GotoIf(${when}?${one}:${or}))`),
    fc.tuple(condition, to).map(([when, one]) => `GotoIf($[${COUNT} & ${when}]?${one})`),
    to.map((one) => `ExecIf($[${COUNT}]?Goto(${one}))`),
    fc.tuple(to, text).map(([one, given]) => `GosubIf($[${COUNT}]?${one}(${given}))`),
  );
/** Jumps that a call always does; they go on in contexts to come. */
const sure = (to: fc.Arbitrary<string>) =>
  fc.oneof(
    to.map((one) => `Goto(${one})`),
    fc.tuple(condition, to, to).map(([when, one, or]) => `GotoIf(${when}?${one}:${or})`),
    fc.tuple(to, text).map(([one, given]) => `Gosub(${one}(${given}))`),
    fc.tuple(condition, to, text).map(([when, one, given]) => `GosubIf(${when}?${one}(${given}))`),
  );
const COUNT = '(${INC(N)} < 16)';
const either = fc
  .tuple(condition, set, set)
  .map(([when, one, or]) => `ExecIf(${when}?${one}:${or})`);

const action = (later: readonly string[]) =>
  fc.oneof(
    { weight: 3, arbitrary: set },
    { weight: 1, arbitrary: either },
    { weight: 2, arbitrary: counted(fc.oneof(place(CONTEXTS), place([]))) },
    {
      weight: later.length > 0 ? 2 : 0,
      arbitrary: sure(place(later.length > 0 ? later : CONTEXTS)),
    },
    { weight: 1, arbitrary: fc.constantFrom('Return()', 'Hangup()', 'MARK') },
  );
const extension = (later: readonly string[]) =>
  fc
    .tuple(
      name,
      fc.array(fc.tuple(fc.constantFrom('n', 'n', 'n(l)', 'n+1'), action(later)), {
        ...{ minLength: 1, maxLength: 6, size: 'max' },
      }),
    )
    .map(([dialled, steps]) => [
      `exten => ${dialled},1,MARK`,
      ...steps.flatMap(([count, what]) => [` same => ${count},${what}`, ' same => n,MARK']),
    ]);
const section = (context: string, later: readonly string[]) =>
  fc
    .tuple(
      fc.array(extension(later), { minLength: 1, maxLength: 4, size: 'max' }),
      fc.subarray([...later]),
    )
    .map(([extensions, includes]) => [
      `[${context}@]`,
      ...extensions.flat(),
      ...includes.map((one) => `include => ${one}@`),
    ]);
const one = fc
  .tuple(section('in', ['a', 'b']), section('a', ['b']), section('b', []))
  .map((all) => all.flat());

/** Dialplans that jump about: contexts `in0`, `a0`, `b0` and so on. A mark tells its line's number. */
export const walkedDialplans = fc
  .array(one, { minLength: DIALPLANS, maxLength: DIALPLANS })
  .map((dialplans) => {
    const lines = ['[globals]', 'N=0', ...'A B C C1 D ARG1'.split(' ').map((one) => `${one}=`)];
    lines.push(...dialplans.map((_, i) => `G${i}=yes`));
    for (const [i, dialplan] of dialplans.entries()) {
      for (const line of dialplan) {
        const own = line.replaceAll('@', String(i)).replace(/\b(in|a|b),/g, `$1${i},`);
        const mark = `Set(GLOBAL(M${lines.length + 1})=\${CALLERID(num)})`;
        lines.push(own.replace('MARK', () => mark));
      }
    }
    return lines.join('\n');
  });
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: Asterisk's, not ours

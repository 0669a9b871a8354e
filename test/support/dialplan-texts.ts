import fc from 'fast-check';

/** Names and patterns that fall on each other, and some that are wrong. Asterisk falls over an open `[`. */
const EXTENSIONS =
  lines(`s|h|i|t|1|12|123|1-2|_X.|_x.|_.|_!|_X!|_N|_ZXX|_1.|_12[3-5]|_[2-9]X.|_[0-9].|_[+-X].|_[abc]
_[]1|a,b|\${G1}|_\${G2}|_*X.|+49|T|1/2|1/_2X|_X./_[0-9]|12/|_-1-X|| 12|s-BUSY|_s-.`);
const PRIORITIES =
  lines(`1|1|1|2|n|n|n|n|n(a)|n(b)|n(a)|s|s(c)|3(a)|n+2|s+1(d)|hint|a|a+10|b|next|same|-1|0|n(|5x|
 n |+3|1(x)`);
const ACTIONS =
  lines(`NoOp|NoOp()|Dial(PJSIP/1,60)|Set(A=\${B})|Goto(s,1)|Goto(a)|NoOp(a(b)c)|NoOp(a|NoOp)
Set(X=$[1+2])|\${APP}(x)|Dial(\${A}/b,,(c))|GotoIf($["\${A}" = "1"]?a:b)|Wait (1)| Answer()|NoOp(x)y|NoOp(\\;)
PJSIP/100|Custom:\${G1}||Gosub(a,s,1(b,c))|Verbose(1,[x])|NoOp("a, b")`);
const OTHERS =
  lines(`include => b|include => c,9:00-17:00,mon-fri,*,*|include => b|include = B|include => \${G1}
switch => Realtime/x@y|lswitch => Loopback/\${EXTEN}@b|switch => DUNDi|eswitch => IAX2/\${G1}|ignorepat => 9
switch => Realtime/x@y|autohints = yes|nonsense => x|; comment|sametime => n,NoOp(same)`);

function lines(text: string): string[] {
  return text.split(/[|\n]/);
}

const step = fc
  .tuple(
    fc.constantFrom('exten => ', 'exten => ', 'exten=', 'EXTEN => '),
    fc.constantFrom(...EXTENSIONS),
    fc.constantFrom(...PRIORITIES),
    fc.constantFrom(...ACTIONS),
  )
  .map(([word, extension, priority, action]) => `${word}${extension},${priority},${action}`);
const same = fc
  .tuple(fc.constantFrom(...PRIORITIES), fc.constantFrom(...ACTIONS))
  .map(([priority, action]) => `same => ${priority},${action}`);
const line = fc.oneof(
  { weight: 4, arbitrary: step },
  { weight: 4, arbitrary: same },
  { weight: 1, arbitrary: fc.constantFrom(...OTHERS) },
);
const section = fc
  .tuple(
    fc.constantFrom('[a%]', '[a%]', '[b%]', '[c%](!)', '[d%](c%)', '[a%](+)', '[GENERAL]'),
    fc.array(line, { maxLength: 25, size: 'max' }),
  )
  .map(([head, lines]) => [head, ...lines].join('\n'));
const group = fc.array(section, { minLength: 1, maxLength: 10, size: 'max' });

/** Text as somebody might write an extensions.conf, mistakes and all; with contexts by the hundred. */
export const anyDialplan = fc
  .array(group, { minLength: 80, maxLength: 80 })
  .map((groups) => [
    `[globals]\nG1=1\nG2=\${G1}X.\nG3=\${G2:1:2}\nG1=12`,
    ...groups.map((sections, i) =>
      ['[a%]', '[c%](!)', ...sections].join('\n').replaceAll('%', String(i)),
    ),
  ])
  .map((texts) => texts.join('\n'));

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { dialplanOfText } from '../../../src/asterisk/index.ts';
import { display, groundOf, type Reached, TAME, WILD } from '../../../src/audit/reach/index.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: Asterisk's, not ours
const PLAIN = { isFreepbx: false, comesBack: false };

function walk(text: string, { known = PLAIN, context = 'in', dialled = WILD } = {}) {
  return groundOf(dialplanOfText(text), known).walk(context, dialled);
}

/** What is got to, but for what answers: `number DAHDI/g0 [out] _9.`. */
function reach(text: string, options?: Parameters<typeof walk>[1]): string[] {
  return walk(text, options)
    .reached.filter(({ use }) => use.kind !== 'answer')
    .map(line)
    .sort();
}

function line({ use, found, guarded, screened }: Reached): string {
  const what = Object.values(use).map((value) => display(String(value)));
  const marks = `${guarded ? ' guarded' : ''}${screened ? ' screened' : ''}`;
  return `${what.join(' ')} [${found.context}] ${found.extension.text}${marks}`;
}

const OUT = `
[out]
exten => _X.,1,Dial(PJSIP/\${EXTEN}@trunk)
`;

describe('a number of the caller’s choice is dialled', () => {
  it.each([
    ['include', 'include => out'],
    ['include at some hours', 'include => out,9:00-17:00,mon-fri,*,*'],
    ['Goto', 'exten => _9X.,1,Goto(out,${EXTEN:1},1)'],
    ['Goto with a variable', 'exten => _9X.,1,Set(__TO=${EXTEN:1})\n same => n,Goto(out,${TO},1)'],
    [
      'a variable that is set later',
      'exten => _9X.,1,Goto(out,${TO},1)\nexten => _8X.,1,Set(TO=${EXTEN})',
    ],
    ['GotoIf', 'exten => _X.,1,GotoIf($["${A}" = "1"]?out,${EXTEN},1)'],
    ['the other branch', 'exten => _X.,1,GotoIf($["${A}" = "1"]?x,1:out,${EXTEN},1)'],
    ['GotoIfTime', 'exten => _X.,1,GotoIfTime(*,*,*,*?out,${EXTEN},1)'],
    ['Gosub', 'exten => _X.,1,Gosub(out,${EXTEN},1)'],
    ['GosubIf', 'exten => _X.,1,GosubIf($[${A}]?out,${EXTEN},1(x))'],
    ['Dial(Local/…)', 'exten => _X.,1,Dial(PJSIP/1&Local/${EXTEN}@out/n,60)'],
    ['ExecIf', 'exten => _X.,1,ExecIf($[${A}]?Goto(out,${EXTEN},1))'],
    [
      'a digit that is cut off again',
      'exten => _X,1,Goto(on,9${EXTEN},1)\n[on]\nexten => _9.,1,Goto(five,${EXTEN:1},1)\n[five]\nexten => _[0-8],1,Goto(out,${EXTEN}1,1)',
    ],
    [
      'a label',
      'exten => _X.,1,Goto(far)\n same => n,Hangup()\n same => n(far),Goto(out,${EXTEN},1)',
    ],
    ['keys', 'exten => s,1,Background(menu)\n same => n,WaitExten()\ninclude => out'],
    ['Read', 'exten => s,1,Read(N,,)\n same => n,Goto(out,${N},1)'],
    ['CALLERID', 'exten => s,1,Goto(out,${CALLERID(num)},1)'],
    ['MSet', 'exten => _X.,1,MSet(A=1,TO=${EXTEN})\n same => n,Goto(out,${TO},1)'],
    ['ARRAY', 'exten => _X.,1,Set(ARRAY(A,TO)=1,${EXTEN})\n same => n,Goto(out,${TO},1)'],
    ['LOCAL', 'exten => _X.,1,Set(LOCAL(TO)=${EXTEN})\n same => n,Goto(out,${LOCAL(TO)},1)'],
    [
      'MacroIf',
      'exten => _X.,1,MacroIf($[${A}]?go(${EXTEN}))\n[macro-go]\nexten => s,1,Goto(out,${ARG1},1)',
    ],
    [
      'MacroExclusive',
      'exten => _X.,1,MacroExclusive(go,${EXTEN})\n[macro-go]\nexten => s,1,Goto(out,${MACRO_EXTEN},1)',
    ],
    ['ExecIfTime', 'exten => _X.,1,ExecIfTime(*,*,*,*?Goto(out,${EXTEN},1))'],
    ['RetryDial', 'exten => _X.,1,RetryDial(wait,5,3,Local/${EXTEN}@out)'],
    ['IFTIME', 'exten => _X.,1,Goto(out,${IFTIME(*,*,*,*?${EXTEN}:1)},1)'],
    ['URIDECODE', 'exten => _XX,1,Goto(out,${URIDECODE(${EXTEN})},1)'],
    ['KEYPADHASH', 'exten => _X.,1,Goto(out,${KEYPADHASH(${EXTEN})},1)'],
    ['STRREPLACE', 'exten => _X.,1,Goto(out,${STRREPLACE(EXTEN,9,)},1)'],
    ['STACK_PEEK', 'exten => s,1,Goto(out,${STACK_PEEK(1,e)},1)'],
    [
      'a Local channel without context',
      'exten => _X.,1,Dial(Local/${EXTEN})\n[default]\ninclude => out',
    ],
    ['a default hidden by none', 'exten => _./555,1,Hangup()\ninclude => out'],
    [
      'what is hidden at some hours only',
      'include => no,9:00-17:00,*,*,*\ninclude => out\n[no]\nexten => _.,1,Hangup()',
    ],
    ['a condition that holds', 'exten => _X.,1,GotoIf($["${ANON}" = "no"]?out,${EXTEN},1:x,1)'],
    [
      'what may come behind an end',
      'exten => _X.,1,ExecIf($[${A}]?Hangup())\n same => n,Goto(out,${EXTEN},1)',
    ],
    [
      'one branch of two, the other ending',
      'exten => _X.,1,GotoIf($[${A}]?no)\n same => n,Goto(out,${EXTEN},1)\n same => n(no),Hangup()',
    ],
    [
      'a function that keeps it',
      'exten => _X.,1,Goto(out,${IF($[${A}]?${FILTER(0-9,${EXTEN})}:1)},1)',
    ],
    ['DISA', 'exten => s,1,DISA(no-password,out)'],
    [
      'the operator of a mailbox',
      'exten => s,1,VoiceMail(1)\nexten => o,1,Goto(out,${FROM},1)\nexten => _X,1,Set(FROM=${EXTEN})',
    ],
  ])('by %s', (_, lines) => {
    expect(reach(`[globals]\nANON=no\n[in]\n${lines}\n${OUT}`)).toContainEqual(
      expect.stringMatching(/^number PJSIP\/trunk \[out\] _X\.$/),
    );
  });

  it.each([
    ['a fixed number', 'exten => 1,1,Goto(out,0123,1)'],
    ['what a database says', 'exten => _X.,1,Goto(out,${DB(forward/${EXTEN})},1)'],
    ['a count', 'exten => _X.,1,Goto(out,${LEN(${EXTEN})},1)'],
    ['an extension that is no pattern', 'exten => 100,1,Goto(out,${EXTEN},1)'],
    ['a condition that never holds', 'exten => _X.,1,GotoIf($["${ANON}" = "yes"]?out,${EXTEN},1)'],
    [
      'a branch that is always taken',
      'exten => _X.,1,GotoIf($["${ANON}" != "yes"]?no)\n same => n,Goto(out,${EXTEN},1)\n same => n(no),Hangup()',
    ],
    ['what is behind the end', 'exten => _X.,1,Hangup()\n same => n,Goto(out,${EXTEN},1)'],
    ['what is hidden', 'exten => _.,1,Hangup()\ninclude => out'],
    [
      'what is behind two branches',
      'exten => _X.,1,GotoIf($[${A}]?no:no)\n same => n,Goto(out,${EXTEN},1)\n same => n(no),Hangup()',
    ],
    [
      'an argument that is not given',
      'exten => _X.,1,Gosub(on,s,1(1))\n[on]\nexten => s,1,GotoIf($["${ARG2}" = ""]?no)\n same => n,Goto(out,${CALLERID(num)},1)\n same => n(no),Return()',
    ],
    ['another context', 'exten => _X.,1,Answer()'],
    [
      'an argument, in another channel',
      'exten => _X.,1,Gosub(sub,s,1(${EXTEN}))\n[sub]\nexten => s,1,Dial(Local/s@on)\n[on]\nexten => s,1,Goto(out,${ARG1},1)',
    ],
  ])('not by %s', (_, lines) => {
    const text = `[globals]\nANON=no\n[in]\n${lines}\n${OUT}`;
    expect(reach(text).filter((found) => found.startsWith('number'))).toEqual([]);
  });

  it.each([
    ['DAHDI/g0/${EXTEN}', 'number DAHDI/g0'],
    ['SIP/${EXTEN}@provider', 'number SIP/provider'],
    ['PJSIP/provider/sip:${EXTEN}@sip.example.com', 'number PJSIP/provider/sip.example.com'],
    ['IAX2/us:secret@gateway/${EXTEN}@out', 'number IAX2/us/gateway/out'],
    ['${TRUNK}/${EXTEN:1}', 'number DAHDI/G2'],
    ['${OUT_${ID}}/${EXTEN}', 'number PJSIP/one'],
    ['SIP/${EXTEN}@${SIPDOMAIN}', 'number SIP'],
    ['${WHO}/${EXTEN}', 'number …'],
  ])('through a trunk: Dial(%s)', (dialled, wanted) => {
    const text = `[globals]\nTRUNK=DAHDI/G2\nOUT_1=PJSIP/one\nID=1\n[in]\nexten => _XX,1,Dial(${dialled},60)`;
    expect(reach(text)).toContain(`${wanted} [in] _XX`);
  });

  it.each([
    'PJSIP/${EXTEN}',
    'PJSIP/100',
    'SIP/100@provider',
    '${DB(device/${EXTEN})}',
    'Local/1@none',
  ])('not through one: Dial(%s)', (dialled) =>
    expect(reach(`[in]\nexten => _XX,1,Dial(${dialled},60)`)).toEqual([]),
  );
});

describe('a PIN on the way', () => {
  it.each([
    ['Authenticate', ' same => n,Authenticate(1234)'],
    ['one in a subroutine', ' same => n,Gosub(pin,s,1)'],
    ['one in a macro', ' same => n,Macro(pin)'],
    ['one in a subroutine of a subroutine', ' same => n,Gosub(deep,s,1)'],
  ])('guards: %s', (_, lines) => {
    const text = `[in]\nexten => _X,1,NoOp()\n${lines}\n same => n,Goto(out,\${EXTEN}1,1)
[pin]\nexten => s,1,Authenticate(1234)\n same => n,Return()
[macro-pin]\nexten => s,1,VMAuthenticate()\n
[deep]\nexten => s,1,Gosub(pin,s,1)\n same => n,Return()\n${OUT}`;
    expect(reach(text)).toEqual(['number PJSIP/trunk [out] _X. guarded']);
  });

  it('of a DISA guards what is dialled there', () => {
    expect(reach(`[in]\nexten => s,1,DISA(1234,out)\n${OUT}`)).toEqual([
      'disa 1234 out [in] s',
      'number PJSIP/trunk [out] _X. guarded',
    ]);
  });

  it.each([
    ['in one case of two', 'ExecIf($["${A}" = "1"]?Authenticate(1))'],
    ['for one of two', 'Gosub(${IF($["${A}" = "1"]?pin:free)},s,1)'],
  ])('guards nothing where it is asked for %s', (_, action) => {
    const text = `[in]\nexten => _X,1,${action}\n same => n,Goto(out,\${EXTEN}1,1)\n${OUT}
[pin]\nexten => s,1,Authenticate(1)\n same => n,Return()\n[free]\nexten => s,1,Return()`;
    expect(reach(text)).toEqual(['number PJSIP/trunk [out] _X.']);
  });

  it('guards only the way that it is on', () => {
    const text = `[in]\nexten => 1,1,Authenticate(1)\n same => n,Goto(both,s,1)\nexten => 2,1,NoOp()\n same => n,NoOp()\n same => n,Goto(both,s,1)
[both]\nexten => s,1,Read(N)\n same => n,Dial(PJSIP/\${N}@trunk)`;
    expect(reach(text)).toEqual(['number PJSIP/trunk [both] s']);
  });

  it('guards nothing where there is a way past it', () => {
    const text = `[in]\nexten => _X,1,GotoIf($["\${A}" = "1"]?free)\n same => n,Authenticate(1)
 same => n(free),Goto(out,\${EXTEN}1,1)\n${OUT}`;
    expect(reach(text)).toEqual(['number PJSIP/trunk [out] _X.']);
  });
});

describe("the caller's text, taken as it came", () => {
  it.each([
    ['_X.', 'Dial(PJSIP/${EXTEN})', 'wild Dial PJSIP/…'],
    ['_X[&]X', 'Dial(PJSIP/${EXTEN})', 'wild Dial PJSIP/…'],
    ['_XX', 'Dial(PJSIP/${URIDECODE(${EXTEN})})', 'wild Dial PJSIP/…'],
    ['s', 'TryExec(${CALLERID(num)}(x))', 'wild TryExec …'],
    ['s', 'Originate(Local/${CALLERID(num)}@a,exten,b,s,1)', 'wild Originate Local/…@a'],
    ['_X!', 'Page(PJSIP/${EXTEN})', 'wild Page PJSIP/…'],
    ['_[a-z&].', 'System(echo ${EXTEN})', 'wild System echo …'],
    ['s', 'System(echo ${CALLERID(name)})', 'wild System echo …'],
    ['s', 'TrySystem(echo ${SIP_HEADER(X)})', 'wild TrySystem echo …'],
    ['s', 'Set(A=${SHELL(echo ${CALLERID(num)})})', 'wild SHELL() echo …'],
    ['s', 'Set(A=${EVAL(${PJSIP_HEADER(read,X)})})', 'wild EVAL() …'],
    ['s', 'Set(GLOBAL(LAST)=${SIPDOMAIN})', 'wild GLOBAL() …'],
    ['s', 'MixMonitor(a.wav,,mail ${CALLERID(name)})', 'wild MixMonitor mail …'],
    ['s', 'AGI(${CALLERID(num)}.sh)', 'wild AGI ….sh'],
    ['_X.', 'Goto(${EXTEN},1)', 'wild Goto …,1'],
    ['_X.', 'Goto(${EXTEN},s,1)', 'wild Goto …,s,1'],
    ['_X.', 'Macro(${EXTEN})', 'wild Macro …'],
    ['_X.', 'Exec(${EXTEN})', 'wild Exec …'],
    ['_X.', 'ExecIf($[${A}]?System(${EXTEN}))', 'wild System …'],
    ['s', 'Dial(PJSIP/${CUT(CUT(SIP_HEADER(To),@,1),:,2)})', 'wild Dial PJSIP/…'],
  ])('%s: %s', (extension, action, wanted) => {
    expect(reach(`[in]\nexten => ${extension},1,${action}`)).toContainEqual(
      expect.stringContaining(`${wanted} [in] ${extension}`),
    );
  });

  it.each([
    ['_XXX', 'Dial(PJSIP/${EXTEN})'],
    ['_[a-z]X', 'System(echo ${EXTEN})'],
    ['_X.', 'Dial(PJSIP/${FILTER(0-9,${EXTEN})})'],
    ['_X.', 'Dial(PJSIP/${FILTER(.@0-9a-zA-Z,${EXTEN})})'],
    ['s', 'System(echo ${URIENCODE(${CALLERID(name)})})'],
    ['s', 'System(echo ${MD5(${CALLERID(name)})})'],
    ['s', 'AGI(check.php,${CALLERID(num)})'],
    ['_X.', 'Goto(other,${EXTEN},1)'],
    ['_X.', 'Verbose(1,${EXTEN})'],
    ['s', 'ExecIf($[${REGEX("^[0-9]+$" ${CALLERID(num)})} = 1]?System(rm ${CALLERID(num)}))'],
    ['_X.', 'Set(SAFE=${FILTER(0-9,${EXTEN})})\n same => n,Dial(PJSIP/${SAFE})'],
    [
      '_X.',
      'Set(SAFE=${FILTER(0-9,${EXTEN})})\n same => n,GotoIf($["${SAFE}" != "${EXTEN}"]?no)\n same => n,Dial(PJSIP/${EXTEN})\n same => n(no),Hangup()',
    ],
  ])('not %s: %s', (extension, action) => {
    expect(
      reach(`[in]\nexten => ${extension},1,${action}`).filter((one) => one.startsWith('wild')),
    ).toEqual([]);
  });

  it('FILTER() that lets & through filters nothing', () => {
    expect(reach('[in]\nexten => _X.,1,Dial(PJSIP/${FILTER(0-9&,${EXTEN})})')).toEqual([
      'wild Dial PJSIP/… [in] _X.',
    ]);
  });
});

describe('what else is got to', () => {
  it.each([
    ['ChanSpy()', 'tool ChanSpy'],
    ['VoiceMailMain()', 'tool VoiceMailMain'],
    ['System(reboot)', 'tool System'],
    ['Originate(PJSIP/1,exten,a,s,1)', 'tool Originate'],
    ['Dial(PJSIP/1,30,tT)', 'transfer Dial'],
    ['Queue(sales,T)', 'transfer Queue'],
    ['Goto(${WHERE},s,1)', 'unclear …,s,1'],
    ['Goto(a,${WHAT},1)', 'unclear a,…,1'],
  ])('%s', (action, wanted) => {
    expect(reach(`[in]\nexten => s,1,${action}`)).toEqual([`${wanted} [in] s`]);
  });

  it.each(['Dial(PJSIP/1,30,t)', 'Dial(PJSIP/1,30,M(Talk)U(T))', 'Answer()', 'Goto(a,b-${X},1)'])(
    'nothing by %s',
    (action) => expect(reach(`[in]\nexten => s,1,${action}`)).toEqual([]),
  );

  it('extensions of a database, of which the walk only knows that they may be', () => {
    const text = '[in]\ninclude => more\n[more]\nswitch => Realtime/x@y\n';
    expect(walk(text).elsewhere).toEqual(['in: Realtime/x@y']);
  });

  it('priorities that leak in behind an extension that does not end', () => {
    const text = '[in]\nexten => _X.,1,NoOp()\nexten => _[1-9].,2,Dial(DAHDI/g0/${EXTEN})';
    expect(reach(text)).toEqual([
      'number DAHDI/g0 [in] _[1-9].',
      'wild Dial DAHDI/g0/… [in] _[1-9].',
    ]);
  });

  it('a priority that a narrower extension lacks, and then the narrower one again', () => {
    const text =
      '[in]\nexten => _1X,1,NoOp()\nexten => _1X,3,System(x)\nexten => _X!,1,NoOp()\n same => n,NoOp()';
    expect(reach(text)).toContain('tool System [in] _1X');
  });

  it('a label in whichever extension the number may find', () => {
    const text =
      '[in]\nexten => _X.,1,Goto(on,${EXTEN},l)\n[on]\nexten => 12,1,NoOp()\n same => n,NoOp()\n same => n(l),NoOp()\nexten => _X.,1,NoOp()\n same => n(l),System(x)';
    expect(reach(text)).toEqual(['tool System [on] _X.']);
  });

  it('i, where the number finds nothing', () => {
    const text = '[in]\nexten => s,1,Goto(on,12,1)\n[on]\nexten => i,1,System(x)';
    expect(reach(text)).toEqual(['tool System [on] i']);
  });

  it.each(['Goto(on,,1)', 'Goto(on,${FILTER(0-9,a1)},1)', 'Goto(on,${EMPTY}${EXTEN},1)'])(
    'the extension that %s comes to',
    (action) => {
      const text = `[globals]\nEMPTY=\n[in]\nexten => 1,1,${action}\n[on]\nexten => 1,1,System(x)`;
      expect(reach(text)).toEqual(['tool System [on] 1']);
    },
  );

  it('the context of a jump of which there are many', () => {
    const sets = Array.from({ length: 9 }, (_, i) => `exten => ${i},1,Set(A=${i})`);
    const text = [
      '[in]',
      ...sets,
      'exten => s,1,Goto(on,${A}${B},1)',
      'exten => x,1,Set(B=${EXTEN})',
      '[on]',
      'exten => _X!,1,System(x)',
    ];
    expect(reach(text.join('\n')).filter((one) => one.startsWith('wild'))).toEqual([]);
  });

  it('h, at the end of every call', () => {
    const text =
      '[in]\nexten => s,1,Goto(on,s,1)\n[on]\nexten => s,1,NoOp()\nexten => h,1,System(x)';
    expect(reach(text, { dialled: TAME })).toEqual(['tool System [on] h']);
  });
});

describe('ipcountry', () => {
  const OURS =
    '[ipcountry-external]\nexten => s,1,Return()\n[ipcountry-blacklist-check]\nexten => s,1,Return()';
  const monitor = { isFreepbx: false, comesBack: true };

  it('has screened whom it gives back', () => {
    const text = `[in]\nexten => _X.,1,Gosub(ipcountry-external,s,1)\n same => n,System(x)\n${OURS}`;
    expect(reach(text)).toEqual([]);
    expect(walk(text).asked).toBe(true);
    expect(reach(text, { known: monitor })).toEqual(['tool System [in] _X. screened']);
  });

  it('may be asked in a subroutine', () => {
    const text = `[in]\nexten => _X.,1,Gosub(mine,s,1)\n same => n,System(x)
[mine]\nexten => s,1,Gosub(ipcountry-blacklist-check,s,1)\n same => n,Return()\n${OURS}`;
    expect(reach(text)).toEqual(['tool System [in] _X. screened']);
  });

  it('has screened nobody where there is a way past it', () => {
    const text = `[in]\nexten => _X.,1,GotoIf($["\${A}" = "1"]?on)\n same => n,Gosub(ipcountry-blacklist-check,s,1)
 same => n(on),System(x)\n${OURS}`;
    expect(reach(text)).toEqual(['tool System [in] _X.']);
  });

  it('passes calls of FreePBX on as FreePBX would', () => {
    const text = `[in]\nexten => _X.,1,Gosub(ipcountry-external,s,1)\n same => n,Goto(ipcountry-freepbx-pass,s,1)
[ipcountry-freepbx-pass]\nexten => s,1,Goto(on,s,1)\n[on]\nexten => s,1,System(x)\n${OURS}`;
    expect(reach(text, { known: { isFreepbx: true, comesBack: true } })).toEqual([
      'tool System [on] s screened',
    ]);
  });
});

test('the way is told', () => {
  const text = `[in]\nexten => _X,1,Goto(on,s,1)\n[on]\nexten => s,1,Goto(out,\${CALLERID(num)},1)\n${OUT}`;
  const [found] = walk(text).reached.filter(({ use }) => use.kind === 'number');
  expect(found?.path).toEqual(['in', 'on', 'out']);
  expect(found?.origin?.extension.text).toBe('_X.');
  expect(found?.step.from).toBe(':7');
});

describe('jumps without end', () => {
  it.each([
    ['a circle', 'exten => s,1,Goto(in,s,1)'],
    ['includes', 'include => in'],
    ['a growing number', 'exten => _X.,1,Goto(1${EXTEN},1)'],
    [
      'a growing name',
      'exten => s,1,Goto(a,1)\nexten => _a.,1,Goto(a${EXTEN},1)\nexten => a,1,Goto(a${EXTEN},1)',
    ],
    ['two growing numbers', 'exten => _X.,1,GotoIf($[${A}]?1${EXTEN},1:2${EXTEN},1)'],
    ['a growing variable', 'exten => s,1,Set(X=${X}1)\n same => n,Goto(s,1)'],
    ['a counter', 'exten => s,1,Set(X=$[${X}+1])\n same => n,Goto(s,1)'],
    ['subroutines', 'exten => s,1,Gosub(in,s,1(${ARG1}1))'],
    ['a local channel', 'exten => _X.,1,Dial(Local/${EXTEN}@in)'],
  ])('come to an end: %s', (_, lines) => {
    expect(walk(`[in]\n${lines}`).complete).toBe(true);
  });
});

describe('FreePBX', () => {
  const freepbx = { isFreepbx: true, comesBack: false };
  const generated = (text: string) => {
    const dialplan = dialplanOfText(text);
    for (const { extensions } of dialplan.contexts.values()) {
      for (const step of extensions.flatMap(({ steps }) => steps)) {
        Object.assign(step, { from: `extensions_additional.conf${step.from}` });
      }
    }
    return groundOf(dialplan, freepbx)
      .walk('in', WILD)
      .reached.filter(({ use }) => use.kind !== 'answer')
      .map(line);
  };

  it('goes out through a trunk by its own subroutine', () => {
    const text = `[globals]\nOUT_1=PJSIP/provider\n[in]
exten => _9.,1,Gosub(macro-dialout-trunk,s,1(1,\${EXTEN:1},,off))
exten => _8.,1,Macro(dialout-trunk,1,\${EXTEN:1},4711,off)
exten => _7.,1,Gosub(macro-pinsets,s,1(1,0))
 same => n,Gosub(macro-dialout-trunk,s,1(1,\${EXTEN:1},,off))
exten => 6,1,Gosub(macro-dialout-trunk,s,1(1,0123,,off))
[macro-dialout-trunk]\nexten => s,1,Dial(\${OUT_\${ARG1}}/\${ARG2})
[macro-pinsets]\nexten => s,1,Read(dtmf)`;
    expect(generated(text)).toEqual(
      expect.arrayContaining([
        'number PJSIP/provider [in] _9.',
        'number PJSIP/provider [in] _8. guarded',
        'number PJSIP/provider [in] _7. guarded',
      ]),
    );
    expect(generated(text)).toHaveLength(3);
  });

  it('hangs up by its own subroutine', () => {
    const text = `[in]\nexten => 12,1,Macro(hangupcall)\nexten => _1X,2,System(x)
[macro-hangupcall]\nexten => s,1,NoOp()`;
    expect(generated(text)).toEqual([]);
    expect(reach(text)).toEqual(['tool System [in] _1X']);
  });

  it('does not run on behind the end of an extension', () => {
    const text =
      '[in]\nexten => 12,1,Gosub(on,s,1)\nexten => _1X,2,System(x)\n[on]\nexten => s,1,NoOp()';
    expect(generated(text)).toEqual([]);
    expect(reach(text, { known: freepbx })).toEqual(['tool System [in] _1X']);
  });

  it('calls whom its database says', () => {
    const text = `[in]\nexten => _X.,1,Gosub(macro-exten-vm,s,1(\${EXTEN}))
[macro-exten-vm]\nexten => s,1,Goto(from-internal,\${ARG1},1)
[from-internal]\nexten => _X.,1,Dial(DAHDI/g0/\${EXTEN})`;
    expect(generated(text)).toEqual([]);
    // The same, written by an administrator.
    expect(reach(text, { known: freepbx })).toHaveLength(2);
  });
});

const word = fc.constantFrom(
  'in',
  'out',
  's',
  '1',
  '_X.',
  '_9.',
  '${EXTEN}',
  '${A}',
  '${A:1}',
  '9${EXTEN}',
  'n',
  'a',
  '$[${A}+1]',
  '${EVAL(${A})}',
);
const action = fc
  .tuple(
    fc.constantFrom(
      'Goto',
      'Gosub',
      'GotoIf',
      'Dial',
      'Set',
      'Macro',
      'Read',
      'ExecIf',
      'DISA',
      'Background',
      'GosubIf',
      'Exec',
    ),
    fc.array(
      fc.oneof(
        word,
        fc.constantFrom(',', '?', ':', '=', '(', ')', '/', '@', '&', 'Local/', 'A=', 'Goto('),
      ),
      { maxLength: 8 },
    ),
  )
  .map(([application, parts]) => `${application}(${parts.join('')})`);
const dialplanLine = fc.oneof(
  fc
    .tuple(word, fc.constantFrom('1', 'n', '2', 'n(a)'), action)
    .map((parts) => `exten => ${parts.join(',')}`),
  fc.constantFrom('[in]', '[out]', '[macro-in]', 'include => in', 'include => out'),
);

test('no dialplan is walked for ever, or breaks the walk', () => {
  fc.assert(
    fc.property(fc.array(dialplanLine, { maxLength: 40, size: 'max' }), (lines) => {
      expect(walk(`[in]\n${lines.join('\n')}`).reached).toBeDefined();
    }),
    { numRuns: 300 },
  );
});

test('a dialplan of 20 000 lines is walked at once', () => {
  const routes = Array.from({ length: 1_000 }, (_, i) => [
    `exten => _9${i}X.,1,Set(NUMBER=\${EXTEN:1})`,
    ...Array.from(
      { length: 8 },
      (_, j) => ` same => n,Set(V${j}=\${IF($["\${NUMBER}" = "${j}"]?a:b)})`,
    ),
    ` same => n,Gosub(dial,s,1(\${EXTEN:1}))`,
    `exten => ${i},1,Dial(PJSIP/${i},30)`,
    ...Array.from({ length: 8 }, (_, j) => ` same => n,Set(W${j}=\${EXTEN})`),
    ' same => n,Goto(menu,s,1)',
  ]);
  const text = [
    '[in]',
    ...routes.flat(),
    '[menu]',
    'exten => s,1,Hangup()',
    '[dial]',
    'exten => s,1,Dial(PJSIP/${ARG1}@trunk)',
  ].join('\n');
  const ground = groundOf(dialplanOfText(text), PLAIN);
  const before = process.cpuUsage();
  const { reached, complete } = ground.walk('in', WILD);
  // Processor time, as other tests run beside.
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(3_000);
  expect([complete, reached.filter(({ use }) => use.kind === 'number').length]).toEqual([
    true,
    1_000,
  ]);
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: Asterisk's, not ours

import { Button, Checkbox, SegmentedControl, Text } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { directions, type Joining, type Pair, type Rehearsal } from '../../../shared/contracts/sync.contract.ts';
import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import { withoutNoun, withParents } from '../../../shared/dialects/chosen-nouns.ts';
import { sync } from '../../api/sync.ts';
import { formatCount } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { countsText, fieldLabel, many, totalOf } from './sync-words.ts';
import classes from './sync.module.css';

type Decision = 'same' | 'different';

const sameWords: Record<Pair['same'], string> = {
  email: 'the same e-mail',
  phoneAndName: 'the same phone and name',
  accountCode: 'the same account code',
};
const keyOf = ({ noun, here }: Pair) => `${noun}/${here.id}`;

/** What connecting would do, with what may be the same on both sides to be decided first. */
export function RehearsalStep({ joining, rehearsal }: { joining: Joining; rehearsal: Rehearsal }) {
  const { pairs, morePairs, perNoun, sent, received, limits, can, stays } = rehearsal;
  const among = can.map(({ of }) => of);
  const [chosen, setChosen] = useState<readonly NounName[]>(among);
  const [decisions, setDecisions] = useState<ReadonlyMap<string, Decision>>(new Map());
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const isForeign = can.length > 0;
  const sum = (of: 'goes' | 'comes') => perNoun.reduce((total, one) => total + (chosen.includes(one.noun) ? one[of] : 0), 0);
  const [going, coming] = isForeign ? [sum('goes'), sum('comes')] : [totalOf(sent), totalOf(received)];
  const left = pairs.filter((pair) => !decisions.has(keyOf(pair))).length;
  const decide = (pair: Pair, decision: Decision) => {
    setDecisions((now) => new Map(now).set(keyOf(pair), decision));
    // On to the next that is open, and from the last one to the button.
    const next = pairs.slice(pairs.indexOf(pair) + 1).find((one) => !decisions.has(keyOf(one)));
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>(next === undefined ? '[data-join]' : `[data-pair="${keyOf(next)}"] input`)?.focus(),
    );
  };
  const isNothing = among.length > 0 && chosen.length === 0;
  const join = async () => {
    if (left > 0 || isNothing) return;
    const same = pairs
      .filter((pair) => decisions.get(keyOf(pair)) === 'same')
      .map(({ noun, here, there }) => ({ noun, here: here.id, there: there.id }));
    const result = await sync.join(same, chosen.length === among.length ? null : [...chosen]);
    if (!result.ok) showProblem(result.error);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void join();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Ctrl+Enter does what the button at its end does
    <div onKeyDown={onKeyDown}>
      <h2 className={classes.rehearsalTitle} ref={heading} tabIndex={-1}>
        {many(going, 'record would go', 'records would go')}, {many(coming, 'would come', 'would come')}
      </h2>
      <Text size="sm" c="dimmed" mb="sm">
        Nothing has been sent. {rehearsal.system}, {directions[joining.direction].toLowerCase()}
        {joining.account === null ? '' : `, signed in as ${joining.account}`}.
        {isForeign ? '' : ` Would go: ${countsText(sent)}. Would come: ${countsText(received)}.`}
      </Text>
      {can.length === 0 ? null : (
        <Capabilities
          rehearsal={rehearsal}
          system={rehearsal.system}
          chosen={chosen}
          onChoose={(noun, isIn) => setChosen((now) => (isIn ? withParents([...now, noun], among) : withoutNoun(now, noun, among)))}
        />
      )}
      {perNoun.length === 0 || can.length > 0 ? null : (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Records</th>
              <th scope="col">New there</th>
              <th scope="col">New here</th>
            </tr>
          </thead>
          <tbody>
            {perNoun.map(({ noun, goes, comes }) => (
              <tr key={noun}>
                <th scope="row">{capital(nouns[noun].plural)}</th>
                <td>{formatCount(goes)}</td>
                <td>{formatCount(comes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {limits.length === 0 ? null : (
        <section aria-label={can.length === 0 ? 'What this server cannot do' : 'Good to know'}>
          <h3 className={classes.part}>{can.length === 0 ? 'What this server cannot do' : 'Good to know'}</h3>
          <ul className={classes.limits}>
            {limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </section>
      )}
      <Stays stays={stays.filter(({ noun }) => chosen.includes(noun))} />
      {pairs.length === 0 ? null : (
        <section aria-label="May be the same">
          <h3 className={classes.part}>
            May be the same{' '}
            <span className={classes.dim}>{`${formatCount(pairs.length - left)} of ${formatCount(pairs.length)} decided`}</span>
          </h3>
          <Text size="sm" c="dimmed" mb={6}>
            The same ones become one record, and its values can be looked up in its history.
            {morePairs === 0 ? '' : ` ${many(morePairs, 'pair more stands', 'pairs more stand')} on the page of duplicates afterwards.`}
          </Text>
          <ul className={classes.framed}>
            {pairs.map((pair) => (
              <li key={keyOf(pair)} className={classes.pair} data-pair={keyOf(pair)}>
                <span className={classes.cut}>
                  <span className={classes.strong}>{pair.here.title}</span>{' '}
                  <span className={classes.hintInline}>{pair.here.facts.join(' · ')}</span>
                  <span className={classes.hint}>
                    There: {pair.there.title} · {pair.there.facts.join(' · ')} · {sameWords[pair.same]}
                  </span>
                </span>
                <SegmentedControl
                  size="xs"
                  aria-label={`${pair.here.title} and ${pair.there.title}`}
                  data={[
                    { value: 'open', label: '?' },
                    { value: 'same', label: 'Same' },
                    { value: 'different', label: 'Different' },
                  ]}
                  value={decisions.get(keyOf(pair)) ?? 'open'}
                  onChange={(value) => value !== 'open' && decide(pair, value as Decision)}
                />
              </li>
            ))}
          </ul>
        </section>
      )}
      <div className={classes.formFoot}>
        <Button onClick={() => void join()} disabled={left > 0 || isNothing} data-join rightSection={<Shortcut keys="mod+enter" />}>
          {left > 0 ? `Connect: ${formatCount(left)} to decide first` : 'Connect'}
        </Button>
        <Button variant="default" onClick={() => void sync.leave()}>
          Back
        </Button>
      </div>
    </div>
  );
}

/** What the system does not store of the records that would go: named before anything goes. */
function Stays({ stays }: { stays: Rehearsal['stays'] }) {
  if (stays.length === 0) return null;
  const bySentence = Map.groupBy(stays, ({ says, noun }) => `${noun} ${says}`);
  return (
    <section aria-label="Stays in this book">
      <h3 className={classes.part}>Stays in this book</h3>
      <ul className={classes.limits}>
        {[...bySentence].map(([key, all]) => (
          <li key={key}>
            <span className={classes.strong}>
              {all.map(({ noun, field, records }) => `${fieldLabel(noun, field)} (${formatCount(records)})`).join(', ')}:
            </span>{' '}
            {all[0]?.says}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What the system does with each kind of record, how many would go and come, and which kinds are brought. */
function Capabilities({
  rehearsal: { can, perNoun },
  system,
  chosen,
  onChoose,
}: {
  rehearsal: Rehearsal;
  system: string;
  chosen: readonly NounName[];
  onChoose: (noun: NounName, isIn: boolean) => void;
}) {
  const countOf = (noun: NounName) => perNoun.find((one) => one.noun === noun) ?? { goes: 0, comes: 0 };
  return (
    <table className={classes.table}>
      <caption className={classes.tableCaption}>What {system} keeps equal with this book. Take out what is not to be brought.</caption>
      <thead>
        <tr>
          <th scope="col">Records</th>
          <th scope="col">Come</th>
          <th scope="col">Go new</th>
          <th scope="col">Go changed</th>
          <th scope="col">Go deleted</th>
          <th scope="col">Would go</th>
          <th scope="col">Would come</th>
        </tr>
      </thead>
      <tbody>
        {can.map(({ of, comes, creates, changes, deletes }) => {
          const isIn = chosen.includes(of);
          const counts = countOf(of);
          return (
            <tr key={of} data-out={isIn ? undefined : true}>
              <th scope="row">
                <Checkbox
                  size="xs"
                  label={capital(nouns[of].plural)}
                  checked={isIn}
                  disabled={can.length === 1}
                  onChange={(event) => onChoose(of, event.currentTarget.checked)}
                />
              </th>
              {[comes, creates, changes, deletes].map((does, at) => (
                <td key={at}>{does ? 'Yes' : <span className={classes.danger}>No</span>}</td>
              ))}
              <td>{isIn ? formatCount(counts.goes) : '–'}</td>
              <td>{isIn ? formatCount(counts.comes) : '–'}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

import { Button, SegmentedControl, Text } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { directions, type Joining, type Pair, type Rehearsal } from '../../../shared/contracts/sync.contract.ts';
import { nouns } from '../../../shared/nouns/nouns.ts';
import { sync } from '../../api/sync.ts';
import { formatCount } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { countsText, kindText, many, totalOf } from './sync-words.ts';
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
  const { pairs, morePairs, perNoun, sent, received, limits } = rehearsal;
  const [decisions, setDecisions] = useState<ReadonlyMap<string, Decision>>(new Map());
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const left = pairs.filter((pair) => !decisions.has(keyOf(pair))).length;
  const decide = (pair: Pair, decision: Decision) => {
    setDecisions((now) => new Map(now).set(keyOf(pair), decision));
    // On to the next that is open, and from the last one to the button.
    const next = pairs.slice(pairs.indexOf(pair) + 1).find((one) => !decisions.has(keyOf(one)));
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>(next === undefined ? '[data-join]' : `[data-pair="${keyOf(next)}"] input`)?.focus(),
    );
  };
  const join = async () => {
    if (left > 0) return;
    const same = pairs
      .filter((pair) => decisions.get(keyOf(pair)) === 'same')
      .map(({ noun, here, there }) => ({ noun, here: here.id, there: there.id }));
    const result = await sync.join(same);
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
        {many(totalOf(sent), 'record would go', 'records would go')}, {many(totalOf(received), 'would come', 'would come')}
      </h2>
      <Text size="sm" c="dimmed" mb="sm">
        Nothing has been sent. {kindText(joining.kind)}, {directions[joining.direction].toLowerCase()}
        {joining.account === null ? '' : `, signed in as ${joining.account}`}. Would go: {countsText(sent)}. Would come:{' '}
        {countsText(received)}.
      </Text>
      {perNoun.length === 0 ? null : (
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
        <section aria-label="What this server cannot do">
          <h3 className={classes.part}>What this server cannot do</h3>
          <ul className={classes.limits}>
            {limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </section>
      )}
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
        <Button onClick={() => void join()} disabled={left > 0} data-join rightSection={<Shortcut keys="mod+enter" />}>
          {left > 0 ? `Connect: ${formatCount(left)} to decide first` : 'Connect'}
        </Button>
        <Button variant="default" onClick={() => void sync.leave()}>
          Back
        </Button>
      </div>
    </div>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

import { Button, Text } from '@mantine/core';
import { IconBan } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { nouns } from '../../../shared/nouns/nouns.ts';
import type { RefusedView } from '../../../shared/sync/sync-view.ts';
import { sync } from '../../api/sync.ts';
import { showProblem } from '../../ui/problem.tsx';
import { showDone } from '../history/undo.tsx';
import { momentText } from '../settings/sync-sentence.ts';
import { fieldLabel, isNoun } from './sync-words.ts';
import classes from './sync.module.css';

const headings: Record<RefusedView['kind'], (what: string, system: string) => string> = {
  refused: (what) => `The server refused your change${what}. It stays here and waits`,
  unkept: (what, system) => `The book cannot take what ${system} has${what}. Nothing was changed on either side`,
  setAside: () => 'Your change is not in the book any more; it is kept here',
  history: () => 'A step of the history was refused; the record itself is on the server',
};

/** A change that the server does not take, with its reason and the ways out. */
export function RefusedCard({ refused, onAnswered }: { refused: RefusedView; onAnswered: () => void }) {
  const { id, kind, collection, recordId, title, field, message, system = 'the server', at } = refused;
  const name = title ?? 'A record that is gone';
  const dismiss = async () => {
    const result = await sync.dismiss([id]);
    if (!result.ok) return showProblem(result.error);
    showDone(
      kind === 'refused'
        ? `${name}: seen. The change still waits, and is sent when the record is changed again.`
        : kind === 'unkept'
          ? `${name}: seen. It is tried again whenever ${system} is read.`
          : `${name}: taken off the list.`,
      result.value.operationId === null ? [] : [result.value.operationId],
    );
    onAnswered();
  };
  const canOpen = isNoun(collection) && kind !== 'history' && recordId !== null;
  return (
    <article className={classes.card} aria-label={`Refused: ${name}`} data-needs>
      <div className={classes.cardHead}>
        <IconBan size={18} className={classes.danger} aria-hidden />
        <h3 className={classes.cardTitle}>{name}</h3>
        <Text size="sm" c="dimmed" component="span">
          {headings[kind](
            field === null ? '' : ` ${kind === 'unkept' ? 'for' : 'of'} ${fieldLabel(collection, field).toLowerCase()}`,
            system,
          )}
          , {momentText(at)}
        </Text>
      </div>
      <Text size="sm" className={classes.cardText}>
        {message}
      </Text>
      <div className={classes.cardActions}>
        {canOpen ? (
          <Button
            variant="default"
            size="compact-md"
            renderRoot={(props) => <Link to="/$noun/$id" params={{ noun: collection, id: recordId }} search={{}} {...props} />}
            aria-label={`Open ${name}`}
          >
            Open {nouns[collection].singular}
          </Button>
        ) : null}
        <Button variant="default" size="compact-md" onClick={() => void dismiss()} aria-label={`Take off the list: ${name}`}>
          Take off the list
        </Button>
      </div>
    </article>
  );
}

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import classes from './record-link.module.css';

/** A link to another record: its list beside it, unfiltered, so that it is seen among its own kind. */
export function RecordLink({ noun, id, children }: { noun: NounName; id: string; children: ReactNode }) {
  return (
    <Link to="/$noun/$id" params={{ noun, id }} search={{}} className={classes.link}>
      {children}
    </Link>
  );
}

import type { ReactNode } from 'react';
import classes from './tone-text.module.css';

/** Words with a dot of colour before them: the words say it, the colour only helps to see it from afar. */
export function ToneText({ tone, children }: { tone: string; children: ReactNode }) {
  return (
    <span className={classes.tone} data-tone={tone}>
      <span className={classes.dot} aria-hidden />
      {children}
    </span>
  );
}

import { VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './fact.module.css';

/** One of the short facts under a title, set apart by a dot. */
export function Fact({ label, children }: { label?: string; children: ReactNode }) {
  return (
    <span className={classes.fact}>
      {label === undefined ? null : <VisuallyHidden>{label}: </VisuallyHidden>}
      {children}
    </span>
  );
}

import { VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './fact.module.css';
import { ToneText } from './tone-text.tsx';

/** One of the short facts under a title, set apart by a dot; one that stands out has a colour beside its words. */
export function Fact({ label, tone, children }: { label?: string; tone?: string | undefined; children: ReactNode }) {
  return (
    <span className={classes.fact}>
      {label === undefined ? null : <VisuallyHidden>{label}: </VisuallyHidden>}
      {tone === undefined ? children : <ToneText tone={tone}>{children}</ToneText>}
    </span>
  );
}

import type { ReactNode, Ref } from 'react';
import classes from './screen.module.css';

interface ScreenProps {
  title: ReactNode;
  /** How wide its lines may get, in pixels. */
  width: number;
  /** Where the screen takes the focus when it opens. */
  heading?: Ref<HTMLHeadingElement>;
  children: ReactNode;
}

/** A screen that is no list: its title, and what stands under it, in one column that scrolls. */
export function Screen({ title, width, heading, children }: ScreenProps) {
  return (
    <div className={classes.screen}>
      <div className={classes.inner} style={{ maxWidth: width }}>
        <h1 className={classes.title} {...(heading === undefined ? {} : { ref: heading, tabIndex: -1 })}>
          {title}
        </h1>
        {children}
      </div>
    </div>
  );
}

/** The same place, while what it shows is not there yet. */
export function BusyScreen() {
  return <div className={classes.screen} aria-busy />;
}

/** A part of a screen, with its heading. */
export function ScreenPart({ title, name, id, children }: { title: ReactNode; name: string; id?: string; children: ReactNode }) {
  return (
    <section className={classes.part} aria-label={name} {...(id === undefined ? {} : { id })}>
      <h2 className={classes.partTitle}>{title}</h2>
      {children}
    </section>
  );
}

/** Things one below the other in a frame, with a line between. */
export function Rows({ children }: { children: ReactNode }) {
  return <div className={classes.rows}>{children}</div>;
}

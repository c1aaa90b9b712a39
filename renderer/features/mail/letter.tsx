import { piecesByField } from '../../../shared/mail/mail-template.ts';
import classes from './mail.module.css';

/** The message as it is read. Fields that are still to be filled stand out. */
export function Letter({ text }: { text: string }) {
  return (
    <div className={classes.letter}>
      {text.trim() === ''
        ? 'The message is empty.'
        : piecesByField(text).map((piece, at) => (at % 2 === 1 ? <mark key={at}>{piece}</mark> : piece))}
    </div>
  );
}

import classes from './tag-list.module.css';

/** Tags side by side; in a cell of a list on one line. */
export function TagList({ tags, isOneLine = false }: { tags: readonly string[]; isOneLine?: boolean }) {
  return (
    <span className={classes.tags} data-one-line={isOneLine || undefined}>
      {tags.map((tag) => (
        <span key={tag} className={classes.tag}>
          {tag}
        </span>
      ))}
    </span>
  );
}

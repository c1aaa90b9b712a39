import { Button } from '@mantine/core';
import { IconMoodSad } from '@tabler/icons-react';
import { EmptyPlace } from '../ui/empty-place.tsx';

/** A screen that failed to draw itself. The book is in main and has nothing to do with it: starting the page anew is safe. */
export function BrokenScreen() {
  return (
    <EmptyPlace
      icon={<IconMoodSad size={24} />}
      title="This screen could not be shown"
      actions={<Button onClick={() => window.location.reload()}>Load it again</Button>}
    >
      Everything that was saved is safe. Load the screen again; if it stays, go to another place with the buttons on the left.
    </EmptyPlace>
  );
}

import { Button, Checkbox, Group, Radio, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { RemoteView } from '../../../shared/sync/sync-view.ts';
import { sync } from '../../api/sync.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { showQuietly } from '../history/undo.tsx';
import { hostOf, many } from './sync-words.ts';
import classes from './sync.module.css';
import { say } from '../../../shared/words/say.ts';

/** Signing this laptop out drops nothing that is not on the server: it stays, or the signing out is refused. */
export function SignOutDialog({ server, onClose }: { server: RemoteView; onClose: () => void }) {
  const [book, setBook] = useState<'keep' | 'remove'>('keep');
  const [isStaying, setIsStaying] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const { waiting, kind } = server;
  const host = hostOf(server.url);
  const signOut = async () => {
    setIsBusy(true);
    const result = await sync.disconnect({ remoteId: server.id, book, unsent: isStaying ? 'stays' : 'refuse' });
    setIsBusy(false);
    if (!result.ok) return setProblem(say(result.error));
    onClose();
    showQuietly(`This laptop is signed out of ${host}.`);
  };
  const mustStay = waiting > 0 && book === 'remove' && !isStaying;
  return (
    <Dialog title={`Sign out of ${host}`} size={560} onClose={onClose}>
      <Stack gap="sm">
        {waiting > 0 ? (
          <Text>
            {many(waiting, 'change is', 'changes are')} not on the server yet. Sync first, or keep {waiting === 1 ? 'it' : 'them'} on this
            laptop: nothing that was not sent is dropped.
          </Text>
        ) : (
          <Text>Everything of this laptop is on the server, or stays here.</Text>
        )}
        {kind === 'fieldbook' ? (
          <Radio.Group label="What becomes of the book on this laptop" value={book} onChange={(value) => setBook(value as typeof book)}>
            <Stack gap={6} mt={6}>
              <Radio value="keep" label="All of it stays on this laptop" data-autofocus />
              <Radio value="remove" label="What the server has leaves this laptop" />
            </Stack>
          </Radio.Group>
        ) : null}
        {waiting > 0 && book === 'remove' ? (
          <Checkbox
            checked={isStaying}
            onChange={(event) => setIsStaying(event.currentTarget.checked)}
            label={`The ${many(waiting, 'change', 'changes')} that ${waiting === 1 ? 'is' : 'are'} not sent ${waiting === 1 ? 'stays' : 'stay'} here`}
          />
        ) : null}
        <Text size="sm" c="dimmed">
          To have a copy of everything first,{' '}
          <Link to="/backups" className={classes.link}>
            export the whole book
          </Link>
          .
        </Text>
        {problem === null ? null : (
          <Text size="sm" role="alert" className={classes.danger}>
            {problem}
          </Text>
        )}
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button color="red" onClick={() => void signOut()} disabled={mustStay} loading={isBusy}>
            Sign out
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

import { Button, Loader, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Device } from '../../../shared/contracts/sync.contract.ts';
import type { RemoteView } from '../../../shared/sync/sync-view.ts';
import { sync } from '../../api/sync.ts';
import { Age } from '../../ui/age.tsx';
import { announce } from '../../ui/announcer.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { hostOf } from './sync-words.ts';
import classes from './sync.module.css';
import { say } from '../../../shared/words/say.ts';

/** The devices a person is signed in on. One that is lost is signed out here, and is out at its next request. */
export function DevicesDialog({ server, onClose }: { server: RemoteView; onClose: () => void }) {
  const [devices, setDevices] = useState<Device[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void sync.devices(server.id).then((result) => {
      if (!isCurrent) return;
      if (result.ok) setDevices(result.value.devices);
      else setProblem(say(result.error));
    });
    return () => {
      isCurrent = false;
    };
  }, [server.id]);
  const signOut = async ({ id, device }: Device) => {
    const result = await sync.signOutDevice(server.id, id);
    if (!result.ok) return setProblem(say(result.error));
    setDevices((now) => now?.filter((one) => one.id !== id) ?? null);
    announce(`${device} is signed out`);
  };
  return (
    <Dialog title={`Your devices at ${hostOf(server.url)}`} size={560} onClose={onClose}>
      <Text size="sm" c="dimmed" mb="sm">
        A device that is signed out gets and sends nothing any more. What is on it already stays on it.
      </Text>
      {problem === null ? null : (
        <Text size="sm" role="alert" mb="sm" className={classes.danger}>
          {problem}
        </Text>
      )}
      {devices === null && problem === null ? <Loader size={18} aria-label="Asking the server" /> : null}
      <ul className={classes.framed}>
        {(devices ?? []).map((one) => (
          <li key={one.id} className={classes.device}>
            <span className={classes.cut}>
              <span className={classes.strong}>{one.device}</span>
              {one.isThisOne ? ' (this laptop)' : ''}
              <span className={classes.hint}>
                Last used <Age instant={one.usedAt} />
              </span>
            </span>
            {one.isThisOne ? null : (
              <Button variant="default" size="compact-sm" onClick={() => void signOut(one)} aria-label={`Sign out ${one.device}`}>
                Sign out
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

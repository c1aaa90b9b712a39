import { ActionIcon, Menu } from '@mantine/core';
import { IconDeviceLaptop, IconDots, IconLogin, IconLogout } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { directions } from '../../../shared/contracts/sync.contract.ts';
import type { RemoteView } from '../../../shared/sync/sync-view.ts';
import { ToneText } from '../../ui/tone-text.tsx';
import { DevicesDialog } from './devices-dialog.tsx';
import { SignOutDialog } from './sign-out-dialog.tsx';
import { hostOf, kindText, serverText } from './sync-words.ts';
import classes from './sync.module.css';

/** The servers of the book: how each stands, and what can be done with it. */
export function ServerList({ servers, isOffline }: { servers: readonly RemoteView[]; isOffline: boolean }) {
  return (
    <ul>
      {servers.map((server) => (
        <ServerRow key={server.id} server={server} isOffline={isOffline} />
      ))}
    </ul>
  );
}

function ServerRow({ server, isOffline }: { server: RemoteView; isOffline: boolean }) {
  const navigate = useNavigate();
  const [open, setOpen] = useState<'devices' | 'signOut' | null>(null);
  const { text, tone } = serverText(server, isOffline);
  const { kind, url, account, direction, last } = server;
  const name = `${kindText(kind)} at ${hostOf(url)}`;
  return (
    <li className={classes.server}>
      <div className={classes.serverHead}>
        <span className={classes.strong}>{hostOf(url)}</span>
        <Menu position="bottom-end" withinPortal returnFocus>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size={26} aria-label={`More for ${name}`}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {kind === 'fieldbook' ? (
              <Menu.Item leftSection={<IconDeviceLaptop size={15} />} onClick={() => setOpen('devices')}>
                Your devices…
              </Menu.Item>
            ) : null}
            <Menu.Item
              leftSection={<IconLogin size={15} />}
              onClick={() => void navigate({ to: '/connect', search: { again: server.id } })}
            >
              Sign in again…
            </Menu.Item>
            <Menu.Item color="red" leftSection={<IconLogout size={15} />} onClick={() => setOpen('signOut')}>
              Sign out of this laptop…
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <div className={classes.small}>
        <ToneText tone={tone}>{text}</ToneText>
      </div>
      {last?.problem === null || last === null ? null : <div className={classes.small}>{last.problem}</div>}
      <div className={classes.hint}>
        {kindText(kind)} · {directions[direction].toLowerCase()}
        {account === null ? '' : ` · ${account}`}
      </div>
      {open === 'devices' ? <DevicesDialog server={server} onClose={() => setOpen(null)} /> : null}
      {open === 'signOut' ? <SignOutDialog server={server} onClose={() => setOpen(null)} /> : null}
    </li>
  );
}

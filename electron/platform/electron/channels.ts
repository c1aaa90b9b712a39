import { STORAGE_PORT_MESSAGE } from '../../../shared/contracts/surface.ts';

/** The channels between main and the preload. Each has one direction and one handler; no page ever names a channel. */
export const channels = {
  /** (method, input) → Result. */
  call: 'fieldbook:call',
  /** (name, size) → Result<{ takeId }>. Starts taking a file in. */
  takeStart: 'fieldbook:take-start',
  /** (takeId, piece: ArrayBuffer) → Result. Answered when the piece is used, which keeps the page from running ahead. */
  takePiece: 'fieldbook:take-piece',
  /** (takeId) → Result<{ fileId }>. */
  takeEnd: 'fieldbook:take-end',
  /** (takeId) → Result. The page could not read on. */
  takeDrop: 'fieldbook:take-drop',
  /** (fileId) → Result<{ saved }>. */
  save: 'fieldbook:save',
  /** main → screen: (event name, data). */
  event: 'fieldbook:event',
  /** main → storage window: one port, posted on to the page under the same name. */
  storagePort: STORAGE_PORT_MESSAGE,
} as const;

/** Bytes of a file in one message. */
export const PIECE_SIZE = 1024 * 1024;

/** Where the storage page lives; it gets the port and no `window.crm`. */
export const STORAGE_PAGE = '/storage-host/';

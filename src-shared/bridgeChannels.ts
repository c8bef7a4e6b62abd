/** Names of what goes between preload and main process; everything else has no listener. */
export const bridgeChannels = {
  /** A page has been loaded and begins anew. */
  hello: 'tessera:hello',
  /** A `WindowMessage`. */
  message: 'tessera:message',
  /** A `ShellMessage`. */
  answer: 'tessera:answer',
  /** Asks for the path of a checkpoint. */
  chooseModel: 'tessera:choose-model',
  /** Asks for a folder and saves pictures there. */
  savePictures: 'tessera:save-pictures',
  /** A screen was chosen in the menu. */
  navigate: 'tessera:navigate',
} as const;

/**
 * The nonce that the shell put into the page. The content security policy lets style elements in only with it:
 * give it to components that write some, such as Radix' ScrollArea and Select.Viewport (`nonce={contentNonce}`).
 */
export const contentNonce: string | undefined =
  document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce || undefined;

// Where react-remove-scroll, which Radix' dialogs use, looks for it.
if (contentNonce) Object.assign(globalThis, { __webpack_nonce__: contentNonce });

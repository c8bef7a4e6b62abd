/** What the window's page may do: nothing but run its own code and talk to the shell that served it. */

/**
 * @param nonce lets in the style elements that the page's components write
 */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** For every answer, whatever it holds. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': [
    ...['camera', 'microphone', 'geolocation', 'usb', 'serial', 'hid', 'payment'],
    ...['midi', 'display-capture', 'screen-wake-lock', 'publickey-credentials-get'],
  ]
    .map((name) => `${name}=()`)
    .join(', '),
};

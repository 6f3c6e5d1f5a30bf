/** Why a server cannot be reached, in words that say what to do; for failures whose own words do not. */

export interface DialError {
  /** As Node.js gives it: an errno name or the name of a TLS failure. */
  readonly code?: string | undefined;
  readonly message: string;
}

const UNTRUSTED = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_SIGNATURE_FAILURE',
]);
const NOT_TLS = /wrong version number|packet length too long|http request/i;
const HUNG_UP = new Set(['ECONNRESET', 'UND_ERR_SOCKET', 'HPE_INVALID_CONSTANT', 'EPIPE']);

/** Null where the error says enough by itself. */
export function dialFailure(url: string, { code = '', message }: DialError): string | null {
  const scheme = /^(\w+):/.exec(url)?.[1] ?? '';
  if (UNTRUSTED.has(code)) {
    return `${message}: trust the authority that signed its certificate with --tls-ca FILE or ETHERLOOM_TLS_CA`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `${message.replace(/[:\s]+$/, '')}: dial it by a name that its certificate has`;
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return `${message}: give the server a certificate that is valid now, or set this machine's clock`;
  }
  if (NOT_TLS.test(message))
    return `it does not speak TLS: write ${scheme.replace(/s$/, '')}://, not ${scheme}://`;
  if (HUNG_UP.has(code) && (scheme === 'ws' || scheme === 'http')) {
    return `${message}: if it expects TLS, write ${scheme}s://, not ${scheme}://`;
  }
  return refusedUpgrade(message);
}

/** A server that answers the WebSocket's request with another status than 101. The text it came with stays in front. */
function refusedUpgrade(message: string): string | null {
  const status = /Unexpected server response: (\d+)/.exec(message)?.[1];
  if (status === undefined) return null;
  if (status === '401')
    return `${message}: give the right token with ETHERLOOM_TOKEN, ETHERLOOM_TOKEN_FILE or --token-file`;
  if (status === '429') return `${message}: too many wrong tokens came from this address; it has to wait`;
  return status === '404' ? `${message}: something else listens there; check host and port` : null;
}

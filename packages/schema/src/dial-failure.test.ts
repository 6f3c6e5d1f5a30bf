import { expect, test } from 'vitest';
import { dialFailure } from './dial-failure.ts';

const OPENSSL =
  'write EPROTO 80BC:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../x.c:350:\n';

// biome-ignore format: one failure a line
test.each([
  ['wss://lab:8080', { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', message: 'unable to verify the first certificate' }, /^unable to verify.*--tls-ca FILE or ETHERLOOM_TLS_CA$/],
  ['https://lab:8080', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed certificate' }, /--tls-ca FILE/],
  ['wss://127.0.0.1:8080', { code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: "Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: " }, /list: dial it by a name that its certificate has$/],
  ['wss://lab:8080', { code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' }, /valid now/],
  ['wss://lab:8080', { code: 'EPROTO', message: OPENSSL }, /^it does not speak TLS: write ws:\/\/, not wss:\/\/$/],
  ['https://lab:8080', { code: 'ERR_SSL_WRONG_VERSION_NUMBER', message: OPENSSL }, /^it does not speak TLS: write http:\/\/, not https:\/\/$/],
  ['ws://lab:8080', { code: 'ECONNRESET', message: 'socket hang up' }, /^socket hang up: if it expects TLS, write wss:\/\/, not ws:\/\/$/],
  ['http://lab:8080', { code: 'UND_ERR_SOCKET', message: 'other side closed' }, /write https:\/\//],
  ['ws://lab:8081', { message: 'Unexpected server response: 404' }, /^Unexpected server response: 404: something else listens there/],
  ['ws://lab:8080', { message: 'Unexpected server response: 401' }, /--token-file$/],
])('%s: %o says what to do', (url, error, text) => {
  expect(dialFailure(url, error)).toMatch(text);
});

test('what says enough by itself is left alone', () => {
  expect(dialFailure('ws://lab:8080', { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' })).toBeNull();
  expect(dialFailure('wss://lab:8080', { code: 'ECONNRESET', message: 'socket hang up' })).toBeNull();
  expect(dialFailure('ws://lab:8080', { message: 'Unexpected server response: 503' })).toBeNull();
});

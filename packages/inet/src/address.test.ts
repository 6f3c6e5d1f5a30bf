import { VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { Hub } from './testing/hub.ts';

/** Addresses on both sides of 128.0.0.0, where a signed number changes its sign. */
test.each(['10.0.0', '126.255.255', '128.0.0', '172.16.0', '192.168.0', '223.255.255'])(
  'stations of %s.0/24 resolve, ping, talk UDP and hear of errors',
  async (subnet) => {
    const host = new VirtualHost();
    const hub = new Hub(host);
    const h1 = hub.station(1, `${subnet}.1/24`);
    const h2 = hub.station(2, `${subnet}.254/24`);
    const h3 = hub.station(3, `${subnet}.3/24`);
    host.advance(0);

    const answered = h1.inet.ping(`${subnet}.254`, { count: 1, size: 4000 });
    const unanswered = h1.inet.ping(`${subnet}.9`, { count: 1, timeout: 10 });
    const server = h2.inet.udpBind({ port: 7, address: `${subnet}.254` });
    server.onMessage = (buf, at, len, saddr, sport) => server.send(buf, saddr, sport, at, len);
    const listener = h3.inet.udpBind({ port: 7 });
    const client = h1.inet.udpBind({ broadcast: true });
    const heard: string[] = [];
    listener.onMessage = (_buf, _at, len) => heard.push(`broadcast of ${len}`);
    client.onMessage = (_buf, _at, len) => heard.push(`answer of ${len}`);
    client.onError = (code) => heard.push(code);
    client.send(new Uint8Array(5), `${subnet}.254`, 7);
    client.send(new Uint8Array(6), `${subnet}.3`, 9);
    client.send(new Uint8Array(7), `${subnet}.255`, 7);
    client.send(new Uint8Array(8), '255.255.255.255', 7);
    host.advance(20_000);

    expect(await answered).toMatchObject({ received: 1 });
    expect(await unanswered).toMatchObject({ errors: [{ reason: 'Destination Host Unreachable' }] });
    expect(heard.sort()).toEqual(['ECONNREFUSED', 'answer of 5', 'broadcast of 7', 'broadcast of 8']);
    expect(
      h1.inet
        .neigh()
        .map((n) => n.dst)
        .sort(),
    ).toEqual([`${subnet}.254`, `${subnet}.3`, `${subnet}.9`].sort());
    expect(h1.inet.addrs(h1.dev)[0]).toMatchObject({ local: `${subnet}.1`, broadcast: `${subnet}.255` });
  },
);

/** A rig chooses a network and ports that nothing else on the machine uses. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { choose } from './place.ts'
import { sizeOf } from './unpacked.ts'

const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
const route = (link: string, destination: string, mask: string): string =>
  `${link}\t${destination}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0\n`
const defaultRoute = route('eth0', '00000000', '00000000')
const listening = (address: string, port: string): string =>
  `   0: ${address}:${port} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1`

const cases = [
  {
    name: 'no conflict',
    routes: defaultRoute,
    sockets: '',
    expected: ['10.77.0', 5000],
    conflicts: 0,
  },
  {
    name: 'the first network is taken',
    routes: defaultRoute + route('veth0', '00004D0A', '00FFFFFF'),
    sockets: '',
    expected: ['10.77.1', 5000],
    conflicts: 1,
  },
  {
    name: 'a route covers part of the first network',
    routes: route('veth0', '80004D0A', '80FFFFFF'),
    sockets: '',
    expected: ['10.77.1', 5000],
    conflicts: 1,
  },
  {
    name: 'a whole private range is in use',
    routes: route('tun0', '0000000A', '000000FF'),
    sockets: '',
    expected: ['192.168.0', 5000],
    conflicts: 512,
  },
  {
    name: 'another registry listens on all addresses',
    routes: '',
    sockets: listening('00000000', '1388'),
    expected: ['10.77.0', 5100],
    conflicts: 1,
  },
  {
    name: "the last of the registries' ports is taken over IPv6",
    routes: '',
    sockets: listening('0'.repeat(32), '1394'),
    expected: ['10.77.0', 5100],
    conflicts: 1,
  },
  {
    name: 'a registry on a single address is no conflict',
    routes: '',
    sockets: listening('0100007F', '1388'),
    expected: ['10.77.0', 5000],
    conflicts: 0,
  },
] as const

suite('a rig takes a free network and free ports', () => {
  for (const { name, routes, sockets, expected, conflicts: count } of cases)
    test(name, () => {
      const { claim, conflicts } = choose({ routes: header + routes, sockets }, 0)
      assert.deepEqual([claim.network, claim.firstPort], expected)
      assert.equal(conflicts.length, count)
    })

  test('if no network is free, the error names every conflict', () => {
    const taken = header + route('tun0', '00000080', '00000080') + route('tun1', '00000000', '00000080')
    assert.throws(() => choose({ routes: taken, sockets: '' }, 0), /198\.18\.255\.0\/24 is in use .*tun0/)
  })

  test('the download size is the sum of the sizes that apt prints', () => {
    const printed =
      "Reading…\n'http://mirror.example/a_1.deb' a_1.deb 1200 SHA256:0\n'http://mirror.example/b.deb' b.deb 34 SHA256:1\n"
    assert.equal(sizeOf(printed), 1234)
  })
})

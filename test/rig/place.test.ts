/** Where a rig may be: the networks and ports of a machine that others use already. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { choose } from './place.ts'
import { sizeOf } from './unpacked.ts'

const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
const route = (link: string, destination: string, mask: string): string =>
  `${link}\t${destination}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0\n`
const byDefault = route('eth0', '00000000', '00000000')
const listening = (address: string, port: string): string =>
  `   0: ${address}:${port} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1`

const cases = [
  { name: 'nothing in the way', routes: byDefault, sockets: '', expected: ['10.77.0', 5000], told: 0 },
  {
    name: 'the first network is taken',
    routes: byDefault + route('veth0', '00004D0A', '00FFFFFF'),
    sockets: '',
    expected: ['10.77.1', 5000],
    told: 1,
  },
  {
    name: 'a route into a part of it',
    routes: route('veth0', '80004D0A', '80FFFFFF'),
    sockets: '',
    expected: ['10.77.1', 5000],
    told: 1,
  },
  {
    name: "a whole private range is somebody else's",
    routes: route('tun0', '0000000A', '000000FF'),
    sockets: '',
    expected: ['192.168.0', 5000],
    told: 512,
  },
  {
    name: 'a registry on all addresses',
    routes: '',
    sockets: listening('00000000', '1388'),
    expected: ['10.77.0', 5100],
    told: 1,
  },
  {
    name: 'the last of its ports, by IPv6',
    routes: '',
    sockets: listening('0'.repeat(32), '1394'),
    expected: ['10.77.0', 5100],
    told: 1,
  },
  {
    name: 'a registry on an address of its own',
    routes: '',
    sockets: listening('0100007F', '1388'),
    expected: ['10.77.0', 5000],
    told: 0,
  },
] as const

suite('a rig takes what is free', () => {
  for (const { name, routes, sockets, expected, told } of cases)
    test(name, () => {
      const { claim, inTheWay } = choose({ routes: header + routes, sockets }, 0)
      assert.deepEqual([claim.network, claim.firstPort], expected)
      assert.equal(inTheWay.length, told)
    })

  test('a machine with nothing free is told what is in the way', () => {
    const taken = header + route('tun0', '00000080', '00000080') + route('tun1', '00000000', '00000080')
    assert.throws(() => choose({ routes: taken, sockets: '' }, 0), /198\.18\.255\.0\/24 is in use .*tun0/)
  })

  test('the sizes of a download are those that apt prints', () => {
    const printed =
      "Reading…\n'http://mirror.example/a_1.deb' a_1.deb 1200 SHA256:0\n'http://mirror.example/b.deb' b.deb 34 SHA256:1\n"
    assert.equal(sizeOf(printed), 1234)
  })
})

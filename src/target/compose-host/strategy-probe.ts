import type { Answer } from './answer.ts'
import type { Lossless } from './facts.ts'

/** A reason why a service cannot be replaced without losing requests, and its remedy. */
export interface Blocker {
  readonly why: string
  readonly remedy: string
}

/** The answer of strategy-probe.sh. */
export interface StrategyProbe {
  readonly blockers: Readonly<Record<Lossless, readonly Blocker[]>>
  /** The paths of each service's anonymous volumes. */
  readonly anonymous: Readonly<Record<string, readonly string[]>>
  /** The services whose ports the engine does not publish. */
  readonly unpublished: readonly string[]
}

/** Parses the answer of strategy-probe.sh; pure. */
export function readProbe(answer: Answer): StrategyProbe {
  const relay: (Blocker | false)[] = [
    answer.text('security').includes('name=rootless') && {
      why: 'the engine is rootless, and does not publish ports in the server’s own network',
      remedy: 'Deploy with `strategy: recreate`.',
    },
    /podman/i.test(answer.text('components')) && {
      why: 'the engine is Podman',
      remedy: 'Deploy with `strategy: recreate`.',
    },
    answer.text('backend').startsWith('nftables') && {
      why: 'the engine uses its nftables backend, where rules of iptables may apply too late',
      remedy:
        'Set `"firewall-backend": "iptables"` in the engine’s daemon.json, or deploy with `strategy: recreate`.',
    },
    answer.has('probed') &&
      !answer.has('proxy') && {
        why: 'the engine runs without `userland-proxy`, or hides its processes',
        remedy:
          'Set `"userland-proxy": true` in the engine’s daemon.json, or deploy with `strategy: recreate`.',
      },
    ruleBlocker(answer, ['rule', 'rule6'], (said, passed) =>
      passed.includes('listed') ? unmanaged : passed.includes('set') ? unlisted(said) : unset(said),
    ),
  ]
  const startFirst = [
    ruleBlocker(answer, ['inside'], said => ({
      why: `the server cannot add a firewall rule in the network of its container${said}`,
      remedy:
        'The server needs iptables with `REJECT`. Or withdraw the old container in another way: `withdraw: none`, or a command.',
    })),
  ]
  const ofService = (kind: string) =>
    answer.sections
      .filter(({ name }) => name.startsWith(kind))
      .map(({ name, lines }) => [name.slice(kind.length), lines] as const)
  const mounts = ofService('mounts.').map(([name, lines]) => [name, lines.flatMap(anonymousTarget)] as const)
  const present = (all: readonly (Blocker | false)[]) => all.filter(each => each !== false)
  return {
    blockers: { relay: present(relay), 'start-first': present(startFirst) },
    anonymous: Object.fromEntries(mounts),
    unpublished: ofService('unpublished.').map(([name]) => name),
  }
}

function ruleBlocker(
  answer: Answer,
  names: readonly string[],
  blocker: (said: string, passed: readonly string[]) => Blocker,
): Blocker | false {
  const failed = names.filter(name => answer.has(`${name}.code`) && answer.text(`${name}.code`) !== '0')
  const [first] = failed
  if (first === undefined) return false
  const said = failed.map(name => answer.lines(`${name}.error`).at(-1) ?? '').find(line => line !== '')
  return blocker(said === undefined ? '' : ` (${said})`, answer.lines(first))
}

const unset = (said: string): Blocker => ({
  why: `the server cannot add a firewall rule with an expiry date${said}`,
  remedy:
    'The server needs iptables (and ip6tables where it has IPv6) with the modules `xt_time`, `xt_comment` and `xt_addrtype`.',
})

const unlisted = (said: string): Blocker => ({
  why: `the server cannot list its firewall rules, so Slipway could not remove its own${said}`,
  remedy:
    'Make `sudo iptables -t nat -S PREROUTING` and `sudo iptables -t nat -S OUTPUT` work on the server (the same for `ip6tables`): move rules that only `nft` can list to a table of their own.',
})

const unmanaged: Blocker = {
  why: 'the server’s iptables has no rule of the engine for a published port: the engine does not manage the firewall, or uses the other variant of iptables',
  remedy:
    'Remove `"iptables": false` from the engine’s daemon.json and restart the engine, which also ends a mix of iptables-nft and iptables-legacy, or deploy with `strategy: recreate`.',
}

/**
 * Returns the mount point of an anonymous volume, whose name has 64 hex digits. The compose file shows all other
 * volumes.
 */
const anonymousTarget = (line: string): string[] => /^volume [0-9a-f]{64} (.+)$/.exec(line)?.slice(1, 2) ?? []

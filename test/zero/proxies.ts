import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { dockerConfigFor } from '../rig/base.ts'
import { run } from '../rig/command.ts'
import type { Rig } from '../rig/rig.ts'
import { programIn } from '../rig/suites.ts'
import { type Unpacked, unpacked } from '../rig/unpacked.ts'

/** A reverse proxy that listens on port 8080 and finds the service `web` by its name, or by its labels. */
export interface ReverseProxy {
  readonly title: string
  /** The program of its image. Default: the test program's own proxy, which follows labels. */
  readonly program?: 'nginx' | 'haproxy' | 'caddy'
  /** Its configuration files in /proxy, by name. */
  readonly files: Readonly<Record<string, string>>
  readonly command: readonly string[]
  /** The command in its container that makes it resolve its addresses again. */
  readonly reload?: string
}

const say = (line: string): void => void process.stderr.write(`zero: ${line}\n`)

const nginx = (http: string) => ({
  program: 'nginx' as const,
  files: {
    'nginx.conf': `user root;
worker_processes 1;
pid /tmp/nginx.pid;
error_log /dev/stderr;
events {}
http {
  access_log off;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
${http}
}
`,
  },
  command: ['/bin/nginx', '-c', '/proxy/nginx.conf', '-g', 'daemon off;'],
})

export const proxies = {
  nginx: {
    title: 'nginx, static upstream, `proxy-reload: nginx -s reload`',
    ...nginx(`  upstream web { server web:8080; }
  server { listen 8080; location / { proxy_pass http://web; } }`),
    reload: '/bin/nginx -c /proxy/nginx.conf -s reload',
  },
  resolver: {
    title: 'nginx, `resolver … valid=5s`',
    ...nginx(`  resolver 127.0.0.11 valid=5s ipv6=off;
  server { listen 8080; location / { set $web web; proxy_pass http://$web:8080; } }`),
  },
  haproxy: {
    title: 'HAProxy, `server-template`, `check`, `option redispatch`',
    program: 'haproxy',
    files: {
      'haproxy.cfg': `global
  maxconn 500
resolvers docker
  nameserver dns 127.0.0.11:53
  hold valid 1s
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  option redispatch
frontend in
  bind :8080
  default_backend web
backend web
  server-template web 4 web:8080 check inter 1s resolvers docker init-addr none
`,
    },
    command: ['/bin/haproxy', '-f', '/proxy/haproxy.cfg'],
  },
  caddy: {
    title: 'Caddy, `reverse_proxy web:8080`',
    program: 'caddy',
    files: {
      Caddyfile: `{
  admin off
  auto_https off
}
:8080 {
  reverse_proxy web:8080
}
`,
    },
    command: ['/bin/caddy', 'run', '--config', '/proxy/Caddyfile', '--adapter', 'caddyfile'],
  },
  labels: {
    title: 'a proxy that follows labels and health (start, die, health_status; 2 s throttle; no retry)',
    files: {},
    command: ['/zero', 'follow'],
  },
} as const satisfies Readonly<Record<string, ReverseProxy>>

export type ProxyName = keyof typeof proxies

const packages = (name: string): Unpacked => ({
  name: `zero-${name}`,
  suite: 'own',
  packages: [name],
  dependencies: true,
})

/**
 * Pushes an image FROM scratch with a program of this machine's distribution and its libraries. Returns its reference.
 */
export async function pushProxy(all: Rig, name: NonNullable<ReverseProxy['program']>): Promise<string> {
  const registry = await all.anonymousRegistry()
  const folder = await unpacked(all.place, packages(name), say)
  const program = programIn(folder, name)
  const context = join(all.place.run, `zero-${name}-${process.pid}`)
  rmSync(context, { recursive: true, force: true })
  for (const part of ['bin', 'tmp', 'etc', 'proxy', 'var/lib/nginx', 'var/log/nginx'])
    mkdirSync(join(context, part), { recursive: true })
  copyFileSync(program, join(context, 'bin', name))
  for (const library of await librariesOf(program, folder)) {
    const to = join(context, library.at)
    mkdirSync(join(to, '..'), { recursive: true })
    copyFileSync(library.file, to)
  }
  writeFileSync(
    join(context, 'etc/passwd'),
    'root:x:0:0:root:/:/bin/false\nnobody:x:65534:65534::/:/bin/false\n',
  )
  writeFileSync(join(context, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n')
  writeFileSync(join(context, 'tmp/.keep'), '')
  writeFileSync(
    join(context, 'Dockerfile'),
    'FROM scratch\nCOPY . /\nENV HOME=/tmp XDG_CONFIG_HOME=/tmp XDG_DATA_HOME=/tmp LD_LIBRARY_PATH=/lib-own\n',
  )
  const reference = `${registry.host}/base/${name}:1`
  const env = {
    ...process.env,
    ...all.runner.env,
    DOCKER_CONFIG: dockerConfigFor(all.place, registry, all.runner.plugins),
  }
  await run('docker', ['buildx', 'build', '-q', '--push', '--provenance=false', '-t', reference, context], {
    env,
  })
  return reference
}

/**
 * Returns the libraries of a program with their paths in the image: the loader keeps its path, others share a
 * directory.
 */
async function librariesOf(program: string, folder: string) {
  const own = ['lib', 'lib/x86_64-linux-gnu', 'lib/aarch64-linux-gnu'].map(part => join(folder, 'usr', part))
  const env = { ...process.env, LD_LIBRARY_PATH: own.join(':') }
  const text = await run('ldd', [program], { env }).catch(() => '')
  return text.split('\n').flatMap(line => {
    const [, named] = /=> (\/\S+)/.exec(line) ?? []
    const [, loader] = /^\s*(\/\S+) \(/.exec(line) ?? []
    if (named !== undefined) return [{ file: named, at: join('lib-own', basename(named)) }]
    return loader === undefined ? [] : [{ file: loader, at: loader }]
  })
}

var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target2, all) => {
  for (var name in all)
    __defProp(target2, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target2) => (target2 = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target2, "default", { value: mod, enumerable: true }) : target2,
  mod
));
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);
var import_shared = require("./shared.cjs");
var import_node_tls = require("node:tls");
var import_node_path = require("node:path");
var import_node_tls2 = require("node:tls");
var import_node_path2 = require("node:path");
var import_node_path3 = require("node:path");
var import_node_path4 = require("node:path");
var import_node_path5 = require("node:path");
var import_node_path6 = require("node:path");
var import_node_fs = require("node:fs");
var import_node_path7 = require("node:path");
var import_node_path8 = require("node:path");
var import_node_url = require("node:url");
var import_node_stream = require("node:stream");
var import_node_path9 = require("node:path");
var import_node_path10 = require("node:path");
var import_node_path11 = require("node:path");
var import_node_path12 = require("node:path");
var import_node_path13 = require("node:path");
var import_node_path14 = require("node:path");
var import_node_fs2 = require("node:fs");
var import_node_path15 = require("node:path");
var import_node_fs3 = require("node:fs");

// src/build/version.ts
function atLeast(version, floor) {
  const have = numbers(version);
  for (const [place, wanted] of numbers(floor).entries()) {
    const number = have[place] ?? 0;
    if (number !== wanted) return number > wanted;
  }
  return true;
}
var numbers = (version) => (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? "0").split(".").map(Number);

// src/build/create.ts
function createCommands(plan, made) {
  const { builder } = plan;
  const appended = builder.nodes.map((node) => [
    ...["--name", made.name, "--append"],
    ...node.name === void 0 ? [] : ["--node", node.name],
    ...node.platforms.length === 0 ? [] : ["--platform", node.platforms.join(",")]
  ]);
  const beginnings = [["--name", made.name, "--driver", made.driver], ...appended];
  return [builder, ...builder.nodes].map((node, place, nodes) => ({
    file: "docker",
    args: [
      ...["buildx", "create", ...place === nodes.length - 1 ? ["--bootstrap"] : []],
      ...beginnings[place] ?? [],
      ...nodeArguments(node, entitlements(plan), made, made.certificates?.[place] ?? [])
    ]
  }));
}
function nodeArguments({ driverOpts, flags, endpoint }, allowed, { driver, configFile, buildxVersion }, certificates) {
  const remote = driver === "remote";
  const given = flags ?? allowed;
  return [
    ...[...driverOpts, ...certificates].flatMap((option) => ["--driver-opt", option]),
    ...remote || given === "" ? [] : ["--buildkitd-flags", given],
    ...remote || configFile === void 0 ? [] : [configFlag(buildxVersion), configFile],
    ...endpoint === void 0 ? [] : [endpoint]
  ];
}
function entitlements({ allow, network }) {
  const known = ["network.host", "security.insecure"].filter(
    (name) => allow.some((each2) => each2.split("=")[0] === name) || name === "network.host" && network === "host"
  );
  return known.map((name) => `--allow-insecure-entitlement ${name}`).join(" ");
}
var configFlag = (buildxVersion) => atLeast(buildxVersion, "0.13") ? "--buildkitd-config" : "--config";
var inspectCommand = (name) => ({
  file: "docker",
  args: ["buildx", "inspect", "--bootstrap", name]
});
var removeCommand = (name, keepState) => ({
  file: "docker",
  args: ["buildx", "rm", "--force", ...keepState ? ["--keep-state"] : [], name]
});
function readPlatforms(inspected) {
  const nodes = [...inspected.matchAll(/^\s*Platforms:\s*(.*)$/gm)].map(([, platforms2 = ""]) => platforms2);
  return [...new Set(nodes.flatMap((platforms2) => platforms2.split(",")).map(clean))].filter((each2) => each2 !== "");
}
var clean = (platform) => platform.replace(/\*$/, "").replace(/^\(\+\d+\)$/, "").trim();
var readDriver = (inspected) => /^Driver:\s*(\S+)/m.exec(inspected)?.[1] ?? "";
var setTimeout2 = (...args) => process.getBuiltinModule("node:timers/promises").setTimeout(...args);

// src/github/deployments-api.ts
var depth = 10;
var page = 100;
async function openApi({ token, environment: environment2, url, mark: mark2 }, { apiUrl, repository, serverUrl, sha, runId }, fetch) {
  const { getOctokit } = await Promise.resolve().then(() => __toESM(require("./vendor/actions-github.cjs")));
  const { request: request3 } = getOctokit(token, { baseUrl: apiUrl, request: { fetch } });
  const [owner = "", repo = ""] = repository.split("/");
  const place = { owner, repo };
  const shown3 = {
    log_url: `${serverUrl}/${repository}/actions/runs/${runId}`,
    ...url === void 0 ? {} : { environment_url: url }
  };
  return {
    async create() {
      const { data } = await request3("POST /repos/{owner}/{repo}/deployments", {
        ...place,
        ref: sha,
        environment: environment2,
        auto_merge: false,
        // The run itself is the check: waiting for the others would wait for this one.
        required_contexts: [],
        description: "Slipway",
        payload: { slipway: mark2 }
      });
      if (!("id" in data)) throw new Error(data.message ?? "GitHub answered without a deployment");
      return Number(data.id);
    },
    async set(id, state, description) {
      await request3("POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", {
        ...place,
        deployment_id: id,
        state,
        // GitHub refuses more than 140 characters.
        description: description.slice(0, 140),
        // What is inactive is not to be seen there any more, and may be of another run.
        ...state === "inactive" ? {} : shown3,
        // GitHub would take the deployments of others, too (of another host, of another service of theirs).
        auto_inactive: false
      });
    },
    async list() {
      const path = "GET /repos/{owner}/{repo}/deployments";
      const { data } = await request3(path, { ...place, environment: environment2, per_page: page });
      return data.filter(({ payload }) => (0, import_shared.at)(payload, "slipway") === mark2).slice(0, depth).map(({ id }) => Number(id));
    },
    async stateOf(id) {
      const path = "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses";
      const { data } = await request3(path, { ...place, deployment_id: id, per_page: 1 });
      return data[0]?.state;
    }
  };
}

// src/github/deployment.ts
var patience = 2e3;
async function openDeployment(plan, context, without, fetch, wait = patience) {
  const { environment: environment2 } = plan;
  if (plan.token === "") {
    without(`No deployment status is shown for ${environment2}: \`github-token\` is empty`);
    return void 0;
  }
  const api = await openApi(plan, context, fetch);
  const attempt2 = attempts(without, environment2);
  const id = await attempt2(api.create);
  if (id === void 0) return void 0;
  return {
    id,
    set: async (state, description) => void await attempt2(() => api.set(id, state, description), stays(state) ? wait : void 0),
    retireOthers: async () => void await attempt2(() => retireOthers(api, id))
  };
}
var stays = (state) => state !== "queued" && state !== "in_progress";
function attempts(without, environment2) {
  let refused4 = false;
  let told = false;
  return async function attempt2(work, again) {
    if (refused4) return void 0;
    try {
      return await work();
    } catch (error) {
      refused4 = isRefusal(error);
      if (!refused4 && again !== void 0) {
        await setTimeout2(again);
        return await attempt2(work, void 0);
      }
      if (!told) without(`No deployment status is shown for ${environment2}: ${because(error)}`);
      told = true;
      return void 0;
    }
  };
}
var isRefusal = (error) => [401, 403, 404].includes(Number((0, import_shared.at)(error, "status")));
async function retireOthers(api, own) {
  for (const id of (await api.list()).filter((each2) => each2 < own)) {
    if (await api.stateOf(id) === "success") await api.set(id, "inactive", "A later deployment serves");
  }
}
function because(error) {
  const status = (0, import_shared.at)(error, "status");
  const message = error instanceof Error ? error.message : String(error);
  if (status === 403) return `${message} (give the job "permissions: deployments: write")`;
  if (status === 404)
    return `${message} (this server has no such API, or the token may not see the repository)`;
  return message;
}
var request = (...args) => process.getBuiltinModule("node:http").request(...args);
var request2 = (...args) => process.getBuiltinModule("node:https").request(...args);
var isIP = (...args) => process.getBuiltinModule("node:net").isIP(...args);

// src/registry/transport.ts

// src/registry/proxy.ts
function proxyFor(url, env) {
  const scheme = url.protocol.slice(0, -1).toUpperCase();
  const text2 = either(env, `${scheme}_PROXY`) || either(env, "ALL_PROXY");
  if (text2 === "" || isExcluded(url, either(env, "NO_PROXY"))) return void 0;
  const proxy = text2.includes("://") ? text2 : `http://${text2}`;
  return URL.canParse(proxy) ? new URL(proxy) : void 0;
}
var either = (env, name) => env[name.toLowerCase()] || env[name] || "";
function isExcluded(url, list4) {
  const host2 = bare(url.hostname);
  if (host2 === "localhost" || host2 === "::1" || host2.startsWith("127.")) return true;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list4.split(/[\s,]+/).filter((entry) => entry !== "").some((entry) => matches(entry.toLowerCase(), host2, port));
}
function matches(entry, host2, port) {
  if (entry === "*") return true;
  if (entry.includes("/")) return inNetwork(host2, entry);
  const [, name = "", only] = /^(\[[^\]]*\]|[^:]*|[^:]*:[^:]*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (only !== void 0 && only !== port) return false;
  const domain = bare(name).replace(/^\*?\./, "");
  return host2 === domain || host2.endsWith(`.${domain}`);
}
var bare = (host2) => host2.replace(/^\[|\]$/g, "").toLowerCase();
function inNetwork(address, network) {
  const [base = "", bits = "32"] = network.split("/");
  const one2 = toNumber(address);
  const other2 = toNumber(base);
  if (one2 === void 0 || other2 === void 0) return address === base;
  const size2 = 2 ** (32 - Number(bits));
  return Math.floor(one2 / size2) === Math.floor(other2 / size2);
}
function toNumber(address) {
  const parts3 = address.split(".").map(Number);
  const valid = parts3.length === 4 && parts3.every((part) => Number.isInteger(part) && part >= 0 && part < 256);
  return valid ? parts3.reduce((sum, part) => sum * 256 + part, 0) : void 0;
}

// src/registry/transport.ts
var patience2 = 2e4;
var largest = 16 * 1024 * 1024;
function openTransport(env, signal) {
  return async (request3) => {
    const { url, trust } = request3;
    const proxy = proxyFor(url, env);
    if (proxy === void 0) return await exchange(request3, {}, signal);
    if (url.protocol === "http:") return await exchange(request3, throughProxy(url, proxy), signal);
    const socket = await tunnel(url, proxy, signal);
    const createConnection = () => import_node_tls.connect({ ...trust, ...serverName(url), socket });
    return await exchange(request3, { createConnection }, signal);
  };
}
function serverName({ hostname }) {
  const host2 = hostname.replace(/^\[|\]$/g, "");
  return isIP(host2) ? { host: host2 } : { host: host2, servername: host2 };
}
function exchange({ method, url, headers, body, trust }, route, signal) {
  const { promise, resolve: resolve3, reject } = Promise.withResolvers();
  const request3 = url.protocol === "https:" ? request2 : request;
  const routed = { ...trust, ...route, headers: { ...headers, ...route.headers } };
  const sent = request3(url, { ...routed, method, signal, timeout: patience2 }, (response) => {
    read(response).then(
      (content) => resolve3({ status: response.statusCode ?? 0, headers: response.headers, body: content }),
      reject
    );
  });
  sent.on("timeout", () => sent.destroy(silence(url)));
  sent.on("error", reject);
  sent.end(body);
  return promise;
}
async function read(response) {
  const chunks = [];
  let size2 = 0;
  for await (const chunk of response) {
    size2 += chunk.length;
    if (size2 > largest) throw new Error(`the answer is larger than ${largest} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
var silence = (url) => Object.assign(new Error(`${url.host} did not answer within ${patience2 / 1e3} seconds`), {
  code: "ETIMEDOUT"
});
function throughProxy(url, proxy) {
  return {
    hostname: proxy.hostname,
    port: proxy.port,
    path: url.href,
    headers: { host: url.host, ...proxyAuthorization(proxy) }
  };
}
function tunnel(url, proxy, signal) {
  const { promise, resolve: resolve3, reject } = Promise.withResolvers();
  const request3 = proxy.protocol === "https:" ? request2 : request;
  const host2 = `${url.hostname}:${url.port || "443"}`;
  const headers = { host: host2, ...proxyAuthorization(proxy) };
  const connect3 = request3(proxy, {
    method: "CONNECT",
    path: host2,
    headers,
    agent: false,
    timeout: patience2,
    signal
  });
  connect3.on("connect", (response, socket) => {
    if (response.statusCode === 200) return resolve3(socket);
    socket.destroy();
    reject(new Error(`the proxy ${proxy.host} refused to connect to ${host2} (${response.statusCode})`));
  });
  connect3.on("response", (response) => {
    response.resume();
    reject(new Error(`the proxy ${proxy.host} refused to connect to ${host2} (${response.statusCode})`));
  });
  connect3.on("timeout", () => connect3.destroy(silence(proxy)));
  connect3.on("error", reject);
  connect3.end();
  return promise;
}
function proxyAuthorization({ username, password }) {
  if (username === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}
var readFile = (...args) => process.getBuiltinModule("node:fs/promises").readFile(...args);
var readdir = (...args) => process.getBuiltinModule("node:fs/promises").readdir(...args);

// src/registry/trust.ts
var dockerCertificates = "/etc/docker/certs.d";
async function dockerTrust(host2, directory = dockerCertificates) {
  const folder = (0, import_node_path.join)(directory, host2);
  const names2 = (await readdir(folder).catch(() => [])).sort();
  const contents = async (end) => await Promise.all(
    names2.filter((name) => name.endsWith(end)).map((name) => readFile((0, import_node_path.join)(folder, name), "utf8"))
  );
  const [authorities = [], [cert] = [], [key] = []] = await Promise.all(
    [".crt", ".cert", ".key"].map(contents)
  );
  return {
    ...authorities.length > 0 ? { ca: [...(0, import_node_tls2.getCACertificates)("default"), ...authorities] } : {},
    ...cert === void 0 ? {} : { cert },
    ...key === void 0 ? {} : { key }
  };
}
var withSystem = (trust) => ({
  ...trust,
  ca: [...trust.ca ?? (0, import_node_tls2.getCACertificates)("default"), ...(0, import_node_tls2.getCACertificates)("system")]
});
var trustingSystem = (transport) => async (request3) => await transport(request3).catch(async (error) => {
  if (!isUntrusted(error)) throw error;
  return await transport({ ...request3, trust: withSystem(request3.trust) });
});
var isUntrusted = (error) => /^(?:UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(?:_LOCALLY)?)|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT)$/.test(
  String(error.code)
);
var isDistrust = (error) => /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(String(error.code));
var isPlain = (error) => /EPROTO|ERR_SSL_|ECONNRESET|WRONG_VERSION_NUMBER/.test(String(error.code));
function isInsecure(host2, { hosts, cidrs }) {
  const name = host2.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  if (name === "localhost" || name === "::1" || hosts.includes(host2)) return true;
  return cidrs.some((network) => inNetwork(name, network));
}

// src/registry/fetch.ts
function openFetch({ env }) {
  const send2 = trustingSystem(openTransport(env, new AbortController().signal));
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const { status, headers, body } = await send2({
      method: init.method ?? "GET",
      url,
      headers: Object.fromEntries(new Headers(init.headers)),
      ...typeof init.body === "string" ? { body: Buffer.from(init.body) } : {},
      trust: {}
    });
    const lines2 = Object.entries(headers).flatMap(
      ([name, value]) => value === void 0 ? [] : [[name, String(value)]]
    );
    const empty = status === 204 || status === 304;
    return new Response(empty ? null : new Uint8Array(body), {
      status,
      headers: new Headers(lines2)
    });
  };
}

// src/announce.ts
async function announced(plan, world, work) {
  const opened = open(plan, world);
  let told = opened.then((deployment) => deployment?.set("queued", "Everything is checked and built first"));
  const tell2 = (state, text2) => {
    told = told.then(async () => await (await opened)?.set(state, text2));
  };
  try {
    const ending2 = await work(() => tell2("in_progress", "Slipway deploys"));
    tell2(...statuses[ending2.end]);
    if (serves.has(ending2.end)) told = told.then(async () => await (await opened)?.retireOthers());
    return ending2;
  } catch (error) {
    tell2(...endOf(error, world));
    throw error;
  } finally {
    await told;
  }
}
async function open({ deployment: plan, deploy: deploy2, dryRun }, { log, context, ...world }) {
  if (plan === void 0 || dryRun) return void 0;
  if (deploy2 === void 0) {
    log.notice(`No deployment is recorded for ${plan.environment}: nothing is deployed.`);
    return void 0;
  }
  try {
    return await openDeployment(plan, context, (text2) => log.notice(text2), openFetch(world));
  } catch (error) {
    log.notice(`No deployment status is shown for ${plan.environment}: ${String(error)}`);
    return void 0;
  }
}
var serves = /* @__PURE__ */ new Set(["released", "not-promoted"]);
var failed = ["failure", "It failed; nothing was changed"];
var cancelled = ["failure", "Cancelled; nothing was changed"];
var statuses = {
  released: ["success", "The new release serves"],
  "not-promoted": ["success", "The new release serves; its tags were not moved"],
  // As a success it would set the newer one inactive, which serves.
  superseded: ["inactive", "A newer release serves already"],
  "rolled-back": ["failure", "It failed and was rolled back: the previous release serves"],
  removed: ["failure", "It failed and was removed: nothing ran before it"],
  broken: ["failure", "It failed, and was not put back: look at the server"],
  lost: ["failure", "Nobody could see how it ended: see the log"],
  failed,
  cancelled,
  pushed: ["inactive", "Nothing was deployed"],
  built: ["inactive", "Nothing was deployed"],
  nothing: ["inactive", "Nothing was deployed"],
  planned: ["inactive", "Nothing was deployed"]
};
function endOf(error, world) {
  if (world.cancelled.aborted) return cancelled;
  return error instanceof import_shared.Failure ? failed : ["error", "A fault of Slipway itself: see the log"];
}

// src/deploy/history.ts
function readHistory([head = "", ...lines2]) {
  const columns = head.split("	");
  return lines2.filter((line) => line !== head).map((line) => line.split("	")).filter((cells) => cells.length === columns.length).map((cells) => entryOf((name) => cellOf(cells[columns.indexOf(name)])));
}
var cellOf = (cell = "-") => cell === "-" ? "" : cell;
var entryOf = (cell) => ({
  when: cell("when"),
  verdict: cell("verdict"),
  service: cell("service"),
  image: cell("image"),
  tags: cell("tags").split(" ").filter(Boolean),
  commit: cell("commit"),
  url: cell("url")
});
var lastVerified = (history, service) => history.findLast((entry) => entry.service === service && entry.verdict === "ok");

// src/deploy/describe.ts
function describeDeploy({ project, services, tools }, { pins, envSet }) {
  return {
    project: project.name,
    directory: project.directory,
    services: services.map((service) => {
      const pin = pins.find((each2) => each2.service === service.name);
      return {
        name: service.name,
        from: runningRelease(service, pin?.pushed),
        reference: pin?.reference ?? service.reference,
        containers: service.containers.length,
        configChanged: configChanged(service, tools.composeVersion),
        drift: driftOf(service, lastVerified(project.history, service.name)?.image)
      };
    }),
    env: envSet,
    unfinished: project.unfinished
  };
}
function serving({ containers }) {
  const running = containers.filter(({ state }) => state === "running" || state === "restarting");
  return running.length > 0 ? running : containers;
}
function runningRelease(service, preferred) {
  const [container] = serving(service);
  if (container === void 0) return void 0;
  const { repoDigests, imageId } = container;
  const own = preferred === void 0 ? void 0 : `${(0, import_shared.repositoryName)(preferred)}@`;
  return repoDigests.find((digest) => own !== void 0 && digest.startsWith(own)) ?? repoDigests[0] ?? imageId;
}
function configChanged({ configHash, containers }, version) {
  const comparable = containers.filter(({ composeVersion }) => composeVersion === version);
  if (configHash === void 0 || comparable.length === 0) return void 0;
  return comparable.some((container) => container.configHash !== configHash);
}
function driftOf(service, verified) {
  if (verified === void 0) return void 0;
  const digest = verified.slice(verified.indexOf("@") + 1);
  const containers = serving(service);
  if (containers.length === 0) return `Nothing runs, and ${verified} was the last that was verified.`;
  const stranger = containers.find((each2) => !runsDigest(each2, digest));
  if (stranger === void 0) return void 0;
  return `${stranger.name} runs ${stranger.repoDigests[0] ?? stranger.imageId}, and ${verified} was the last that was verified.`;
}
var runsDigest = ({ imageId, repoDigests }, digest) => imageId === digest || repoDigests.some((each2) => each2.endsWith(`@${digest}`));

// src/describe.ts
function describePlan(plan, { workshop, server }) {
  const { build: build2, image, deploy: deploy2 } = plan;
  const makes = workshop !== void 0 && workshop.reused === void 0 && build2.when !== "never";
  return {
    version: image.version,
    build: makes ? buildPart(plan) : void 0,
    reused: workshop?.reused,
    push: workshop !== void 0 && plan.retag && (0, import_shared.pushes)(build2.result) ? image.tags : [],
    deploy: server && {
      target: server.connection.target,
      rollbackTo: deploy2?.rollbackTo,
      files: deploy2?.bring?.files.map(({ remote }) => remote) ?? [],
      settings: server.facts.project.settings ?? [],
      ...describeDeploy(server.facts, server.release)
    },
    promote: plan.promote.map(import_shared.familiar),
    warnings: plan.warnings
  };
}
var buildPart = ({ build: build2 }) => ({
  context: (0, import_shared.sourceArgument)(build2.source),
  file: build2.file,
  target: build2.target,
  platforms: build2.platforms
});
var createHash = (...args) => process.getBuiltinModule("node:crypto").createHash(...args);

// src/registry/manifest.ts
var accept = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json"
].join(", ");
var target = (reference) => ({
  registry: (0, import_shared.registryOf)(reference),
  repository: reference.repository,
  path: `manifests/${reference.digest ?? reference.tag ?? "latest"}`
});
async function digestOf(client, reference) {
  const request3 = { ...target(reference), actions: "pull", headers: { accept } };
  const { status, headers } = await client.send({ ...request3, method: "HEAD" });
  const digest = headers["docker-content-digest"];
  if (status === 200 && typeof digest === "string") return digest;
  return status === 200 ? (await manifestOf(client, reference))?.digest : void 0;
}
async function manifestOf(client, reference) {
  const request3 = { ...target(reference), actions: "pull", headers: { accept } };
  const response = await client.send({ ...request3, method: "GET" });
  return response.status === 200 ? readManifest(response) : void 0;
}
function readManifest({ headers, body }) {
  const content = JSON.parse(body.toString("utf8"));
  const mediaType = String(headers["content-type"] ?? (0, import_shared.at)(content, "mediaType") ?? "").split(";")[0] ?? "";
  const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
  return { digest, mediaType, bytes: body, content };
}
async function platformsOf(client, reference) {
  const manifest = await manifestOf(client, reference);
  if (manifest === void 0) return [];
  const children = (0, import_shared.at)(manifest.content, "manifests");
  if (!Array.isArray(children)) return [await single(client, reference, manifest)];
  const images = children.filter((child) => (0, import_shared.at)(child, "platform", "os") !== "unknown");
  return await Promise.all(images.map((child) => ofIndex(client, reference, child)));
}
async function ofIndex(client, reference, child) {
  const digest = String((0, import_shared.at)(child, "digest"));
  const manifest = await manifestOf(client, { ...reference, digest });
  return { platform: platformName((0, import_shared.at)(child, "platform")), digest, size: sizeOf(manifest?.content) };
}
async function single(client, reference, manifest) {
  const config = await configOf(client, reference, manifest);
  return { platform: platformName(config), digest: manifest.digest, size: sizeOf(manifest.content) };
}
async function labelsOf(client, reference) {
  const manifest = await manifestOf(client, reference);
  const first = (0, import_shared.at)(manifest?.content, "manifests", "0", "digest");
  const image = typeof first === "string" ? await manifestOf(client, { ...reference, digest: first }) : manifest;
  const config = image && await configOf(client, reference, image);
  return (0, import_shared.at)(config, "config", "Labels") ?? {};
}
async function configOf(client, reference, { content }) {
  const digest = (0, import_shared.at)(content, "config", "digest");
  if (typeof digest !== "string") return void 0;
  const request3 = { ...target(reference), path: `blobs/${digest}`, actions: "pull", method: "GET" };
  const { status, body } = await client.send(request3);
  return status === 200 ? JSON.parse(body.toString("utf8")) : void 0;
}
function platformName(platform) {
  const parts3 = ["os", "architecture", "variant"].map((key) => (0, import_shared.at)(platform, key));
  return parts3.filter((part) => typeof part === "string" && part !== "").join("/");
}
function sizeOf(content) {
  const layers = (0, import_shared.at)(content, "layers");
  const parts3 = [(0, import_shared.at)(content, "config"), ...Array.isArray(layers) ? layers : []];
  return parts3.reduce((sum, part) => sum + Number((0, import_shared.at)(part, "size") ?? 0), 0);
}

// src/origin.ts
async function withOrigin(image, { bench, reused, client }, { context }) {
  const own = bench !== void 0 || reused !== void 0;
  const commit = own ? context.sha : await labelled(image, client);
  return commit === "" ? image : { ...image, commit };
}
async function labelled({ repository, digest }, client) {
  const reference = (0, import_shared.parseReference)(`${repository}@${digest}`);
  if ("reason" in reference) return "";
  const labels = await labelsOf(client, reference).catch(() => ({}));
  const revision = labels["org.opencontainers.image.revision"] ?? "";
  return /^[0-9a-f]{40}$/.test(revision) ? revision : "";
}
var rm = (...args) => process.getBuiltinModule("node:fs/promises").rm(...args);
var setTimeout3 = (...args) => process.getBuiltinModule("node:timers/promises").setTimeout(...args);

// src/retry.ts
var registryWaits = [2e3, 6e3, 18e3];
async function retry(attempt2, say, { waits, signal, random = Math.random }) {
  for (const [place, wait] of waits.entries()) {
    const { value, again } = await attempt2();
    if (again === void 0 || signal?.aborted) return value;
    const milliseconds = wait * (0.75 + random() / 2);
    const seconds2 = (milliseconds / 1e3).toFixed(1);
    say(`${again} Trying again in ${seconds2} s (${place + 1} of ${waits.length}).`);
    await setTimeout3(milliseconds, void 0, signal ? { signal } : {});
  }
  return (await attempt2()).value;
}

// src/build/rules.ts
var step = "did not complete successfully: ";
var wrongDockerfile = {
  cause: "The Dockerfile could not be built: {error}",
  remedy: "The lines below are what the step printed; the same Dockerfile fails with `docker build` too."
};
var refused = {
  cause: "The registry refused: {error}",
  remedy: "Check `registry-username` and `registry-password`; for ghcr.io give the job `permissions: packages: write`, and the repository write access in the settings of the package."
};
var rules = [
  {
    kind: "dockerfile",
    pattern: /^Check complete, \d+ warnings? ha(?:s|ve) been found/m,
    within: "output",
    cause: "The check of the Dockerfile found something.",
    remedy: "Mend what is listed below, or name the check under `# check=skip=` at the top of the Dockerfile."
  },
  {
    kind: "disk-full",
    pattern: /no space left on device/i,
    within: "step",
    cause: "The disk is full: {error}",
    remedy: "Free space before this step (`docker system prune`, or remove tools of the hosted image), or use a larger disk."
  },
  {
    kind: "emulator",
    pattern: /qemu: uncaught target signal 11|qemu:.*Segmentation fault/i,
    within: "step",
    cause: "The emulator of a foreign platform crashed (signal 11): {error}",
    remedy: "Build that platform on a native runner or node (`append`), cross-compile with `FROM --platform=$BUILDPLATFORM`, or try another `qemu-image`."
  },
  {
    kind: "emulator",
    pattern: /exec format error/i,
    within: "step",
    cause: "A program of another platform was run without an emulator: {error}",
    remedy: "Let Slipway register one (it needs a privileged container), or name only native `platforms`."
  },
  {
    kind: "out-of-memory",
    pattern: new RegExp(
      `${step}(?:exit code: 137|OOM|.*cannot allocate memory)|ResourceExhausted(?!.*larger than max)`
    ),
    cause: "A step of the build was killed (137): most likely the runner ran out of memory. {error}",
    remedy: "Let that step use less memory at once (fewer parallel jobs), or take a larger runner."
  },
  {
    kind: "transient",
    pattern: /failed to fetch remote[\s\S]*(?:timed out|reset by peer|early EOF|hung up|error: 5\d\d)/i,
    cause: "The repository could not be fetched: {error}",
    remedy: "Run the job again; if it stays so, check the network between the builder and the forge."
  },
  {
    kind: "denied",
    pattern: /failed to fetch remote/i,
    cause: "The repository could not be fetched: {error}",
    remedy: "Give `github-token` a token that may read it, or, for another host, the secret `GIT_AUTH_TOKEN.HOST`; or run actions/checkout before this step."
  },
  {
    kind: "dockerfile",
    pattern: new RegExp(
      `${step}|parse error|unknown instruction|open .*: no such file|target stage|failed to calculate checksum.*: not found|base name \\(.*\\) should not be blank|invalid reference format|secret .* not found|circular dependency`
    ),
    ...wrongDockerfile
  },
  {
    kind: "rate-limit",
    pattern: /toomanyrequests: You have reached|pull rate limit/i,
    cause: "The registry gives no more pulls for now: {error}",
    remedy: "Log in to that registry with `registry-auth`: accounts have limits of their own."
  },
  {
    kind: "transient",
    pattern: /(?:status|response)[^\n]*?: (?:408|425|429|5\d\d)\b|\b(?:429 Too Many Requests|500 Internal Server Error|502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out)\b|toomanyrequests/i,
    cause: "The registry answered with an error of its own: {error}",
    remedy: "Run the job again later; the status page of the registry may say more."
  },
  {
    kind: "denied",
    pattern: /\bdenied\b|insufficient_scope|unauthorized|authentication required|40[13] (?:Unauthorized|Forbidden)|no basic auth credentials/i,
    ...refused
  },
  {
    kind: "certificate",
    pattern: /x509:|certificate (?:signed by|is not trusted|has expired)|tls: failed to verify/i,
    cause: "The registry's certificate is not trusted: {error}",
    remedy: "Put the certificate authority into `/etc/docker/certs.d/HOST/ca.crt`; a builder of its own needs it in `buildkitd-config-inline`."
  },
  {
    kind: "plain-http",
    pattern: /server gave HTTP response to HTTPS client/i,
    cause: "The registry speaks plain HTTP: {error}",
    remedy: "Name it under `insecure-registries` in the engine's daemon.json; for a builder of its own give `buildkitd-config-inline` with `http = true`."
  },
  {
    kind: "unknown-host",
    pattern: /no such host|Name or service not known|getaddrinfo ENOTFOUND/i,
    cause: "A host name is not known: {error}",
    remedy: "Check the name in `image`, `registry` or the Dockerfile, and the name servers of the runner."
  },
  {
    kind: "transient",
    pattern: /connection reset|broken pipe|\bEOF\b|i\/o timeout|handshake timeout|deadline exceeded|Client\.Timeout|request canceled|connection refused|network is unreachable|no route to host|GOAWAY|stream error|INTERNAL_ERROR|use of closed network|Temporary failure in name resolution|server misbehaving|code = Unavailable|blob upload (?:unknown|invalid)|connection timed out/i,
    cause: "The connection failed: {error}",
    remedy: "Run the job again; if it stays so, check the network between the runner and the registry."
  },
  {
    kind: "unsupported",
    pattern: /is not supported for the docker driver|not supported for single platform export|is not allowed/i,
    cause: "The builder cannot do this: {error}",
    remedy: "Leave out `builder` and `driver`, and one that can is chosen."
  },
  // What begins so and says nothing more of why: the connection, or the registry, would have said it above.
  { kind: "denied", pattern: /failed to authorize/i, ...refused },
  {
    kind: "dockerfile",
    pattern: /failed to (?:read|find) dockerfile|failed to compute cache key|failed to calculate checksum/i,
    ...wrongDockerfile
  },
  {
    kind: "not-found",
    pattern: /not found|manifest unknown|does not exist/i,
    cause: "Something that the build needs is not there: {error}",
    remedy: "Check the names and tags in the Dockerfile, `build-contexts` and `cache-from`."
  }
];

// src/build/diagnosis.ts
function diagnose({ code: code2, stdout, stderr }) {
  const output = `${stdout}
${stderr}`;
  const error = lastError(output);
  const printed = { error, output, step: error.includes(step) ? output : error };
  const found = rules.find(({ pattern, within = "error" }) => pattern.test(printed[within]));
  if (found !== void 0) {
    const { kind, cause, remedy } = found;
    const sentence = cause.replace("{error}", () => brief(error));
    return { kind, cause: sentence, ...remedy === void 0 ? {} : { remedy } };
  }
  if (code2 === 137) return killed;
  const ended = code2 === null ? "was ended before it was done" : `failed with exit code ${code2}`;
  const said = brief(error);
  return { kind: "unknown", cause: said === "." ? `docker ${ended}.` : `docker ${ended}: ${said}` };
}
var killed = {
  kind: "out-of-memory",
  cause: "docker was killed (exit code 137): most likely the runner ran out of memory.",
  remedy: "Let the build use less memory at once, or take a larger runner."
};
function lastError(output) {
  const lines2 = output.trimEnd().split("\n");
  const start = lines2.findLastIndex(
    (line) => /^(?:ERROR: |Error(?: response from daemon)?: |error: )/.test(line)
  );
  return start === -1 ? lines2.slice(-5).join("\n") : lines2.slice(start).join("\n");
}
var brief = (error) => firstLine(error).replace(/^(?:ERROR|Error|error)(?: response from daemon)?: /, "").replace(/^(?:failed to (?:build|solve): )+/, "").replaceAll(/(https?:\/\/[^\s"?]+)\?[^\s"]+/g, "$1?\u2026").replace(/[.\s]*$/, ".");
function firstLine(error) {
  const [first = "", ...rest] = error.split("\n");
  const fatal = rest.find((line) => /^(?:fatal|remote|error): /.test(line)) ?? rest[0];
  return first.trimEnd().endsWith("git stderr:") && fatal !== void 0 ? `${first.trimEnd()} ${fatal}` : first;
}

// src/build/stall.ts
function watchStall(patience6) {
  const controller = new AbortController();
  let pushing;
  let timer;
  const arm = () => {
    clearTimeout(timer);
    if (pushing !== void 0) timer = setTimeout(() => controller.abort(), patience6);
  };
  return {
    signal: controller.signal,
    heard(line) {
      const [, step2, word] = /^(#\d+) (pushing|writing|DONE|ERROR|CANCELED)\b/.exec(line) ?? [];
      if (word === "pushing" || word === "writing") pushing = step2;
      else if (step2 !== void 0 && step2 === pushing) pushing = void 0;
      arm();
    },
    end: () => clearTimeout(timer)
  };
}

// src/build/attempt.ts
async function attempt(world, command, patience6) {
  const stall = watchStall(patience6);
  const outcome = await world.run(command, {
    signal: AbortSignal.any([world.cancelled, stall.signal]),
    onLine(line) {
      stall.heard(line);
      world.log.foreign(line);
    }
  });
  stall.end();
  if (stall.signal.aborted) return { outcome, failure: stalled(patience6) };
  return outcome.code === 0 ? { outcome } : { outcome, failure: diagnose(outcome) };
}
var stalled = (patience6) => ({
  kind: "transient",
  cause: `The push made no progress for ${Math.round(patience6 / 1e3)} seconds.`,
  remedy: "Run the job again later; the status page of the registry may say more."
});
function cacheFailure({ stdout, stderr }) {
  const text2 = `${stdout}
${stderr}`;
  const exports2 = [...text2.matchAll(/^#(\d+) exporting cache/gm)].map(([, step2]) => step2);
  const failed3 = [...text2.matchAll(/^#(\d+) ERROR: (.*)$/gm)].find(([, step2]) => exports2.includes(step2));
  return failed3?.[2];
}

// src/build/command.ts
var metadataFile = (directory) => (0, import_node_path2.join)(directory, "metadata.json");
var imageIdFile = (directory) => (0, import_node_path2.join)(directory, "image-id");
var secretFile = (directory, place) => (0, import_node_path2.join)(directory, `secret-${place}`);
function buildCommand(plan, image, place) {
  const args = [
    "buildx",
    "build",
    ...["--builder", place.builder],
    ...fileArguments(plan),
    ...valueArguments(plan, image),
    ...secretArguments(plan.secrets, place.directory),
    ...cacheArguments(plan, image),
    ...limitArguments(plan),
    ...resultArguments(plan, image, place),
    ...each("--attest", plan.result.kind === "call" ? [] : plan.attests),
    ...["--metadata-file", metadataFile(place.directory)],
    (0, import_shared.sourceArgument)(plan.source)
  ];
  return { file: "docker", args, env: { BUILDX_METADATA_WARNINGS: "true" } };
}
function fileArguments({
  file,
  target: target2,
  platforms: platforms2,
  buildContexts,
  pull: pull2,
  noCache,
  ...plan
}) {
  return [
    ...one("--file", file),
    ...one("--target", target2),
    ...one("--platform", platforms2.length > 0 ? platforms2.join(",") : void 0),
    ...each("--build-context", buildContexts),
    ...pull2 ? ["--pull"] : [],
    ...noCache ? ["--no-cache"] : [],
    ...each("--no-cache-filter", plan.noCacheFilters)
  ];
}
var valueArguments = ({ buildArgs }, image) => each(
  "--build-arg",
  buildArgs.map((arg) => (0, import_shared.substituteMeta)(arg, image))
);
var secretArguments = (secrets, directory) => each(
  "--secret",
  secrets.map(
    (secret, place) => secret.kind === "variable" ? `id=${secret.id},env=${secret.variable}` : `id=${secret.id},src=${secretFile(directory, place)}`
  )
);
function cacheArguments({ cacheFrom, cacheTo, target: target2 }, { tags: tags2 }) {
  const scope = (0, import_shared.cacheScope)((tags2[0] ?? "").replace(/:[^:/]*$/, ""), target2);
  return [
    ...each("--cache-from", (0, import_shared.cacheFromArguments)(cacheFrom, scope)),
    ...each("--cache-to", (0, import_shared.cacheToArguments)(cacheTo, scope))
  ];
}
var limitArguments = (plan) => [
  ...each("--ssh", plan.ssh),
  ...each("--allow", plan.allow),
  ...one("--network", plan.network),
  ...each("--add-host", plan.addHosts),
  ...each("--ulimit", plan.ulimits),
  ...one("--shm-size", plan.shmSize),
  ...one("--cgroup-parent", plan.cgroupParent)
];
function resultArguments(plan, image, { directory, annotates }) {
  const { result } = plan;
  if (result.kind === "call") return ["--call", result.method];
  return [
    ...each("--tag", result.byDigest ? [] : image.tags),
    ...each("--label", image.labels),
    ...each("--annotation", annotates ? (0, import_shared.annotationLines)(image.annotations, exportsIndex(plan)) : []),
    ...result.push ? ["--push"] : [],
    ...result.load ? ["--load"] : [],
    ...each("--output", result.outputs),
    ...isFiles(result) ? [] : ["--iidfile", imageIdFile(directory)]
  ];
}
function exportsIndex({ platforms: platforms2, attests, result }) {
  const images = (0, import_shared.pushes)(result) || (0, import_shared.exportsTo)(result, "image") || (0, import_shared.exportsTo)(result, "oci");
  return images && (platforms2.length > 1 || (0, import_shared.isAttested)(attests));
}
var isFiles = (result) => (0, import_shared.exportsTo)(result, "local") || (0, import_shared.exportsTo)(result, "tar");
var one = (flag, value) => value === void 0 ? [] : [flag, value];
var each = (flag, values) => values.flatMap((value) => [flag, value]);

// src/build/dockerfile.ts
function dockerfileOf({ file, source }, workspace) {
  if (file !== void 0 && (0, import_shared.isRemote)(file)) return void 0;
  switch (source.kind) {
    case "directory":
      return (0, import_node_path3.resolve)(workspace, file ?? (0, import_node_path3.join)(source.path, "Dockerfile"));
    case "commit":
      return (0, import_node_path3.join)(workspace, source.subdirectory, file ?? "Dockerfile");
    case "remote":
      return void 0;
  }
}
function inWorkspace(path, workspace) {
  const file = (0, import_node_path3.relative)(workspace, path);
  return file.startsWith("..") || (0, import_node_path3.isAbsolute)(file) ? void 0 : file;
}
var mkdtemp = (...args) => process.getBuiltinModule("node:fs/promises").mkdtemp(...args);
var readFile2 = (...args) => process.getBuiltinModule("node:fs/promises").readFile(...args);
var writeFile = (...args) => process.getBuiltinModule("node:fs/promises").writeFile(...args);

// src/build/files.ts
var privateDirectory = (parent, name) => mkdtemp((0, import_node_path4.join)(parent, `slipway-${name}-`));
async function writeSecrets(secrets, directory, workspace) {
  const problems = [];
  const contents = await Promise.all(secrets.map((secret) => read2(secret, workspace, problems)));
  if (problems.length > 0) throw new import_shared.Failure("plan", problems);
  await Promise.all(
    contents.map(
      (content, place) => content === void 0 ? void 0 : writeFile(secretFile(directory, place), content, { mode: 384 })
    )
  );
  return contents.flatMap((content) => content === void 0 ? [] : [content.toString()]);
}
async function read2(secret, workspace, problems) {
  if (secret.kind === "value") return secret.value;
  if (secret.kind === "variable") return void 0;
  return await readFile2((0, import_node_path4.resolve)(workspace, secret.path)).catch(() => {
    problems.push({
      input: "secret-files",
      cause: `\`secret-files\` names \`${secret.path}\` for \`${secret.id}\`, which cannot be read.`,
      remedy: "Give the path of a file that an earlier step has made."
    });
    return void 0;
  });
}
var readFile3 = (...args) => process.getBuiltinModule("node:fs/promises").readFile(...args);

// src/build/metadata.ts
async function readMetadata(directory) {
  const [metadata, imageId] = await Promise.all(
    [metadataFile(directory), imageIdFile(directory)].map((path) => readFile3(path, "utf8").catch(() => ""))
  );
  return parseMetadata(metadata ?? "", imageId ?? "");
}
function parseMetadata(metadata, imageId) {
  const found = metadata.trim() === "" ? null : JSON.parse(metadata);
  const raw = typeof found === "object" && found !== null ? found : {};
  const warnings = raw["buildx.build.warnings"];
  return {
    digest: text(raw["containerimage.digest"]),
    imageId: imageId.trim() || text(raw["containerimage.config.digest"]),
    warnings: Array.isArray(warnings) ? warnings.map(readWarning) : [],
    raw
  };
}
function readWarning(warning) {
  const start = (0, import_shared.at)(warning, "range", "0", "start", "line");
  return {
    text: decode((0, import_shared.at)(warning, "short")).replace(/ \(line \d+\)$/, ""),
    url: text((0, import_shared.at)(warning, "url")),
    line: typeof start === "number" ? start : void 0
  };
}
var decode = (value) => Buffer.from(text(value) ?? "", "base64").toString("utf8");
var text = (value) => typeof value === "string" && value !== "" ? value : void 0;

// src/build/shown.ts
var shown = ({ file, args }) => `$ ${[file, ...args.filter((_, place) => !isLong(args, place))].map(quote).join(" ")}`;
var isLong = (args, place) => /^--(?:label|annotation)$/.test(args[place] ?? "") || /^--(?:label|annotation)$/.test(args[place - 1] ?? "");
var quote = (word) => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

// src/build/build.ts
var stalledAfter = ({ env }) => Number(env["SLIPWAY_STALLED_AFTER"] ?? 6e5);
async function build(world, { plan, image, builder, variables = {} }, options = {}) {
  const directory = await privateDirectory(world.context.temp, "build");
  world.remember({ kind: "directory", path: directory });
  try {
    const secrets = await writeSecrets(plan.secrets, directory, world.context.workspace);
    for (const secret of [...secrets, ...variableSecrets(plan, world.env)]) world.log.mask(secret);
    const place = { builder: builder.name, directory, annotates: builder.annotates };
    const command = buildCommand(plan, image, place);
    await run(world, { ...command, env: environment(command, variables, world.env) }, directory, options);
    const built = await readBuilt(plan, directory);
    annotate(world, plan, built);
    return built;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
var variableSecrets = ({ secrets }, env) => secrets.flatMap((secret) => secret.kind === "variable" ? [env[secret.variable] ?? ""] : []);
function environment({ env = {} }, variables, own) {
  const unset = Object.entries(env).filter(([name]) => own[name] === void 0);
  return { ...variables, ...Object.fromEntries(unset) };
}
async function run(world, command, directory, options) {
  world.log.line(shown(command));
  const { outcome, failure: failure3 } = await retry(
    async () => {
      await Promise.all([metadataFile, imageIdFile].map((file) => rm(file(directory), { force: true })));
      const ended = await attempt(world, command, options.stalledAfter ?? stalledAfter(world));
      return ended.failure?.kind === "transient" ? { value: ended, again: ended.failure.cause } : { value: ended };
    },
    world.log.warning,
    { waits: options.waits ?? registryWaits, signal: world.cancelled }
  );
  world.cancelled.throwIfAborted();
  if (failure3 !== void 0) throw buildFailure(outcome, failure3);
  const uncached = cacheFailure(outcome);
  if (uncached !== void 0) world.log.warning(`The cache was not exported: ${uncached}`);
}
function buildFailure({ stdout, stderr }, { cause, remedy }) {
  const output = (0, import_shared.lastLines)(`${stdout}${stderr}`);
  const stage = /failed to push|^#\d+ pushing/m.test(output) || /\bpush\b/.test(cause) ? "push" : "build";
  return new import_shared.Failure(stage, { cause, output, ...remedy === void 0 ? {} : { remedy } });
}
async function readBuilt(plan, directory) {
  const metadata = await readMetadata(directory);
  const pushed = (0, import_shared.pushes)(plan.result);
  if (pushed && metadata.digest === void 0) {
    throw new import_shared.Failure("push", {
      cause: "The build ended well, but buildx named no digest for what it pushed.",
      remedy: "Update buildx on the runner (0.6 or later), or have it fetched by `buildx-version`."
    });
  }
  return { ...metadata, pushed };
}
function annotate({ env, log, context: { workspace } }, plan, { warnings }) {
  if (/^(?:0|f|false)$/i.test(env["DOCKER_BUILD_CHECKS_ANNOTATIONS"] ?? "")) return;
  const path = dockerfileOf(plan, workspace);
  const file = path === void 0 ? void 0 : inWorkspace(path, workspace);
  for (const { text: text2, url, line } of warnings) {
    const place = file === void 0 ? {} : { file, ...line === void 0 ? {} : { line } };
    log.warning(url === void 0 ? text2 : `${text2} (${url})`, place);
  }
}

// src/report/image.ts
function imageReport({ tags: tags2, images }, digest, platforms2) {
  const named3 = (0, import_shared.parseReference)(tags2[0] ?? "");
  const first = "reason" in named3 ? images[0]?.reference : named3;
  return {
    repository: first === void 0 ? "" : (0, import_shared.repositoryName)(first),
    ...digest === void 0 ? {} : { digest },
    tags: tags2,
    platforms: platforms2
  };
}

// src/found.ts
async function foundImage(plan, workshop, { log, context }) {
  const { repository } = imageReport(plan.image, void 0, []);
  const { reused } = workshop;
  if (reused !== void 0) log.line(`This commit was built before: ${reused} is used again.`);
  const name = nameOf(plan.image);
  const digest = reused ?? await find(name, workshop);
  if (digest !== void 0) return { repository, digest };
  if (!isOfNoUse(plan, context)) throw absent(name);
  log.notice(`\`${shown2(name)}\` is not in the registry, or not for this run to see: there is nothing to do.`);
  return { repository, digest };
}
var isOfNoUse = ({ build: build2, deploy: deploy2 }, context) => (0, import_shared.trustOf)(context) !== "own" && deploy2 === void 0 && !(0, import_shared.pushes)(build2.result);
function nameOf({ tags: tags2, images }) {
  const named3 = images.find(({ reference }) => reference.digest !== void 0)?.reference;
  const first = (0, import_shared.parseReference)(tags2[0] ?? "");
  return named3 ?? ("reason" in first ? void 0 : first);
}
async function find(name, { client }) {
  return name && await digestOf(client, name);
}
var shown2 = (name) => name === void 0 ? "" : (0, import_shared.formatReference)(name);
var absent = (name) => new import_shared.Failure("build", {
  input: "build",
  cause: `\`build\` is \`false\`, and \`${shown2(name)}\` is not in the registry.`,
  remedy: "Name an image that was pushed, by `image` and `tags`, or let it be built."
});
var setTimeout4 = (...args) => process.getBuiltinModule("node:timers/promises").setTimeout(...args);

// src/registry/insist.ts
var NoAnswer = class extends import_shared.Failure {
  reason;
  constructor(registry, reason) {
    super("push", {
      cause: `The registry ${registry} did not answer this runner: ${reason}.`,
      remedy: "Check its name, the proxies (`HTTPS_PROXY`, `NO_PROXY`) and its certificate (`/etc/docker/certs.d`)."
    });
    this.reason = reason;
  }
};
var longest = 3e4;
async function insist(registry, ask4, waits, signal) {
  for (const wait of [...waits, void 0]) {
    const ended = await ask4().catch((error) => error);
    signal.throwIfAborted();
    if (!(ended instanceof Error) && !isFault(ended.status)) return ended;
    if (wait === void 0 || ended instanceof Error && !mayPass(ended)) throw noAnswer(registry, ended);
    await setTimeout4(pause(wait, ended), void 0, { signal });
  }
  throw new NoAnswer(registry, "it was not asked");
}
var isFault = (status) => status === 408 || status === 429 || status >= 500 && status !== 501;
var mayPass = (error) => !/ENOTFOUND|CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|refused to connect/.test(
  `${error.code} ${error.message}`
);
function pause(wait, ended) {
  const asked3 = ended instanceof Error ? 0 : Number(ended.headers["retry-after"] ?? 0) * 1e3;
  const jittered = wait * (0.75 + Math.random() / 2);
  return Math.min(Math.max(Number.isFinite(asked3) ? asked3 : 0, jittered), longest);
}
function noAnswer(registry, ended) {
  if (!(ended instanceof Error)) return new NoAnswer(registry, `HTTP status ${ended.status}`);
  const reasons2 = ended instanceof AggregateError ? ended.errors.map((each2) => each2.message) : [];
  return new NoAnswer(registry, ended.message || reasons2.join("; ") || String(ended));
}

// src/registry/tags.ts
async function putTag(client, tag, digest) {
  const manifest = await manifestOf(client, { ...tag, digest });
  if (manifest === void 0) {
    throw new import_shared.Failure("push", {
      cause: `\`${(0, import_shared.formatReference)(tag)}\` cannot be moved to ${digest}, which its repository does not have.`,
      remedy: "Check the digest, and that the login may read it."
    });
  }
  const { status } = await client.send({
    method: "PUT",
    registry: (0, import_shared.registryOf)(tag),
    repository: tag.repository,
    path: `manifests/${tag.tag ?? "latest"}`,
    actions: "pull,push",
    headers: { "content-type": manifest.mediaType },
    body: manifest.bytes
  });
  if (status < 200 || status > 299) {
    throw new import_shared.Failure("push", {
      cause: `The registry refused to move \`${(0, import_shared.formatReference)(tag)}\` to ${digest} (HTTP status ${status}).`,
      remedy: "Check that the login may write, and that the registry lets tags be moved."
    });
  }
}
async function verifyTags(client, tags2, digest) {
  const mended = await Promise.all(tags2.map((tag) => verifyTag(client, tag, digest)));
  return mended.filter((tag) => tag !== void 0);
}
async function requireEverywhere(client, tags2, digest) {
  const repositories2 = [...new Map(tags2.map((tag) => [(0, import_shared.repositoryName)(tag), tag])).values()];
  const found = await Promise.all(repositories2.map((tag) => digestOf(client, { ...tag, digest })));
  const problems = repositories2.filter((_, place) => found[place] === void 0).map((tag) => ({
    input: "tags",
    cause: `\`${(0, import_shared.repositoryName)(tag)}\` does not have ${digest}, which \`${(0, import_shared.familiar)(tag)}\` is to stand for.`,
    remedy: "With `build: false` a tag is moved inside its repository: let the run that builds push to each of them."
  }));
  if (problems.length > 0) throw new import_shared.Failure("push", problems);
}
async function verifyTag(client, tag, digest) {
  const before = await digestOf(client, tag);
  if (before === digest) return void 0;
  await putTag(client, tag, digest);
  const after = await digestOf(client, tag);
  if (after === digest) return { tag, before };
  throw new import_shared.Failure("push", {
    cause: `\`${(0, import_shared.formatReference)(tag)}\` stands for ${after ?? "nothing"}, and not for ${digest}, which was pushed.`,
    remedy: "Somebody else may have pushed the tag at the same time: let one workflow at a time push it."
  });
}

// src/report/outputs.ts
function setOutputs(outputs) {
  for (const [name, value] of Object.entries(outputs)) (0, import_shared.setOutput)(name, value);
}

// src/produce.ts
async function produce(plan, workshop, world) {
  const outputs = namesOf(plan);
  setOutputs(outputs);
  const variables = (0, import_shared.metadataVariables)(outputs, world.env);
  for (const [name, value] of Object.entries(variables)) (0, import_shared.exportVariable)(name, value);
  const { bench } = workshop;
  const digest = bench === void 0 ? (await foundImage(plan, workshop, world)).digest : await make(plan, bench, variables);
  if (digest === void 0)
    return imageReport(
      plan.image,
      void 0,
      plan.build.platforms.map((platform) => ({ platform }))
    );
  const tags2 = plan.retag ? references(plan.image) : [];
  if (bench === void 0) await requireEverywhere(workshop.client, tags2, digest);
  const [report] = await (0, import_shared.together)([
    describe(plan.image, digest, workshop),
    verify(tags2, digest, workshop, world.log)
  ]);
  return report;
}
async function verify(tags2, digest, { client }, log) {
  const moved = await verifyTags(client, tags2, digest).catch((error) => {
    if (!(error instanceof NoAnswer)) throw error;
    log.warning(`Nobody could say whether each tag stands for ${digest}: ${error.reason}.`);
    return [];
  });
  for (const { tag, before } of moved)
    log.line(`Moved ${(0, import_shared.familiar)(tag)} from ${before ?? "nothing"} to ${digest}.`);
}
var namesOf = ({ image, build: plan }) => (0, import_shared.metadataOutputs)(image, exportsIndex(plan));
var references = ({ tags: tags2 }) => tags2.map(import_shared.parseReference).filter((each2) => "registry" in each2);
async function make({ image, build: plan }, { world, builder }, variables) {
  const built = await build(world, { plan, image, builder, variables });
  setOutputs({ imageid: built.imageId ?? "", metadata: JSON.stringify(built.raw) });
  return built.pushed ? built.digest : void 0;
}
async function describe(image, digest, { client, before }) {
  const [first] = [...references(image), ...image.images.map(({ reference }) => reference)];
  const found = first === void 0 ? [] : await platformsOf(client, { ...first, digest }).catch(() => []);
  const former = await before;
  const platforms2 = found.map(({ platform, size: size2 }) => {
    const last = former.find((each2) => each2.platform === platform)?.size;
    return { platform, size: size2, ...last === void 0 ? {} : { before: last } };
  });
  const report = imageReport(image, digest, platforms2);
  setOutputs({ image: `${report.repository}@${digest}`, digest });
  return report;
}

// src/report/titles.ts
var checkTitle = "Check everything first";
function imageTitle(how, platforms2) {
  if (how === "find") return "Find the image in the registry";
  const verbs = how === "push" ? "Build and push" : "Build";
  return platforms2.length === 0 ? `${verbs} the image` : `${verbs} for ${platforms2.join(" and ")}`;
}
var deployTitle = (services, target2) => `Deploy ${services.join(" and ")} to ${target2}`;
var promoteTitle = (tags2) => `Promote to ${tags2.join(" and ")}`;

// src/promote.ts
async function promoteAfter(ending2, tags2, digest, client, { log, cancelled: cancelled2 }, { stage }) {
  if (!good.has(ending2.end) || tags2.length === 0) return ending2;
  try {
    await stage(promoteTitle(tags2.map(({ tag = "" }) => tag)), async () => {
      for (const { tag, before } of await verifyTags(client, tags2, digest))
        log.line(`${(0, import_shared.familiar)(tag)} is ${digest} now, and was ${before ?? "nothing"}.`);
    });
    return ending2;
  } catch (error) {
    if (error instanceof import_shared.Failure) return { end: "not-promoted", failure: error };
    if (cancelled2.aborted) return { end: "not-promoted", failure: new import_shared.Failure("push", unmoved) };
    throw error;
  }
}
var good = /* @__PURE__ */ new Set(["released", "pushed"]);
var unmoved = {
  input: "promote",
  cause: "Cancelled before the tags of `promote` were moved.",
  remedy: "Run the job again."
};

// src/bring/needs.ts
function needsOf({ services }, planned) {
  const reached = /* @__PURE__ */ new Map();
  const visit = (name) => {
    for (const [other2, condition] of Object.entries(services[name]?.needs ?? {})) {
      const known = reached.get(other2);
      reached.set(other2, known === void 0 || known === "started" ? condition : known);
      if (known === void 0) visit(other2);
    }
  };
  planned.forEach(visit);
  const conditionOf = (name) => ({
    name,
    condition: reached.get(name) ?? "started",
    image: services[name]?.image
  });
  const depth2 = (name, path = []) => {
    const own = Object.keys(services[name]?.needs ?? {}).filter((other2) => !path.includes(other2));
    const below = own.map((other2) => depth2(other2, [...path, name]) + (planned.includes(other2) ? 1 : 0));
    return Math.max(0, ...below);
  };
  const levels = Map.groupBy(planned, (name) => depth2(name));
  return {
    dependencies: [...reached.keys()].filter((name) => !planned.includes(name)).map(conditionOf),
    waves: [...levels].sort(([one2], [other2]) => one2 - other2).map(([, names2]) => names2.map(conditionOf))
  };
}

// src/deploy/server/answer.sh
var answer_default = `# How the server answers a question of preflight: in sections, so that what a login's rc files print is told
# apart, and any text can be content. \`=name\` opens a section, its lines are indented by a blank.

# say NAME LINE...
say() {
  printf '=%s\\n' "$1"
  shift
  [ $# -eq 0 ] || printf '%s\\n' "$@" | sed 's/^/ /'
}

# A command that hangs (a dead engine behind a socket) must not hold the rest back; one that is only slow, on a server
# that is busy, must not be taken for it. The oldest busybox wants its seconds otherwise, and goes without.
limited() {
  if [ "$bounded" ]; then timeout "\${limit:-30}" "$@"; else "$@"; fi
}

# tell NAME COMMAND...: what it prints as NAME, its exit code as NAME.code, its complaints as NAME.error. One
# after the other and never through one pipe at once, where they would be torn at its capacity.
tell() {
  name=$1
  shift
  {
    complaint=$({
      output=$(limited "$@" 3>&-)
      code=$?
      { say "$name" "$output" && say "$name.code" "$code"; } >&3
    } 2>&1)
  } 3>&1
  say "$name.error" "$complaint"
}

# All of a script is read before any of it runs (a command must not eat the rest from stdin), and its end is
# marked: half an answer is none.
answer() {
  bounded=$(timeout 60 echo yes 2>/dev/null)
  printf '\\n#slipway\\n'
  "$@" </dev/null
  printf '=end\\n'
}
`;

// src/deploy/answer.ts
async function ask(run2, { script: script2, args, patience: patience6 }) {
  const command = { file: "sh", args: ["-s", ...args], stdin: answer_default + script2 };
  const begin2 = performance.now();
  const outcome = await run2(command, { timeout: patience6 });
  const late = performance.now() - begin2 >= patience6;
  return readAnswer(outcome) ?? (late ? tooLate(patience6) : noAnswer2(outcome));
}
var isProblem = (value) => "cause" in value;
var tooLate = (patience6) => ({
  cause: `The server took the login, and did not answer a question within ${patience6 / 1e3} s.`,
  remedy: "See whether `docker info` answers there: an engine that hangs has to be restarted."
});
function noAnswer2({ code: code2, stdout, stderr }) {
  if (code2 === null) {
    return {
      cause: "The connection to the server was lost in the middle of a question.",
      remedy: "Run the job again; nothing was changed."
    };
  }
  const output = (0, import_shared.lastLines)(stderr.trim() === "" ? stdout : stderr);
  return {
    cause: `The server took the login, but its \`sh\` ended with ${code2} in the middle of a question.`,
    remedy: "See whether `ssh USER@HOST sh -c true` works.",
    ...output === "" ? {} : { output }
  };
}
function readAnswer({ code: code2, stdout }) {
  const lines2 = stdout.split(/\r?\n/);
  const begin2 = lines2.lastIndexOf("#slipway");
  const end = lines2.indexOf("=end", begin2);
  if (code2 === null || begin2 < 0 || end < 0) return void 0;
  return answerOf(sectionsOf(lines2.slice(begin2 + 1, end)));
}
function sectionsOf(lines2) {
  const sections = [];
  for (const line of lines2) {
    if (line.startsWith("=")) sections.push({ name: line.slice(1), lines: [] });
    else if (line.startsWith(" ")) sections.at(-1)?.lines.push(line.slice(1));
  }
  return sections;
}
function answerOf(sections) {
  const find3 = (name) => sections.find((section) => section.name === name)?.lines ?? [];
  return {
    sections,
    text: (name) => find3(name).join("\n").trimEnd(),
    lines: (name) => find3(name).filter((line) => line !== ""),
    has: (name) => sections.some((section) => section.name === name)
  };
}

// src/deploy/server/containers.sh
var containers_default = `# What of a Compose project is there now, and what its earlier deploys left. Needs answer.sh.
# Arguments: the project's name, its directory, and the words of a docker call.

# No more than is asked for: labels and environments hold secrets. \`.ID\`, not \`.Id\`: a name that the client's own
# types do not have sends it to the raw JSON, where a container without a healthcheck has no \`.State.Health\`.
container='{"id":{{json .ID}},"name":{{json .Name}},"state":{{json .State.Status}},"health":{{if .State.Health}}{{json .State.Health.Status}}{{else}}null{{end}},"started":{{json .State.StartedAt}},"exit":{{json .State.ExitCode}},"restarts":{{json .RestartCount}},"reference":{{json .Config.Image}},"image":{{json .Image}},"healthcheck":{{json .Config.Healthcheck}},"labels":{'
label() {
  container=$container'"'$1'":{{json (index .Config.Labels "com.docker.compose.'$1'")}}'$2
}
label service ,
label config-hash ,
label oneoff ,
label version ,
label project.config_files ,
label project.working_dir '}}'

image='{"id":{{json .ID}},"digests":{{json .RepoDigests}},"size":{{json .Size}}}'

# Words are split on purpose: an ID each.
# shellcheck disable=SC2086
described() {
  tell containers "$@" inspect --type container --format "$container" $ids
  images=$(limited "$@" inspect --type container --format '{{.Image}}' $ids | sort -u)
  tell images "$@" image inspect --format "$image" $images
}

# Where the transaction keeps its lock, record and history, in place or yet to be made.
state() {
  for place in "$1/.slipway/$2" "$1/.slipway" "$1"; do
    [ -e "$place" ] || continue
    ! may_write "$place" || ! may_write "$1/.slipway/$2/lock" || ! may_write "$1/.slipway/$2/releases" ||
      ! may_write "$1/.slipway/$2/runs" || say writable
    break
  done
  [ ! -d "$1/.slipway/$2/record" ] || say unfinished
  [ ! -r "$1/.slipway/$2/history.tsv" ] || say history "$(head -n 1 "$1/.slipway/$2/history.tsv")" "$(tail -n 1000 "$1/.slipway/$2/history.tsv")"
}

may_write() { [ ! -e "$1" ] || [ -w "$1" ]; }

containers() {
  project=$1 directory=$2
  shift 2
  state "$directory" "$project"
  ids=$(limited "$@" ps -aq --no-trunc --filter "label=com.docker.compose.project=$project") || say unlisted
  [ -z "$ids" ] || described "$@"
  tell projects "$@" ps -a --filter "label=com.docker.compose.project.working_dir=$directory" --format '{{.Label "com.docker.compose.project"}}'
}

answer containers "$@"
`;

// src/deploy/preflight-containers.ts
var containersQuestion = (tools, project) => ({
  script: containers_default,
  args: [project.name, project.directory, ...tools.docker],
  patience: 12e4
});
async function readContainers(run2, tools, project, findings) {
  const answer = await ask(run2, containersQuestion(tools, project));
  if (isProblem(answer)) {
    findings.problems.push(answer);
    return void 0;
  }
  const problem2 = unlisted(answer);
  if (problem2 === void 0) return parseContainers(answer);
  findings.problems.push(problem2);
  return void 0;
}
function unlisted(answer) {
  const output = (0, import_shared.lastLines)(answer.text("containers.error"));
  const failed3 = !["", "0"].includes(answer.text("containers.code")) && !/no such (?:container|object)/i.test(output);
  if (!answer.has("unlisted") && !failed3) return void 0;
  return {
    cause: "The docker engine on the server does not say which containers there are.",
    remedy: "See whether `docker ps` answers there.",
    ...output === "" ? {} : { output }
  };
}
function parseContainers(answer) {
  const images = answer.lines("images").map((line) => JSON.parse(line));
  const digests = new Map(images.map((image) => [image.id, image.digests ?? []]));
  return {
    containers: answer.lines("containers").map((line) => JSON.parse(line)).filter(({ labels }) => labels["oneoff"] !== "True").map((container) => containerOf(container, digests.get(container.image) ?? [])),
    projects: [...new Set(answer.lines("projects"))],
    stateWritable: answer.has("writable"),
    unfinished: answer.has("unfinished"),
    history: readHistory(answer.lines("history"))
  };
}
function containerOf(inspected, repoDigests) {
  const { labels, healthcheck: healthcheck2 } = inspected;
  return {
    id: inspected.id,
    name: inspected.name.replace(/^\//, ""),
    state: inspected.state,
    exitCode: inspected.exit,
    health: inspected.health === "none" ? void 0 : inspected.health ?? void 0,
    reference: inspected.reference,
    imageId: inspected.image,
    repoDigests,
    configHash: labels["config-hash"] || void 0,
    composeVersion: labels["version"] || void 0,
    startedAt: inspected.started,
    restartCount: inspected.restarts,
    service: labels["service"] ?? "",
    hasHealthcheck: (healthcheck2?.Test?.length ?? 0) > 0 && healthcheck2?.Test?.[0] !== "NONE",
    composeFiles: (labels["project.config_files"] ?? "").split(",").filter(Boolean),
    directory: labels["project.working_dir"] || void 0
  };
}

// src/deploy/preflight-project.ts

// src/bring/plan.ts

// src/bring/words.ts
function splitWords(line) {
  const words = [];
  let word;
  let rest = line;
  while (rest !== "") {
    const [piece = "", blank, single2, double, char] = piecePattern.exec(rest) ?? [];
    if (piece === "") return void 0;
    rest = rest.slice(piece.length);
    if (blank !== void 0) {
      if (word !== void 0) words.push(word);
      word = void 0;
    } else {
      word = (word ?? "") + (single2 ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? char?.replace(/^\\/, ""));
    }
  }
  return word === void 0 ? words : [...words, word];
}
var piecePattern = /^(?:(\s+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|(\\.|[^'"\\]))/s;

// src/bring/hooks.ts
var planHooks = (inputs, findings) => ({
  runBefore: runHooks(inputs, "run-before", findings),
  runAfter: runHooks(inputs, "run-after", findings),
  hostBefore: (0, import_shared.lines)(inputs["host-before"]),
  hostAfter: (0, import_shared.lines)(inputs["host-after"]),
  timeout: (0, import_shared.seconds)(inputs, "hook-timeout", findings, { fallback: 600, min: 1, max: 6 * 3600 })
});
function runHooks(inputs, input, findings) {
  return (0, import_shared.lines)(inputs[input]).flatMap((line) => {
    const [service, ...words] = splitWords(line) ?? [];
    if (service !== void 0 && words.length > 0 && /^[a-zA-Z0-9._-]+$/.test(service))
      return [{ service, words }];
    findings.problems.push({
      input,
      cause: `\`${input}\` has \`${line}\`, which is no service with a command.`,
      remedy: "Write `service command`, with quotes around words that hold blanks: `web bin/migrate --all`."
    });
    return [];
  });
}

// src/bring/settings.ts
function parseSettings(text2, findings) {
  const rest = text2.match(/[^\n]*\n|[^\n]+/g) ?? [];
  const settings2 = /* @__PURE__ */ new Map();
  for (let number = 1; rest.length > 0; number += 1) {
    const line = bare2(rest.shift());
    const before = rest.length;
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    const setting = readOne(line, rest);
    if (typeof setting === "string") findings.problems.push(unreadable(number, setting));
    else if (settings2.has(setting.name)) findings.problems.push(twice(setting.name));
    else settings2.set(setting.name, setting.value);
    number += before - rest.length;
  }
  return [...settings2].map(([name, value]) => ({ name, value }));
}
var bare2 = (line = "") => line.replace(/\r?\n$/, "");
function readOne(line, rest) {
  const [, name = "", operator, text2 = ""] = /^\s*([A-Za-z_][A-Za-z0-9_]*)(=|<<)(.*)$/.exec(line) ?? [];
  if (operator === void 0) return "it is neither `NAME=value` nor `NAME<<EOF`";
  if (text2.includes("\0")) return `the value of \`${name}\` holds a NUL`;
  if (operator === "=") return { name, value: text2 };
  const end = rest.findIndex((line2) => bare2(line2) === text2.trim());
  if (text2.trim() === "") return `\`${name}<<\` names no word that ends the value`;
  if (end < 0) return `the value of \`${name}\` is not ended by a line \`${text2.trim()}\``;
  return {
    name,
    value: bare2(
      rest.splice(0, end + 1).slice(0, -1).join("")
    )
  };
}
var unreadable = (line, why) => ({
  input: "env",
  cause: `Line ${line} of \`env\` cannot be read: ${why}.`,
  remedy: "Write `NAME=value` on a line of its own; a value of several lines as `NAME<<EOF`, its lines, `EOF`."
});
var twice = (name) => ({
  input: "env",
  cause: `\`env\` sets \`${name}\` twice.`,
  remedy: "Leave one of them out."
});
var secretsOf = ({ value }) => [value, ...value.split("\n")].map((text2) => text2.trim()).filter((text2) => text2.length > 3 && !/^(?:true|false|\d{1,5})$/i.test(text2));

// src/bring/plan.ts
var brings = ({ files, settings: settings2 }) => files.length > 0 || settings2.length > 0;
async function planBring(inputs, workspace, findings) {
  return {
    files: inputs.files === "" ? [] : await find2(inputs.files, workspace, findings),
    settings: parseSettings(inputs.env, findings),
    envFile: planEnvFile(inputs["env-file"], findings),
    hooks: planHooks(inputs, findings),
    allowOlder: /^true$/i.test(inputs["allow-older"])
  };
}
async function find2(lines2, workspace, findings) {
  const { findFiles } = await Promise.resolve().then(() => __toESM(require("./files.cjs")));
  return findFiles(lines2, workspace, findings);
}
function planEnvFile(text2, { problems }) {
  const path = import_node_path6.posix.normalize(text2 === "" ? ".env" : text2);
  if (!(0, import_shared.inside)(path) || path.endsWith("/")) {
    problems.push({
      input: "env-file",
      cause: `\`env-file\` is \`${text2}\`, which is no file of \`project-directory\`.`,
      remedy: "Write a path that is relative to `project-directory` and stays in it."
    });
  } else if ((0, import_shared.hasControl)(path)) {
    problems.push({
      input: "env-file",
      cause: `\`env-file\` is ${JSON.stringify(text2)}, whose name has a control character or a backslash.`,
      remedy: "Give it another name."
    });
  }
  return path;
}

// src/deploy/server/shadow.sh
var shadow_default = '# A directory as it will be, for Compose to look at before anything moves: what is brought, and for all the rest links to\n# what is there. It stands under a root as the directory itself does under `/`, with links to what lies beside it and\n# beside each directory above: a project may refer to `../common.env`, and may be named after its directory.\n\n# The brought files are in the shadow already; each of its directories gets what the real one has besides.\nfill_shadow() { # ROOT DIRECTORY\n  local path above="$2"\n  (cd "$1$2" && find . -type d) | while IFS= read -r path; do\n    [ ! -d "$2/$path" ] || link_all "$2/$path" "$1$2/$path"\n  done\n  until [ "$above" = / ]; do\n    above=$(dirname -- "$above")\n    [ ! -d "$above" ] || link_all "${above%/}" "$1$above"\n  done\n}\n\n# What is there already stays; what may not be listed is left out.\nlink_all() ( # DIRECTORY SHADOW\n  from=$1 to=$2\n  set +f\n  set --\n  for entry in "$from"/* "$from"/.[!.]* "$from"/..?*; do\n    if [ -e "$to/${entry##*/}" ] || [ -L "$to/${entry##*/}" ]; then continue; fi\n    if [ -e "$entry" ] || [ -L "$entry" ]; then set -- "$@" "$entry"; fi\n    [ $# -lt 100 ] || { ln -s "$@" "$to/" 2>/dev/null; set --; }\n  done\n  [ $# = 0 ] || ln -s "$@" "$to/" 2>/dev/null || :\n)\n';

// src/deploy/server/transaction/settings.sh
var settings_default = `# shellcheck shell=dash disable=SC2154,SC2295
# Settings: lines of the project's env file that are replaced or added; all else in it stays byte for byte.

# Names, and whether their lines change: all that is ever told of them.
settings_told=''

# The env file as it will be is one more of the brought files.
merge_settings() { stage_settings && merge_variables; }

stage_settings() {
  local staged="$run/brought/files/$settings_file" item
  set +f
  set -- "$run/brought/settings/"*
  set -f
  if [ ! -e "$1" ] && [ ! -e "$staged" ]; then return 0; fi
  if [ ! -e "$staged" ]; then take_env_file "$staged" || { fail "$directory/$settings_file cannot be read"; return; }; fi
  for item in "$@"; do
    [ -e "$item" ] || continue
    set_entry "$staged" "\${item##*/}" "$(cat "$item")" || return
    settings_told=$settings_told\${settings_told:+, }\${item##*/}\\ $change
  done
  [ -z "$settings_told" ] || say "  $settings_file: $settings_told"
  if [ -e "$1" ]; then chmod "$(private_mode)" "$staged" || return; fi
}

# What the image's reference is made of is written to the project's .env that is brought, whether or not it is the file
# of the settings: it comes over the one in place.
merge_variables() {
  local line
  brings_env || return 0
  while IFS= read -r line <&3; do
    [ -z "$line" ] || set_entry "$run/brought/files/\${env_file#"$directory/"}" "\${line%%=*}" "$line" || return
  done 3<<LINES
$env_set
LINES
}

brings_env() {
  case $env_file in "$directory/"*) [ -e "$run/brought/files/\${env_file#"$directory/"}" ] ;; *) return 1 ;; esac
}

take_env_file() { # STAGED
  case $settings_file in */*) mkdir -p "\${1%/*}" || return ;; esac
  if [ -e "$directory/$settings_file" ]; then cat "$directory/$settings_file" >"$1"; else : >"$1"; fi
}

# For the owner alone, or for the group that deploys together: but not where the file was kept from it.
private_mode() {
  case $(private_umask) in 007) ;; *) echo 600; return ;; esac
  case $(stat -L -c %A "$directory/$settings_file" 2>/dev/null) in '' | ????r*) echo 660 ;; *) echo 600 ;; esac
}

set_entry() { # FILE NAME LINE
  local first last
  read -r first last <<LINE
$(entry_of "$2" "$1")
LINE
  change=$(change_of "$1" "$first" "$last" "$3")
  [ "$change" = unchanged ] || replace_by "$1" with_entry "$1" "$first" "$last" "$3"
}

change_of() { # FILE FIRST LAST LINE
  if [ "$2" = 0 ]; then echo added
  elif [ "$(head -n "$3" "$1" | tail -n +"$2")" = "$4" ]; then echo unchanged
  else echo changed
  fi
}

with_entry() { # FILE FIRST LAST LINE: 0 0 adds it
  if [ "$2" = 0 ]; then
    with_line "$1" 0 "$4"
  else
    [ "$2" = 1 ] || head -n $(($2 - 1)) "$1"
    printf '%s\\n' "$4"
    tail -n +$(($3 + 1)) "$1"
  fi
}

# The first and the last line of what sets it; the last that does counts, in Compose too. A value in quotes may go over
# several lines.
entry_of() { # NAME FILE
  local line value number=0 first=0 last=0 begun=0 quote=''
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    if [ -z "$quote" ]; then
      line=\${line#"\${line%%[! $tab]*}"}
      case $line in '' | '#'*) continue ;; 'export '*) line=\${line#export } line=\${line#"\${line%%[! $tab]*}"} ;; esac
      begun=0
      case $line in "$1="* | "$1 "*=* | "$1$tab"*=*) begun=$number first=$number last=$number ;; esac
      case $line in *=*) value=\${line#*=} value=\${value#"\${value%%[! $tab]*}"} ;; *) continue ;; esac
      case $value in \\"*) quote='"' value=\${value#?} ;; \\'*) quote="'" value=\${value#?} ;; esac
    else
      value=$line
      [ "$begun" = 0 ] || last=$number
    fi
    [ -z "$quote" ] || ! ends_quote "$value" "$quote" || quote=''
  done 2>/dev/null <"$2"
  # A quote that nobody ends is none.
  [ -z "$quote" ] || [ "$begun" = 0 ] || last=$first
  echo "$first $last"
}

# An odd number of backslashes before a quote makes it data.
ends_quote() { # TEXT QUOTE
  local text="$1" before slashes
  while :; do
    case $text in *"$2"*) ;; *) return 1 ;; esac
    before=\${text%%"$2"*} text=\${text#*"$2"}
    slashes=\${before##*[!\\\\]}
    [ $((\${#slashes} % 2)) != 0 ] || return 0
  done
}
`;

// src/deploy/server/transaction/variables.sh
var variables_default = `# shellcheck shell=dash disable=SC2154
# Lines of the project's .env, where the reference comes from a variable in it. All else in it stays byte for byte.

set_variables() {
  local line
  [ -n "$env_set" ] || return 0
  printf '%s' "$env_set" | while IFS= read -r line; do say "  $line, in $env_file"; done
  # It comes with what is brought, and goes with it.
  if brings_env; then return 0; fi
  record_variables || { fail "$env_file cannot be copied"; return; }
  while IFS= read -r line <&3; do
    [ -z "$line" ] || set_entry "$env_file" "\${line%%=*}" "$line" || { fail "$env_file cannot be written"; return; }
  done 3<<LINES
$env_set
LINES
}

# Whole, and on the disk, before the file itself is touched: half a copy would be put back as it is.
record_variables() {
  if [ ! -e "$env_file" ]; then : >"$record/env-absent" && flush; return; fi
  cp -p "$env_file" "$record/env-before.new" && flush && mv "$record/env-before.new" "$record/env-before"
}

put_variables_back() {
  local file
  file=$(value_of env-file "$record/run")
  if [ -e "$record/env-before" ]; then
    rm -f "$(readlink -f "$file").slipway"
    same "$record/env-before" "$file" || replace_by "$file" cat "$record/env-before"
  elif [ -e "$record/env-absent" ]; then
    rm -f "$file" "$file.slipway"
  fi || fail "$file cannot be put back"
}

# A new file in the old one's place, with its mode and owner; where a link leads, if it is one.
replace_by() { # FILE COMMAND\u2026
  local file
  file=$(readlink -f "$1") || return
  shift
  if [ -e "$file" ]; then cp -p "$file" "$file.slipway"; fi && "$@" >"$file.slipway" && mv -f "$file.slipway" "$file" || {
    rm -f "$file.slipway"
    return 1
  }
}

with_line() { # FILE NUMBER LINE: 0 adds it
  if [ "$2" = 0 ]; then
    [ ! -s "$1" ] || { cat "$1"; ends_line "$1" || echo; }
    printf '%s\\n' "$3"
  else
    [ "$2" = 1 ] || head -n $(($2 - 1)) "$1"
    printf '%s\\n' "$3"
    tail -n +$(($2 + 1)) "$1"
  fi
}

ends_line() { [ -z "$(tail -c 1 "$1")" ]; }
`;

// src/deploy/server/transaction/ways.sh
var ways_default = `# shellcheck shell=dash disable=SC2154
# Where what is brought goes, by its paths: in none of them is a control character or a backslash.

# A link on the server may lead out of the directory, and would become a file; and a file can take no directory's place.
refuse_ways_out() {
  local path words="$IFS" IFS="$newline"
  list_brought || { fail "what is brought cannot be listed in $run"; return; }
  # shellcheck disable=SC2046
  set -- $(cat "$run/brought/directories") '' $(cat "$run/brought/paths")
  IFS="$words"
  while [ -n "$1" ]; do
    path=$1
    shift
    if [ "$path" = . ]; then continue; fi
    if [ -L "$directory/$path" ]; then refuse_link "$path"; return; fi
    if [ -e "$directory/$path" ] && [ ! -d "$directory/$path" ]; then fail "$directory/\${path#./} is no directory"; return; fi
  done
  shift
  for path in "$@"; do
    if [ -L "$directory/$path" ]; then refuse_link "$path"; return; fi
    if [ -d "$directory/$path" ]; then fail "$directory/\${path#./} is a directory"; return; fi
  done
}

# A list that ends early would count as whole.
list_brought() {
  (cd "$run/brought/files" && find . -type d) >"$run/brought/directories" &&
    (cd "$run/brought/files" && find . -type f) >"$run/brought/found" &&
    LC_ALL=C sort "$run/brought/found" >"$run/brought/paths" && rm "$run/brought/found"
}

refuse_link() { fail "$directory/\${1#./} is a link to $(readlink "$directory/$1"): nothing is brought through it"; }

# One call for what belongs to the same directory: a thousand programs take longer than what they do. (And so does
# \`read\`, which takes a byte at a time.)
each_directory() { # LIST COMMAND: COMMAND DIRECTORY PATH\u2026, some hundred at a time
  local command="$2" at='' batch='' count=0 line words="$IFS" IFS="$newline"
  # shellcheck disable=SC2046
  set -- $(by_directory "$1") "$tab"
  for line in "$@"; do
    if [ "$count" -ge 100 ] || [ "\${line%%"$tab"*}" != "$at" ]; then
      # shellcheck disable=SC2086
      set -- $batch
      IFS="$words"
      [ $# = 0 ] || "$command" "$at" "$@" || return
      IFS="$newline" at=\${line%%"$tab"*} batch='' count=0
    fi
    batch=$batch$newline\${line#*"$tab"} count=$((count + 1))
  done
}

by_directory() { sed "s/^\\\\(.*\\\\)\\\\/[^/]*\\$/\\\\1$tab&/" "$1" | LC_ALL=C sort; } # LIST
`;
var createHash2 = (...args) => process.getBuiltinModule("node:crypto").createHash(...args);

// src/bring/archive.ts
var record = 512;
async function* archive(entries) {
  for (const { name, mode, content, sent } of entries) {
    const print = sent && createHash2("sha256");
    if (typeof content === "object" && content.size > small) {
      yield header(name, mode, content.size);
      for await (const piece of contentOf(content.path, content.size)) {
        print?.update(piece);
        yield piece;
      }
      yield Buffer.alloc(padding(content.size));
    } else {
      const { bytes: bytes2, inside: inside2 } = atOnce(name, mode, content);
      print?.update(inside2);
      yield bytes2;
    }
    if (print !== void 0) sent?.(print.digest("hex"));
  }
  yield Buffer.alloc(2 * record);
}
var padding = (size2) => -size2 & record - 1;
var small = 512 * 1024;
function atOnce(name, mode, content) {
  const text2 = typeof content === "function" ? content() : content;
  const size2 = typeof text2 === "string" ? Buffer.byteLength(text2) : text2.size;
  const head = header(name, mode, size2);
  const bytes2 = Buffer.allocUnsafe(head.length + size2 + padding(size2));
  bytes2.set(head);
  const inside2 = bytes2.subarray(head.length, head.length + size2);
  if (typeof text2 === "string") inside2.write(text2);
  else fill(inside2, text2.path);
  bytes2.fill(0, head.length + size2);
  return { bytes: bytes2, inside: inside2 };
}
function fill(bytes2, path) {
  const file = (0, import_node_fs.openSync)(path, "r");
  try {
    for (let done = 0; done < bytes2.length; ) {
      const more = (0, import_node_fs.readSync)(file, bytes2, done, bytes2.length - done, null);
      if (more === 0) throw shorter(path);
      done += more;
    }
  } finally {
    (0, import_node_fs.closeSync)(file);
  }
}
var shorter = (path) => new Error(`${path} became shorter while it was read`);
async function* contentOf(path, size2) {
  let left = size2;
  for await (const chunk of (0, import_node_fs.createReadStream)(path, { highWaterMark: 256 * 1024, end: size2 - 1 })) {
    left -= chunk.length;
    yield chunk;
  }
  if (left > 0) throw shorter(path);
}
function header(name, mode, size2) {
  const bytes2 = Buffer.from(name);
  if (bytes2.length <= 100) return block(bytes2, mode, size2, "0");
  const long = Buffer.concat([bytes2, Buffer.alloc(record - bytes2.length % record)]);
  return Buffer.concat([
    block(Buffer.from("././@LongLink"), 420, bytes2.length + 1, "L"),
    long,
    block(bytes2.subarray(0, 100), mode, size2, "0")
  ]);
}
function block(name, mode, size2, type) {
  const head = Buffer.alloc(record);
  head.set(name, 0);
  head.write(octal(mode, 8), 100);
  head.write(octal(0, 8), 108);
  head.write(octal(0, 8), 116);
  head.write(octal(size2, 12), 124);
  head.write(octal(Math.floor(Date.now() / 1e3), 12), 136);
  head.write("        ", 148);
  head.write(type, 156);
  head.write("ustar\x0000", 257);
  const sum = head.reduce((total2, byte) => total2 + byte, 0);
  head.write(`${octal(sum, 7)}\0 `, 148);
  return head;
}
var octal = (value, width) => value.toString(8).padStart(width - 1, "0");

// src/bring/dotenv.ts
var envLine = ({ name, value }, v1) => `${name}=${plain.test(value) ? value : v1 ? quotedV1(value) : quoted(value)}`;
var plain = /^[A-Za-z0-9_./:@%+,-]*$/;
var escapes = { "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\" };
var escaped = (value) => value.replaceAll(/[\n\r"\\]/g, (char) => escapes[char] ?? char);
var quoted = (value) => `"${escaped(value).replaceAll("$", "\\$")}"`;
function quotedV1(value) {
  const inert = escaped(value).replaceAll("${", "${:-$}{");
  return `"${value.endsWith("\\") ? `${inert.slice(0, -2)}\${:-\\}` : inert}"`;
}

// src/bring/send.ts
var whole = { name: "whole", mode: 384, content: "" };
var fileEntries = (files, sent) => files.map(({ local, remote, mode, size: size2 }) => ({
  name: `files/${remote}`,
  mode,
  content: { path: local, size: size2 },
  ...sent === void 0 ? {} : { sent: (print) => sent(`${print}  ./${remote}
`) }
}));
var settingEntries = ({ settings: settings2 }, v1) => settings2.map((setting) => ({
  name: `settings/${setting.name}`,
  mode: 384,
  content: envLine(setting, v1)
}));
var sendCommand = (run2, plan, v1) => ({
  file: "sh",
  args: [`${run2}/script`, "stage"],
  stdin: () => archive(allEntries(plan, v1))
});
function allEntries(plan, v1) {
  const lines2 = [];
  const files = fileEntries(plan.files, (line) => lines2.push(line));
  const prints = { name: "prints", mode: 384, content: () => lines2.join("") };
  return [...files, ...settingEntries(plan, v1), prints, whole];
}

// src/bring/sketch.sh
var sketch_default = `# shellcheck shell=dash disable=SC2034,SC2154
# The project as it will be with what is brought: in a directory that is gone when the question is answered. Stands
# behind answer.sh, and before a question. Stdin: an archive. Arguments: the project directory, the env file in it, and
# those of the question, which gets the sketch in the directory's place.

newline='
'
tab='	'
env_file='' env_set='' refused='' reason=''

# For settings.sh and ways.sh.
private_umask() { echo 077; }
fail() {
  reason=$*
  return 1
}

sketch() { # DIRECTORY SETTINGS-FILE
  umask 077
  settings_file=$2
  sweep_sketches "\${TMPDIR:-/tmp}"
  run=$(mktemp -d "\${TMPDIR:-/tmp}/slipway.$$.XXXXXX") || exit 1
  trap 'rm -rf "$run"' EXIT
  trap 'exit 1' HUP INT TERM PIPE
  locate "$1"
  mkdir "$run/brought"
  tar -xpof - -C "$run/brought" && [ -e "$run/brought/whole" ] && mkdir -p "$run/brought/files" || exit 1
  merge_settings >/dev/null && refuse_ways_out || refused=\${reason:-the project cannot be prepared}
  shadow=$run/shadow$directory
  mkdir -p "\${shadow%/*}" && mv "$run/brought/files" "$shadow" && fill_shadow "$run/shadow" "$directory" || exit 1
}

# Of those that were killed: what is brought is in them.
sweep_sketches() { # DIRECTORY
  local left process
  for left in "$1"/slipway.[0-9]*.??????; do
    process=\${left#"$1"/slipway.} process=\${process%.*}
    [ ! -d "$left" ] || kill -0 "$process" 2>/dev/null || rm -rf "$left" 2>/dev/null || :
  done
}

# Where the directory is, or will be, and whether the login may write there.
locate() { # DIRECTORY
  local above
  unset CDPATH
  case $1 in /*) directory=\${1%/} ;; *) directory=$(pwd)/\${1%/} ;; esac
  case $1 in .) directory=$(pwd) ;; esac
  missing='' above=$directory
  if [ -d "$directory" ]; then directory=$(cd -- "$directory" && pwd) || exit 1; above=$directory; else missing=yes; fi
  until [ -d "$above" ]; do above=$(dirname -- "$above"); done
  writable=''
  [ ! -w "$above" ] || writable=yes
}

# What the question answers, behind what the sketch is of.
answer() {
  bounded=$(timeout 60 echo yes 2>/dev/null)
  printf '\\n#slipway\\n'
  say sketch.root "$run/shadow"
  if [ -n "$refused" ]; then say sketch.refused "$refused"; printf '=end\\n'; return; fi
  [ -z "$missing" ] || say sketch.missing
  [ -z "$writable" ] || say sketch.writable
  [ -z "$settings_told" ] || say sketch.settings "$settings_told"
  "$@" </dev/null
  printf '=end\\n'
}

sketch "$1" "$2"
shift 3
set -- "$shadow" "$@"
`;

// src/bring/sketch.ts
async function askSketch(run2, { script: script2, args: [directory = "", ...args], patience: patience6 }, plan, v1) {
  const text2 = [...parts, sketch_default, script2].join("\n");
  const words = args.map((arg) => arg.startsWith(`${directory}/`) ? arg.slice(directory.length + 1) : arg);
  const outcome = await run2(
    {
      file: "sh",
      args: ["-c", text2, "sh", directory, plan.envFile, directory, ...words],
      stdin: () => archive(sketchEntries(plan, v1))
    },
    { timeout: patience6 }
  );
  const answer = readAnswer(outcome);
  if (answer === void 0) return unanswered(outcome.stderr);
  return answer.has("sketch.refused") ? refused2(answer.text("sketch.refused")) : unshadow(answer);
}
var parts = [answer_default, variables_default, settings_default, ways_default, shadow_default];
var refused2 = (reason) => ({
  input: "files",
  cause: `What is brought has no way there: ${reason}.`,
  remedy: "Bring it to another place, or make room for it on the server."
});
var unanswered = (stderr) => ({
  input: "files",
  cause: "The server could not look at the project with what is brought.",
  remedy: "It needs `tar`, and room in its directory for temporary files.",
  ...stderr.trim() === "" ? {} : { output: (0, import_shared.lastLines)(stderr) }
});
var largest2 = 256 * 1024;
var most = 4 * 1024 * 1024;
function sketchEntries(plan, v1) {
  let left = most;
  const content = (file) => {
    if (file.size > largest2 || file.size > left) return void 0;
    left -= file.size;
    return file;
  };
  const order = [...plan.files].sort((one2, other2) => Number(isRead(other2)) - Number(isRead(one2)));
  const files = order.map((file) => ({ file, sent: content(file) }));
  const full = fileEntries(files.flatMap(({ sent }) => sent ?? []));
  const empty = files.filter(({ sent }) => sent === void 0).map(({ file }) => ({ name: `files/${file.remote}`, mode: file.mode, content: "" }));
  return [...full, ...empty, ...settingEntries(plan, v1), whole];
}
var isRead = ({ remote }) => /\.ya?ml$|\.env|env$/i.test(remote);
function unshadow(answer) {
  const root = answer.text("sketch.root");
  const sections = answer.sections.filter(({ name }) => name !== "writable" && !name.startsWith("hash")).map(({ name, lines: lines2 }) => ({
    name: name === "sketch.writable" ? "writable" : name.replaceAll(root, ""),
    lines: lines2.map((line) => line.replaceAll(root, ""))
  }));
  return answerOf(sections);
}

// src/deploy/compose.ts
async function readComposeConfig(text2) {
  const { name, services } = fields(await parsed(text2));
  if (typeof services !== "object" || services === null) return void 0;
  const entries = Object.entries(services).map(([service, value]) => [service, readService(fields(value))]);
  return { name: optionalText(name), services: Object.fromEntries(entries) };
}
async function parsed(text2) {
  try {
    if (text2.trimStart().startsWith("{")) return JSON.parse(text2);
    const { load } = await Promise.resolve().then(() => __toESM(require("./vendor/js-yaml.cjs")));
    return load(text2);
  } catch {
    return void 0;
  }
}
var fields = (value) => typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
var optionalText = (value) => typeof value === "string" && value !== "" ? value : void 0;
function names(value) {
  if (Array.isArray(value)) return value.map(String);
  return Object.keys(fields(value));
}
function readService(service) {
  return {
    image: optionalText(service["image"]),
    builds: service["build"] !== void 0 && service["build"] !== null,
    pullPolicy: optionalText(service["pull_policy"]),
    platform: optionalText(service["platform"]),
    replicas: replicas(service),
    profiles: names(service["profiles"]),
    containerName: optionalText(service["container_name"]),
    networkMode: optionalText(service["network_mode"]),
    restart: optionalText(service["restart"]),
    stopGracePeriod: goSeconds(optionalText(service["stop_grace_period"])) ?? defaultGrace,
    dependsOn: names(service["depends_on"]),
    needs: needs(service["depends_on"]),
    waitsForEnd: Object.entries(fields(service["depends_on"])).filter(([, value]) => fields(value)["condition"] === "service_completed_successfully").map(([name]) => name),
    healthcheck: healthcheck(service["healthcheck"]),
    publishes: Array.isArray(service["ports"]) && service["ports"].length > 0,
    livesIn: host(service)
  };
}
var conditions = {
  service_healthy: "healthy",
  service_completed_successfully: "ended"
};
var needs = (value) => Object.fromEntries(
  names(value).map((name) => {
    const condition = fields(fields(value)[name])["condition"];
    return [name, conditions[String(condition)] ?? "started"];
  })
);
var defaultGrace = 10;
function replicas(service) {
  const count = fields(service["deploy"])["replicas"] ?? service["scale"] ?? 1;
  return Number.isInteger(Number(count)) ? Number(count) : 1;
}
function healthcheck(value) {
  const { disable, test } = fields(value);
  if (disable === true || Array.isArray(test) && test[0] === "NONE" || test === "NONE") return "none";
  return test === void 0 ? void 0 : "declared";
}
function host(service) {
  const modes = [service["network_mode"], service["pid"], service["ipc"]];
  return modes.map((mode) => /^service:(.+)$/.exec(String(mode))?.[1]).find((name) => name !== void 0);
}
var goUnits = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  \u00B5s: 1e-6,
  ns: 1e-9
};
function goSeconds(text2) {
  if (text2 === void 0 || !/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/.test(text2)) return void 0;
  const parts3 = [...text2.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)];
  return parts3.reduce((sum, [, count, unit2 = ""]) => sum + Number(count) * (goUnits[unit2] ?? 0), 0);
}

// src/deploy/preflight-files.ts

// src/deploy/server/leftovers.sh
var leftovers_default = `# Whether what a login starts outlives it. Needs answer.sh.

# logind may end what a login leaves behind (KillUserProcesses): only inside a session of its own making.
leftovers() {
  grep -q 'session-[^/]*\\.scope' /proc/self/cgroup 2>/dev/null || return 0
  [ "$(logind KillUserProcesses)" = 'b true' ] || return 0
  say kill.only "$(logind KillOnlyUsers)"
  say kill.exclude "$(logind KillExcludeUsers)"
  [ "$(limited loginctl show-user "$(id -un)" --property=Linger --value 2>/dev/null)" = yes ] &&
    escape systemd-run --user --scope --quiet
  escape sudo -n systemd-run --scope --quiet --uid="$(id -u)" --gid="$(id -g)"
}

logind() {
  limited busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager "$1" 2>/dev/null
}

# escape WORD...: a command that takes another out of the session, if it does.
escape() {
  limited "$@" true >/dev/null 2>&1 && say escape "$@"
}
`;

// src/deploy/server/probe.sh
var probe_default = `# What there is on this server. Needs answer.sh and leftovers.sh.
# shellcheck disable=SC2034 # answer.sh reads $limit: a dead engine is asked in several ways

# where NAME DIRECTORY...: each program of that name, on the PATH first.
where() (
  program=$1 seen=:
  shift
  IFS=:
  for directory in $PATH "$@"; do
    real=$(cd -P -- "$directory" 2>/dev/null && pwd) || continue # /bin often is /usr/bin
    case $seen in *":$real:"*) continue ;; esac
    seen=$seen$real:
    [ -f "$directory/$program" ] && [ -x "$directory/$program" ] && printf '%s\\n' "$directory/$program"
  done
)

# A non-interactive login often has a short PATH.
clients() {
  where docker /usr/local/bin /usr/bin /snap/bin "$HOME/bin" "$HOME/.local/bin" /usr/local/sbin /opt/bin
}

# Compose's plugin does as a program too, where the client looks elsewhere for it.
composes() {
  where docker-compose /usr/local/bin /usr/bin /snap/bin "$HOME/bin" "$HOME/.local/bin" /usr/local/sbin /opt/bin \\
    "$HOME/.docker/cli-plugins" /usr/local/lib/docker/cli-plugins /usr/local/libexec/docker/cli-plugins \\
    /usr/lib/docker/cli-plugins /usr/libexec/docker/cli-plugins
}

# named PATH: its name alone where that means the same program.
named() {
  [ "$(command -v "\${1##*/}")" = "$1" ] && printf '%s' "\${1##*/}" || printf '%s' "$1"
}

login() {
  say user "$(id -un)"
  say uid "$(id -u)"
  # shellcheck disable=SC2046 # a group each
  say groups $(id -Gn)
  say home "$HOME"
  say shell "\${SHELL:-}"
  # shellcheck disable=SC1091
  say os "$(. /etc/os-release 2>/dev/null && printf '%s' "\${PRETTY_NAME:-}")"
  for command in flock setsid nohup timeout; do
    command -v "$command" >/dev/null 2>&1 && say has "$command"
  done
}

# The fields that are needed, one by one: asked for everything, docker starts each of its plugins.
fields='{"version":{{json .ServerVersion}},"os":{{json .OSType}},"architecture":{{json .Architecture}},"root":{{json .DockerRootDir}},"driver":{{json .DriverStatus}}}'

# reached WORD...: an engine answers to this client; \`$engine\` is what it says of itself.
reached() {
  engine=$(limited "$@" info --format "$fields" 2>/dev/null)
  case $engine in '{"version":"'[0-9]*) return 0 ;; *) return 1 ;; esac
}

# Rootless engines are found by a variable that rc files set, or by a context; this is where they listen.
sockets() {
  for socket in "\${XDG_RUNTIME_DIR:-}/docker.sock" "/run/user/$(id -u)/docker.sock" "$HOME/.docker/run/docker.sock" "$HOME/.docker/desktop/docker.sock"; do
    [ -S "$socket" ] && printf '%s\\n' "$socket"
  done
}

# try CLIENT: how this client may reach an engine, the first that does; then all that depends on it.
try() {
  client=$(named "$1")
  reached "$client" && found "$1" "$client" && return 0
  for socket in $(sockets); do
    reached "$client" -H "unix://$socket" && found "$1" "$client" -H "unix://$socket" && return 0
  done
  command -v sudo >/dev/null 2>&1 && reached sudo -n "$1" && found "$1" sudo -n "$1"
}

# found CLIENT WORD...
found() {
  shift
  say docker "$@"
  say engine "$engine"
  say endpoint "$(limited "$@" context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null)"
  root=$(printf '%s' "$engine" | sed 's/.*"root":"\\([^"]*\\)".*/\\1/')
  say free "$(free_at "$root")" "$(free_at /var/lib/containerd)"
  plugin "$@" || standalone "$@"
  return 0
}

# Kilobytes free.
free_at() {
  [ ! -d "$1" ] || df -Pk "$1" 2>/dev/null | {
    read -r _
    read -r _ _ _ free _ && printf '%s' "$free"
  }
}

plugin() {
  version=$(limited "$@" compose version --short 2>/dev/null)
  slow $? "$@" compose
  case $version in v[0-9]* | [0-9]*) ;; *) return 1 ;; esac
  say compose "$@" compose
  say compose.version "$version"
}

# slow CODE WORD...: it is there, and did not come to its answer.
slow() {
  [ "$1" != 124 ] || { shift && say compose.slow "$*"; }
}

# Every one until the first v2: the name does not tell, and v1 takes its time.
standalone() {
  for program in $(composes); do
    case $1 in
      sudo) set -- sudo -n "$program" ;;
      *) name=$(named "$program") && shift && set -- "$name" "$@" ;;
    esac
    version=$(limited "$@" version --short 2>/dev/null)
    slow $? "$@"
    case $version in v[0-9]* | [0-9]*) ;; *) say compose.refused "$*" && continue ;; esac
    say compose "$@"
    say compose.version "$version"
    case $version in v1.* | 1.*) ;; *) return 0 ;; esac
  done
}

# Nobody could reach an engine: what each way says. One that hangs is known by now.
missing() {
  limit=3
  client=$(clients | head -n 1)
  [ -n "$client" ] || return 0
  say client "$client" "$("$client" --version 2>/dev/null)"
  tell direct "$client" version --format '{{.Server.Version}}'
  tell sudo sudo -n "$client" version --format '{{.Server.Version}}'
}

probe() {
  limit=20
  login
  leftovers
  for candidate in $(clients); do
    try "$candidate" && return 0
  done
  missing
}

answer probe
`;

// src/deploy/tools-problems.ts
function noEngine(answer, { user }) {
  const [client, name = ""] = answer.lines("client");
  const said = answer.text("direct.error");
  if (client === void 0) return noDocker;
  if (/podman/i.test(name)) return podman(name);
  if (/permission denied/i.test(said)) return forbidden(user, said);
  if (answer.text("direct.code") === "124") return hangingEngine;
  return {
    cause: `No docker engine answers \`${user}\` on the server.`,
    remedy: "Start it there (`sudo systemctl enable --now docker`); for a rootless engine, check that it runs as this user.",
    output: (0, import_shared.lastLines)(said)
  };
}
var noDocker = {
  cause: "There is no docker on the server: neither on the PATH of the login, nor in /usr/local/bin, /usr/bin, /snap/bin, ~/bin or ~/.local/bin.",
  remedy: "Install Docker Engine there: https://docs.docker.com/engine/install/"
};
var hangingEngine = {
  cause: "The docker engine on the server takes a question and does not answer it: it hangs.",
  remedy: "Restart it there: `sudo systemctl restart docker`."
};
var podman = (name) => ({
  cause: `\`docker\` on the server is Podman (\`${name}\`), whose Compose does not keep what a deploy relies on.`,
  remedy: "Install Docker Engine there: https://docs.docker.com/engine/install/"
});
var forbidden = (user, said) => ({
  cause: `\`${user}\` may not use docker on the server, and \`sudo -n docker\` does not work either.`,
  remedy: `Run \`sudo usermod -aG docker ${user}\` there; it holds from the next login on.`,
  output: (0, import_shared.lastLines)(said)
});
var windowsEngine = ({ os }) => ({
  cause: `The docker engine on the server runs ${os} containers.`,
  remedy: "Deploy to an engine that runs Linux containers."
});
function noCompose(answer, { version }, { user }) {
  const refused4 = answer.sections.filter(({ name }) => name === "compose.refused").flatMap(({ lines: lines2 }) => lines2);
  const bySudo = refused4.find((words) => words.startsWith("sudo "));
  if (answer.has("compose.slow")) return slowCompose(answer.text("compose.slow"));
  if (bySudo !== void 0) return forbiddenCompose(user, bySudo);
  return {
    cause: `There is docker ${version} on the server, but no Compose: neither \`docker compose\` nor \`docker-compose\`.`,
    remedy: "Install its plugin there: `sudo apt-get install docker-compose-plugin` (Docker\u2019s packages), `docker-compose-v2` (Ubuntu\u2019s) or `docker-compose` (Debian\u2019s)."
  };
}
var slowCompose = (words) => ({
  cause: `\`${words} version\` did not end within 20 s on the server.`,
  remedy: "See what keeps it busy (`uptime`, `free`): a deploy there would fail half-way."
});
var forbiddenCompose = (user, words) => ({
  cause: `\`${user}\` uses docker by \`sudo -n\` on the server, and \`${words}\` does not work.`,
  remedy: `Allow it in /etc/sudoers.d beside docker, or run \`sudo usermod -aG docker ${user}\` there.`
});

// src/deploy/tools.ts
var question = { script: leftovers_default + probe_default, args: [], patience: 15e4 };
async function findTools(run2) {
  const answer = await ask(run2, question);
  return isProblem(answer) ? [answer] : parseTools(answer);
}
var isV1 = ({ composeVersion }) => composeVersion.startsWith("1.");
function parseTools(answer) {
  const login2 = parseLogin(answer);
  if (!answer.has("docker")) return [noEngine(answer, login2)];
  const engine2 = JSON.parse(answer.text("engine"));
  if (engine2.os !== "linux") return [windowsEngine(engine2)];
  const compose = chooseCompose(answer);
  return compose === void 0 ? [noCompose(answer, engine2, login2)] : toolsOf(answer, login2, engine2, compose);
}
function toolsOf(answer, login2, engine2, compose) {
  const free = answer.lines("free").map((kilobytes) => Number(kilobytes) * 1024);
  const store = engine2.driver?.some(([, value]) => value === "io.containerd.snapshotter.v1");
  return {
    docker: answer.lines("docker"),
    engineVersion: engine2.version,
    ...compose,
    platform: `linux/${architecture(engine2.architecture)}`,
    endpoint: answer.text("endpoint"),
    imageStore: store === true ? "containerd" : "classic",
    dockerRoot: engine2.root,
    freeBytes: free.length === 0 ? void 0 : Math.min(...free),
    os: answer.text("os"),
    login: login2,
    has: commands(answer),
    killsLeftovers: endsLeftovers(answer, login2.user),
    escape: answer.has("escape") ? answer.lines("escape") : void 0
  };
}
var parseLogin = (answer) => ({
  user: answer.text("user"),
  uid: Number(answer.text("uid")),
  groups: answer.lines("groups"),
  home: answer.text("home"),
  shell: answer.text("shell")
});
function commands(answer) {
  const found = answer.sections.filter(({ name }) => name === "has").flatMap(({ lines: lines2 }) => lines2);
  const has = (command) => found.includes(command);
  return { flock: has("flock"), setsid: has("setsid"), nohup: has("nohup"), timeout: has("timeout") };
}
var architectures = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv8l: "arm/v7",
  armv7l: "arm/v7",
  armv6l: "arm/v6",
  i386: "386",
  i686: "386"
};
var architecture = (machine) => architectures[machine] ?? machine;
function chooseCompose({ sections }) {
  const found = sections.flatMap(
    (section, index) => section.name === "compose" ? [{ words: section.lines, version: sections[index + 1]?.lines[0] ?? "" }] : []
  );
  const versions = found.map(({ words, version }) => ({
    compose: words,
    composeVersion: /\d+\.\d+\.\d+/.exec(version)?.[0] ?? version
  }));
  return versions.find(({ composeVersion }) => !composeVersion.startsWith("1.")) ?? versions[0];
}
function endsLeftovers(answer, user) {
  const only = answer.text("kill.only");
  const names2 = (list4) => [...list4.matchAll(/"([^"]*)"/g)].map(([, name]) => name);
  const meant = names2(only).length === 0 || names2(only).includes(user);
  return answer.has("kill.only") && meant && !names2(answer.text("kill.exclude")).includes(user);
}

// src/deploy/variables.ts
var nameAt = /[A-Za-z_][A-Za-z0-9_]*/y;
function variablesOf(template) {
  const seen = /* @__PURE__ */ new Set();
  interpolate(template, (name) => {
    seen.add(name);
    return void 0;
  });
  return [...seen];
}
function interpolate(template, lookup2) {
  const { text: text2 } = walk(template, 0, lookup2, false);
  return text2;
}
function walk(template, start, lookup2, inBraces) {
  let text2 = "";
  let at2 = start;
  while (at2 < template.length && !(inBraces && template[at2] === "}")) {
    const found = template[at2] === "$" ? variable(template, at2 + 1, lookup2) : void 0;
    text2 += found?.text ?? template[at2];
    at2 = found?.end ?? at2 + 1;
  }
  return { text: text2, end: at2 };
}
function variable(template, at2, lookup2) {
  if (template[at2] === "$") return { text: "$", end: at2 + 1 };
  const braced = template[at2] === "{";
  nameAt.lastIndex = braced ? at2 + 1 : at2;
  const name = nameAt.exec(template)?.[0];
  if (name === void 0) return void 0;
  const end = (braced ? at2 + 1 : at2) + name.length;
  if (!braced) return { text: lookup2(name) ?? "", end };
  return withDefault(template, end, name, lookup2);
}
function withDefault(template, at2, name, lookup2) {
  const operator = /^:?[-?+]/.exec(template.slice(at2, at2 + 2))?.[0] ?? "";
  const value = lookup2(name);
  const other2 = walk(template, at2 + operator.length, lookup2, true);
  return { text: choose(operator, value, other2.text), end: other2.end + 1 };
}
function choose(operator, value, other2) {
  const set = operator.startsWith(":") ? value !== void 0 && value !== "" : value !== void 0;
  if (operator.endsWith("-")) return set ? value ?? "" : other2;
  if (operator.endsWith("+")) return set ? other2 : "";
  return value ?? "";
}
var assignment = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*(?:'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|([^\n]*))/gm;
function readEnvFile(text2) {
  return new Map(
    [...text2.matchAll(assignment)].map(([, name = "", single2, double, bare3 = ""]) => [
      name,
      single2 ?? double?.replace(/\\(["\\$])/g, "$1") ?? bare3.replace(/(?:^|\s)#.*$/, "").trim()
    ])
  );
}

// src/deploy/preflight-files.ts
var main = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
var mainV1 = ["docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"];
var override = /^(?:docker-)?compose\.override\.ya?ml$/;
function composeFilesOf(answer, plan, tools) {
  const directory = answer.text("directory");
  const given = plan.composeFiles.length > 0 ? plan.composeFiles : listedFiles(answer);
  if (given.length > 0) return given.map((file) => import_node_path7.posix.resolve(directory, file));
  const found = filesFound(answer);
  const names2 = isV1(tools) ? mainV1 : main;
  const first = names2.map((name) => found.find((file) => import_node_path7.posix.basename(file) === name)).find((file) => file !== void 0);
  return first === void 0 ? [] : [first, ...found.filter((file) => overrides(file, first)).slice(0, 1)];
}
var filesFound = (answer) => answer.sections.filter(({ name }) => name === "file").flatMap(({ lines: lines2 }) => lines2);
var overrides = (file, first) => override.test(import_node_path7.posix.basename(file)) && import_node_path7.posix.dirname(file) === import_node_path7.posix.dirname(first);
function composeVariable(answer, name) {
  const [line] = answer.lines("environment.compose").filter((each2) => each2.startsWith(`${name}=`));
  const value = line?.slice(name.length + 1) ?? readEnvFile(answer.text("env")).get(name);
  return value === "" ? void 0 : value;
}
var foundHere = (answer, { composeFiles }) => composeFiles.length === 0 && listedFiles(answer).length === 0;
function listedFiles(answer) {
  const separator = composeVariable(answer, "COMPOSE_PATH_SEPARATOR") ?? ":";
  return composeVariable(answer, "COMPOSE_FILE")?.split(separator).filter(Boolean) ?? [];
}
function warnOfFiles(answer, { composeFiles }, { warnings }) {
  if (composeFiles.length === 0) return;
  const given = composeFiles.map((file) => import_node_path7.posix.resolve(answer.text("directory"), file));
  const dropped = filesFound(answer).filter(
    (file) => override.test(import_node_path7.posix.basename(file)) && !given.includes(file)
  );
  const listed = listedFiles(answer);
  if (dropped.length > 0) {
    warnings.push(
      `\`compose-files\` leaves out ${dropped.map((file) => `\`${import_node_path7.posix.basename(file)}\``).join(", ")}, which a plain \`docker compose up\` on the server takes: name it too, or leave \`compose-files\` empty.`
    );
  }
  if (listed.length > 0) {
    warnings.push(
      `\`compose-files\` takes the place of \`COMPOSE_FILE\` (\`${listed.join(":")}\`), which a plain \`docker compose up\` on the server goes by: leave \`compose-files\` empty to use it.`
    );
  }
}

// src/deploy/preflight-problems.ts
function missingDirectory(answer, { projectDirectory }) {
  const nearest2 = answer.text("nearest");
  const nearby = answer.lines("nearby");
  if (answer.has("forbidden")) {
    return {
      input: "project-directory",
      cause: `\`project-directory\` is \`${projectDirectory}\`, which the login may not enter on the server.`,
      remedy: `Let its group in, or change its owner: \`sudo chown -R USER ${projectDirectory}\`.`
    };
  }
  return {
    input: "project-directory",
    cause: `\`project-directory\` is \`${projectDirectory}\`, which is not there on the server.`,
    remedy: `The closest that is there is \`${nearest2}\`; it ${holds(nearby)}.`
  };
}
var holds = (names2) => names2.length === 0 ? "is empty" : `holds ${names2.map((name) => `\`${name}\``).join(", ")}`;
function configProblem(answer, plan) {
  const output = withoutValues((0, import_shared.lastLines)(answer.text("config.error")), answer);
  const given = plan.composeFiles.length > 0;
  if (answer.text("config.code") === "124") return slowCompose2;
  if (!given && filesFound(answer).length === 0 && /no configuration file|find a suitable/i.test(output)) {
    return {
      input: "project-directory",
      cause: `There is no compose file in \`${answer.text("directory")}\` on the server, nor above it.`,
      remedy: `Put a compose.yaml there, or name the files in \`compose-files\`; the directory ${holds(answer.lines("listing"))}.`
    };
  }
  const missing5 = /(?:open|stat) (\S+): no such file|No such file or directory: '([^']+)'/.exec(output);
  const file = missing5?.[1] ?? missing5?.[2];
  if (given && file !== void 0) return missingFile(file, answer);
  return {
    ...given ? { input: "compose-files" } : {},
    cause: `Compose does not take the project in \`${answer.text("directory")}\` on the server.`,
    remedy: "Mend what it names; `docker compose config --quiet` in that directory tells when it is right.",
    output
  };
}
var slowCompose2 = {
  cause: "Compose did not read the project on the server within 30 s.",
  remedy: "See whether `docker compose config --quiet` ends there; a server without memory or disk to spare is slow."
};
var missingFile = (file, answer) => ({
  input: "compose-files",
  cause: `\`compose-files\` names \`${file}\`, which is not there on the server.`,
  remedy: `Paths are relative to \`project-directory\`, which ${holds(answer.lines("listing"))}.`
});
function withoutValues(text2, answer) {
  const values = [...readEnvFile(answer.text("env")).values()].filter((value) => value.length > 3);
  return values.sort((one2, other2) => other2.length - one2.length).reduce((shown3, value) => shown3.replaceAll(value, "***"), text2);
}

// src/deploy/preflight-templates.ts
async function templatesOf(answer, files) {
  const texts = answer.has("template") ? [answer.text("template")] : files.map((file) => answer.text(`raw.${file}`));
  const written2 = await Promise.all(texts.map(readComposeConfig));
  return Object.fromEntries(
    written2.flatMap((config) => Object.entries(config?.services ?? {})).flatMap(([name, { image }]) => image === void 0 ? [] : [[name, image]])
  );
}
function envFileOf(answer) {
  const elsewhere = ["COMPOSE_ENV_FILES", "COMPOSE_DISABLE_ENV_FILE"].some(
    (name) => composeVariable(answer, name) !== void 0
  );
  return answer.has("env.file") && !elsewhere ? answer.text("env.file") : void 0;
}
function variablesIn(answer, templates, tools) {
  const environment2 = new Set(tools.compose[0] === "sudo" ? [] : answer.lines("environment.names"));
  const file = readEnvFile(answer.text("env"));
  const mentions = Object.entries(templates).map(([service, image]) => ({
    service,
    names: variablesOf(image)
  }));
  return [...new Set(mentions.flatMap(({ names: names2 }) => names2))].map((name) => ({
    name,
    from: environment2.has(name) ? "environment" : file.has(name) ? "env-file" : void 0,
    value: file.get(name),
    services: mentions.filter(({ names: names2 }) => names2.includes(name)).map(({ service }) => service)
  }));
}

// src/deploy/server/project.sh
var project_default = `# What the Compose project is. Needs answer.sh.
# Arguments: the project directory, \`v1\` or \`v2\`, the directory of the first file where files are given (else
# empty), and the words of a Compose call.

# The closest directory above that there is, and the directories in it.
nearest() {
  path=$1
  until [ -d "$path" ]; do path=$(dirname -- "$path"); done
  cd -- "$path" 2>/dev/null || return
  say nearest "$(pwd)"
  say nearby "$(for entry in */; do [ ! -d "$entry" ] || printf '%s\\n' "$entry"; done | head -n 20)"
}

# Compose looks for its files in this directory, then in those above; \`$base\` is where it found them.
files_above() {
  above=$(pwd)
  until found_in "\${above%/}"; do
    [ "$above" != / ] || return
    above=$(dirname -- "$above")
  done
  base=$above
}

found_in() {
  set -- "$1/compose.yaml" "$1/compose.yml" "$1/docker-compose.yml" "$1/docker-compose.yaml" \\
    "$1/compose.override.yaml" "$1/compose.override.yml" "$1/docker-compose.override.yml" "$1/docker-compose.override.yaml"
  for file in "$@"; do
    [ ! -f "$file" ] || say file "$file"
  done
  [ -f "$1" ] || [ -f "$2" ] || [ -f "$3" ] || [ -f "$4" ]
}

# The variables that can decide an image, and where they come from. Of the environment the names alone, but for
# Compose's own.
variables() {
  say environment.names "$(env | sed -n 's/^\\([A-Za-z_][A-Za-z0-9_]*\\)=.*/\\1/p')"
  say environment.compose "$(env | grep -E '^COMPOSE_(FILE|PATH_SEPARATOR|PROJECT_NAME|PROFILES|ENV_FILES|DISABLE_ENV_FILE)=')"
  [ -f "$1/.env" ] && say env.file "$(cd -- "$1" && pwd)/.env" && tell env cat "$1/.env"
}

# configuration GENERATION WORD...: resolved, then as it was written.
configuration() {
  generation=$1
  shift
  case $generation in
    v2)
      tell config "$@" --profile '*' config --format json
      written "$@" --profile '*' config --no-interpolate --format json || raw_files "$@"
      tell hash "$@" --profile '*' config --hash '*'
      ;;
    *)
      tell config "$@" config
      written "$@" config --no-interpolate || raw_files "$@"
      ;;
  esac
}

written() {
  template=$(limited "$@" 2>/dev/null) && say template "$template"
}

# v1 wants a number where a variable stands for one, and refuses; then the files themselves have to do.
raw_files() {
  before=
  for word in "$@"; do
    case $before$word in
      -f/*) say "raw.$word" "$(cat "$word")" ;;
      -f*) say "raw.$(pwd)/$word" "$(cat "$word")" ;;
    esac
    before=
    [ "$word" != -f ] || before=-f
  done
  for file in "$base"/*compose*.y*ml; do
    [ ! -f "$file" ] || say "raw.$file" "$(cat "$file")"
  done
}

project() {
  directory=$1 generation=$2 base=$3
  shift 3
  unset CDPATH
  if ! cd -- "$directory" 2>/dev/null; then
    [ -d "$directory" ] && say forbidden
    nearest "$directory"
    return
  fi
  say directory "$(pwd)"
  say listing "$(for entry in *; do [ ! -e "$entry" ] || printf '%s\\n' "$entry"; done | head -n 20)"
  given=$base
  files_above
  base=\${given:-\${base:-.}}
  [ ! -w "$base" ] || say writable
  variables "$base"
  configuration "$generation" "$@"
}

answer project "$@"
`;

// src/deploy/preflight-project.ts
var composeWords = (tools, plan, files) => [
  ...tools.compose,
  ...plan.projectName === void 0 ? [] : ["-p", plan.projectName],
  ...files.flatMap((file) => ["-f", file])
];
function projectQuestion(tools, plan) {
  const [first] = plan.composeFiles;
  const base = first === void 0 ? "" : import_node_path5.posix.dirname(first);
  const words = composeWords(tools, plan, plan.composeFiles);
  const args = [plan.projectDirectory, isV1(tools) ? "v1" : "v2", base, ...words];
  return { script: project_default, args, patience: 12e4 };
}
async function readProject(run2, tools, plan, findings) {
  const answer = await askProject(run2, tools, plan);
  const reading = isProblem(answer) ? answer : await parseProject(answer, tools, plan);
  if (!isProblem(answer)) warnOfFiles(answer, plan, findings);
  if (!isProblem(reading)) return reading;
  findings.problems.push(reading);
  return void 0;
}
function askProject(run2, tools, plan) {
  const question2 = projectQuestion(tools, plan);
  const { bring } = plan;
  return bring !== void 0 && brings(bring) ? askSketch(run2, question2, bring, isV1(tools)) : ask(run2, question2);
}
async function findDirectory(run2, plan, findings) {
  const nothing = { compose: ["false"], composeVersion: "" };
  const answer = await ask(run2, projectQuestion(nothing, plan));
  if (!isProblem(answer) && !answer.has("directory")) findings.problems.push(missingDirectory(answer, plan));
}
async function parseProject(answer, tools, plan) {
  if (!answer.has("directory")) return missingDirectory(answer, plan);
  const config = answer.text("config.code") === "0" ? await readComposeConfig(answer.text("config")) : void 0;
  if (config === void 0) return configProblem(answer, plan);
  const templates = await templatesOf(answer, composeFilesOf(answer, plan, tools));
  return {
    project: projectOf(answer, config, templates, tools, plan),
    config,
    templates,
    hashes: hashesOf(answer)
  };
}
function projectOf(answer, config, templates, tools, plan) {
  const composeFiles = composeFilesOf(answer, plan, tools);
  const base = import_node_path5.posix.dirname(composeFiles[0] ?? `${answer.text("directory")}/compose.yaml`);
  const directory = foundHere(answer, plan) ? base : answer.text("directory");
  return {
    name: config.name ?? nameOf2(answer, plan, base),
    givenName: plan.projectName,
    directory,
    base,
    writable: answer.has("writable"),
    ...answer.has("sketch.missing") ? { missing: true } : {},
    ...answer.has("sketch.settings") ? { settings: answer.text("sketch.settings").split(", ") } : {},
    files: plan.composeFiles.map((file) => import_node_path5.posix.resolve(directory, file)),
    composeFiles,
    envFile: envFileOf(answer),
    variables: variablesIn(answer, templates, tools)
  };
}
function nameOf2(answer, plan, base) {
  const name = plan.projectName ?? composeVariable(answer, "COMPOSE_PROJECT_NAME") ?? import_node_path5.posix.basename(base);
  return name.toLowerCase().replace(/[^-_a-z0-9]/g, "");
}
var hashesOf = (answer) => answer.text("hash.code") === "0" ? Object.fromEntries(
  answer.lines("hash").flatMap((line) => /^(\S+) ([0-9a-f]{64})$/.test(line) ? [line.split(" ")] : [])
) : {};

// src/deploy/preflight-platform.ts
function fits(wanted, built) {
  const accepted = family(canonical(wanted));
  return built.some((platform) => accepted.includes(canonical(platform)));
}
var canonical = (platform) => (0, import_shared.normalize)(platform).replace(/\/arm$/, "/arm/v7").replace(/\/arm64\/v8$/, "/arm64").replace(/\/amd64\/v1$/, "/amd64");
var families = [
  ["amd64/v4", "amd64/v3", "amd64/v2", "amd64", "386"],
  ["arm64", "arm/v8", "arm/v7", "arm/v6", "arm/v5"]
];
function family(platform) {
  const slash = platform.indexOf("/");
  const [system, own] = [platform.slice(0, slash), platform.slice(slash + 1)];
  const members = families.find((each2) => each2.includes(own)) ?? [own];
  return members.slice(members.indexOf(own)).map((each2) => `${system}/${each2}`);
}

// src/deploy/preflight-solve.ts
var lookup = (variables, envSet) => (name) => envSet[name] ?? variables.find((variable3) => variable3.name === name)?.value;
function findPushed(text2, pushed) {
  const reference = (0, import_shared.parseReference)(text2);
  if ("reason" in reference || reference.digest !== void 0) return void 0;
  return pushed.find(
    (each2) => (0, import_shared.sameRepository)(each2, reference) && (isUntagged(each2) || tagOf(each2) === tagOf(reference))
  );
}
var isUntagged = ({ tag, digest }) => tag === void 0 && digest !== void 0;
var tagOf = ({ tag = "latest" }) => tag;
function solve({ template }, { variables, envFile }, pushed, services, envSet) {
  if (template === void 0 || envFile === void 0) return {};
  const settable = (name) => !(name in envSet) && isSettable(name, variables, services);
  const lines2 = variablesOf(template).filter(settable).reverse().flatMap(
    (name) => pushed.flatMap((reference) => linesFor(name, template, reference, lookup(variables, envSet)))
  );
  return lines2[0] ?? {};
}
var isSettable = (name, variables, services) => variables.some(
  (variable3) => variable3.name === name && variable3.from === "env-file" && variable3.services.every((service) => services.includes(service))
);
function linesFor(name, template, reference, current) {
  const spelt = interpolate(template, (each2) => each2 === name ? hole : current(each2));
  const [before = "", ...rest] = spelt.split(hole);
  return [(0, import_shared.familiar)(reference), `${(0, import_shared.repositoryName)(reference)}:${tagOf(reference)}`].map((text2) => between(text2, before, rest.at(-1) ?? "")).filter((value) => value !== void 0).filter((value) => findPushed(spelt.replaceAll(hole, value), [reference]) !== void 0).map((value) => ({ [name]: value }));
}
var hole = "\0";
function between(text2, before, after) {
  const fits2 = text2.startsWith(before) && text2.endsWith(after) && text2.length > before.length + after.length;
  return fits2 ? text2.slice(before.length, text2.length - after.length) : void 0;
}

// src/deploy/preflight-unpinned.ts
function unpinnable(service, project) {
  const { name, reference, builds } = service;
  if (reference === "") {
    return {
      input: "service",
      cause: `The service \`${name}\` declares no \`image\`${builds ? ", only a `build`" : ""}: there is nothing to run what is pushed under.`,
      remedy: "Give it an `image:` with one of the tags that are pushed."
    };
  }
  const parsed2 = (0, import_shared.parseReference)(reference);
  if ("reason" in parsed2) return noReference(service, project, parsed2);
  if (parsed2.digest === void 0) return void 0;
  return {
    cause: `The service \`${name}\` declares the image \`${reference}\`: pinned to a digest, it can never run another.`,
    remedy: "Leave the digest out; what runs is pinned to the digest that is pushed, under its tag."
  };
}
function noReference(service, project, { reason, remedy }) {
  const { name, reference } = service;
  const unset = variablesIn2(service, project).find(({ from }) => from === void 0);
  if (unset === void 0) {
    return { cause: `The service \`${name}\` declares the image \`${reference}\`: ${reason}.`, remedy };
  }
  return {
    cause: `The service \`${name}\` declares the image \`${service.template}\`, and \`${unset.name}\` is not set.`,
    remedy: `Set it in the \`.env\` file of the project: \`echo ${unset.name}=TAG >>${project.base}/.env\`.`
  };
}
function notPushed(service, project, pushed) {
  const { name, reference } = service;
  const cause = `The service \`${name}\` declares the image \`${reference}\`, which is not among those that are pushed (${list2(pushed.map(import_shared.familiar))}): nothing would change.`;
  const parsed2 = (0, import_shared.parseReference)(reference);
  const own = "reason" in parsed2 ? [] : pushed.filter((each2) => (0, import_shared.sameRepository)(each2, parsed2));
  const [first] = own.length > 0 ? own : pushed;
  if ("reason" in parsed2 || first === void 0 || own.length === 0) {
    const example = first === void 0 ? "" : `: \`image: ${(0, import_shared.familiar)(first)}\``;
    return { input: "image", cause, remedy: `Let it declare one of them${example}.` };
  }
  const add = `Add \`${tagOf(parsed2)}\` to \`tags\``;
  return { input: "tags", cause, remedy: `${add}, ${otherwise(service, project, first)}.` };
}
function otherwise(service, project, first) {
  const decided = variablesIn2(service, project).at(-1);
  if (decided === void 0) return `or let the service declare \`${(0, import_shared.familiar)(first)}\``;
  const { name, from, services } = decided;
  if (from === "environment") {
    return `or change \`${name}\`, which decides the image and is set by the environment of the login`;
  }
  const others = services.filter((each2) => each2 !== service.name);
  const why = others.length === 0 ? "" : ` (which is not done for you, as it decides the image of ${list2(others)} too)`;
  return `or set \`${name}\`, which decides the image, in the \`.env\` file of the project${why}`;
}
var variablesIn2 = ({ template = "" }, { variables }) => variablesOf(template).flatMap((name) => variables.filter((variable3) => variable3.name === name));
var list2 = (names2) => names2.map((name) => `\`${name}\``).join(", ");

// src/deploy/preflight-reference.ts
function pinServices(services, project, pushed) {
  const envSet = {};
  const names2 = services.map(({ name }) => name);
  for (const service of services) {
    const declared = declaredBy(service, project, envSet);
    const known = findPushed(declared, pushed) !== void 0;
    if (!known) Object.assign(envSet, solve(service, project, pushed, names2, envSet));
  }
  const pins = [];
  const problems = [];
  for (const service of services) {
    const pin = pinOf(service, declaredBy(service, project, envSet), project, pushed);
    if ("cause" in pin) problems.push(pin);
    else pins.push(pin);
  }
  return { pins, problems, envSet };
}
function pinOf(service, reference, project, pushed) {
  const match = findPushed(reference, pushed);
  if (match !== void 0) return { service: service.name, reference, pushed: match };
  return unpinnable(service, project) ?? notPushed(service, project, pushed);
}
function declaredBy({ reference, template }, { variables }, envSet) {
  const decided = template !== void 0 && variablesOf(template).some((name) => name in envSet);
  return decided ? interpolate(template, lookup(variables, envSet)) : reference;
}

// src/deploy/preflight-state.ts
function stateProblems({ project, tools }, envSet) {
  const { directory, base, stateWritable, writable, envFile } = project;
  const { user } = tools.login;
  const state = `${directory}/.slipway`;
  const problems = [];
  if (!stateWritable) {
    problems.push({
      cause: `\`${user}\` may not write \`${state}\` on the server, where the lock, the record and the history of the deploys are kept.`,
      remedy: `Run \`sudo install -d -o ${user} -m 2770 ${state}\` there; for several users, give it a group that they share.`
    });
  }
  if (!writable && Object.keys(envSet).length > 0) {
    problems.push({
      cause: `\`${user}\` may not write in \`${base}\` on the server, and \`${envFile}\` decides the image.`,
      remedy: `Give the directory to \`${user}\`, or to a group that may write there.`
    });
  }
  return problems;
}

// src/deploy/preflight-warnings.ts
function warnOfServer(tools, size2 = 0) {
  const { freeBytes, dockerRoot, killsLeftovers, login: login2 } = tools;
  const warnings = [];
  if (freeBytes !== void 0 && size2 < freeBytes && freeBytes < size2 * unpacked + margin) {
    warnings.push(
      `The server has ${megabytes(freeBytes)} free for images (${dockerRoot}): it may be too little.`
    );
  }
  if (killsLeftovers && tools.escape === void 0) {
    warnings.push(
      `The server ends what a login leaves behind (\`KillUserProcesses=yes\`), so a deploy ends half-way when the connection drops: \`sudo loginctl enable-linger ${login2.user}\` there lets it finish.`
    );
  }
  return warnings;
}
var unpacked = 3.5;
var margin = 1e8;
var warnOfServices = (services, project) => [
  ...project.unfinished ? ["An earlier deploy was cut off half-way: it is brought to an end first."] : [],
  ...services.flatMap((service) => [
    ...pullPolicy(service),
    ...overridden(service, project),
    ...sideCars(service),
    ...scaled(service)
  ])
];
var policies = {
  always: "asks the registry, and may run another release",
  every: "may ask the registry, and run another release",
  daily: "may ask the registry, and run another release",
  weekly: "may ask the registry, and run another release",
  build: "builds there, and replaces the release by that"
};
function pullPolicy({ name, pullPolicy: policy = "" }) {
  const effect = policies[policy.replace(/_.*/, "")];
  return effect === void 0 ? [] : [`The service \`${name}\` has \`pull_policy: ${policy}\`: a later \`docker compose up -d\` ${effect}.`];
}
var overridden = ({ name, template = "" }, { variables }) => variablesOf(template).filter((each2) => variables.some(({ name: own, from }) => own === each2 && from === "environment")).map(
  (each2) => `\`${each2}\`, which decides the image of \`${name}\`, comes from the environment of the login: another login, or the server itself, may see another value.`
);
var sideCars = (service) => service.sideCars.map(
  (other2) => `\`${other2}\` lives in the network of \`${service.name}\` and loses it when that is recreated: \`docker compose up -d --force-recreate ${other2}\` afterwards.`
);
function scaled({ name, containers, replicas: replicas2 }) {
  const running = containers.filter(({ state }) => state === "running").length;
  return running > 1 && running !== replicas2 ? [`\`${name}\` runs ${running} times, and its file asks for ${replicas2}: the ${running} are kept.`] : [];
}

// src/deploy/preflight-release.ts
function checkRelease(facts2, release2) {
  const { pins, envSet, problems } = pinServices(facts2.services, facts2.project, release2.references);
  return {
    pins,
    envSet,
    findings: {
      problems: [
        ...problems,
        ...platformProblems(facts2, release2),
        ...diskProblems(facts2.tools, release2),
        ...stateProblems(facts2, envSet)
      ],
      warnings: [
        ...warnOfServer(facts2.tools, release2.size),
        ...warnOfServices(facts2.services, facts2.project)
      ]
    }
  };
}
function platformProblems({ tools, services }, { platforms: platforms2 }) {
  if (platforms2.length === 0) return [];
  return services.filter(({ platform }) => !fits(platform ?? tools.platform, platforms2)).map((service) => platformProblem(service, tools, platforms2)).filter((problem2, index, all) => all.findIndex(({ cause }) => cause === problem2.cause) === index);
}
function platformProblem({ name, platform }, tools, platforms2) {
  const wanted = platform ?? tools.platform;
  const who = platform === void 0 ? "The server is" : `The service \`${name}\` asks for`;
  return {
    input: "platforms",
    cause: `${who} \`${wanted}\`, and the image is built for ${platforms2.map((each2) => `\`${each2}\``).join(", ")} only.`,
    remedy: `Add \`${wanted}\` to \`platforms\`.`
  };
}
function diskProblems({ freeBytes, dockerRoot }, { size: size2 }) {
  if (freeBytes === void 0 || size2 === void 0 || size2 < freeBytes) return [];
  return [
    {
      cause: `The server has ${megabytes(freeBytes)} free for images (${dockerRoot}), and the image takes ${megabytes(size2)} before it is unpacked.`,
      remedy: "Make room there: `docker system df` shows what takes it, `docker image prune` removes what nothing uses."
    }
  ];
}
var megabytes = (bytes2) => `${Math.ceil(bytes2 / 1e6)} MB`;

// src/deploy/preflight-rollback.ts
function checkRollback(facts2, wanted) {
  const { services, project, tools } = facts2;
  const problems = services.flatMap((service) => [
    unpinnable(service, project),
    unknownRelease(service, project, wanted)
  ]);
  const pins = services.flatMap(({ name, reference }) => {
    const pushed = (0, import_shared.parseReference)(reference);
    return "reason" in pushed ? [] : [{ service: name, reference, pushed }];
  });
  return {
    pins,
    envSet: {},
    findings: {
      problems: [...problems.filter((problem2) => problem2 !== void 0), ...stateProblems(facts2, {})],
      warnings: [...warnOfServer(tools), ...warnOfServices(services, project)]
    }
  };
}
function unknownRelease(service, { history, unfinished }, wanted) {
  const releases2 = history.filter(({ service: name, verdict }) => name === service.name && verdict === "ok");
  if (unfinished || releases2.some((release2) => isMeant(release2, service, wanted))) return void 0;
  const known = [...new Set(releases2.map(named).reverse())].slice(0, 10);
  return {
    input: "rollback-to",
    cause: `\`rollback-to\` is \`${wanted}\`, and the history of \`${service.name}\` on the server has no such release.`,
    remedy: known.length === 0 ? "There is none yet: only what Slipway deployed and verified there can come back." : `There are: ${known.join("; ")}.`
  };
}
function isMeant({ image, tags: tags2 }, { containers }, wanted) {
  const digest = image.slice(image.indexOf("@") + 1);
  if (wanted.startsWith("sha256:")) return digest.startsWith(wanted);
  if (wanted !== "previous") return tags2.includes(wanted);
  return !containers.some(
    ({ imageId, repoDigests }) => imageId === digest || repoDigests.some((each2) => each2.endsWith(`@${digest}`))
  );
}
var named = ({ image, tags: tags2, when }) => `\`${image.slice(image.indexOf("@") + 1)}\`${tags2.length === 0 ? "" : ` (${tags2.join(", ")})`} of ${when}`;

// src/deploy/preflight-services.ts
function missingServices({ config, project }, plan) {
  const names2 = Object.keys(config.services);
  return plan.services.filter((name) => !names2.includes(name)).map((name) => missingService(name, names2, project));
}
var missingHooks = ({ config }, { bring }) => hooksOf(bring).filter(({ service }) => config.services[service] === void 0).map(({ input, service }) => ({
  input,
  cause: `\`${input}\` names the service \`${service}\`, which the project does not have.`,
  remedy: `Begin the line with one of its services: ${Object.keys(config.services).map((each2) => `\`${each2}\``).join(", ")}.`
}));
function warnOfHooks({ config }, { bring, services }) {
  const pinned2 = services.map((name) => config.services[name]?.image);
  return hooksOf(bring).flatMap(({ input, service }) => {
    const image = config.services[service]?.image;
    return config.services[service] === void 0 || pinned2.includes(image) ? [] : [
      `\`${input}\` runs in \`${image ?? "what is built there"}\`, the image of \`${service}\`, which is not what is pushed.`
    ];
  });
}
var hooksOf = (bring) => [
  ...(bring?.hooks.runBefore ?? []).map(({ service }) => ({ input: "run-before", service })),
  ...(bring?.hooks.runAfter ?? []).map(({ service }) => ({ input: "run-after", service }))
];
function missingService(name, names2, { composeFiles }) {
  const close2 = (0, import_shared.nearest)(name, names2);
  const files = composeFiles.map((file) => `\`${file}\``).join(", ") || "the compose file on the server";
  const list4 = names2.map((each2) => `\`${each2}\``).join(", ");
  return {
    input: "service",
    cause: `\`service\` is \`${name}\`, which ${files} does not have.`,
    remedy: `${close2 === void 0 ? "Name one of its services" : `Is \`${close2}\` meant? It has`}: ${list4}.`
  };
}
var servicesOf = (reading, { containers }, plan) => plan.services.flatMap((name) => {
  const declared = reading.config.services[name];
  if (declared === void 0) return [];
  const own = containers.filter(({ service }) => service === name);
  return [serviceOf(name, declared, reading, own)];
});
function serviceOf(name, declared, reading, containers) {
  const { image, livesIn: _, waitsForEnd: __, needs: ___, publishes: ____, healthcheck: healthcheck2, ...rest } = declared;
  return {
    name,
    reference: image ?? "",
    template: reading.templates[name],
    ...rest,
    configHash: reading.hashes[name],
    oneShot: isOneShot(name, declared, reading.config, containers),
    sideCars: sideCarsOf(name, reading.config),
    hasHealthcheck: healthcheck2 === "declared" || healthcheck2 !== "none" && containers.some((each2) => each2.hasHealthcheck),
    containers: containers.map(({ service, hasHealthcheck, composeFiles, directory, ...facts2 }) => facts2)
  };
}
function isOneShot(name, { restart = "no", healthcheck: healthcheck2, publishes }, { services }, containers) {
  if (Object.values(services).some(({ waitsForEnd }) => waitsForEnd.includes(name))) return true;
  const stays2 = restart !== "no" || healthcheck2 === "declared" || publishes;
  const ended = containers.every(({ state, exitCode }) => state === "exited" && exitCode === 0);
  return !stays2 && containers.length > 0 && ended;
}
var sideCarsOf = (name, { services }) => Object.entries(services).flatMap(([other2, { livesIn }]) => livesIn === name ? [other2] : []);
function warnOfRunning({ project }, { containers, projects }, plan, { warnings }) {
  const own = containers.find(({ service }) => plan.services.includes(service));
  const compared = own !== void 0 && !own.composeFiles.some((file) => file.includes("/.slipway/"));
  if (compared && own.composeFiles.length > 0 && !sameFiles(own, project)) {
    warnings.push(
      `\`${own.name}\` was made from ${list3(own.composeFiles)}, and this deploy goes by ${list3(project.composeFiles)}: its configuration may change. \`compose-files\` chooses.`
    );
  }
  const others = projects.filter((name) => name !== project.name);
  if (own === void 0 && others.length > 0) {
    warnings.push(
      `From \`${project.directory}\` runs the project ${list3(others)}, and this deploy makes \`${project.name}\` beside it. \`project-name\` chooses.`
    );
  }
}
var sameFiles = ({ composeFiles }, project) => composeFiles.length === project.composeFiles.length && composeFiles.every((file, index) => `/${project.composeFiles[index]}`.endsWith(`/${import_node_path8.posix.normalize(file)}`));
var list3 = (names2) => names2.map((name) => `\`${name}\``).join(", ");

// src/deploy/preflight.ts
async function preflight({ run: run2 }, plan, release2) {
  const findings = (0, import_shared.noFindings)();
  const facts2 = await readServer(run2, plan, findings);
  const expected2 = await release2;
  if (facts2 === void 0) return { facts: facts2, release: void 0, findings };
  const { findings: more, ...check } = expected2 === void 0 ? checkRollback(facts2, plan.rollbackTo ?? "previous") : checkRelease(facts2, expected2);
  findings.problems.push(...more.problems);
  findings.warnings.push(...more.warnings);
  return { facts: facts2, release: check, findings };
}
async function readServer(run2, plan, findings) {
  const tools = await findTools(run2);
  if (!Array.isArray(tools)) return readFacts(run2, tools, plan, findings);
  findings.problems.push(...tools);
  await findDirectory(run2, plan, findings);
  return void 0;
}
async function readFacts(run2, tools, plan, findings) {
  const reading = await readProject(run2, tools, plan, findings);
  if (reading === void 0) return void 0;
  findings.problems.push(...missingServices(reading, plan), ...missingHooks(reading, plan));
  findings.warnings.push(...warnOfHooks(reading, plan));
  const running = await readContainers(run2, tools, reading.project, findings);
  if (running === void 0) return void 0;
  warnOfRunning(reading, running, plan, findings);
  const { unfinished, history } = running;
  const { missing: missing5, writable } = reading.project;
  const stateWritable = missing5 === true ? writable : running.stateWritable;
  const project = { ...reading.project, stateWritable, unfinished, history };
  return {
    tools,
    project,
    services: servicesOf(reading, running, plan),
    needs: needsOf(reading.config, plan.services)
  };
}
var setTimeout5 = (...args) => process.getBuiltinModule("node:timers/promises").setTimeout(...args);
var isIPv6 = (...args) => process.getBuiltinModule("node:net").isIPv6(...args);

// src/ssh/address.ts
var isBadAddress = (address) => "reason" in address;
function parseAddress(text2) {
  const bare3 = text2.replace(/^ssh:\/\//i, "").replace(/\/$/, "");
  const at2 = bare3.lastIndexOf("@");
  const user = at2 < 0 ? void 0 : bare3.slice(0, at2);
  const reason = reasonAgainst(bare3, user);
  if (reason !== void 0) return { reason, shown: withoutPassword(text2) };
  const location = parseLocation(bare3.slice(at2 + 1));
  if (typeof location === "string") return { reason: location, shown: text2 };
  return { ...location, ...user === void 0 ? {} : { user } };
}
var withoutPassword = (text2) => text2.replace(/^((?:ssh:\/\/)?[^:]*):.*@/is, "$1:\u2026@");
var formatLocation = ({ host: host2, port }) => `${host2.includes(":") ? `[${host2}]` : host2}:${port}`;
var formatTarget = ({ user, host: host2, port }) => `${user}@${formatLocation({ host: host2, port }).replace(/:22$/, "")}`;
function reasonAgainst(text2, user) {
  if (/[\s,]/.test(text2)) return "names more than one host, or has a blank in it";
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text2)) return "is a URL";
  if (user?.includes(":")) return "holds a password";
  if (user === "") return "has no user in front of its `@`";
  return void 0;
}
var isIPv62 = (text2) => text2.includes(":") && isIPv6(text2);
function parseLocation(text2) {
  if (isIPv62(text2)) return { host: text2.toLowerCase() };
  const parts3 = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:[\]]*))(?::(?<port>.*))?$/.exec(text2)?.groups;
  if (parts3 === void 0) return "is neither `host`, `user@host:port` nor `[v6]:port`";
  const host2 = parts3["v6"] === void 0 ? hostName(parts3["name"] ?? "") : address6(parts3["v6"]);
  if (host2 === void 0) return "has no valid host name or address in it";
  if (parts3["port"] === void 0) return { host: host2 };
  const port = parsePort(parts3["port"]);
  return port === void 0 ? "has a port that is no number from 1 to 65535" : { host: host2, port };
}
var address6 = (text2) => isIPv62(text2) ? text2.toLowerCase() : void 0;
function hostName(text2) {
  const name = /^[\x21-\x7e]*$/.test(text2) ? text2.toLowerCase() : (0, import_node_url.domainToASCII)(text2);
  return /^[a-z0-9_][a-z0-9_.-]*$/.test(name) ? name : void 0;
}
function parsePort(text2) {
  const port = /^\d{1,5}$/.test(text2) ? Number(text2) : 0;
  return port >= 1 && port <= 65535 ? port : void 0;
}
var createPrivateKey = (...args) => process.getBuiltinModule("node:crypto").createPrivateKey(...args);
var createDecipheriv = (...args) => process.getBuiltinModule("node:crypto").createDecipheriv(...args);
var createHash3 = (...args) => process.getBuiltinModule("node:crypto").createHash(...args);

// src/ssh/wire.ts
function wireString(value) {
  const bytes2 = Buffer.from(value);
  return Buffer.concat([uint32(bytes2.length), bytes2]);
}
function uint32(value) {
  const bytes2 = Buffer.alloc(4);
  bytes2.writeUInt32BE(value);
  return bytes2;
}
function readWireStrings(bytes2, count, offset = 0) {
  const values = [];
  let end = offset;
  while (values.length < count) {
    if (end + 4 > bytes2.length) return void 0;
    const start = end + 4;
    end = start + bytes2.readUInt32BE(end);
    if (end > bytes2.length) return void 0;
    values.push(bytes2.subarray(start, end));
  }
  return { values, end };
}
var publicKeyType = (key) => readWireStrings(key, 1)?.values[0]?.toString() ?? "";
var fingerprint = (key) => `SHA256:${createHash3("sha256").update(key).digest("base64").replace(/=+$/, "")}`;

// src/ssh/openssh-key.ts
var magic = Buffer.from("openssh-key-v1\0");
function readOpenSshKey(bytes2) {
  if (!bytes2.subarray(0, magic.length).equals(magic)) return void 0;
  const [cipher, kdf, kdfOptions] = readWireStrings(bytes2, 3, magic.length)?.values ?? [];
  const keys = readWireStrings(bytes2, 3, magic.length)?.end ?? 0;
  const [publicKey, privatePart] = readWireStrings(bytes2, 2, keys + 4)?.values ?? [];
  const end = readWireStrings(bytes2, 2, keys + 4)?.end;
  if (cipher === void 0 || kdf === void 0 || kdfOptions === void 0) return void 0;
  if (publicKey === void 0 || privatePart === void 0) return void 0;
  const tag = bytes2.subarray(end);
  return { cipher: cipher.toString(), kdf: kdf.toString(), kdfOptions, publicKey, privatePart, tag };
}
function writeOpenSshKey(publicKey, privatePart) {
  const bytes2 = Buffer.concat([
    magic,
    ...["none", "none", ""].map(wireString),
    uint32(1),
    wireString(publicKey),
    wireString(privatePart)
  ]);
  return armour("OPENSSH PRIVATE KEY", bytes2.toString("base64"));
}
function armour(label, base64, headers = "") {
  const lines2 = base64.replace(label === "OPENSSH PRIVATE KEY" ? /.{1,70}/g : /.{1,64}/g, "$&\n");
  return `-----BEGIN ${label}-----
${headers}${lines2}-----END ${label}-----
`;
}
function privatePartOf(...fields2) {
  const content = Buffer.concat([Buffer.alloc(8), ...fields2]);
  const padding2 = (8 - content.length % 8) % 8;
  return Buffer.concat([content, Buffer.from(Array.from({ length: padding2 }, (_, index) => index + 1))]);
}
var ciphers = {
  "aes128-ctr": { name: "aes-128-ctr", key: 16, iv: 16 },
  "aes192-ctr": { name: "aes-192-ctr", key: 24, iv: 16 },
  "aes256-ctr": { name: "aes-256-ctr", key: 32, iv: 16 },
  "aes128-cbc": { name: "aes-128-cbc", key: 16, iv: 16 },
  "aes192-cbc": { name: "aes-192-cbc", key: 24, iv: 16 },
  "aes256-cbc": { name: "aes-256-cbc", key: 32, iv: 16 },
  "3des-cbc": { name: "des-ede3-cbc", key: 24, iv: 8 },
  "aes128-gcm@openssh.com": { name: "aes-128-gcm", key: 16, iv: 12 },
  "aes256-gcm@openssh.com": { name: "aes-256-gcm", key: 32, iv: 12 },
  // Two keys of 32 bytes, of which the first is for the content; it starts at block 1 (PROTOCOL.chacha20poly1305).
  "chacha20-poly1305@openssh.com": { name: "chacha20", key: 64, iv: 0 }
};
var isKnownCipher = (cipher) => Object.hasOwn(ciphers, cipher);
async function decrypt(key, passphrase) {
  const cipher = ciphers[key.cipher];
  const salt = readWireStrings(key.kdfOptions, 1);
  if (cipher === void 0 || salt?.values[0] === void 0) return void 0;
  const rounds = key.kdfOptions.readUInt32BE(salt.end);
  const secret = await derive(passphrase, salt.values[0], rounds, cipher.key + cipher.iv);
  const clear = decipher(cipher, secret, key);
  return clear?.subarray(0, 4).equals(clear.subarray(4, 8)) ? clear : void 0;
}
function decipher(cipher, secret, { privatePart, tag }) {
  const stream = cipher.name === "chacha20";
  const iv = stream ? Buffer.from("01000000000000000000000000000000", "hex") : secret.subarray(cipher.key);
  const decoder = createDecipheriv(cipher.name, secret.subarray(0, stream ? 32 : cipher.key), iv);
  decoder.setAutoPadding(false);
  if ("setAuthTag" in decoder && cipher.name.endsWith("gcm")) {
    ;
    decoder.setAuthTag(tag);
  }
  try {
    return Buffer.concat([decoder.update(privatePart), decoder.final()]);
  } catch {
    return void 0;
  }
}
async function derive(passphrase, salt, rounds, length) {
  const { pbkdf } = await Promise.resolve().then(() => __toESM(require("./vendor/bcrypt-pbkdf.cjs")));
  const secret = Buffer.alloc(length);
  const password = Buffer.from(passphrase);
  if (pbkdf(password, password.length, salt, salt.length, secret, length, rounds) !== 0) {
    throw new Error("bcrypt_pbkdf does not take these parameters");
  }
  return secret;
}

// src/ssh/key-text.ts
var isProblem2 = (value) => "cause" in value;
function repairKey(given) {
  const text2 = unwrap(given);
  const block3 = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([\s\S]*?)(?:-----END \1-----|$)/.exec(text2);
  const [whole2, label = "", content = ""] = block3 ?? [];
  if (whole2 === void 0) return notPrivate(text2);
  if (!whole2.includes("-----END ")) return problem("ends before its `-----END` line", "Copy the whole file.");
  const { headers, base64 } = dissect(content);
  if (!/^[A-Za-z0-9+/]+=*$/.test(base64)) {
    return problem(
      "holds characters that no key has",
      "Copy the file itself, not what a program shows of it."
    );
  }
  const keyText = { text: armour(label, base64, headers), encrypted: false };
  if (label === "OPENSSH PRIVATE KEY") return checkOpenSsh(keyText, base64);
  if (label === "DSA PRIVATE KEY") return dsa;
  if (label.startsWith("SSH2 ")) return foreign("an ssh.com private key", "ssh-keygen -i -f KEY > NEW");
  return { ...keyText, encrypted: label === "ENCRYPTED PRIVATE KEY" || headers !== "" };
}
function unwrap(given) {
  const text2 = given.replace(/^\uFEFF/, "").replace(/(\\r)?\\n/g, "\n").replace(/\r\n?/g, "\n").trim().replace(/^(["'`]+)([\s\S]*?)\1$/, "$2").trim();
  const packed = text2.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]{40,}=*$/.test(packed)) return text2;
  const bytes2 = Buffer.from(packed, "base64");
  if (readOpenSshKey(bytes2) !== void 0) return armour("OPENSSH PRIVATE KEY", packed);
  const inner = bytes2.toString();
  return inner.includes("-----BEGIN ") ? unwrap(inner) : text2;
}
function dissect(content) {
  const header2 = /Proc-Type:\s*4,\s*ENCRYPTED\s+DEK-Info:\s*([A-Za-z0-9-]+)\s*,\s*([0-9A-Fa-f]+)\s/.exec(
    content
  );
  const body = header2 === null ? content : content.slice(header2.index + header2[0].length);
  const headers = header2 === null ? "" : `Proc-Type: 4,ENCRYPTED
DEK-Info: ${header2[1]},${header2[2]?.toUpperCase()}

`;
  return { headers, base64: body.replace(/\s/g, "") };
}
function checkOpenSsh(keyText, base64) {
  const key = readOpenSshKey(Buffer.from(base64, "base64"));
  if (key === void 0) return problem("is damaged: it is no whole OpenSSH key", "Copy the whole file.");
  const type = publicKeyType(key.publicKey);
  if (type === "ssh-dss") return dsa;
  if (type.startsWith("sk-")) {
    return problem("is on a security key, which nobody can touch in a workflow", generate);
  }
  if (key.cipher === "none") return keyText;
  if (isKnownCipher(key.cipher) && key.kdf === "bcrypt") return { ...keyText, encrypted: true };
  return foreign(`encrypted with ${key.cipher}`, "ssh-keygen -p -Z aes256-ctr -f KEY");
}
var problem = (what, remedy) => ({
  input: "ssh-key",
  cause: `\`ssh-key\` ${what}.`,
  remedy
});
var foreign = (what, command) => problem(`is ${what}`, `Convert it (\`${command}\`) and give the result.`);
var generate = "Make a key for deploys (`ssh-keygen -t ed25519 -f deploy_key`), add deploy_key.pub to `~/.ssh/authorized_keys` on the server, and give the text of deploy_key.";
var dsa = problem("is a DSA key, which OpenSSH no longer accepts", generate);
var missingPassphrase = {
  input: "ssh-passphrase",
  cause: "`ssh-key` is encrypted and `ssh-passphrase` is empty.",
  remedy: "Set `ssh-passphrase` (is the secret set in this environment?), or give a key without a passphrase."
};
function notPrivate(text2) {
  if (/^PuTTY-User-Key-File-/.test(text2)) {
    return foreign("a PuTTY key", "puttygen KEY.ppk -O private-openssh -o NEW");
  }
  if (/^\S+-cert-v0\d@openssh\.com\s/.test(text2)) {
    return problem(
      "is a certificate, which cannot be used here",
      "Give the private key, without a certificate."
    );
  }
  if (/^(ssh-|ecdsa-|sk-)\S+ AAAA/.test(text2) || /^-+ ?BEGIN [A-Z0-9 ]*PUBLIC KEY/.test(text2)) {
    return problem("is a public key", "Give the private one: the file of the same name without `.pub`.");
  }
  if (/^[~./]\S*$/.test(text2)) return problem("is a path", "Give the text of the file itself, from a secret.");
  return problem("is no private key: it has no `-----BEGIN \u2026 PRIVATE KEY-----` line", generate);
}

// src/ssh/key.ts
async function openKey(given, passphrase = "") {
  const key = repairKey(given);
  if (isProblem2(key)) return key;
  if (key.encrypted && passphrase === "") return missingPassphrase;
  return key.text.startsWith("-----BEGIN OPENSSH") ? openOpenSsh(key, passphrase) : openPem(key, passphrase);
}
var wrongPassphrase = {
  input: "ssh-passphrase",
  cause: "`ssh-passphrase` does not open `ssh-key`.",
  remedy: "Check the two together: `ssh-keygen -y -f KEY` asks for it."
};
var damaged = {
  input: "ssh-key",
  cause: "`ssh-key` is damaged.",
  remedy: "Check the file with `ssh-keygen -y -f KEY`, and copy it whole."
};
async function openOpenSsh({ text: text2, encrypted }, passphrase) {
  const key = readOpenSshKey(Buffer.from(text2.replace(/-----[^-]*-----/g, ""), "base64"));
  if (key === void 0) return damaged;
  const clear = encrypted ? await decrypt(key, passphrase) : key.privatePart;
  if (clear === void 0) return wrongPassphrase;
  return { privateKey: writeOpenSshKey(key.publicKey, clear), publicKey: key.publicKey };
}
function openPem({ text: text2, encrypted }, passphrase) {
  try {
    return usable(createPrivateKey({ key: text2, passphrase }));
  } catch {
    return encrypted ? wrongPassphrase : damaged;
  }
}
function usable(key) {
  const type = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType;
  if (!["rsa", "ec", "ed25519"].includes(key.asymmetricKeyType ?? "")) return unsupported(type);
  const jwk = key.export({ format: "jwk" });
  const publicKey = publicKeyOf(jwk);
  if (publicKey === void 0) return unsupported(type);
  if (jwk.kty === "OKP") return { privateKey: ed25519(publicKey, jwk), publicKey };
  const format = { type: jwk.kty === "RSA" ? "pkcs1" : "sec1", format: "pem" };
  return { privateKey: key.export(format).toString(), publicKey };
}
var unsupported = (type = "unknown") => ({
  input: "ssh-key",
  cause: `\`ssh-key\` is a key of the type ${type}, which SSH does not use.`,
  remedy: "Make one with `ssh-keygen -t ed25519`."
});
var curves = {
  "P-256": "nistp256",
  "P-384": "nistp384",
  "P-521": "nistp521"
};
function publicKeyOf({ kty, crv = "", n, e, x, y }) {
  const curve = curves[crv];
  if (kty === "RSA") return wire("ssh-rsa", mpint(e), mpint(n));
  if (kty === "OKP" && crv === "Ed25519") return wire("ssh-ed25519", bytes(x));
  if (kty !== "EC" || curve === void 0) return void 0;
  return wire(`ecdsa-sha2-${curve}`, curve, Buffer.concat([Buffer.of(4), bytes(x), bytes(y)]));
}
function ed25519(publicKey, { x, d }) {
  const secret = Buffer.concat([bytes(d), bytes(x)]);
  return writeOpenSshKey(publicKey, privatePartOf(wire("ssh-ed25519", bytes(x), secret, "")));
}
var wire = (...fields2) => Buffer.concat(fields2.map(wireString));
var bytes = (base64url = "") => Buffer.from(base64url, "base64url");
function mpint(base64url = "") {
  const number = bytes(base64url);
  return (number[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), number]) : number;
}
var isIPv63 = (...args) => process.getBuiltinModule("node:net").isIPv6(...args);

// src/ssh/refusal.ts
var Refusal = class extends Error {
  name = "Refusal";
  problem;
  /**
   * It may go another time: nothing definite was said, and no login was tried. (Servers count failed logins, and
   * OpenSSH 9.8 and later shut out who fails repeatedly.)
   */
  transient;
  constructor(problem2, transient) {
    super(problem2.cause);
    this.problem = problem2;
    this.transient = transient;
  }
};
var RefusedKey = class extends Refusal {
  key;
  constructor(problem2, key) {
    super(problem2, false);
    this.key = key;
  }
};
function explainDial(error, location) {
  const causes = error instanceof AggregateError ? error.errors : [error];
  const codes = causes.map((cause) => String(cause.code ?? cause));
  const where2 = formatLocation(location);
  const decisive = codes.find((code2) => code2 in explanations && !noRoute.includes(code2)) ?? codes[0] ?? "";
  if (codes.every((code2) => noRoute.includes(code2))) return noRouteTo(location, causes);
  const explain2 = explanations[decisive];
  if (explain2 !== void 0) return new Refusal(explain2.problem(where2, location), explain2.transient);
  return new Refusal(
    { input: "ssh-host", cause: `Connecting to ${where2} failed: ${codes.join(", ")}.`, remedy: firewall },
    true
  );
}
var firewall = "Check the name and the port, and that a firewall on the way lets this runner through (hosted runners have no fixed addresses).";
var noRoute = ["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL"];
var explanations = {
  ECONNREFUSED: {
    transient: true,
    problem: (where2) => ({
      input: "ssh-port",
      cause: `${where2} refused the connection: nothing listens there.`,
      remedy: "Is sshd running, and on this port? Set `ssh-port` if it is on another one."
    })
  },
  ENOTFOUND: {
    transient: false,
    problem: (_, { host: host2 }) => ({
      input: "ssh-host",
      cause: `There is no host of the name ${host2}.`,
      remedy: "Check `ssh-host`; a name from a private network or `/etc/hosts` is not known to this runner."
    })
  },
  EAI_AGAIN: {
    transient: true,
    problem: (_, { host: host2 }) => ({
      input: "ssh-host",
      cause: `The name ${host2} could not be looked up: the name server does not answer.`,
      remedy: "Try again, or give the address of the server."
    })
  },
  ETIMEDOUT: {
    transient: true,
    problem: (where2) => ({
      input: "ssh-host",
      cause: `Connecting to ${where2} timed out: nothing answers.`,
      remedy: firewall
    })
  },
  ECONNRESET: {
    transient: true,
    problem: (where2) => ({
      input: "ssh-host",
      cause: `${where2} cut the connection off at once.`,
      remedy: firewall
    })
  }
};
function noRouteTo(location, causes) {
  const addresses = causes.map((cause) => cause.address ?? location.host);
  const where2 = formatLocation(location);
  if (addresses.every((address) => isIPv63(address))) {
    return new Refusal(
      {
        input: "ssh-host",
        cause: `${where2} has an IPv6 address only, and this runner has no IPv6 route to it.`,
        remedy: "GitHub-hosted runners have no IPv6: give an IPv4 address, or a `ssh-jump` host that has both."
      },
      false
    );
  }
  return new Refusal(
    { input: "ssh-host", cause: `There is no route to ${where2} from this runner.`, remedy: firewall },
    true
  );
}
var setTimeout6 = (...args) => process.getBuiltinModule("node:timers/promises").setTimeout(...args);

// src/ssh/channels.ts
var refusals = 3;
function atMost(limit, isFull2, pause3 = 1e3) {
  let most2 = limit;
  let busy = 0;
  const waiting = [];
  const enter = async () => {
    while (busy >= most2) await new Promise((wake) => waiting.push(wake));
    busy += 1;
  };
  const leave = () => {
    busy -= 1;
    waiting.shift()?.();
  };
  return async (work) => {
    for (let alone = 0; ; ) {
      await enter();
      const beside = busy > 1;
      try {
        return await work();
      } catch (error) {
        if (!isFull2(error) || !beside && alone === refusals) throw error;
        most2 = Math.max(1, Math.min(most2, busy - 1));
        if (!beside) await setTimeout6(pause3 * ++alone);
      } finally {
        leave();
      }
    }
  };
}

// src/ssh/execution.ts
var setTimeout7 = (...args) => process.getBuiltinModule("node:timers/promises").setTimeout(...args);

// src/ssh/quote.ts
function quote2(text2) {
  if (text2.includes("\0")) throw new Error("A word of a command cannot hold a NUL byte");
  return `'${text2.replaceAll("'", `'\\''`)}'`;
}

// src/ssh/remote-command.ts
var startMark = /\x1eslipway (\d+)\x1e/;
var longest2 = 12e4;
function remoteCommand({ file, args, env = {} }) {
  const exports2 = Object.entries(env).map(([name, value]) => `export ${variable2(name)}=${quote2(value)}; `);
  const start = `printf '\\036slipway %d\\036' $$; printf '\\036slipway %d\\036' $$ >&2; `;
  const script2 = `${start}${exports2.join("")}exec ${[file, ...args].map(quote2).join(" ")}`;
  const text2 = `/bin/sh -c 'eval "$(printf %b "${octal2(script2)}")"'`;
  if (text2.length > longest2) throw new Error(`The arguments of ${file} are too long: send them on stdin`);
  return text2;
}
function variable2(name) {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  throw new Error(`${name} is no name of a variable`);
}
var octal2 = (text2) => text2.replace(
  /[^A-Za-z0-9 ./:=@,+_-]/gu,
  (char) => [...Buffer.from(char)].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("")
);

// src/ssh/ending.ts
var script = `
read -r stat <"/proc/$1/stat" || exit 0
set -- \${stat##*) }
kill -s TERM -- "-$3"
(sleep 2; kill -s KILL -- "-$3") </dev/null >/dev/null 2>&1 &
`;
var attempts2 = 10;
async function endRemote(session, pid) {
  const text2 = remoteCommand({ file: "sh", args: ["-c", script, "sh", String(pid)] });
  for (let attempt2 = 1; attempt2 <= attempts2 && !session.isOver(); attempt2 += 1) {
    try {
      await session.ssh.execCommand(text2);
      return;
    } catch {
      await setTimeout7(200 * attempt2, void 0, { ref: false });
    }
  }
}

// src/ssh/reading.ts
var longest3 = 65536;
function readStream(onLine) {
  const chunks = [];
  const lines2 = onLine === void 0 ? void 0 : (0, import_shared.lineSplitter)(onLine);
  let before = Buffer.alloc(0);
  let pid;
  const take = (chunk) => {
    chunks.push(chunk);
    lines2?.write(chunk);
  };
  return {
    write(chunk) {
      if (pid !== void 0) return take(chunk);
      before = Buffer.concat([before, chunk]).subarray(-longest3);
      const mark2 = startMark.exec(before.toString("latin1"));
      if (mark2 === null) return;
      pid = Number(mark2[1]);
      take(before.subarray(mark2.index + mark2[0].length));
    },
    /** The PID of the command; undefined as long as it has not begun. */
    pid: () => pid,
    /** What the login shell said before the command. */
    before: () => before.toString("utf8").replace(startMark, ""),
    end() {
      lines2?.end();
      return Buffer.concat(chunks).toString("utf8");
    }
  };
}

// src/ssh/execution.ts
var NotBegun = class extends Error {
  code;
  /** What it said instead. */
  output;
  constructor(code2, output) {
    super("The command did not begin");
    this.code = code2;
    this.output = output;
  }
};
async function execute(session, text2, stdin, options) {
  const { timeout, signal } = options;
  if (signal?.aborted) return { code: null, stdout: "", stderr: "" };
  if (session.isOver()) throw new Error("Not connected");
  const running = begin(session, text2, stdin, options);
  const timer = timeout === void 0 ? void 0 : setTimeout(running.end, timeout);
  signal?.addEventListener("abort", running.end);
  try {
    return await running.outcome;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", running.end);
  }
}
function begin(session, text2, stdin, { onLine }) {
  const called = Promise.withResolvers();
  let state = "wanted";
  let channel;
  const endIfUnwanted = () => {
    const pid = out.pid();
    if (state !== "unwanted" || pid === void 0) return;
    state = "ended";
    void endRemote(session, pid);
    channel?.close();
  };
  const end = () => {
    state = "unwanted";
    endIfUnwanted();
    called.resolve(null);
  };
  const tell2 = (stream) => (line) => {
    if (state !== "wanted") return;
    try {
      onLine?.(line, stream);
    } catch (error) {
      called.reject(error);
      end();
    }
  };
  const out = readStream(onLine && tell2("stdout"));
  const err = readStream(onLine && tell2("stderr"));
  const source = typeof stdin === "function" ? import_node_stream.Readable.from(stdin(), { objectMode: false }) : void 0;
  source?.on("error", (error) => {
    called.reject(error);
    end();
  });
  const closed = session.ssh.execCommand(text2, {
    noTrim: true,
    ...source === void 0 ? {} : { stdin: source },
    onChannel(opened) {
      channel = opened;
      opened.on("error", () => {
      });
      if (stdin !== void 0 && typeof stdin !== "function") opened.write(Buffer.from(stdin));
    },
    onStdout(chunk) {
      out.write(chunk);
      endIfUnwanted();
    },
    onStderr: err.write
  });
  const dropped = session.over.then(() => null);
  const outcome = Promise.race([closed, called.promise, dropped]).finally(() => source?.destroy());
  return { end, outcome: outcome.then((close2) => outcomeOf(close2, out, err, session.isOver())) };
}
function outcomeOf(close2, out, err, dropped) {
  const code2 = dropped ? null : close2?.code ?? null;
  if (close2 !== null && !dropped && out.pid() === void 0) {
    throw new NotBegun(code2, out.before() + err.before());
  }
  return { code: code2, stdout: out.end(), stderr: err.pid() === void 0 ? err.before() : err.end() };
}

// src/ssh/remote-run.ts
var sessions = 8;
function remoteRun(session, target2, stage) {
  const within = atMost(sessions, isFull);
  return async (command, options = {}) => {
    const text2 = remoteCommand(command);
    try {
      return await within(() => execute(session, text2, command.stdin, options));
    } catch (error) {
      const problem2 = explain(error, command.file, target2, session);
      throw problem2 === void 0 ? error : new import_shared.Failure(stage, problem2);
    }
  };
}
var isFull = (error) => error instanceof Error && error.message.startsWith("(SSH) Channel open failure");
function explain(error, file, target2, session) {
  if (error instanceof NotBegun) {
    return {
      input: "ssh-user",
      cause: `${target2} did not run \`${file}\`: the login shell ended with ${error.code ?? "no exit code"} before it.`,
      remedy: "Log in as a user with an ordinary shell, whose key has no forced command (`command=` in authorized_keys, ForceCommand in sshd_config).",
      output: (0, import_shared.lastLines)(error.output)
    };
  }
  const message = error instanceof Error ? error.message : "";
  if (session.isOver() || /^Not connected|^No response from server/.test(message)) {
    return {
      cause: `The connection to ${target2} is gone, so \`${file}\` could not be run.`,
      remedy: "Run the job again; if it stays so, look for what ends connections on the way."
    };
  }
  if (!isFull(error) && !message.startsWith("Unable to exec")) return void 0;
  return {
    cause: `${target2} lets nothing be run: ${message}.`,
    remedy: "MaxSessions in its sshd_config must be 1 at least, and commands must be allowed to this user."
  };
}
var connect = (...args) => process.getBuiltinModule("node:net").connect(...args);

// src/ssh/dial.ts
var attemptTimeout = 3e3;
function dial({ host: host2, port }, signal) {
  const { promise, resolve: resolve3, reject } = Promise.withResolvers();
  if (signal.aborted) return Promise.reject(signal.reason);
  const socket = connect({
    host: host2,
    port,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptTimeout
  });
  const giveUp = () => {
    socket.destroy();
    reject(signal.reason);
  };
  signal.addEventListener("abort", giveUp);
  socket.on("error", reject);
  socket.on("connect", () => resolve3(socket));
  return promise.finally(() => signal.removeEventListener("abort", giveUp));
}
var createHmac = (...args) => process.getBuiltinModule("node:crypto").createHmac(...args);
var timingSafeEqual = (...args) => process.getBuiltinModule("node:crypto").timingSafeEqual(...args);

// src/ssh/known-hosts.ts
function matchHostKey(lines2, host2, port, key) {
  const all = parseKnownHosts(lines2).hosts;
  const here = all.filter(({ hosts }) => namesOf2(host2, port).some((name) => matches2(hosts, name)));
  const elsewhere = all.filter(({ hosts }) => matches2(hosts, host2.toLowerCase()));
  const authorities = here.filter(({ marker }) => marker === "cert-authority").map(({ line }) => line);
  const plain2 = here.filter(({ marker }) => marker === "none");
  const has = (list4) => list4.some((known) => known.key.equals(key));
  if (has([...here, ...elsewhere].filter(({ marker }) => marker === "revoked"))) {
    return { verdict: "revoked", known: [], authorities };
  }
  if (has(plain2)) return { verdict: "match", known: [], authorities };
  if (plain2.length > 0) return { verdict: "mismatch", known: plain2.map((known) => known.key), authorities };
  const portless = has(elsewhere.filter(({ marker }) => marker === "none"));
  return { verdict: portless ? "match" : "unknown", known: [], authorities };
}
function knownKeyTypes(lines2, host2, port) {
  const names2 = [...namesOf2(host2, port), host2.toLowerCase()];
  const known = parseKnownHosts(lines2).hosts.filter(
    ({ hosts, marker }) => marker === "none" && names2.some((name) => matches2(hosts, name))
  );
  return [...new Set(known.map(({ key }) => publicKeyType(key)))];
}
var knownHostsLine = (host2, port, key) => `${port === 22 ? host2 : `[${host2}]:${port}`} ${publicKeyType(key)} ${key.toString("base64")}`;
function parseKnownHosts(text2) {
  const hosts = [];
  const unreadable2 = [];
  for (const [index, content] of text2.split(/\r\n|\n|\r/).entries()) {
    const line = index + 1;
    if (/^\s*(#|$)/.test(content)) continue;
    const known = parseLine(content.trim(), line);
    if (known === void 0) unreadable2.push(line);
    else hosts.push(known);
  }
  return { hosts, unreadable: unreadable2 };
}
function parseLine(content, line) {
  const [, mark2, hosts, type, base64] = /^(?:@(revoked|cert-authority)\s+)?([^\s@]\S*)\s+(\S+)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(content) ?? [];
  if (hosts === void 0 || base64 === void 0) return void 0;
  const key = Buffer.from(base64, "base64");
  if (publicKeyType(key) !== type) return void 0;
  return { line, marker: mark2 ?? "none", hosts, key };
}
function namesOf2(host2, port) {
  const name = host2.toLowerCase();
  const withPort = `[${name}]:${port}`;
  return port === 22 ? [name, withPort] : [withPort];
}
function matches2(hosts, name) {
  if (hosts.startsWith("|")) return matchesHash(hosts, name);
  const patterns = hosts.toLowerCase().split(",");
  const hit = (pattern) => wildcard(pattern).test(name);
  if (patterns.some((pattern) => pattern.startsWith("!") && hit(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && hit(pattern));
}
function wildcard(pattern) {
  const text2 = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("?", ".").replace(/\*+/g, ".*");
  return new RegExp(`^${text2}$`);
}
function matchesHash(hosts, name) {
  const [, version, salt = "", hash = ""] = hosts.split("|");
  const expected2 = Buffer.from(hash, "base64");
  const actual = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return version === "1" && expected2.length === actual.length && timingSafeEqual(expected2, actual);
}

// src/ssh/host-key.ts
function refuseHostKey(trust, server, key) {
  if (trust.kind === "insecure") return void 0;
  if (trust.kind === "fingerprint") {
    return trust.fingerprints.includes(fingerprint(key)) ? void 0 : otherFingerprint(trust, server, key);
  }
  const { verdict, known, authorities } = matchHostKey(trust.lines, server.host, server.port, key);
  if (verdict === "match") return void 0;
  if (verdict === "unknown") return unknown(server, key, authorities);
  return verdict === "mismatch" ? mismatch(server, key, known) : revoked(server, key);
}
var show = (key) => `${publicKeyType(key)} ${fingerprint(key)}`;
var compare = ({ host: host2 }) => `compare on ${host2} itself (\`for f in /etc/ssh/ssh_host_*.pub; do ssh-keygen -lf $f; done\`)`;
function unknown(server, key, authorities) {
  const certificates = authorities.length === 0 ? "" : "; host certificates (`@cert-authority`) are not supported";
  return {
    input: "ssh-known-hosts",
    cause: `The host key of ${server.host} (port ${server.port}) is not in \`ssh-known-hosts\`: it showed ${show(key)}${certificates}.`,
    remedy: `If that is its key (${compare(server)}), add this line: ${knownHostsLine(server.host, server.port, key)}`
  };
}
function mismatch(server, key, known) {
  return {
    input: "ssh-known-hosts",
    cause: `${server.host} (port ${server.port}) showed another host key than \`ssh-known-hosts\` has: ${show(key)} instead of ${known.map(show).join(" or ")}. Someone may be posing as the server, or it was installed anew.`,
    remedy: `Only if the server's key did change (${compare(server)}), replace its lines by: ${knownHostsLine(server.host, server.port, key)}`
  };
}
var revoked = (server, key) => ({
  input: "ssh-known-hosts",
  cause: `${server.host} (port ${server.port}) showed a host key that \`ssh-known-hosts\` marks as @revoked: ${show(key)}.`,
  remedy: "Give the server a new host key, and add its line."
});
function otherFingerprint({ fingerprints }, server, key) {
  return {
    input: "ssh-fingerprint",
    cause: `${server.host} (port ${server.port}) showed another host key than \`ssh-fingerprint\` says: ${show(key)} instead of ${fingerprints.join(" or ")}. Someone may be posing as the server, or it was installed anew.`,
    remedy: `If that is its key (${compare(server)}), set \`ssh-fingerprint: ${fingerprint(key)}\`.`
  };
}
var algorithms = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]
};
function hostKeyAlgorithms(trust, { host: host2, port }) {
  const known = trust.kind === "known-hosts" ? knownKeyTypes(trust.lines, host2, port) : [];
  return [.../* @__PURE__ */ new Set([...known, ...Object.keys(algorithms)])].flatMap((type) => algorithms[type] ?? []);
}
var otherAlgorithms = (seen) => Object.entries(algorithms).flatMap(([type, names2]) => seen.includes(type) ? [] : names2);

// src/ssh/gather.ts
function gather(socket) {
  const { write } = socket;
  let open3 = false;
  socket.write = (...args) => {
    if (!open3) {
      open3 = true;
      socket.cork();
      process.nextTick(() => {
        open3 = false;
        socket.uncork();
      });
    }
    return Reflect.apply(write, socket, args);
  };
}

// src/ssh/link.ts
var beat = 1e3;
var patience3 = 4;
function watchLink(socket, onSilent) {
  let received = 0;
  let silent = 0;
  let last = { received, sent: 0, waiting: false };
  const count = (chunk) => {
    received += chunk.length;
  };
  const timer = setInterval(() => {
    const sent = (socket.bytesWritten ?? 0) - socket.writableLength;
    const alive = received > last.received || last.waiting && sent > last.sent;
    silent = alive ? 0 : silent + 1;
    last = { received, sent, waiting: socket.writableLength > 0 };
    if (silent < patience3) return;
    stop();
    onSilent();
  }, beat);
  const stop = () => {
    clearInterval(timer);
    socket.off("data", count);
  };
  socket.on("data", count);
  return stop;
}

// src/ssh/login.ts
function startLogin(user, credentials) {
  const asked3 = [];
  const ways = waysOf(user, credentials, asked3);
  const tried = [];
  let offered = [];
  let partly = false;
  return {
    next(left, partial, use) {
      if (left === null) return use({ type: "none", username: user });
      offered = left;
      partly ||= partial === true;
      const taken = ({ type }) => left.includes(type === "agent" ? "publickey" : type);
      const way = ways.find(({ name, methods }) => !tried.includes(name) && methods.some(taken));
      const method = way?.methods.find(taken);
      if (way === void 0 || method === void 0) return use(false);
      tried.push(way.name);
      use(method);
    },
    story: () => ({ user, credentials, tried, asked: asked3, offered, partly })
  };
}
function waysOf(username, credentials, asked3) {
  if (credentials.kind === "agent") {
    return [{ name: "agent", methods: [{ type: "agent", username, agent: credentials.socket }] }];
  }
  const ways = [];
  if (credentials.kind === "key") {
    const key = credentials.key.privateKey;
    ways.push({ name: "key", methods: [{ type: "publickey", username, key }] });
  }
  const { password } = credentials;
  if (password !== void 0) {
    const dialogue = answering(username, password, asked3);
    ways.push({ name: "password", methods: [{ type: "password", username, password }, dialogue] });
  }
  return ways;
}
function answering(username, password, asked3) {
  let answered = false;
  return {
    type: "keyboard-interactive",
    username,
    prompt(_name, _instructions, _language, prompts, finish) {
      finish(
        prompts.map(({ prompt, echo }) => {
          if (!answered && echo !== true) {
            answered = true;
            return password;
          }
          asked3.push(prompt.trim());
          return "";
        })
      );
    }
  };
}

// src/ssh/login-refusal.ts
function explainLogin(server, story) {
  const { user, credentials, tried, asked: asked3, partly } = story;
  const takes2 = story.offered.length === 0 ? "nothing" : story.offered.join(", ");
  if (asked3.length > 0) return secondFactor(server, story);
  if (partly) {
    return {
      input: "ssh-password",
      cause: `${server} took the ${tried[0]} of ${user}, but asks for more: it takes ${takes2}.`,
      remedy: "Give `ssh-key` and `ssh-password` both, or log in as a user that needs only one."
    };
  }
  if (tried.includes("key")) return refusedKey(server, story, takes2);
  if (tried.includes("agent")) {
    return {
      input: "ssh-key",
      cause: `${server} accepts no key of the agent at SSH_AUTH_SOCK for the user ${user}.`,
      remedy: `Give \`ssh-key\`, or add a line of \`ssh-add -L\` to ~${user}/.ssh/authorized_keys there.`
    };
  }
  if (tried.includes("password")) {
    return {
      input: "ssh-password",
      cause: `${server} does not accept \`ssh-password\` for the user ${user}.`,
      remedy: "Check the user and the password; root can often log in with a key only (PermitRootLogin)."
    };
  }
  const input = credentials.kind === "password" ? "ssh-password" : "ssh-key";
  return {
    input,
    cause: `${server} does not take \`${input}\` from the user ${user}: it takes ${takes2}.`,
    remedy: input === "ssh-key" ? "Allow keys in its sshd_config, or give what it takes." : "Give `ssh-key` instead."
  };
}
var secondFactor = (server, { user, asked: asked3 }) => ({
  input: "ssh-password",
  cause: `${server} asks ${user} for more than a password: ${asked3.join(", ")}.`,
  remedy: "A workflow cannot answer that: log in with `ssh-key`, as a user that needs no second factor."
});
function refusedKey(server, { user, credentials, tried }, takes2) {
  const key = credentials.kind === "key" ? credentials.key.publicKey : Buffer.alloc(0);
  const password = tried.includes("password") ? ", nor `ssh-password`" : "";
  return {
    input: "ssh-key",
    cause: `${server} does not accept \`ssh-key\`${password} for the user ${user}: ${publicKeyType(key)} ${fingerprint(key)} (the server takes ${takes2}).`,
    remedy: `Is ${user} the right user? Then add this line to ~${user}/.ssh/authorized_keys there, which nobody else may be able to write: ${publicKeyType(key)} ${key.toString("base64")}`
  };
}

// src/ssh/session-refusal.ts
function explainSession(error, server, story, progress) {
  const { refusedKey: refusedKey2, banner } = progress;
  if (refusedKey2 !== void 0) return new RefusedKey(refusedKey2.problem, refusedKey2.key);
  const where2 = formatLocation(server);
  if (progress.reached === "login") {
    const problem2 = explainEntry(error, where2, story, progress);
    return new Refusal({ ...problem2, ...banner === "" ? {} : { output: (0, import_shared.lastLines)(banner) } }, false);
  }
  return explainGreeting(error, where2, progress);
}
function explainEntry(error, where2, story, { expired }) {
  if (expired) {
    return {
      input: "ssh-password",
      cause: `The password of ${story.user} on ${where2} has expired.`,
      remedy: "Log in by hand to set a new one, or use `ssh-key`."
    };
  }
  if (error.level === "client-authentication") return explainLogin(where2, story);
  if (error.level === "agent") {
    return {
      input: "ssh-key",
      cause: `The agent at SSH_AUTH_SOCK cannot be used: ${error.message}.`,
      remedy: "Give `ssh-key`, or start the agent in a step before this one."
    };
  }
  const how = error.name === "TimeoutError" ? "did not finish in time" : `was cut off: ${error.message}`;
  return {
    input: "ssh-host",
    cause: `The login of ${story.user} on ${where2} ${how}.`,
    remedy: "The log of sshd on the server says why (`journalctl -u ssh`)."
  };
}
function explainGreeting(error, where2, { heard }) {
  const first = heard.split(/\r?\n/, 1)[0]?.replace(/[^\x20-\x7e]/g, "?") ?? "";
  if (error.level === "handshake") {
    return definite(
      `${where2} and this action have no way of speaking in common: ${error.message}.`,
      "Allow a current algorithm in its sshd_config (OpenSSH since 6.5 has them by default)."
    );
  }
  if (/^SSH-/m.test(heard)) {
    if (error.level === "protocol" || (error.level ?? error.code) === void 0) {
      return definite(`What answers at ${where2} speaks no proper SSH: ${error.message}.`, "Check `ssh-port`.");
    }
    const how = error.name === "TimeoutError" ? "answers too slowly" : `broke off: ${error.message}`;
    return passing(`The SSH server at ${where2} ${how}.`, "If it stays so, the log of sshd says why.");
  }
  if (heard !== "" && !/MaxStartups|Not allowed/i.test(first)) {
    return definite(
      `What answers at ${where2} is no SSH server: it said "${first.slice(0, 100)}".`,
      "Check `ssh-host` and `ssh-port`."
    );
  }
  if (error.name === "TimeoutError") {
    return passing(`${where2} takes connections, but no SSH server answers there.`, "Check `ssh-port`.");
  }
  return passing(
    `${where2} closed the connection before a word was said${first === "" ? "" : `: ${first}`}.`,
    "It may shut this address out for a while (fail2ban, MaxStartups, PerSourcePenalties of sshd), or a firewall does."
  );
}
var definite = (cause, remedy) => new Refusal({ input: "ssh-host", cause, remedy }, false);
var passing = (cause, remedy) => new Refusal({ input: "ssh-host", cause, remedy }, true);

// src/ssh/session.ts
async function openSession(socket, door, signal) {
  const { NodeSSH } = await Promise.resolve().then(() => __toESM(require("./vendor/node-ssh.cjs")));
  signal.throwIfAborted();
  const ssh = new NodeSSH();
  const progress = { reached: "connected", heard: "", banner: "" };
  const login2 = startLogin(door.user, door.credentials);
  gather(socket);
  const ready2 = ssh.connect(settings(socket, door, login2, progress));
  const ending2 = followToItsEnd(ssh, socket, progress);
  const giveUp = () => ending2.end("given up");
  signal.addEventListener("abort", giveUp);
  try {
    await ready2;
  } catch (error) {
    ending2.end("refused");
    if (signal.aborted && !isTimeout(signal.reason)) throw signal.reason;
    throw explainSession(signal.aborted ? signal.reason : error, door, login2.story(), progress);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
  const unwatch = watchLink(socket, () => ending2.end("the server fell silent"));
  void ending2.over.then(unwatch);
  return { ssh, ...ending2, close: () => close(ssh, ending2) };
}
var isTimeout = (reason) => reason instanceof Error && reason.name === "TimeoutError";
function settings(socket, door, login2, progress) {
  return {
    sock: socket,
    username: door.user,
    authHandler: login2.next,
    algorithms: {
      serverHostKey: [
        ...door.algorithms ?? hostKeyAlgorithms(door.trust, door)
      ]
    },
    hostVerifier: (key) => {
      const problem2 = refuseHostKey(door.trust, door, key);
      if (problem2 !== void 0) progress.refusedKey = { key, problem: problem2 };
      return problem2 === void 0;
    },
    // Our own watch decides when the link is dead; ssh2 is to ask for signs of life. Our signal ends the login.
    keepaliveInterval: beat,
    keepaliveCountMax: 60,
    readyTimeout: 0
  };
}
function followToItsEnd(ssh, socket, progress) {
  const { promise: over, resolve: resolve3 } = Promise.withResolvers();
  let isOver = false;
  const end = (reason) => {
    isOver = true;
    resolve3(reason);
    socket.destroy();
  };
  const hear = (chunk) => {
    progress.heard += chunk.toString("latin1", 0, 1024);
    if (progress.heard.length > 1024 || /^SSH-/m.test(progress.heard)) socket.off("data", hear);
  };
  socket.on("data", hear);
  socket.on("error", () => {
  });
  ssh.connection?.on("error", (error) => end(error.message)).on("end", () => end("the server closed the connection")).on("close", () => end("the connection was closed")).on("handshake", () => {
    progress.reached = "login";
  }).on("banner", (text2) => {
    progress.banner += text2;
  }).on("change password", () => {
    progress.expired = true;
    end("the password has expired");
  });
  return { over, isOver: () => isOver, end };
}
var goodbye = 1e3;
async function close(ssh, { over, end }) {
  const timer = setTimeout(() => end("closed"), goodbye);
  ssh.dispose();
  await over;
  clearTimeout(timer);
}

// src/ssh/route.ts
async function openRoute(plan, credentials, options) {
  const { host: host2, port, user, jump, hostKey: trust } = plan;
  const door = { host: host2, port, user, credentials, trust };
  if (jump === void 0) {
    return { session: await openDoor(door, (signal) => dialOrExplain(door, signal), options), hops: [] };
  }
  const hop = { ...jump, credentials, trust };
  const first = await openDoor(hop, (signal) => dialOrExplain(hop, signal), options);
  try {
    return {
      session: await openDoor(door, (signal) => forward(first, hop, door, signal), options),
      hops: [first]
    };
  } catch (error) {
    await first.close();
    throw error;
  }
}
async function openDoor(door, way, options, refused4 = []) {
  const { timeout = 15e3, signal } = options;
  const limit = AbortSignal.any([AbortSignal.timeout(timeout), ...signal === void 0 ? [] : [signal]]);
  const asked3 = refused4.length === 0 ? door : { ...door, algorithms: unseen(refused4) };
  try {
    return await openSession(await way(limit), asked3, limit);
  } catch (error) {
    if (door.trust.kind === "fingerprint" && error instanceof RefusedKey) {
      const all = [...refused4, error];
      if (unseen(all).length > 0) return openDoor(door, way, options, all);
    }
    throw refused4[0] ?? error;
  }
}
var unseen = (refused4) => otherAlgorithms(refused4.map(({ key }) => publicKeyType(key)));
async function dialOrExplain(location, signal) {
  try {
    return await dial(location, signal);
  } catch (error) {
    if (signal.aborted && !isTimeout(signal.reason)) throw error;
    throw explainDial(isTimeout(error) ? { code: "ETIMEDOUT" } : error, location);
  }
}
async function forward({ ssh }, hop, { host: host2, port }, signal) {
  const { promise, reject } = Promise.withResolvers();
  const giveUp = () => reject(signal.reason);
  signal.addEventListener("abort", giveUp);
  try {
    return await Promise.race([ssh.forwardOut("127.0.0.1", 0, host2, port), promise]);
  } catch (error) {
    if (signal.aborted && !isTimeout(signal.reason)) throw error;
    throw explainForward(
      error,
      formatLocation(hop),
      formatLocation({ host: host2, port })
    );
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
function explainForward(error, hop, where2) {
  if (error.reason === 1) {
    return new Refusal(
      {
        input: "ssh-jump",
        cause: `The jump host ${hop} does not pass on connections.`,
        remedy: "Set `AllowTcpForwarding yes` (or `local`) for this user in its sshd_config."
      },
      false
    );
  }
  const why = error.reason === 2 ? "nothing answers there" : error.message;
  return new Refusal(
    {
      input: "ssh-jump",
      cause: `The jump host ${hop} cannot connect to ${where2}: ${why}.`,
      remedy: "`ssh-host` is looked up from the jump host: is its name, address and port right from there?"
    },
    true
  );
}

// src/ssh/connection.ts
async function connect2(plan, options = {}) {
  const { stage = "preflight" } = options;
  try {
    const sessions2 = await openRetrying(plan, await openCredentials(plan.authentication), options);
    return connectionOver(sessions2, formatTarget(plan), stage);
  } catch (error) {
    throw error instanceof Refusal ? new import_shared.Failure(stage, error.problem) : error;
  }
}
async function openCredentials(authentication) {
  if (authentication.kind !== "key") return authentication;
  const key = await openKey(authentication.key, authentication.passphrase);
  if (isProblem2(key)) throw new Refusal(key, false);
  const { password } = authentication;
  return { kind: "key", key, ...password === void 0 ? {} : { password } };
}
async function openRetrying(plan, credentials, options) {
  const { attempts: attempts3 = 3, backoff = 1e3, patience: patience6 = 15e3, signal, onRetry } = options;
  const begin2 = performance.now();
  for (let attempt2 = 1; ; attempt2 += 1) {
    try {
      return await openRoute(plan, credentials, options);
    } catch (error) {
      const spent = performance.now() - begin2 > patience6;
      if (!(error instanceof Refusal) || !error.transient || attempt2 >= attempts3 || spent) throw error;
      const wait = backoff * 2 ** (attempt2 - 1) * (0.75 + Math.random() / 2);
      onRetry?.(error.problem.cause, wait);
      await pause2(wait, signal);
    }
  }
}
async function pause2(wait, signal) {
  try {
    await setTimeout5(wait, void 0, signal === void 0 ? {} : { signal });
  } catch {
    signal?.throwIfAborted();
  }
}
function connectionOver(sessions2, target2, stage) {
  const { session, hops } = sessions2;
  const close2 = async () => {
    for (const each2 of [session, ...hops]) await each2.close();
  };
  return {
    run: remoteRun(session, target2, stage),
    dial: (host2, port) => session.ssh.forwardOut("127.0.0.1", 0, host2, port),
    target: target2,
    onDrop: session.over,
    dropped: session.isOver,
    close: close2,
    [Symbol.asyncDispose]: close2
  };
}

// src/build/images.ts
var buildkit = "docker.io/moby/buildkit:buildx-stable-1";
var asked = ({ driverOpts, nodes }) => [...driverOpts, ...nodes.flatMap((node) => node.driverOpts)].flatMap(
  (option) => option.startsWith("image=") ? [option.slice("image=".length)] : []
);
var builderImage = (plan) => asked(plan)[0] ?? buildkit;
function builderRegistries(plan) {
  const booted = asked(plan);
  const references3 = [...booted.length === 0 ? [buildkit] : booted, plan.qemuImage].map(import_shared.parseReference);
  return references3.flatMap((each2) => "registry" in each2 ? [(0, import_shared.registryOf)(each2)] : []);
}
var randomBytes = (...args) => process.getBuiltinModule("node:crypto").randomBytes(...args);

// src/build/builder.ts
function chooseBuilder(docker, plan) {
  const { name, driver = "docker-container" } = plan.builder;
  if (name !== void 0 && name !== docker.context && name !== "default") return { kind: "named", name };
  if (name !== void 0 || plan.builder.driver === "docker") return { kind: "engine" };
  const why = asked2(plan.builder) ?? beyondEngine(docker, plan);
  return why === void 0 ? { kind: "engine" } : { kind: "made", driver, why };
}
function asked2({ driver, driverOpts, config, flags, endpoint, nodes }) {
  if (driver !== void 0) return `\`driver: ${driver}\` asks for it`;
  if (endpoint !== void 0 || nodes.length > 0) return "it builds on other machines";
  if (driverOpts.length > 0) return "`driver-opts` are given";
  return config !== void 0 || flags !== void 0 ? "buildkitd is configured" : void 0;
}
function beyondEngine(docker, plan) {
  const limits = docker.imageStore === "classic" ? classicLimits : containerdLimits;
  return [...limits, ...engineLimits].find(({ exceeds }) => exceeds(plan, docker))?.why;
}
var classicLimits = [
  { why: "the engine's image store holds one platform", exceeds: (plan) => plan.platforms.length > 1 },
  { why: "the engine's image store takes no attestations", exceeds: (plan) => (0, import_shared.isAttested)(plan.attests) },
  {
    why: "the engine's image store exports no cache",
    exceeds: (plan) => plan.cacheTo.some(({ type }) => type !== "inline")
  },
  { why: "the engine's image store exports no OCI archive", exceeds: (plan) => (0, import_shared.exportsTo)(plan.result, "oci") }
];
var containerdLimits = [
  {
    // docker/buildx#3023, moby/moby#49949: the push is repeated by the engine, each manifest under the tag.
    why: "buildx before 0.22 can leave a tag on the wrong manifest",
    exceeds: (plan, { buildxVersion }) => !atLeast(buildxVersion, "0.22") && (0, import_shared.pushes)(plan.result) && (plan.platforms.length > 1 || (0, import_shared.isAttested)(plan.attests))
  }
];
var engineLimits = [
  {
    why: "the engine may not grant `security.insecure`",
    exceeds: (plan) => plan.allow.includes("security.insecure")
  },
  {
    why: "the engine knows no such cache",
    exceeds: (plan) => [...plan.cacheFrom, ...plan.cacheTo].some(({ type }) => ["s3", "azblob"].includes(type))
  }
];
var chmod = (...args) => process.getBuiltinModule("node:fs/promises").chmod(...args);

// src/build/buildx.ts

// src/build/patient.ts
async function patiently({ run: run2, log, cancelled: cancelled2 }, first, {
  waits = registryWaits,
  next = first
} = {}) {
  let command = first;
  const outcome = await retry(
    async () => {
      log.line(shown(command));
      const value = await run2(command, { signal: cancelled2, onLine: log.foreign });
      command = next;
      const { kind, cause } = value.code === 0 ? { kind: "unknown", cause: "" } : diagnose(value);
      return kind === "transient" ? { value, again: cause } : { value };
    },
    log.warning,
    { waits, signal: cancelled2 }
  );
  cancelled2.throwIfAborted();
  return outcome;
}

// src/build/buildx.ts
var published = "docker.io/docker/buildx-bin";
async function provideBuildx(world, wanted, docker, plugins) {
  const found = docker.buildxVersion.replace(/[+~].*$/, "");
  if (wanted === void 0 && found === "") throw new import_shared.Failure("preflight", missing);
  if (wanted === void 0 || wanted === found) return docker;
  const buildx = await fetchBuildx(world, `${published}:${wanted}`);
  const fetched = { ...docker, buildx, buildxVersion: await versionOf(world, buildx, wanted) };
  if (plugins === void 0 || !(0, import_shared.speaksTls)(world.env)) return fetched;
  await (0, import_shared.plugIn)(buildx, plugins);
  const { buildx: _, ...plugged } = fetched;
  return plugged;
}
var missing = {
  cause: "The `docker` command of this runner has no buildx.",
  remedy: "Install the package docker-buildx-plugin on the runner, or have it fetched by `buildx-version`."
};
async function fetchBuildx(world, image) {
  const directory = await privateDirectory(world.context.temp, "buildx");
  world.remember({ kind: "directory", path: directory });
  const plugin = (0, import_node_path9.join)(directory, "docker-buildx");
  const created = await patiently(world, { file: "docker", args: ["create", image, "/buildx"] });
  if (created.code !== 0) throw failure(image, diagnose(created).cause, created.stderr);
  const container = created.stdout.trim().split("\n").at(-1) ?? "";
  const copied = await world.run({ file: "docker", args: ["cp", `${container}:/buildx`, plugin] });
  await world.run({ file: "docker", args: ["rm", container] });
  if (copied.code !== 0) throw failure(image, "It holds no buildx.", copied.stderr);
  await chmod(plugin, 493);
  return plugin;
}
async function versionOf(world, buildx, wanted) {
  const asked3 = world.run({ file: buildx, args: ["version"] });
  const { code: code2, stdout, stderr } = await asked3.catch(notRun);
  const [, version] = /\sv?(\d+\.\d+\.\d+\S*)/.exec(stdout) ?? [];
  if (code2 === 0 && version !== void 0) return version;
  throw failure(`buildx ${wanted}`, "It does not run on this machine.", stderr);
}
var notRun = (error) => ({ code: 126, stdout: "", stderr: String(error) });
var failure = (what, cause, output) => new import_shared.Failure("preflight", {
  input: "buildx-version",
  cause: `${what} could not be installed. ${cause}`,
  remedy: "Check that the release exists, or leave out `buildx-version` and use what the runner has.",
  output: (0, import_shared.lastLines)(output, 5)
});
var readFile4 = (...args) => process.getBuiltinModule("node:fs/promises").readFile(...args);
var readdir2 = (...args) => process.getBuiltinModule("node:fs/promises").readdir(...args);

// src/build/emulators.ts
var registered = "/proc/sys/fs/binfmt_misc";
async function emulatorsHere(directory = registered) {
  const names2 = await readdir2(directory).catch(() => []);
  const usable2 = await Promise.all(names2.map((name) => isUsable((0, import_node_path10.join)(directory, name))));
  return names2.filter((name, place) => name.startsWith("qemu-") && usable2[place]);
}
async function isUsable(file) {
  const text2 = await readFile4(file, "utf8").catch(() => "");
  return text2.startsWith("enabled") && /^flags: .*F/m.test(text2);
}
function missingEmulators(platforms2, machine, emulators) {
  return platforms2.filter((each2) => !(0, import_shared.isNative)(each2, machine) && !emulators.includes((0, import_shared.emulatorOf)(each2)));
}
function unlisted2(platforms2, listed) {
  return platforms2.filter(
    (each2) => each2 !== "local" && !listed.some((known) => (0, import_shared.isNative)(each2, known) || known === each2)
  );
}
var installCommand = (image, platforms2) => ({
  file: "docker",
  args: [
    "run",
    "--rm",
    "--privileged",
    image,
    "--install",
    [...new Set(platforms2.map(import_shared.architectureOf))].join(",")
  ]
});

// src/build/emulation.ts
async function provideEmulators(world, plan, docker, {
  listed,
  meanwhile
} = {}) {
  if (plan.result.kind === "call" || plan.platforms.length === 0) return;
  const missing5 = listed ? unlisted2(plan.platforms, listed) : await findMissing(world, plan.platforms, docker);
  if (missing5.length === 0) return;
  if (docker.rootless) throw new import_shared.Failure("preflight", rootless(missing5));
  const [outcome] = await Promise.all([
    patiently(world, installCommand(plan.builder.qemuImage, missing5)),
    meanwhile?.()
  ]);
  if (outcome.code !== 0) world.log.warning(notInstalled(missing5));
}
async function findMissing(world, platforms2, docker) {
  const foreign2 = missingEmulators(platforms2, docker.platform, []);
  if (foreign2.length === 0) return [];
  if (isLocal(world, docker)) return missingEmulators(platforms2, docker.platform, await emulatorsHere());
  const { code: code2, stdout } = await world.run(inspectCommand(docker.context), { signal: world.cancelled });
  world.cancelled.throwIfAborted();
  return code2 === 0 ? unlisted2(platforms2, readPlatforms(stdout)) : foreign2;
}
var isLocal = ({ env }, { context }) => context === "default" && (env["DOCKER_HOST"] ?? "unix://").startsWith("unix://");
var rootless = (missing5) => ({
  input: "platforms",
  cause: `The engine of this runner is rootless, and cannot register an emulator for ${missing5.join(", ")}.`,
  remedy: "Register it once as root on the machine (the package qemu-user-static does), name a node of that platform by `append`, or leave the platform out."
});
var notInstalled = (missing5) => `No emulator could be registered for ${missing5.join(", ")}: a RUN step for it will fail.`;

// src/build/floors.ts
var floors = [
  {
    what: "`provenance`, `sbom` and `attests`",
    since: "0.10",
    needed: ({ result, attests }) => result.kind !== "call" && attests.length > 0
  },
  {
    what: "annotations",
    since: "0.12",
    needed: ({ result }, annotates) => result.kind === "image" && annotates
  },
  { what: "`call`", since: "0.15", needed: ({ result }) => result.kind === "call" }
];
function requireVersion({ buildxVersion }, plan, annotates) {
  if (!atLeast(buildxVersion, "0.1")) return;
  const beyond = floors.filter(
    ({ since, needed }) => !atLeast(buildxVersion, since) && needed(plan, annotates)
  );
  if (beyond.length > 0)
    throw new import_shared.Failure(
      "preflight",
      beyond.map((floor) => tooOld(floor, buildxVersion))
    );
}
var tooOld = ({ what, since }, version) => ({
  cause: `This runner has buildx ${version}, and ${what} need ${since} or later.`,
  remedy: "Have a later one fetched by `buildx-version: latest`, or update the package docker-buildx-plugin."
});
var rm2 = (...args) => process.getBuiltinModule("node:fs/promises").rm(...args);
var writeFile2 = (...args) => process.getBuiltinModule("node:fs/promises").writeFile(...args);

// src/build/make.ts
var writeFile3 = (...args) => process.getBuiltinModule("node:fs/promises").writeFile(...args);

// src/build/certificates.ts
var kinds = ["cacert", "cert", "key"];
async function nodeCertificates({ env, log, context, remember }, { builder }) {
  const given = [builder, ...builder.nodes].flatMap(
    ({ endpoint = "" }, place) => kinds.flatMap((kind) => {
      const text2 = env[`BUILDER_NODE_${place}_AUTH_TLS_${kind.toUpperCase()}`] ?? "";
      return text2 !== "" && endpoint.startsWith("tcp:") ? [{ place, kind, text: text2 }] : [];
    })
  );
  const options = [builder, ...builder.nodes].map(() => []);
  if (given.length === 0) return options;
  const directory = await privateDirectory(context.temp, "certificates");
  remember({ kind: "directory", path: directory });
  for (const { place, kind, text: text2 } of given) {
    if (kind === "key") log.mask(text2);
    const file = (0, import_node_path12.join)(directory, `${kind}-${place}.pem`);
    await writeFile3(file, text2, { mode: 384 });
    options[place]?.push(`${kind}=${file}`);
  }
  return options;
}

// src/build/make.ts
async function makeBuilder(world, plan, docker, made) {
  const { cleanup, keepState } = plan.builder;
  const here = made.driver === "docker-container" ? builtHere(plan) : [];
  if (here.length > 0)
    await provideEmulators(world, { ...plan, platforms: here }, docker, {
      meanwhile: () => pull(world, plan)
    });
  const certificates = made.driver === "remote" ? await nodeCertificates(world, plan) : [];
  if (cleanup) world.remember(removal(world, docker, made.name, keepState));
  await create(world, plan, docker, { ...made, certificates });
  return { name: made.name, why: made.why, annotates: true };
}
function builtHere({ platforms: platforms2, builder: { endpoint, nodes } }) {
  if (endpoint !== void 0 || nodes.some((node) => node.platforms.length === 0)) return [];
  const elsewhere = nodes.flatMap((node) => node.platforms);
  return platforms2.filter((platform) => !elsewhere.includes(platform));
}
async function pull({ run: run2, cancelled: cancelled2 }, { builder }) {
  const command = { file: "docker", args: ["pull", "--quiet", builderImage(builder)] };
  await run2(command, { signal: cancelled2 }).catch(() => void 0);
}
var removal = (world, { buildx }, name, keepState) => ({
  kind: "builder",
  name,
  env: buildxEnvironment(world),
  keepState,
  ...buildx === void 0 ? {} : { buildx }
});
function buildxEnvironment({ env }) {
  const engine2 = ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"];
  const names2 = [...engine2, "DOCKER_CONFIG", "BUILDX_CONFIG"];
  return Object.fromEntries(names2.flatMap((name) => env[name] === void 0 ? [] : [[name, env[name]]]));
}
async function create(world, plan, docker, made) {
  const directory = await privateDirectory(world.context.temp, "builder");
  const { config } = plan.builder;
  const configFile = config === void 0 ? void 0 : (0, import_node_path11.join)(directory, "buildkitd.toml");
  try {
    if (configFile !== void 0) await writeFile2(configFile, config ?? "", { mode: 384 });
    for (const command of createCommands(plan, {
      ...made,
      configFile,
      buildxVersion: docker.buildxVersion
    })) {
      const outcome = await patiently(world, command, { next: inspectCommand(made.name) });
      if (outcome.code !== 0) throw bootFailure(made, diagnose(outcome), (0, import_shared.lastLines)(outcome.stderr));
    }
  } finally {
    await rm2(directory, { recursive: true, force: true });
  }
}
function bootFailure({ driver, why }, { kind, cause, remedy }, output) {
  const offline = "It needs the image `moby/buildkit`; give another by `driver-opts: image=\u2026`.";
  return new import_shared.Failure("preflight", {
    cause: `A builder (${driver}) was needed, as ${why}, and did not boot. ${cause}`,
    remedy: kind === "unknown-host" || remedy === void 0 ? offline : remedy,
    output
  });
}

// src/build/reach.ts
function withinReach(plan, docker, registries) {
  const insecure = registries.filter((host3) => isInsecure(host3, docker.insecure));
  const network = plan.driverOpts.some((option) => option.startsWith("network="));
  const contained = (plan.driver ?? "docker-container") === "docker-container";
  const host2 = contained && !network && registries.some(isLoopback) ? ["network=host"] : [];
  const config = plan.config ?? (insecure.map(registryConfig).join("\n") || void 0);
  return { ...plan, driverOpts: [...plan.driverOpts, ...host2], config };
}
var isLoopback = (host2) => /^(?:localhost|127\.[0-9.]+|\[::1\])(?::\d+)?$/.test(host2);
var registryConfig = (host2) => `[registry."${host2}"]
  http = true
  insecure = true
`;

// src/build/open.ts
async function openBuilder(world, plan, found, { registries = [], plugins } = {}) {
  const docker = await provideBuildx(world, plan.builder.buildxVersion, found, plugins);
  const { buildx } = docker;
  const own = { ...world, run: (0, import_shared.withoutClient)(world.run, buildx) };
  const builder = await openWith(own, plan, docker, registries);
  return buildx === void 0 ? builder : { ...builder, buildx };
}
async function openWith(world, plan, docker, registries) {
  const choice2 = chooseBuilder(docker, await withCurrent(plan, docker, world));
  requireVersion(docker, plan, surelyAnnotates(choice2, docker));
  const reaching = { ...plan, builder: withinReach(plan.builder, docker, registries) };
  const builder = await openChosen(world, reaching, docker, choice2);
  requireVersion(docker, plan, builder.annotates);
  return builder;
}
var surelyAnnotates = ({ kind }, { imageStore }) => kind === "made" || kind === "engine" && imageStore === "containerd";
async function openChosen(world, plan, docker, choice2) {
  switch (choice2.kind) {
    case "engine":
      return await openEngine(world, plan, docker);
    case "named":
      return await openNamed(world, plan, docker, choice2.name) ?? await makeBuilder(world, plan, docker, {
        name: choice2.name,
        driver: plan.builder.driver ?? "docker-container",
        why: `there is no builder \`${choice2.name}\` yet`
      });
    case "made": {
      const name = `slipway-${randomBytes(4).toString("hex")}`;
      return await makeBuilder(world, plan, docker, { ...choice2, name });
    }
    default:
      return choice2;
  }
}
async function withCurrent(plan, docker, world) {
  const { name, driver, endpoint, nodes } = plan.builder;
  if (name !== void 0 || driver !== void 0 || endpoint !== void 0 || nodes.length > 0) return plan;
  const current = await (0, import_shared.currentBuilder)(world.env, docker.context);
  return current === void 0 ? plan : { ...plan, builder: { ...plan.builder, name: current } };
}
async function openEngine(world, plan, docker) {
  await provideEmulators(world, plan, docker);
  return { name: docker.context, why: void 0, annotates: docker.imageStore === "containerd" };
}
async function openNamed(world, plan, docker, name) {
  const { code: code2, stdout, stderr } = await world.run(inspectCommand(name), { signal: world.cancelled });
  world.cancelled.throwIfAborted();
  if (code2 !== 0 && /no builder .* found/.test(stderr)) return void 0;
  if (code2 !== 0) {
    throw new import_shared.Failure("preflight", {
      input: "builder",
      cause: `The builder \`${name}\` cannot be booted.`,
      remedy: `Try \`docker buildx inspect --bootstrap ${name}\` on the runner, or leave out \`builder\`.`,
      output: (0, import_shared.lastLines)(stderr)
    });
  }
  const driver = readDriver(stdout);
  if (driver === "docker" || driver === "docker-container") {
    await provideEmulators(world, plan, docker, { listed: readPlatforms(stdout) });
  }
  const classic = driver === "docker" && docker.imageStore === "classic";
  return { name, why: void 0, annotates: !classic };
}

// src/registry/challenge.ts
function parseChallenge(header2) {
  const [, scheme = "", rest = ""] = /^\s*([A-Za-z]+)\s*(.*)$/.exec(header2 ?? "") ?? [];
  if (scheme.toLowerCase() === "basic") return { scheme: "basic" };
  const parameters = Object.fromEntries(
    [...rest.matchAll(/([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi)].map(
      ([, name, quoted2, plain2]) => [name?.toLowerCase(), quoted2?.replaceAll(/\\(.)/g, "$1") ?? plain2 ?? ""]
    )
  );
  const realm = parameters["realm"];
  if (scheme.toLowerCase() !== "bearer" || realm === void 0 || !URL.canParse(realm)) return void 0;
  return { scheme: "bearer", realm, service: parameters["service"] };
}
function tokenUrl({ realm, service }, scope) {
  const url = new URL(realm);
  if (service !== void 0) url.searchParams.set("service", service);
  if (scope !== void 0) url.searchParams.set("scope", scope);
  return url;
}

// src/registry/authorize.ts
function openAuthorizer(send2, credentialFor3) {
  const challenges = /* @__PURE__ */ new Map();
  const answers = /* @__PURE__ */ new Map();
  const keyOf = ({ registry, repository, actions }) => `${registry} ${repository} ${actions}`;
  const fresh = (asked3, challenge, refusal) => {
    const found = credentialFor3(asked3.registry).then(
      (credential2) => challenge.scheme === "basic" ? basic(credential2, refusal) : bearer(send2, challenge, scopeOf(asked3), credential2)
    );
    answers.set(keyOf(asked3), found);
    found.catch(() => answers.delete(keyOf(asked3)));
    return found;
  };
  return {
    async known(asked3) {
      const challenge = challenges.get(asked3.registry);
      if (challenge === void 0) return void 0;
      const answer = await (answers.get(keyOf(asked3)) ?? fresh(asked3, challenge, void 0));
      return answer.kind === "header" ? answer.header : void 0;
    },
    async answer(asked3, refusal) {
      const challenge = parseChallenge(refusal.headers["www-authenticate"]);
      if (challenge === void 0) return { kind: "refusal", response: refusal };
      challenges.set(asked3.registry, challenge);
      return await fresh(asked3, challenge, refusal);
    }
  };
}
var scopeOf = ({ repository, actions }) => repository === "" ? void 0 : `repository:${repository}:${actions}`;
function basic(credential2, refusal) {
  if (credential2?.kind === "password") return { kind: "header", header: basicHeader(credential2) };
  return { kind: "refusal", response: refusal ?? { status: 401, headers: {}, body: Buffer.alloc(0) } };
}
var basicHeader = ({ username, password }) => `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
async function bearer(send2, challenge, scope, credential2) {
  const response = credential2?.kind === "identity" ? await exchangeIdentity(send2, challenge, scope, credential2.token) : await send2({
    method: "GET",
    url: tokenUrl(challenge, scope),
    headers: credential2 === void 0 ? {} : { authorization: basicHeader(credential2) }
  });
  const token = response.status === 200 ? readToken(response.body) : void 0;
  if (token === void 0)
    return { kind: "refusal", response: response.status === 200 ? { ...response, status: 401 } : response };
  return { kind: "header", header: `Bearer ${token}` };
}
async function exchangeIdentity(send2, { realm, service = "" }, scope, token) {
  const asked3 = scope === void 0 ? {} : { scope };
  const form = { grant_type: "refresh_token", refresh_token: token, service, ...asked3, client_id: "slipway" };
  return await send2({
    method: "POST",
    url: new URL(realm),
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(new URLSearchParams(form).toString())
  });
}
function readToken(body) {
  const { token, access_token: other2 } = JSON.parse(body.toString("utf8"));
  const found = token ?? other2;
  return typeof found === "string" ? found : void 0;
}
var mkdir = (...args) => process.getBuiltinModule("node:fs/promises").mkdir(...args);
var readFile5 = (...args) => process.getBuiltinModule("node:fs/promises").readFile(...args);
var readdir3 = (...args) => process.getBuiltinModule("node:fs/promises").readdir(...args);
var symlink = (...args) => process.getBuiltinModule("node:fs/promises").symlink(...args);
var writeFile4 = (...args) => process.getBuiltinModule("node:fs/promises").writeFile(...args);

// src/registry/config.ts
var notShared = /^(?:config\.json|buildx|cli-plugins|\.token_seed.*|.*\.lock)$/;
async function openConfig(world, plan) {
  const original = (0, import_shared.dockerDirectory)(world.env);
  if (plan.lasts === "job") return { directory: original, env: {} };
  const directory = await privateDirectory(world.context.temp, "docker");
  world.remember({ kind: "directory", path: directory });
  const content = await readConfig(original);
  const plugins = (0, import_node_path13.join)(directory, "cli-plugins");
  const own = privateConfig(content, plan.logins, plugins);
  await writeFile4((0, import_node_path13.join)(directory, "config.json"), JSON.stringify(own, void 0, 2), { mode: 384 });
  await share(original, directory);
  const env = { DOCKER_CONFIG: directory, BUILDX_CONFIG: (0, import_shared.buildxDirectory)(world.env) };
  return { directory, env, plugins };
}
function privateConfig(content, logins, plugins) {
  const { auths, credsStore, credHelpers, cliPluginsExtraDirs } = content;
  const entries = Object.fromEntries(logins.map((login2) => [(0, import_shared.configKey)(login2.registry), entryOf2(login2)]));
  const helpers = Object.fromEntries(Object.keys(entries).map((key) => [key, ""]));
  const stored = credsStore !== void 0 || credHelpers !== void 0;
  return {
    ...content,
    ...logins.length > 0 ? { auths: { ...auths ?? {}, ...entries } } : {},
    ...stored ? { credHelpers: { ...credHelpers ?? {}, ...helpers } } : {},
    ...Array.isArray(cliPluginsExtraDirs) ? { cliPluginsExtraDirs: [plugins, ...cliPluginsExtraDirs] } : {}
  };
}
var entryOf2 = ({ username, password }) => ({
  auth: Buffer.from(`${username}:${password}`).toString("base64")
});
async function readConfig(directory) {
  const file = (0, import_node_path13.join)(directory, "config.json");
  const text2 = await readFile5(file, "utf8").catch(() => "");
  try {
    return text2.trim() === "" ? {} : JSON.parse(text2);
  } catch {
    throw new import_shared.Failure("preflight", {
      cause: `The docker configuration \`${file}\` is no JSON.`,
      remedy: "Mend or remove it; docker would refuse it too."
    });
  }
}
async function share(original, directory) {
  const names2 = await readdir3(original).catch(() => []);
  const shared = names2.filter((name) => !notShared.test(name));
  await Promise.all(shared.map((name) => symlink((0, import_node_path13.join)(original, name), (0, import_node_path13.join)(directory, name))));
  const plugins = (0, import_node_path13.join)(directory, "cli-plugins");
  await mkdir(plugins, { mode: 448 });
  const installed = await readdir3((0, import_node_path13.join)(original, "cli-plugins")).catch(() => []);
  await Promise.all(installed.map((name) => symlink((0, import_node_path13.join)(original, "cli-plugins", name), (0, import_node_path13.join)(plugins, name))));
}

// src/registry/credentials.ts
async function credentialFor(run2, registry, { logins, directory }) {
  const own = logins.find((login2) => login2.registry === registry);
  if (own !== void 0) return { kind: "password", username: own.username, password: own.password };
  const content = await readConfig(directory);
  const key = (0, import_shared.configKey)(registry);
  const helper = (0, import_shared.at)(content, "credHelpers", key) ?? content["credsStore"];
  if (typeof helper === "string" && helper !== "") return await fromStore(run2, helper, key);
  return fromFile((0, import_shared.at)(content, "auths", key));
}
async function fromStore(run2, helper, key) {
  const command = { file: `docker-credential-${helper}`, args: ["get"], stdin: key };
  const outcome = await run2(command, { timeout: 2e4 }).catch(() => void 0);
  if (outcome?.code !== 0) return void 0;
  const got = JSON.parse(outcome.stdout);
  return credential(String((0, import_shared.at)(got, "Username") ?? ""), String((0, import_shared.at)(got, "Secret") ?? ""));
}
function fromFile(entry) {
  const token = (0, import_shared.at)(entry, "identitytoken");
  if (typeof token === "string" && token !== "") return { kind: "identity", token };
  const pair = Buffer.from(String((0, import_shared.at)(entry, "auth") ?? ""), "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return colon === -1 ? void 0 : credential(pair.slice(0, colon), pair.slice(colon + 1));
}
function credential(username, password) {
  if (username === "<token>") return { kind: "identity", token: password };
  return username === "" && password === "" ? void 0 : { kind: "password", username, password };
}

// src/registry/endpoints.ts
function openEndpoints(transport, insecure) {
  const trusts = /* @__PURE__ */ new Map();
  const bases = /* @__PURE__ */ new Map();
  const send2 = async (request3) => {
    const { host: host2 } = request3.url;
    const trust = await remembered(trusts, host2, () => dockerTrust(host2));
    return await transport({ ...request3, trust }).catch(async (error) => {
      const lenient = isDistrust(error) && isInsecure(host2, await insecure);
      if (!lenient && !isUntrusted(error)) throw error;
      const wider = lenient ? { ...trust, rejectUnauthorized: false } : withSystem(trust);
      const response = await transport({ ...request3, trust: wider });
      trusts.set(host2, Promise.resolve(wider));
      return response;
    });
  };
  const base = (registry) => remembered(bases, registry, async () => {
    const host2 = (0, import_shared.apiHost)(registry);
    const failed3 = tryTls(host2, send2);
    const lenient = Promise.resolve(insecure).then((known) => isInsecure(host2, known));
    const unsure = failed3.then((error2) => error2 !== void 0 && lenient);
    const error = await Promise.race([lenient, unsure]) ? await failed3 : void 0;
    if (error === void 0) return `https://${host2}`;
    if (isPlain(error)) return `http://${host2}`;
    throw error;
  });
  return { base, send: send2 };
}
var tryTls = (host2, send2) => send2({ method: "GET", url: new URL(`https://${host2}/v2/`), headers: {} }).then(
  () => void 0,
  (error) => error
);
function remembered(known, key, find3) {
  const found = known.get(key) ?? find3();
  known.set(key, found);
  found.catch(() => known.delete(key));
  return found;
}

// src/registry/client.ts
function openClient(world, options) {
  const transport = openTransport(world.env, world.cancelled);
  const endpoints = openEndpoints(transport, options.insecure);
  const source = { logins: options.logins, directory: options.config.directory };
  const authorizer = openAuthorizer(endpoints.send, (registry) => credentialFor(world.run, registry, source));
  return {
    send: (request3) => insist(
      request3.registry,
      () => ask2(request3, authorizer, endpoints),
      request3.once ? [] : options.waits ?? registryWaits,
      world.cancelled
    )
  };
}
async function ask2(request3, authorizer, endpoints) {
  const base = await endpoints.base(request3.registry);
  const response = await follow(request3, base, await authorizer.known(request3), endpoints.send);
  if (response.status !== 401) return response;
  const answer = await authorizer.answer(request3, response);
  if (answer.kind === "refusal") return answer.response;
  return await follow(request3, base, answer.header, endpoints.send);
}
async function follow({ method, registry: _, repository, path, headers, body }, base, authorization, send2) {
  let url = new URL(path, repository === "" ? `${base}/v2/` : `${base}/v2/${repository}/`);
  for (let hops = 0; ; hops++) {
    const own = authorization !== void 0 && url.origin === new URL(base).origin;
    const response = await send2({
      method,
      url,
      headers: { "user-agent": "slipway", ...headers, ...own ? { authorization } : {} },
      ...body === void 0 ? {} : { body }
    });
    const { location } = response.headers;
    const moved = [301, 302, 303, 307, 308].includes(response.status) && location !== void 0;
    if (!moved || method !== "GET" && method !== "HEAD" || hops >= 5) return response;
    url = new URL(location, url);
  }
}
var setTimeout8 = (...args) => process.getBuiltinModule("node:timers/promises").setTimeout(...args);
var readFile6 = (...args) => process.getBuiltinModule("node:fs/promises").readFile(...args);
var rm3 = (...args) => process.getBuiltinModule("node:fs/promises").rm(...args);
var writeFile5 = (...args) => process.getBuiltinModule("node:fs/promises").writeFile(...args);

// src/registry/lasting.ts
async function rememberLogin(world, registry, config) {
  const before = await entryOf3(world.run, registry, config.directory);
  const directory = await privateDirectory(world.context.temp, "login");
  const saved = (0, import_node_path14.join)(directory, "entry.json");
  await writeFile5(saved, JSON.stringify(before ?? {}), { mode: 384 });
  world.remember({ kind: "login", registry, config: config.directory, saved });
}
async function entryOf3(run2, registry, directory) {
  const content = await readConfig(directory);
  const key = (0, import_shared.configKey)(registry);
  const helper = (0, import_shared.at)(content, "credHelpers", key) ?? content["credsStore"];
  if (typeof helper === "string" && helper !== "") {
    const got = await run2({ file: `docker-credential-${helper}`, args: ["get"], stdin: key }).catch(
      () => void 0
    );
    return got?.code === 0 ? { kind: "store", helper, credential: got.stdout } : void 0;
  }
  const auth = (0, import_shared.at)(content, "auths", key);
  return auth === void 0 ? void 0 : { kind: "file", auth };
}
async function endLogin(run2, { registry, config, saved }) {
  const env = { DOCKER_CONFIG: config };
  await run2({ file: "docker", args: ["logout", registry], env });
  const entry = JSON.parse(await readFile6(saved, "utf8").catch(() => "{}"));
  if (entry.kind === "store") {
    await run2({ file: `docker-credential-${entry.helper}`, args: ["store"], stdin: entry.credential ?? "" });
  }
  if (entry.kind === "file") await putBack(config, (0, import_shared.configKey)(registry), entry.auth);
  await rm3((0, import_node_path14.dirname)(saved), { recursive: true, force: true });
}
async function putBack(directory, key, auth) {
  const content = await readConfig(directory);
  const auths = { ...content["auths"], [key]: auth };
  const text2 = JSON.stringify({ ...content, auths }, void 0, "	");
  await writeFile5((0, import_node_path14.join)(directory, "config.json"), text2, { mode: 384 });
}

// src/registry/login.ts
var loginCommand = ({ registry, username, password }) => ({
  file: "docker",
  args: ["login", registry, "--username", username, "--password-stdin"],
  stdin: password
});
async function login(world, plan, config, client) {
  for (const { password } of plan.logins) world.log.mask(password);
  const taken = await Promise.all(
    plan.logins.map(async (each2) => plan.lasts === "step" && await takes(client, each2))
  );
  world.cancelled.throwIfAborted();
  for (const { registry, username } of plan.logins.filter((_, place) => taken[place]))
    world.log.line(`Logged in to ${registry} as ${username}`);
  const others = plan.logins.filter((_, place) => !taken[place]);
  await logIn(world, { ...plan, logins: others }, config);
}
async function takes(client, { registry }) {
  const asked3 = { method: "GET", registry, repository: "", path: "", actions: "", once: true };
  const late = setTimeout8(patience4, void 0, { ref: false });
  const answer = await Promise.race([client.send(asked3).catch(() => void 0), late]);
  return answer?.status === 200;
}
var patience4 = 5e3;
async function logIn(world, plan, config) {
  const problems = [];
  for (const each2 of plan.logins) {
    if (plan.lasts === "job") await rememberLogin(world, each2.registry, config);
    const command = { ...loginCommand(each2), env: config.env };
    const outcome = await patiently(quietly(world), command);
    if (outcome.code !== 0) problems.push(refused3(each2, outcome));
  }
  if (problems.length > 0) throw new import_shared.Failure("preflight", problems);
}
var quietly = (world) => ({ ...world, log: { ...world.log, foreign: () => void 0 } });
function refused3({ registry, username }, outcome) {
  const { kind, cause, remedy } = diagnose(outcome);
  const output = (0, import_shared.lastLines)(outcome.stderr, 5);
  if (kind !== "denied")
    return { cause: `The login to ${registry} failed. ${cause}`, output, ...remedy ? { remedy } : {} };
  return {
    input: "registry-password",
    cause: `${registry} refused the login of \`${username}\`.`,
    remedy: remedies(registry),
    output
  };
}
function remedies(registry) {
  if (registry === "docker.io")
    return "Check `registry-username` and `registry-password`: Docker Hub takes an access token with the right to write.";
  if (registry === "ghcr.io")
    return "Give the job `permissions: packages: write`, or a token with the scope `write:packages` as `registry-password`.";
  return "Check `registry-username` and `registry-password`; `registry` names the host that they are for.";
}

// src/registry/refusal.ts
function refusalRemedy(registry, status, said) {
  const found = packages.find(({ pattern }) => pattern.test(said));
  if (found !== void 0) return found.remedy;
  if (registry === "ghcr.io" || registry.startsWith("containers.")) return `${permission} ${access}`;
  if (registry === "docker.io") return hub;
  if (/\.dkr\.ecr\./.test(registry)) return ecr;
  return status === 404 ? missing2 : other;
}
var permission = "Give the job `permissions: packages: write`.";
var access = 'If it has that, open the settings of the package on GitHub, and under "Manage Actions access" add this repository with the role Write.';
var packages = [
  { pattern: /installation not allowed/i, remedy: permission },
  {
    pattern: /write_package/i,
    remedy: `The package is there, and grants this repository nothing. ${access}`
  },
  {
    pattern: /expected scopes/i,
    remedy: "The token in `registry-password` needs the scope `write:packages`."
  },
  {
    pattern: /unauthenticated|cannot be authenticated/i,
    remedy: "The token in `registry-password` is not valid, or has expired."
  }
];
var hub = "Check that the repository belongs to `registry-username`, and that its access token may read and write.";
var ecr = "Create the repository first: Amazon ECR makes none by itself. The login needs the right to push.";
var missing2 = "Create the repository in the registry first, or check its name.";
var other = "Give `registry-username` and `registry-password` of a user that may write there; for several registries, `registry-auth`.";

// src/registry/push.ts
async function canPush(client, reference) {
  const target2 = {
    registry: (0, import_shared.registryOf)(reference),
    repository: reference.repository,
    actions: "pull,push"
  };
  try {
    const answer = await client.send({ ...target2, method: "POST", path: "blobs/uploads/" });
    const session = answer.headers.location;
    if (answer.status === 202 && session !== void 0) {
      client.send({ ...target2, method: "DELETE", path: session, once: true }).catch(() => void 0);
    }
    return judge(answer, reference);
  } catch (error) {
    if (error instanceof NoAnswer) return { kind: "unknown", why: error.reason };
    throw error;
  }
}
function judge(answer, reference) {
  const { status } = answer;
  if (status === 202 || status === 201) return { kind: "yes" };
  if (status !== 401 && status !== 403 && status !== 404)
    return { kind: "unknown", why: `HTTP status ${status}` };
  const said = messagesOf(answer);
  const repository = (0, import_shared.repositoryName)(reference);
  const problem2 = {
    input: "image",
    cause: `This run may not push to \`${repository}\`${said === "" ? "" : ` (${said})`}.`,
    remedy: refusalRemedy((0, import_shared.registryOf)(reference), status, said)
  };
  return { kind: "no", problem: problem2 };
}
function messagesOf({ body }) {
  try {
    const content = JSON.parse(body.toString("utf8"));
    const errors = (0, import_shared.at)(content, "errors");
    const list4 = Array.isArray(errors) ? errors : [content];
    const texts = list4.map((each2) => (0, import_shared.at)(each2, "message") ?? (0, import_shared.at)(each2, "details") ?? (0, import_shared.at)(each2, "code"));
    return [...new Set(texts.filter((text2) => typeof text2 === "string"))].join("; ").slice(0, 300);
  } catch {
    return "";
  }
}

// src/reuse.ts
async function findBuilt({ image, build: build2 }, client) {
  const reference = (0, import_shared.commitTag)(image);
  if (reference === void 0) return void 0;
  const digest = await digestOf(client, reference);
  if (digest === void 0) return void 0;
  const pinned2 = { ...reference, digest };
  const [labels, platforms2, others] = await Promise.all([
    labelsOf(client, pinned2),
    platformsOf(client, pinned2),
    Promise.all(otherRepositories(image.tags, reference).map((each2) => digestOf(client, { ...each2, digest })))
  ]);
  const there = new Set(platforms2.map(({ platform }) => platform));
  const whole2 = build2.platforms.every((platform) => there.has(platform)) && !others.includes(void 0);
  return labels["org.opencontainers.image.revision"] === (0, import_shared.revisionOf)(image) && whole2 ? digest : void 0;
}
function otherRepositories(tags2, first) {
  const found = tags2.map(import_shared.parseReference).filter((each2) => "registry" in each2);
  const all = new Map(found.map((each2) => [(0, import_shared.repositoryName)(each2), each2]));
  all.delete((0, import_shared.repositoryName)(first));
  return [...all.values()];
}

// src/workshop.ts
async function openWorkshop(plan, world, probe) {
  const over = new AbortController();
  try {
    const opened = await open2(plan, giveUpWith(world, over.signal), probe);
    return { ...opened, close: () => over.abort() };
  } catch (error) {
    over.abort();
    throw error;
  }
}
var giveUpWith = (world, signal) => ({
  ...world,
  cancelled: AbortSignal.any([world.cancelled, signal])
});
async function open2(plan, world, probed) {
  const builds = plan.build.when !== "never";
  const opens = builds && !plan.dryRun;
  const probe = builds ? probed.docker : probed.docker.catch(() => void 0);
  const opened = openConfig(world, needsLogin(plan) ? plan.registry : { ...plan.registry, logins: [] });
  const config = await opened.catch(async () => (await (0, import_shared.together)([opened, probe]))[0]);
  const own = withConfig(world, config);
  const client = openClient(world, { logins: plan.registry.logins, config, insecure: probed.insecure });
  const loggedIn = logIn2(plan, own, config, client);
  const allowed = inTurn(loggedIn, askForPush(plan, client));
  allowed.catch(() => void 0);
  const before = sizesBefore(plan.image, client);
  const docker = await probe;
  if (opens && pullsWithLogin(plan)) await loggedIn;
  const reused = plan.build.when === "missing" ? await findBuilt(plan, client) : void 0;
  const [bench] = await (0, import_shared.together)([
    opens && reused === void 0 && docker !== void 0 ? openBench(plan, own, docker, config) : Promise.resolve(void 0),
    allowed
  ]);
  return { client, bench, reused, before };
}
var needsLogin = ({ build: build2, registry }) => build2.when !== "never" || registry.lasts === "job";
async function logIn2(plan, world, config, client) {
  if (needsLogin(plan)) await login(world, plan.registry, config, client);
}
function pullsWithLogin({ build: build2, registry }) {
  const hosts = builderRegistries(build2.builder);
  return registry.logins.some((login2) => hosts.includes(login2.registry));
}
var withConfig = (world, { env }) => ({
  ...world,
  env: { ...world.env, ...env },
  run: (command, options) => world.run({ ...command, env: { ...env, ...command.env } }, options)
});
async function openBench(plan, world, docker, { plugins }) {
  const registries = [...new Set(repositories(plan.image).map(({ registry }) => registry))];
  const builder = await openBuilder(world, plan.build, docker, { registries, plugins });
  return { docker, builder, world: { ...world, run: (0, import_shared.withoutClient)(world.run, builder.buildx) } };
}
async function inTurn(first, second) {
  second.catch(() => void 0);
  await first;
  await second;
}
async function askForPush(plan, client) {
  const answers = await Promise.all(written(plan).map((each2) => canPush(client, each2)));
  const problems = answers.flatMap((answer) => answer.kind === "no" ? [answer.problem] : []);
  if (problems.length > 0) throw new import_shared.Failure("preflight", problems);
}
function written({ build: build2, image, retag, promote }) {
  const pushed = build2.when !== "never" && (0, import_shared.pushes)(build2.result);
  return pushed || retag ? repositories(image) : distinct(promote);
}
function repositories({ tags: tags2, images }) {
  const all = [...tags2.map(import_shared.parseReference), ...images.map(({ reference }) => reference)];
  return distinct(all.filter((each2) => "registry" in each2));
}
var distinct = (references3) => [
  ...new Map(references3.map((each2) => [(0, import_shared.repositoryName)(each2), each2])).values()
];
async function sizesBefore({ tags: tags2 }, client) {
  const first = (0, import_shared.parseReference)(tags2[0] ?? "");
  return "reason" in first ? [] : await platformsOf(client, first).catch(() => []);
}

// src/ready.ts
async function getReady(plan, look, world, listener) {
  if (plan.deploy?.rollbackTo !== void 0) {
    return ready(void 0, await openServer(plan.deploy, world, void 0, listener));
  }
  const probe = (0, import_shared.probeDocker)(world, look ?? (0, import_shared.lookAtDocker)(world));
  const workshop = openWorkshop(plan, world, probe);
  const release2 = expected(plan, probe, workshop);
  const server = plan.deploy && openServer(plan.deploy, world, release2, listener);
  try {
    return ready(...await (0, import_shared.together)([workshop, server ?? Promise.resolve(void 0)]));
  } catch (error) {
    ;
    (await workshop.catch(() => void 0))?.close();
    await (await server?.catch(() => void 0))?.connection.close();
    throw error;
  }
}
var ready = (workshop, server) => ({
  workshop,
  server,
  [Symbol.asyncDispose]: async () => {
    workshop?.close();
    await server?.connection.close();
  }
});
async function expected({ image, build: build2 }, probe, workshop) {
  const [docker, found] = await Promise.all([
    probe.docker.catch(() => void 0),
    workshop.catch(() => void 0)
  ]);
  const before = await found?.before ?? [];
  const asked3 = build2.platforms.length > 0 || docker === void 0 ? build2.platforms : [docker.platform];
  return {
    references: references2(image),
    platforms: build2.when === "never" ? before.map(({ platform }) => platform) : asked3,
    size: before.length === 0 ? void 0 : Math.max(...before.map(({ size: size2 }) => size2))
  };
}
function references2({ tags: tags2, images }) {
  const named3 = tags2.map(import_shared.parseReference).filter((each2) => "registry" in each2);
  return [...named3, ...images.map(({ reference }) => reference).filter(({ digest }) => digest !== void 0)];
}
async function openServer(plan, world, release2, listener) {
  const connection = await connect2(plan.ssh, {
    signal: world.cancelled,
    onRetry: (cause, wait) => world.log.line(`${cause} Trying again in ${Math.round(wait / 1e3)} s.`)
  });
  try {
    const server = { connection, ...await checkServer(connection, plan, release2, listener) };
    listener.seen(server);
    return server;
  } catch (error) {
    await connection.close();
    throw error;
  }
}
async function checkServer(connection, plan, release2, { warn }) {
  const { facts: facts2, release: check, findings } = await preflight(connection, plan, release2);
  for (const text2 of findings.warnings) warn(text2);
  if (findings.problems.length > 0 || facts2 === void 0 || check === void 0)
    throw new import_shared.Failure("preflight", findings.problems);
  return { facts: facts2, release: check };
}

// src/report/plan.ts
function planLines({ build: build2, reused, push, deploy: deploy2, promote }) {
  const [first, ...more] = push;
  return [
    ...build2 === void 0 ? [] : [buildLine(build2)],
    ...reused === void 0 ? [] : [`Use ${reused} again, which is this commit`],
    ...first === void 0 ? ["Push nothing"] : [`Push ${first}`, ...more.map((tag) => `     ${tag}`)],
    ...deploy2 === void 0 ? ["Deploy nothing"] : deployLines(deploy2),
    ...promote.length === 0 ? [] : [`Promote to ${promote.join(" and ")}, once it serves`]
  ];
}
function buildLine({ context, file, target: target2, platforms: platforms2 }) {
  const what = target2 === void 0 ? file ?? "the Dockerfile" : `${target2} of ${file ?? "the Dockerfile"}`;
  const where2 = platforms2.length === 0 ? "" : ` for ${platforms2.join(" and ")}`;
  return `Build ${what} in ${context}${where2}`;
}
function deployLines(deploy2) {
  const { target: target2, project, directory, services, env, unfinished, rollbackTo, files, settings: settings2 } = deploy2;
  const to = rollbackTo === void 0 ? "what is pushed" : `${rollbackTo} of the history there`;
  return [
    `Deploy to ${target2}: project ${project} in ${directory}`,
    ...unfinished ? ["  bring the deploy that was cut off there to an end first"] : [],
    ...files.map((file) => `  bring ${file}`),
    ...settings2.length === 0 ? [] : [`  set ${settings2.join(", ")}`],
    ...Object.entries(env).map(([name, value]) => `  write ${name}=${value} to its .env`),
    ...services.flatMap((service) => [
      `  ${service.name}: from ${service.from ?? "nothing"} to ${to}, as ${service.reference}`,
      ...service.configChanged === true ? ["    with a compose configuration that has changed"] : [],
      ...service.drift === void 0 ? [] : [`    drifted: ${service.drift}`]
    ])
  ];
}

// src/rehearse.ts
async function rehearse(plan, ready2, world, journal) {
  const lines2 = planLines(describePlan(plan, ready2));
  setOutputs(namesOf(plan));
  await journal.stage("Print the plan", async () => {
    lines2.forEach(world.log.foreign);
    await tellFound(plan, ready2, world);
  });
  journal.note({ plan: lines2 });
  return { end: "planned" };
}
async function tellFound(plan, { workshop }, world) {
  const { build: build2 } = plan;
  if (workshop === void 0 || build2.when !== "never" && workshop.reused === void 0) return;
  const { repository, digest } = await foundImage(plan, workshop, world);
  if (digest !== void 0) setOutputs({ image: `${repository}@${digest}`, digest });
}

// src/check/dial.ts
function openDialler(first, connect3) {
  const over = new AbortController();
  let own;
  const current = async () => {
    if (!first.dropped()) return first;
    if (own === void 0 || await isLost(own)) own = connect3(over.signal);
    return await own;
  };
  return {
    dial: async (host2, port) => (await current()).dial(host2, port),
    async [Symbol.asyncDispose]() {
      over.abort();
      await (await own?.catch(() => void 0))?.close();
    }
  };
}
var isLost = (own) => own.then(
  (connection) => connection.dropped(),
  () => true
);
var setTimeout9 = (...args) => process.getBuiltinModule("node:timers/promises").setTimeout(...args);

// src/deploy/patience.ts
function openPatience(milliseconds) {
  let end = performance.now() + milliseconds;
  let next = 1e3;
  return {
    renew() {
      end = performance.now() + milliseconds;
      next = 1e3;
    },
    get over() {
      return performance.now() + next > end;
    },
    async wait() {
      await setTimeout9(next * (0.75 + Math.random() / 2));
      next = Math.min(next * 2, 15e3);
    }
  };
}

// src/deploy/line.ts
function openLine({ connect: connect3, tell: tell2, patience: patience6, atFirst = 0 }) {
  let current;
  const connection = async () => {
    const seen = current;
    const found = await seen?.catch(() => void 0);
    if (found !== void 0 && !found.dropped()) return found;
    if (current !== seen) return await connection();
    current = dial2(connect3, tell2, found === void 0 ? atFirst : patience6);
    await found?.close().catch(() => void 0);
    return await current;
  };
  const once = async (command, onLine) => {
    const { run: run2, dropped } = await connection();
    try {
      const outcome = await run2(command, onLine === void 0 ? {} : { onLine: (line) => onLine(line) });
      return dropped() ? { ...outcome, code: null } : outcome;
    } catch (error) {
      if (!dropped()) throw error;
      return { code: null, stdout: "", stderr: "" };
    }
  };
  const lost = async () => (await current?.catch(() => void 0))?.dropped() ?? true;
  return {
    once,
    async run(command) {
      const again = openPatience(patience6);
      for (; ; ) {
        const outcome = await once(command);
        if (outcome.code !== null || !await lost()) return outcome;
        if (again.over) throw shortLived();
        await again.wait();
      }
    },
    async [Symbol.asyncDispose]() {
      await (await current?.catch(() => void 0))?.close();
    }
  };
}
var shortLived = () => new import_shared.Failure("deploy", {
  cause: "The server takes connections, and each of them drops before a word has come through. What began there goes on by itself.",
  remedy: "Look at what stands between the runner and the server, and deploy again: that tells how it ended."
});
async function dial2(connect3, tell2, milliseconds) {
  const patience6 = openPatience(milliseconds);
  for (; ; ) {
    try {
      return await connect3();
    } catch (error) {
      if (!(error instanceof import_shared.Failure) || patience6.over) throw error;
      const cause = error.problems[0]?.cause;
      tell2(`The server cannot be reached: ${cause} The transaction goes on there by itself.`);
      await patience6.wait();
    }
  }
}

// src/bring/order.ts
var margin2 = 60;
var unit = "";
function bringLines({ plan, needs: needs2, check }) {
  const { hooks } = plan;
  const run2 = (name) => (hook) => [name, [hook.service, ...hook.words].join(unit)];
  const waves = needs2 === void 0 || needs2.waves.length < 2 ? [] : needs2.waves;
  return [
    ["settings-file", plan.envFile],
    ...hooks.hostBefore.map((line) => ["host-before", line]),
    ...hooks.runBefore.map(run2("run-before")),
    ...hooks.runAfter.map(run2("run-after")),
    ...hooks.hostAfter.map((line) => ["host-after", line]),
    ["hook-timeout", String(hooks.timeout)],
    ...(needs2?.dependencies ?? []).map(
      ({ name, condition, image = "-" }) => ["dependency", `${name} ${condition} ${image}`]
    ),
    ...waves.map(
      (wave) => ["wave", wave.map(({ name, condition }) => `${name}=${condition}`).join(" ")]
    ),
    ...check === void 0 ? [] : checkLines(check),
    ...plan.allowOlder ? [["allow-older", "true"]] : []
  ];
}
var checkLines = ({ url, timeout, onLost }) => [
  ["front", url.href],
  ["front-limit", String(timeout + margin2)],
  ["on-lost", onLost]
];
var frontLine = ({ url }) => `Await whether ${url.href} answers as it should`;

// src/deploy/order.ts
var orderId = (now, random) => `${now.toString(36)}-${random}`;
function orderText(order) {
  return [...deployLines2(order), "", credentialLine(order.credential), "end", ""].join("\n");
}
var settleText = (order, after) => settleTextOf(deployLines2(order).join("\n"), after);
var settleTextOf = (lines2, after) => ["mode settle", `after ${after}`, lines2.trimEnd(), "", "", "end", ""].join("\n");
function deployLines2({ plan, facts: facts2, services, envSet, run: run2, bring }) {
  const { tools, project } = facts2;
  return [
    ["directory", project.directory],
    ["project", project.name],
    ...tools.docker.map((word) => ["docker", word]),
    ...tools.compose.map((word) => ["compose", word]),
    ["compose-version", tools.composeVersion],
    ...project.files.map((file) => ["compose-file", file]),
    ...project.composeFiles.map((file) => ["read-file", file]),
    [
      "env-file",
      project.envFile ?? (Object.keys(envSet).length > 0 ? `${project.directory}/.env` : "")
    ],
    ...Object.entries(envSet).map(([name, value]) => ["env-set", `${name}=${value}`]),
    ...services.map((service) => ["service", serviceFields(service, facts2.services)]),
    ...bring === void 0 ? [] : bringLines(bring),
    ["rollback", String(plan.rollback)],
    ["rollback-to", plan.rollbackTo ?? ""],
    ["wait-timeout", String(plan.waitTimeout)],
    ["stability", String(plan.stability)],
    ["lock-timeout", String(plan.lockTimeout)],
    ["keep-releases", String(plan.keepReleases)],
    ["url", run2.url],
    ["by", run2.actor],
    ["commit", run2.commit],
    ["workflow", run2.workflow],
    ["ref", run2.ref],
    ["number", String(run2.number)],
    ["tags", run2.tags.join(" ")]
  ].filter(([, value]) => value !== "").map(parameter);
}
function parameter([name, value]) {
  return `${name} ${value.replaceAll(/[\0\r\n\t]/g, " ")}`;
}
function serviceFields({ name, reference, image }, facts2) {
  const found = facts2.find((service) => service.name === name);
  const kind = found?.oneShot === true ? "one-shot" : "-";
  const grace = Math.ceil(found?.stopGracePeriod ?? 10);
  return [name, reference, image ?? "-", found?.replicas ?? 1, kind, grace].join(" ");
}
function credentialLine(credential2) {
  if (credential2 === void 0) return "";
  const { registry, username, password } = credential2;
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  return JSON.stringify({ auths: { [registry]: { auth } } });
}

// src/bring/front.ts
function watchFront(plan, world) {
  let asked3 = false;
  return {
    tell(line) {
      world.tell(line);
      if (asked3 || line !== frontLine(plan)) return;
      asked3 = true;
      void ask3(plan, world).then(world.say).catch(() => void 0);
    }
  };
}
async function ask3(plan, { tell: tell2, cancelled: cancelled2, dial: dial3 }) {
  const { check } = await Promise.resolve().then(() => __toESM(require("./check.cjs")));
  const result = await check(plan, (reason) => tell2(`  ${reason}`), cancelled2, dial3);
  if (result.passed) return { word: "keep", why: `it answered after ${result.attempts} attempts` };
  if (cancelled2.aborted) return { word: "lost", why: "as the job was cancelled" };
  return { word: "roll", why: `${plan.url.href} did not answer as it should: ${result.reason}` };
}
var randomBytes2 = (...args) => process.getBuiltinModule("node:crypto").randomBytes(...args);

// src/deploy/server/transaction/bring.sh
var bring_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2015
# Files and settings that come with the image: $run/brought has \`files\`, a tree as it goes into the project's directory,
# \`prints\`, what is in each of them (lines of \`SHA-256  ./PATH\`), and \`settings\`, a line of the env file each. They are
# checked as they will be, recorded with what they replace, and put in place by rename: see placing.sh.

front_limit='' on_lost=keep front='' settings_file=.env allow_older=false hooks_before='' hooks_after=''
dependencies='' waves='' hook_timeout=600 superseded='' shadow='' brought_hash=''
carriage=$(printf '\\r')

bring_parameter() { # NAME VALUE
  case $1 in
    settings-file) settings_file=$2 ;;
    host-before) hooks_before=\${hooks_before}host\\ $2$newline ;;
    run-before) hooks_before=\${hooks_before}run\\ $2$newline ;;
    run-after) hooks_after=\${hooks_after}run\\ $2$newline ;;
    host-after) hooks_after=\${hooks_after}host\\ $2$newline ;;
    front) front=$2 ;;
    front-limit) front_limit=$2 ;;
    on-lost) on_lost=$2 ;;
    allow-older) allow_older=$2 ;;
    # NAME started|healthy|ended IMAGE
    dependency) dependencies=$dependencies$2$newline ;;
    # NAME=CONDITION\u2026: services that come up together, once those before them are ready
    wave) waves=$waves$2$newline ;;
    hook-timeout) hook_timeout=$2 ;;
  esac
}

# An archive on stdin, taken whole or not at all: its last entry says that it is.
stage() {
  local part="$run/brought.$$"
  # Another user's deploy may have to take it away; the files themselves are private by their own modes.
  umask "$(private_umask)"
  drop_transfers
  mkdir "$part" && tar -xpof - -C "$part" && [ -e "$part/whole" ] && mkdir -p "$part/files" &&
    own_directories "$part" && mv "$part" "$run/brought" && return
  rm -rf "$part"
  return 1
}

# What was taken, and parts of what was not: the process that took them may have been killed.
drop_transfers() {
  set +f
  rm -rf "$run/brought" "$run/brought".[0-9]*
  set -f
}

# At the end of a run nothing of it stays.
drop_staged() {
  drop_transfers
  rm -rf "$run/shadow" "$run/hook" "$run/hook.code" "$run/hook.log"
}

# As it will be, under the lock, and before anything is touched.
check_brought() {
  local code=0
  [ -d "$run/brought" ] || return 0
  step check 'Check what is brought' || return
  merge_settings && refuse_ways_out || return
  rm -rf "$run/brought/settings"
  make_shadow || { fail "the files cannot be prepared in $run"; return; }
  file_options=$(shadow_options)
  (cd "$shadow" && within 60 compose config -q) >/dev/null 2>"$run/error" || code=$?
  if [ "$code" = 0 ]; then declare_again; else told_without_values; fi
  file_options=''
  rm -rf "$run/shadow"
  [ "$code" = 0 ] || fail 'Compose does not take the project with what is brought'
}

make_shadow() {
  shadow=$run/shadow$directory
  rm -rf "$run/shadow"
  mkdir -p "$shadow" && link_brought && fill_shadow "$run/shadow" "$directory"
}

# A link for all of a directory that is not there yet.
link_brought() (
  set +f
  cd "$run/brought/files" || exit
  for entry in * .[!.]* ..?*; do
    if [ ! -e "$entry" ]; then continue; fi
    if [ -d "$entry" ] && [ ! -e "$directory/$entry" ]; then
      ln -s "$PWD/$entry" "$shadow/"
    else
      cp -R -l "./$entry" "$shadow/"
    fi || exit
  done
)

shadow_options() {
  local file IFS="$newline"
  for file in $compose_files; do
    [ ! -e "$run/shadow$file" ] || file=$run/shadow$file
    printf '%s\\n%s\\n' -f "$file"
  done
}

# Compose tells what it cannot read, resolved: in quotes, in which there may be others, or as it stands in the env file.
told_without_values() {
  local text value
  text=$(tail -n 5 "$run/error" | sed -e 's/"\\([^"\\\\]*\\(\\\\.[^"\\\\]*\\)*\\)"/"\u2026"/g' -e 's/"[^"]*"/"\u2026"/g')
  values_in "$shadow/$settings_file" | {
    while IFS= read -r value; do text=$(without_value "$text" "$value"); done
    printf '%s\\n' "$text" | indented
  }
}

# All that Compose may take for a value: with what looks like a remark and without. One value may be the beginning of
# another: the longest come first.
values_in() { # FILE
  local line value
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in *=*) value=\${line#*=} ;; *) value=$line ;; esac
    each_reading "$value"
    case \${line%%=*} in *:*) each_reading "\${line#*:}" ;; esac
  done 2>/dev/null <"$1" | LC_ALL=C sort -rn | sed 's/^[0-9]* //'
}

each_reading() { # TEXT
  local value blank=" $tab$carriage"
  for value in "$1" "\${1%%[ $tab]#*}"; do
    value=\${value#"\${value%%[!$blank]*}"} value=\${value%"\${value##*[!$blank]}"}
    value=\${value#[\\"\\']} value=\${value%[\\"\\']}
    [ \${#value} -le 3 ] || printf '%s %s\\n' "\${#value}" "$value"
  done
}

without_value() { # TEXT VALUE
  local rest="$1" text=''
  while :; do
    case $rest in *"$2"*) text=$text\${rest%%"$2"*}\u2026 rest=\${rest#*"$2"} ;; *) break ;; esac
  done
  printf '%s\\n' "$text$rest"
}

recreation() { [ ! -e "$record/recreate" ] || printf '%s\\n' --force-recreate; }

# What the release was verified with, for the next one to compare.
brought_line() { [ ! -e "$record/brought" ] || echo "brought $(cat "$record/brought")"; }
`;

// src/deploy/server/transaction/broken.sh
var broken_default = `# shellcheck shell=dash disable=SC2154,SC2034
# Changes that broke and could not be taken back: broken/ID is the record of each. What ran before them is what there
# is to go back to, for everyone who comes later.

# The one that a service is part of, if there is one.
broken_record_of() { # SERVICE
  local left found='' service rest
  set +f
  for left in "$state/broken/"*/; do
    while read -r service rest; do
      [ "$service" != "$1" ] || found=\${left%/}
    done 2>/dev/null <"\${left}services"
  done
  set -f
  echo "$found"
}

take_over() { # BROKEN RECORD
  local service rest _
  while read -r service _ _ _ _ _ old old_reference kept _ count ran; do
    [ "$service" != "$name" ] || break
  done <"$1/services"
  while read -r service rest; do
    [ "$service" != "$name" ] || printf '%s\\n' "$service $rest" >>"$2/containers" || return
  done <"$1/containers"
  while read -r service rest; do
    [ "$service" != "$name" ] || printf '%s\\n' "$service $rest" >>"$2/former" || return
  done 2>/dev/null <"$1/former"
  take_files_over "$1" "$2" && cp -p -R "$1/files/$name" "$2/files/$name" && say "  $name: $(shown_release), from before a change that broke"
}

# What it brought is in place still: a rollback goes back past that, too. A cut in its midst leaves no record at all.
take_files_over() { # BROKEN RECORD
  local to entry
  to=$2/before/$(value_of id "$1/run")
  [ ! -d "$to" ] || return 0
  mkdir -p "$to" || return
  for entry in run placed old env-before env-absent before; do
    [ ! -e "$1/$entry" ] || cp -p -R "$1/$entry" "$to/$entry" || return
  done
  share "$2/before" "$to"
}

# The later one lies over the earlier one: it has to go first. Runs are named by the time at which they begin.
newest_first() { # DIRECTORY
  local entry list=''
  set +f
  for entry in "$1"/*/; do [ ! -d "$entry" ] || list=\${entry%/}$newline$list; done
  set -f
  printf '%s' "$list"
}

put_older_back() { # RECORD
  local left lefts record
  lefts=$(newest_first "$1/before")
  while IFS= read -r left <&8; do
    [ -d "$left" ] || continue
    record=$left
    put_settings_back && put_older_back "$record" || return
  done 8<<LINES
$lefts
LINES
}

# A change that was decided takes the place of the broken ones of its services.
drop_broken() {
  local name rest left
  while read -r name rest <&4; do
    left=$(broken_record_of "$name")
    while [ -n "$left" ]; do
      drop_service "$name" "$left"
      left=$(broken_record_of "$name")
    done
  done 4<"$record/services"
  rmdir "$state/broken" 2>/dev/null || :
}

drop_service() { # SERVICE RECORD
  local service rest others=''
  while read -r service rest; do
    [ "$service" = "$1" ] || others=$others$service\\ $rest$newline
  done <"$2/services"
  if [ -z "$others" ] || ! put "$2/services" "\${others%"$newline"}"; then rm -rf "$2"; fi
}
`;

// src/deploy/server/transaction/declared.sh
var declared_default = `# shellcheck shell=dash disable=SC2154,SC2034
# The project that comes back may declare the image in other words than the one in place.

declare_again() {
  local name declared new replicas kind grace found list=''
  [ -n "$rollback_to" ] || return 0
  (cd "$shadow" && within 60 compose config) 2>/dev/null | images_in_config >"$run/declared"
  while read -r name declared new replicas kind grace <&3; do
    [ -n "$name" ] || continue
    found=$(value_of "$name" "$run/declared")
    list="$list$name \${found:-$declared} $new $replicas $kind $grace$newline"
  done 3<<LINES
$services
LINES
  services=$list
  rm -f "$run/declared"
}

# Compose prints what it has read in one form: lines of \`SERVICE IMAGE\`, and nothing else of it is kept.
images_in_config() {
  local line part='' name=''
  while IFS= read -r line; do
    case $line in
      '    image: '*) [ "$part" != services: ] || [ -z "$name" ] || echo "$name \${line#*: }" ;;
      '   '*) ;;
      '  '*:) name=\${line%:} name=\${name#  } ;;
      *) part=$line name='' ;;
    esac
  done
}
`;

// src/deploy/server/transaction/engine.sh
var engine_default = `# shellcheck shell=dash disable=SC2154
# How docker and Compose are called: each call has its deadline, and inherits descriptor 9, so that the lock is held
# until the last of them has ended, also when this script is killed.

limiter=''

# coreutils and busybox from 1.34 on; older busybox without -k; the oldest with -t.
find_limiter() {
  if timeout -k 1 1 true 2>/dev/null; then limiter="timeout\${newline}-k\${newline}15"
  elif timeout 1 true 2>/dev/null; then limiter=timeout
  else limiter="timeout\${newline}-t"
  fi
}

within() { # SECONDS docker|compose ARGUMENT\u2026
  local limit="$1" words IFS="$newline"
  case $2 in docker) words=$docker_words ;; compose) words=$(compose_call) ;; esac
  shift 2
  # shellcheck disable=SC2086 # words
  $limiter "$limit" $words "$@"
}

docker() { within 60 docker "$@"; }

# The files that are named by options are the ones in place, unless $file_options name copies.
file_options=''
compose_call() {
  local file IFS="$newline"
  printf '%s%s\\n%s\\n' "$compose_words" -p "$project"
  if [ -n "$file_options" ]; then echo "$file_options"; return; fi
  for file in $compose_files; do printf '%s\\n%s\\n' -f "$file"; done
}

# Asks the engine something; an engine that is away is waited for, and asked again. Only what it answers is passed on:
# \`docker inspect\` prints an empty line where it reaches no engine.
ask() {
  local answer
  until answer=$(docker "$@" 2>"$run/error"); do
    if engine_answers; then return 1; fi
    await_engine || return 1
  done
  [ -z "$answer" ] || printf '%s\\n' "$answer"
}

engine_answers() { within 20 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

await_engine() {
  local begin
  begin=$(seconds)
  say '  The docker engine does not answer: waiting for it.'
  until engine_answers; do
    if [ $(($(seconds) - begin)) -ge "$engine_timeout" ]; then
      fail "the docker engine did not answer for $engine_timeout s"
      return 1
    fi
    nap
  done
  # A file, as most who ask do so in a \`$(\u2026)\`.
  : >"$run/away"
  say "  The docker engine answers again, after $(($(seconds) - begin)) s."
}

# Whether the engine was away since this was last asked.
was_away() { [ -e "$run/away" ] && rm -f "$run/away"; }

# What a command said on its way out, for the log.
told() { [ ! -s "$run/error" ] || tail -n 5 "$run/error" | indented >&6; }

indented() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do printf '  %s\\n' "$line"; done
}

# The containers of a service, by full ID; those of \`compose run\` are not among them.
containers_of() { # SERVICE
  ask ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" \\
    --filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False
}
`;

// src/deploy/server/transaction/files.sh
var files_default = `# shellcheck shell=dash disable=SC2154
# The compose files and the .env that a service runs with: a later deploy may find others in their place, under which
# the old image may not run. Copies are as private as what they are copies of.

# Those of the release that was verified, if it is still what runs; else those that are in place.
save_files() { # SERVICE FROM-RECORD
  local verified
  verified=$(release_of "$1")
  if [ -n "$verified" ] && [ "$(value_of hash "$verified/release")" = "$(hash_of "$1" "$2")" ]; then
    cp -p -R "$verified/files" "$2/files/$1"
  else
    copy_files "$2/files/$1"
  fi && share "$2/files/$1" || fail "the compose files cannot be copied to $2"
}

# They keep their order by their numbers.
copy_files() { # TO
  local file number=10 IFS="$newline"
  mkdir -p "$1" || return
  for file in $read_files; do
    number=$((number + 1))
    # A first deploy brings them only later.
    [ ! -e "$file" ] || cp -p "$file" "$1/$number.\${file##*/}" || return
  done
  [ -z "$env_file" ] || [ ! -e "$env_file" ] || cp -p "$env_file" "$1/env"
}

# Nothing to do with other files where the ones in place are the same.
files_differ() { # COPIES
  local file number=10 IFS="$newline"
  for file in $read_files; do
    number=$((number + 1))
    same "$file" "$1/$number.\${file##*/}" || return 0
  done
  [ -z "$env_file" ] || same "$env_file" "$1/env" || return 0
  return 1
}

same() { # FILE FILE
  [ "$(sha256sum <"$1")" = "$(sha256sum <"$2")" ] 2>/dev/null
}

# The arguments that make Compose take the copies, with the project's directory as before.
options_for() { # COPIES
  local copy
  printf '%s\\n%s\\n' --project-directory "$directory"
  set +f
  for copy in "$1"/[1-9]*; do [ ! -e "$copy" ] || printf '%s\\n%s\\n' -f "$copy"; done
  set -f
  [ ! -e "$1/env" ] || printf '%s\\n%s\\n' --env-file "$1/env"
}

# Of a service's last verified release: releases/SERVICE/current names the directory.
release_of() { # SERVICE
  local name
  read -r name 2>/dev/null <"$state/releases/$1/current" || return 0
  [ ! -e "$state/releases/$1/$name/release" ] || echo "$state/releases/$1/$name"
}

hash_of() { # SERVICE RECORD
  local service container title status image restarts hash
  while read -r service container title status image restarts hash; do
    if [ "$service" = "$1" ]; then echo "$hash"; return; fi
  done <"$2/containers"
}

value_of() { # NAME FILE: of a file with lines of \`name value\`
  local line
  while IFS= read -r line; do
    case $line in "$1 "*) echo "\${line#* }"; return ;; esac
  done 2>/dev/null <"$2"
}

# What a service was verified with; written whole, then pointed at.
keep_release() {
  local name declared new replicas rest
  make_room
  step keep 'Keep what it runs with' || return
  while read -r name declared new replicas rest <&3; do
    keep_service && continue
    [ "$(release_of "$name")" = "$state/releases/$name/$id" ] || rm -rf "$state/releases/$name/$id"
    say "  $name: could not be written in $state/releases"
  done 3<"$record/services"
  keep_project
  tell_things
}

keep_service() {
  local to="$state/releases/$name/$id" hash before
  rm -rf "$to"
  mkdir -p "$to" && share "$state/releases/$name" "$to" && copy_files "$to/files" && share "$to/files" || return
  hash=$(hash_of_running "$name")
  put "$to/release" "image $new" "replicas $replicas" "hash $hash" "when $(utc)" "$(brought_line)" \\
    "url $(value_of url "$record/run")" "workflow $(value_of workflow "$record/run")" \\
    "ref $(value_of ref "$record/run")" "number $(value_of number "$record/run")" || return
  before=$(release_of "$name")
  put "$state/releases/$name/current" "$id" || return
  [ -z "$before" ] || [ "$before" = "$to" ] || rm -rf "$before"
}

hash_of_running() { # SERVICE
  local containers
  containers=$(containers_of "$1") && [ -n "$containers" ] || return
  ask inspect --format '{{index .Config.Labels "com.docker.compose.config-hash"}}' "\${containers%%"$newline"*}"
}
`;

// src/deploy/server/transaction/follow.sh
var follow_default = `# shellcheck shell=dash disable=SC2154,SC2034
# The other end of the connection: starts the transaction where a log-out does not reach it, and tells what it writes.
# Neither has any part in it: they can be cut at any moment, and begun again.

# The parameters and the credential go through to its stdin. All three descriptors are its own, else sshd would wait
# for it; and it has a session of its own, so that no hang-up meets it.
start() { # WORD\u2026: what takes it out of the login's reach, where that is needed
  if command -v setsid >/dev/null; then set -- "$@" setsid; else set -- "$@" nohup; fi
  umask 077
  # By way of descriptor 3, as dash gives a background command /dev/null for stdin before it looks at \`<&0\`.
  exec 3<&0
  "$@" sh "$0" run <&3 3<&- >"$run/log" 2>&1 &
  exec 3<&- </dev/null
  follow 0
}

# A machine that is busy takes its time: half a minute; a third of it where nobody has come to say \`start\`.
await_start() {
  local patience=300
  until [ -p "$run/alive" ] || [ -e "$run/verdict" ] || [ -e "$run/over" ] || [ "$patience" -le 0 ]; do
    patience=$((patience - 1))
    [ -e "$run/log" ] || patience=$((patience - 2))
    sleep 0.1 2>/dev/null || { sleep 1; patience=$((patience - 9)); }
  done
}

# Lines of the log from a byte on, as they come. After each piece a line with the mark and the byte that was reached
# (what stands before it is the begun piece of a line, or nothing); at last the mark, \`verdict\` and the verdict, or
# the mark and \`gone\`. The mark comes at least every few seconds, so that a connection that is dead shows. The verdict is
# told when the run has let go of its lock: whoever has heard it may remove the directory that the lock stands on.
mark=$(printf '\\036')

follow() { # BYTE
  local reached="$1" size over='' beat=0 watcher
  await_start
  watch_end "$run/alive"
  while :; do
    if [ -e "$ended" ] || [ ! -p "$run/alive" ]; then over=yes; fi
    size=0
    [ ! -e "$run/log" ] || size=$(wc -c <"$run/log")
    if [ "$size" -gt "$reached" ] || [ "$beat" = 0 ]; then
      tail -c "+$((reached + 1))" "$run/log" | head -c $((size - reached))
      [ "$size" -le "$reached" ] || reached=$size
      printf '\\n%s%s\\n' "$mark" "$reached" || break
    fi
    [ -z "$over" ] || break
    beat=$(((beat + 1) % 15))
    nap
  done
  end_watch "$run/alive"
  if [ -e "$run/verdict" ]; then
    printf '%sverdict\\n' "$mark"
    cat "$run/verdict"
  else
    printf '%sgone\\n' "$mark"
  fi
}

# Heeded until the change begins.
cancel() { : >"$run/cancel"; }

# For a run that is over, or never began. One that begins only now is told by the mark that it is not wanted any more;
# by the other name its place is gone for it at once, and not piece by piece.
vacate() {
  local watcher
  : >"$run/cancel"
  is_over "$run/alive" || return
  mv "$run" "$run.gone" && rm -rf "$run.gone"
}
`;

// src/deploy/server/transaction/front.sh
var front_default = `# shellcheck shell=dash disable=SC2154
# The front door: the runner asks the public URL, and says whether the release stays. Without its word the server
# decides by itself, as it was told before.

await_word() {
  local begin word='' why=''
  [ -n "$front_limit" ] || return 0
  step front "Await whether $front answers as it should" || return
  begin=$(clock)
  until [ -e "$run/word" ]; do
    if past "$begin" "$front_limit"; then put "$run/word" "lost after $front_limit s" || return; fi
    nap
  done
  read -r word why <"$run/word"
  if [ "$word" = lost ]; then
    say "  The runner did not say, $why: as \\\`check-on-lost\\\` says, \${on_lost}."
    word=\${on_lost% *} why="the runner was lost before $front had answered"
  fi
  if [ "$word" = keep ]; then rm -f "$record/on-lost"; return; fi
  # A cut from here on goes back, too.
  put "$record/on-lost" 'roll back' || :
  fail "$why"
}

# keep, roll (back) or lost, and why.
word() { # WORD WHY
  printf '%s %s\\n' "$1" "$2" >"$run/word.new" && mv -f "$run/word.new" "$run/word"
}

# A run that was killed while it waited.
was_to_keep() { [ "$(cat "$record/on-lost" 2>/dev/null)" != 'roll back' ]; }
`;

// src/deploy/server/transaction/gate.sh
var gate_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# Whether a release serves: all its containers the same ones, on the same start, running (healthy, where there is a
# healthcheck) for the whole of a window. A restart or an unhealthy spell begins the window anew, the third restart
# ends the matter. That is all that is claimed: what breaks after the window is not seen.

gate() { # new|old
  local which="$1" began window='' key='' last='' look='' why='' told='' told_at='' restarts=0 by_hand=0 ended_with=0 hold
  hold=$(held_for)
  step gate "Gate: $(listed "$(names_of "$record")") must run for $hold s without a restart" || return
  began=$(clock)
  while :; do
    observe || { fail 'the docker engine does not say what runs'; return; }
    # What an engine does to its containers when it starts is not the release's fault.
    if was_away; then revive; began=$(clock) window='' last='' by_hand=0; continue; fi
    if [ -n "$last" ] && [ "$key" != "$last" ]; then window='' by_hand=$((by_hand + 1)); fi
    last=$key
    case $look in
      steady) window=\${window:-$(clock)} ;;
      failed) break ;;
      *) window='' ;;
    esac
    if [ "$look" = steady ] && past "$window" "$hold"; then return 0; fi
    if [ -z "$window" ] && past "$began" "$wait_timeout"; then why="$why, after $wait_timeout s"; break; fi
    if [ "$by_hand" -ge 3 ] && [ "$restarts" = 0 ]; then why="$why, and was started anew three times"; break; fi
    if [ "$why" != "$told" ]; then
      told=$why told_at=$(clock)
      say "  \${why:-all of it runs}"
    elif [ -n "$why" ] && past "$told_at" 10; then
      told_at=$(clock)
      say "  still, after $(((told_at - began) / 1000)) s: $why$(last_check)"
    fi
    # In a long window nothing is missed by looking less often: the engine counts restarts and notes each start.
    if [ -n "$window" ] && [ "$hold" -ge 5 ]; then sleep 1; else nap; fi
  done
  show_containers
  fail "$why"
}

# A stop that was under way when Compose was cut off is carried out by the engine all the same, and may reach what was
# put back as late as its time to stop is over.
held_for() {
  local name declared new replicas kind grace rest hold="$stability"
  if [ "$which" = old ] && { [ "$settling" = yes ] || [ "$failed_stage" = up ]; }; then
    while read -r name declared new replicas kind grace rest; do
      [ $((grace + 5)) -le "$hold" ] || hold=$((grace + 5))
    done <"$record/services"
  fi
  echo "$hold"
}

# The last line that a healthcheck answered with.
last_check() {
  local name rest line ids last=''
  while read -r name rest <&5; do
    ids=$(containers_of "$name") && [ -n "$ids" ] || continue
    while IFS= read -r line; do [ -z "$line" ] || last=$line; done <<LINES
$(ask inspect --format '{{if .State.Health}}{{range .State.Health.Log}}{{println .Output}}{{end}}{{end}}' $ids)
LINES
  done 5<"$record/services"
  [ -z "$last" ] || printf ' (healthcheck: %.200s)\\n' "$last"
}

past() { # BEGIN SECONDS
  [ $(($(clock) - $1)) -ge $(($2 * 1000)) ]
}

# The engine may have gone away after the gate, and have come back without what it had.
serves_still() {
  was_away || return 0
  revive
  gate new
}

# An engine that comes back starts what it had, but not what was being stopped when it went.
revive() {
  local name declared new replicas kind rest ids
  sleep 3
  while read -r name declared new replicas kind rest <&4; do
    # What did its work once is not to do it again.
    [ "$kind" != one-shot ] || continue
    ids=$(containers_of "$name") && [ -n "$ids" ] && docker start $ids >/dev/null 2>&1
  done 4<"$record/services"
}

# What a person wants to see of a release that failed.
show_containers() {
  local name rest container
  while read -r name rest <&4; do
    for container in $(containers_of "$name"); do show_container; done
  done 4<"$record/services"
}

show_container() {
  docker inspect --format 'The last lines of {{slice .Name 1}} ({{.State.Status}}, exit code {{.State.ExitCode}}):' \\
    "$container" 2>/dev/null | indented
  docker logs --tail 20 "$container" 2>&1 | indented
  docker inspect --format '{{if .State.Health}}{{range .State.Health.Log}}{{println "healthcheck, exit code" .ExitCode}}{{println .Output}}{{end}}{{end}}' \\
    "$container" 2>/dev/null | tail -n 12 | indented
}
`;

// src/deploy/server/transaction/history.sh
var history_default = `# shellcheck shell=dash disable=SC2154,SC2034
# The history of a project: a line for every service of every run that got as far as a record, only ever added to.

history_columns='when verdict service image tags commit ref number by seconds stage url id previous settings'

write_history() { # VERDICT RECORD
  local name declared new replicas kind grace old old_reference rest who began told=''
  # shellcheck disable=SC2086 # words
  [ -e "$history" ] || tabbed $history_columns >"$history" && share "$history" || return 0
  who=$2/run
  began=$(value_of began-at "$who")
  # A history that began without this column goes on without it.
  case $(head -n 1 "$history") in *"\${tab}settings") told=yes ;; esac
  while read -r name declared new replicas kind grace old old_reference rest; do
    tabbed "$(utc)" "$1" "$name" "$new" "$(value_of tags "$who")" "$(value_of commit "$who")" \\
      "$(value_of ref "$who")" "$(value_of number "$who")" "$(value_of by "$who")" $(($(date +%s) - began)) \\
      "\${failed_stage:--}" "$(value_of url "$who")" "$(value_of id "$who")" \\
      "$(bare "$old_reference" "$old")" \${told:+"$(cat "$2/settings" 2>/dev/null)"}
  done >>"$history" <"$2/services" || say '  The history could not be written.'
}

tabbed() { # VALUE\u2026
  local line='' value
  for value in "$@"; do line=$line$tab\${value:--}; done
  printf '%s\\n' "\${line#"$tab"}"
}

# What a service was verified with, the latest first, each image once: lines of \`IMAGE WHEN COMMIT TAG\u2026\`.
verified_images() { # SERVICE
  local when verdict service image tags commit rest list=''
  while IFS=$tab read -r when verdict service image tags commit rest; do
    [ "$service $verdict" = "$1 ok" ] || continue
    list="$image $when $commit $tags$newline$(without "$image" "$list")"
    list=\${list%.}
  done <<LINES
$(recent_history)
LINES
  printf '%s' "$list"
}

# It grows for good; what is further back has no image any more.
recent_history() { tail -n 1000 "$history" 2>/dev/null; }

# The dot keeps the ends of the lines in a \`$(\u2026)\`.
without() { # IMAGE LIST
  local line IFS="$newline"
  for line in $2; do
    case $line in "$1 "*) ;; *) printf '%s\\n' "$line" ;; esac
  done
  printf .
}

# The last one that went by a tag; a later deploy may have given the tag to another.
tagged_image() { # SERVICE TAG
  local when verdict service image its_tags commit rest found=''
  while IFS=$tab read -r when verdict service image its_tags commit rest; do
    case "$service $verdict $its_tags " in "$1 ok "*" $2 "* | "$1 ok $2 "*) found=$image ;; esac
  done 2>/dev/null <"$history"
  [ -z "$found" ] || echo "$found"
}

# \`rollback-to\`: an earlier release takes the place of the pushed one, and is written down as what it is.
choose_release() {
  local name declared new replicas kind grace chosen list='' with=''
  [ -n "$rollback_to" ] || return 0
  step choose "Choose $rollback_to from the history" || return
  while read -r name declared new replicas kind grace <&3; do
    [ -n "$name" ] || continue
    chosen=$(release_named "$name" "$rollback_to")
    [ -n "$chosen" ] || { unknown_release "$name"; return; }
    say "  $name: $chosen"
    list="$list$name $declared $chosen $replicas $kind $grace$newline"
    know_again "$name" "$chosen"
    came_with "$name" "$chosen"
  done 3<<LINES
$services
LINES
  services=$list
  stage_kept "$with"
}

# The project's files are of one release: of several, the one that came last.
came_with() { # SERVICE IMAGE
  local image its_run
  while read -r image its_run; do
    [ "$image" = "$2" ] || continue
    case $with in '' | "$its_run") with=$its_run ;; *) with=$(later_run "$with" "$its_run") ;; esac
  done <<LINES
$(verified_runs "$1")
LINES
}

later_run() { # RUN-ID RUN-ID
  local when verdict service image tags commit ref number by took stage url its_id rest last="$1"
  while IFS=$tab read -r when verdict service image tags commit ref number by took stage url its_id rest; do
    case $its_id in "$1" | "$2") last=$its_id ;; esac
  done <"$history"
  echo "$last"
}

# As verified_images, with the last run that each was verified in: lines of \`IMAGE RUN-ID\`.
verified_runs() { # SERVICE
  local when verdict service image tags commit ref number by took stage url its_id rest list=''
  while IFS=$tab read -r when verdict service image tags commit ref number by took stage url its_id rest; do
    [ "$service $verdict" = "$1 ok" ] || continue
    list="$image $its_id$newline$(without "$image" "$list")"
    list=\${list%.}
  done <<LINES
$(recent_history)
LINES
  printf '%s' "$list"
}

release_named() { # SERVICE previous|DIGEST|TAG
  local image rest
  case $2 in previous | sha256:*) ;; *) tagged_image "$1" "$2"; return ;; esac
  verified_images "$1" | while read -r image rest; do
    case $2 in
      previous) runs_image "$1" "$image" || { echo "$image"; break; } ;;
      *) case \${image#*@} in "$2"*) echo "$image"; break ;; esac ;;
    esac
  done
}

know_again() { # SERVICE IMAGE
  local image when its_commit its_tags
  while read -r image when its_commit its_tags; do
    [ "$image" != "$2" ] || commit=$its_commit tags=$its_tags
  done <<LINES
$(verified_images "$1")
LINES
}

unknown_release() { # SERVICE
  fail "the history of $1 has no release $rollback_to"
  verified_images "$1" | indented
  return 1
}
`;

// src/deploy/server/transaction/hooks.sh
var hooks_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2015
# Commands around the switch: in the new image, or on the server. Each has a time limit, and its output is in the log.

unit=$(printf '\\037')

run_before() { run_hooks before "$hooks_before"; }

run_after() { run_hooks after "$hooks_after"; }

run_hooks() { # before|after LINES
  local kind words number=0
  while read -r kind words <&4; do
    [ -n "$kind" ] || continue
    number=$((number + 1))
    "\${kind}_hook" "$1" "$number" "$words" || return
  done 4<<LINES
$2
LINES
}

# What stands in the new image, with the new files and settings, and as one more container of the service.
run_hook() { # before|after NUMBER SERVICE\u241FWORD\u2026
  local stage_name="$1" title="slipway-$id-$1$2" code=1 IFS="$unit"
  set -- $3
  IFS=' '
  step "$stage_name" "Run in $1: $(shift; echo "$*")" || return
  unset IFS
  rm -f "$run/hook.code"
  # shellcheck disable=SC2046 # words
  {
    code=0
    within "$hook_timeout" compose run --rm -T --no-deps $(run_pulls_nothing) --name "$title" "$@" </dev/null 2>&1 || code=$?
    put "$run/hook.code" "$code" || { make_room; put "$run/hook.code" "$code"; }
  } | indented
  [ ! -e "$run/hook.code" ] || read -r code <"$run/hook.code"
  [ "$code" = 0 ] || docker rm -f "$title" >/dev/null 2>&1
  ended_hook "the command in $1" "$code"
}

# Whatever \`pull_policy\` says: what is pinned here is what was pushed. Older versions of Compose have no such option.
run_pulls_nothing() {
  case $(within 20 compose run --help 2>/dev/null) in *--pull*) echo --pull never ;; esac
}

# What it starts and leaves behind must not hold the lock, nor our log.
host_hook() { # before|after NUMBER LINE
  local code=0
  step "$1" "Run on the server: $3" || return
  printf '%s\\n' "$3" >"$run/hook" || return
  $limiter "$hook_timeout" sh "$run/hook" </dev/null >"$run/hook.log" 2>&1 9>&- || code=$?
  indented <"$run/hook.log"
  rm -f "$run/hook" "$run/hook.log"
  ended_hook 'the command on the server' "$code"
}

ended_hook() { # WHAT CODE
  case $2 in
    0) ;;
    # Some versions of timeout(1) tell of the signal that they sent.
    124 | 137 | 143) fail "$1 did not end within $hook_timeout s" ;;
    *) fail "$1 ended with exit code $2" ;;
  esac
}

# Containers of commands whose run was killed: the host may have gone down with it.
end_hooks() { # RUN-ID
  local ids
  ids=$(docker ps -aq --filter "name=slipway-$1-") && [ -z "$ids" ] || docker rm -f $ids >/dev/null 2>&1
}
`;

// src/deploy/server/transaction/kept.sh
var kept_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2015
# What the kept releases ran with, so that \`rollback-to\` brings it back with the image: kept/RUN-ID has \`files\`, a tree
# of the project's directory, and \`prints\`, their fingerprint. In it are the compose files, the env file, and whatever
# was brought up to then. What did not change since the release before is there once, by links; nothing of it is ever
# linked to what is in place, where somebody may write into it.

keep_project() {
  # Another run's, where one that was cut is settled.
  local kept_id to
  kept_id=$(value_of id "$record/run") to=$state/kept/\${kept_id:=$id}
  rm -rf "$to.new"
  mkdir -p "$to.new/files" && kept_paths >"$run/kept.paths" && fingerprint "$directory" "$run/kept.paths" >"$to.new/prints" &&
    tells_all "$to.new/prints" "$run/kept.paths" && copy_project "$to.new" && share "$to.new/prints" && own_directories "$to.new" && rm -rf "$to" && mv "$to.new" "$to" && share "$state/kept" && put "$state/kept/latest" "$kept_id" ||
    { rm -rf "$to.new"; say "  What it runs with could not be kept for a rollback in $state."; }
  set +f
  rm -f "$run/kept."*
  set -f
  prune_kept
}

# Relative, each once, and only what is a file there: nothing goes through a link.
kept_paths() {
  local file IFS="$newline"
  {
    for file in $read_files $env_file "$directory/$settings_file"; do
      case $file in "$directory/"*) printf './%s\\n' "\${file#"$directory/"}" ;; esac
    done
    cat "$record/paths" 2>/dev/null
    [ ! -r "$(latest_kept)/prints" ] || paths_in <"$(latest_kept)/prints"
  } | while read -r file; do
    case $file in */../* | */./*) continue ;; esac
    [ ! -f "$directory/$file" ] || through_link "$file" || printf '%s\\n' "$file"
  done | LC_ALL=C sort -u
}

# Nothing could be brought back there.
through_link() { # ./PATH
  local path="$1"
  until [ "$path" = . ]; do
    if [ -L "$directory/$path" ]; then return 0; fi
    path=\${path%/*}
  done
  return 1
}

latest_kept() {
  local name
  read -r name 2>/dev/null <"$state/kept/latest" || return 0
  [ ! -d "$state/kept/$name" ] || echo "$state/kept/$name"
}

copy_project() { # TO
  local to="$1" from
  from=$(latest_kept)
  # Of what root has kept for itself nothing is known.
  if [ -n "$from" ] && [ -r "$from/prints" ]; then
    LC_ALL=C comm -23 "$to/prints" "$from/prints" >"$run/kept.lines" && paths_in <"$run/kept.lines" >"$run/kept.other" &&
      LC_ALL=C comm -23 "$run/kept.paths" "$run/kept.other" >"$run/kept.same" &&
      each_directory "$run/kept.same" link_kept || return
  else
    cp "$run/kept.paths" "$run/kept.other" || return
  fi
  from=''
  each_directory "$run/kept.other" copy_kept
}

link_kept() { # DIRECTORY PATH\u2026
  local at="$1" path
  shift
  mkdir -p "$to/files/$at" || return
  for path in "$@"; do shift; set -- "$@" "$from/files/$path"; done
  ln "$@" "$to/files/$at/" 2>/dev/null || cp -p "$@" "$to/files/$at/"
}

copy_kept() { # DIRECTORY PATH\u2026
  local at="$1" path
  shift
  mkdir -p "$to/files/$at" || return
  for path in "$@"; do shift; set -- "$@" "$directory/$path"; done
  cp -p "$@" "$to/files/$at/"
}

own_directories() { # DIRECTORY
  [ "$(id -u)" != 0 ] || find "$1" -type d -exec chown "$(stat -c %u:%g "$state")" {} +
}

# With the images that go, go the files that they ran with.
prune_kept() {
  local entry keep
  keep=" latest $kept_id $(kept_runs) "
  set +f
  for entry in "$state/kept/"*; do
    case $keep in *" \${entry##*/} "*) ;; *) rm -rf "$entry" ;; esac
  done
  set -f
}

# The last run of each of the releases that stay, of every service.
kept_runs() {
  local entry image run_id number
  set +f
  for entry in "$state/releases/"*/; do
    entry=\${entry%/} number=0
    verified_runs "\${entry##*/}" | while read -r image run_id; do
      number=$((number + 1))
      [ "$number" -gt $((keep_releases + 1)) ] || echo "$run_id"
    done
  done | tr '\\n' ' '
  set -f
}

# \`rollback-to\`: what the chosen release ran with is what is brought.
stage_kept() { # RUN-ID
  local from="$state/kept/\${1:-none}"
  if [ ! -d "$from" ]; then
    say '  What it ran with was not kept: the image comes back alone.'
    return 0
  fi
  say '  It comes back with the files that it ran with.'
  drop_transfers
  mkdir "$run/brought" && cp -p -R "$from/files" "$run/brought/" && : >"$run/brought/whole" ||
    { fail "the files that it ran with cannot be copied to $run"; return; }
  # Without them all of it is read once more.
  [ ! -r "$from/prints" ] || cp "$from/prints" "$run/brought/"
}
`;

// src/deploy/server/transaction/lock.sh
var lock_default = `# shellcheck shell=dash disable=SC2154
# One transaction at a time in a project, for all users, with nothing but a file system: no PID is ever asked about,
# as another user's process looks like a dead one.
#
# Every run holds its fifo \`alive\` open for writing, and so does every docker command that it started. Whoever has it
# open for reading alone sees its end exactly when the last of them is gone, however it went: the kernel tells.
# The order of the runs is a chain of numbered links: the run behind the highest number has the lock. Making the next
# link is the atomic step. The highest is never removed, so a number that is free below it was never anybody's turn;
# who comes late with such a number sees the higher one and tries again.

first_number=10000000
# Seconds that no call outlives which a killed run has left behind: a pull, a command of the user, an \`up\`.
longest_call=3600

take_lock() {
  local begin holder mine told=''
  step lock "Lock project $project" || return
  begin=$(seconds)
  while :; do
    holder=$(highest_number)
    if is_over "$state/lock/$holder"; then
      mine=$((holder + 1))
      if ln -s "../runs/$id/alive" "$state/lock/$mine" 2>"$run/error"; then
        if [ "$(highest_number)" = "$mine" ]; then break; fi
        rm -f "$state/lock/$mine"
      elif [ ! -L "$state/lock/$mine" ]; then
        told
        fail "the lock cannot be written in $state/lock"
        return
      fi
      continue
    fi
    if [ "$told" != "$holder" ]; then
      told=$holder
      say "  Waiting: $(holder_of "$holder")"
    fi
    await_end "$state/lock/$holder" $((lock_timeout - ($(seconds) - begin))) || {
      fail "$reason: $(holder_of "$holder")"
      return
    }
  done
  turn=$mine
}

highest_number() {
  local link number="$first_number"
  set +f
  for link in "$state/lock/"[1-9]*; do [ ! -L "$link" ] || number=\${link##*/}; done
  set -f
  echo "$number"
}

holder_of() { # NUMBER
  local name value holder who='' since=''
  holder=$(readlink "$state/lock/$1") || return
  while read -r name value; do
    case $name in url) who=$value ;; by) who="$who ($value)" ;; since) since=$value ;; esac
  done 2>/dev/null <"$state/lock/\${holder%/alive}/who"
  echo "the lock is held by \${who:-another run} since \${since:-a moment ago}"
}

# True when nobody has the fifo open. A moment is enough for the kernel to say so; when it is too short, the run
# counts as living, which is the safe side.
is_over() { # FIFO
  local watcher
  watch_end "$1"
  [ -e "$ended" ] || sleep 0.05 2>/dev/null || sleep 1
  [ -e "$ended" ] || sleep 0.2 2>/dev/null
  end_watch "$1"
}

# Waits until nobody has the fifo open: at most SECONDS, and no longer than until a cancel.
await_end() { # FIFO SECONDS
  local begin end told watcher
  reason=''
  begin=$(seconds) told=0
  end=$((begin + $2))
  watch_end "$1"
  while [ -p "$1" ] && [ ! -e "$ended" ]; do
    if is_cancelled; then reason='cancelled while waiting'; break; fi
    if [ $(($(seconds) - begin)) -ge $((told + 10)) ]; then
      told=$(($(seconds) - begin))
      say "  Still waiting after $told s: $(holder_of "\${1##*/}")"
    fi
    if [ "$(seconds)" -ge "$end" ]; then reason="gave up waiting after $lock_timeout s"; break; fi
    nap
  done
  end_watch "$1"
}

# Opened for both first: then opening it for reading does not wait for a writer, and the end of file is the truth.
# There is one watch at a time in a process; its mark tells the end.
ended=$run/ended.$$
watch_end() { # FIFO
  rm -f "$ended"
  [ -p "$1" ] || { : >"$ended"; watcher=''; return; }
  (
    # shellcheck disable=SC2094 # a fifo
    exec 9>&- 7<>"$1" 8<"$1" 7>&-
    read -r _ <&8
    : >"$ended"
  ) >/dev/null 2>&1 &
  watcher=$!
}

# True when the end was seen, or the fifo is gone, which only happens after its end.
end_watch() { # FIFO
  local over=1
  if [ -n "$watcher" ]; then kill "$watcher" 2>/dev/null; wait "$watcher" 2>/dev/null; fi
  if [ -e "$ended" ] || [ ! -p "$1" ]; then over=0; fi
  rm -f "$ended"
  return "$over"
}
`;

// src/deploy/server/transaction/made.sh
var made_default = `# shellcheck shell=dash disable=SC2154,SC2034
# The networks and volumes that Compose made on a first deploy, for the summary; later nobody asks.

note_things() { [ -s "$history" ] || things >"$run/things"; }

things() {
  {
    ask network ls --filter "label=com.docker.compose.project=$project" --format 'network {{.Name}}'
    ask volume ls --filter "label=com.docker.compose.project=$project" --format 'volume {{.Name}}'
  } | LC_ALL=C sort
}

tell_things() {
  [ -e "$run/things" ] || return 0
  things | LC_ALL=C comm -13 "$run/things" - >>"$run/made"
  rm -f "$run/things"
}
`;

// src/deploy/server/transaction/observe.sh
var observe_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# What the gate looks at: the containers of each service, as they are at one moment.

# Looks once: $look is steady, waiting or failed, $why says what of, $key changes with every start.
observe() {
  local name declared new replicas kind grace old old_reference kept pointer count ran ids found
  look=steady why='' key='' restarts=0
  while read -r name declared new replicas kind grace old old_reference kept pointer count ran <&4; do
    [ "$which" = new ] || [ "$ran" != 0 ] || continue
    ids=$(containers_of "$name") || return
    found=0
    [ -z "$ids" ] || observe_service "$ids"
    if [ "$found" = 0 ]; then waits "$name has no container"; fi
  done 4<"$record/services"
}

# \`.ID\`, not \`.Id\`: with that, docker reads the answer as a plain map, in which \`.State.Health\` can be missing.
observe_service() { # IDS
  local container status exit_code restarted started health
  while read -r container status exit_code restarted started health policy; do
    found=$((found + 1))
    key="$key $container $started $restarted"
    restarted=$((restarted - $(restarts_before "$container")))
    [ "$restarted" -le "$restarts" ] || restarts=$restarted
    judge
  done <<LINES
$(ask inspect --format '{{.ID}} {{.State.Status}} {{.State.ExitCode}} {{.RestartCount}} {{.State.StartedAt}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}' $1)
LINES
}

judge() {
  [ "$exit_code" = 0 ] || ended_with=$exit_code
  if [ "$restarted" -ge 3 ]; then
    fails "$name restarted $restarted times$(with_code)"
    return
  fi
  case "$status $health" in
    'running none' | 'running healthy') ;;
    'running unhealthy') waits "$name is not healthy" ;;
    running*) waits "$name is not healthy yet" ;;
    restarting*) waits "$name does not stay up$(with_code)" ;;
    exited* | dead*)
      if [ "$kind" = one-shot ] && [ "$exit_code" = 0 ]; then return; fi
      # A stop that was under way when its run was cut off reaches what was put back.
      if [ "$which" = old ]; then
        waits "$name ended with exit code $exit_code"
        by_hand=$((by_hand + 1))
        [ "$by_hand" -ge 3 ] || docker start "$container" >/dev/null 2>&1
      else
        fails "$name ended with exit code $exit_code"
      fi
      ;;
    *) waits "$name is $status" ;;
  esac
}

# Of the last end that was seen: while a container runs, it reads 0.
with_code() { [ "$ended_with" = 0 ] || echo " (exit code $ended_with)"; }

waits() { [ "$look" = failed ] || look=waiting why=$1; }

fails() { look=failed why=$1; }

# A container that went through this deploy untouched keeps its count from before.
restarts_before() { # ID
  local service container title status image restarted rest
  while read -r service container title status image restarted rest; do
    if [ "$container" = "$1" ]; then echo "$restarted"; return; fi
  done <"$record/containers"
  echo 0
}
`;

// src/deploy/server/transaction/parameters.sh
var parameters_default = `# shellcheck shell=dash disable=SC2034
# What is asked for: lines of \`name value\` on stdin up to an empty one, then one line with the registry credential,
# and \`end\`.
# They are read as data: no shell ever evaluates them.

newline='
'
tab='	'
# Lists are lines, each with its end.
docker_words='' compose_words='' compose_files='' read_files='' services='' env_set=''
mode=deploy directory='' project='' env_file='' rollback_to='' rollback=true after=''
url='' by='' commit='' number='' workflow='' ref='' tags='' credential=''
wait_timeout=120 stability=10 lock_timeout=600 pull_timeout=900 engine_timeout=300 keep_releases=3
compose_major=2 compose_minor=0

read_parameters() {
  local line value
  while IFS= read -r line && [ -n "$line" ]; do
    value=\${line#* }
    keep_line "$line"
    case \${line%% *} in
      mode) mode=$value ;;
      after) after=$value ;;
      directory) directory=$value ;;
      project) project=$value ;;
      docker) docker_words=$docker_words$value$newline ;;
      compose) compose_words=$compose_words$value$newline ;;
      compose-version) read_compose_version "$value" ;;
      compose-file) compose_files=$compose_files$value$newline ;;
      read-file) read_files=$read_files$value$newline ;;
      # NAME DECLARED-REFERENCE REPOSITORY@DIGEST DECLARED-REPLICAS one-shot|- STOP-GRACE
      service) services=$services$value$newline ;;
      env-file) env_file=$value ;;
      env-set) env_set=$env_set$value$newline ;;
      rollback-to) rollback_to=$value ;;
      rollback) rollback=$value ;;
      tags) tags=$value ;;
      url) url=$value ;;
      by) by=$value ;;
      commit) commit=$value ;;
      number) number=$value ;;
      workflow) workflow=$value ;;
      ref) ref=$value ;;
      wait-timeout) wait_timeout=$value ;;
      stability) stability=$value ;;
      lock-timeout) lock_timeout=$value ;;
      pull-timeout) pull_timeout=$value ;;
      engine-timeout) engine_timeout=$value ;;
      keep-releases) keep_releases=$value ;;
      *) bring_parameter "\${line%% *}" "$value" ;;
    esac
  done
  IFS= read -r credential && IFS= read -r line && [ "$line" = end ] || { echo 'The parameters did not arrive whole.'; exit 1; }
  exec </dev/null
}

# What it takes to settle this run when it is dead, for an action that knows no more of it than its place: no command
# of the user's, and no value.
order=''
keep_line() { # LINE
  case $1 in
    'mode '* | 'after '* | env-set* | host-* | run-* | front*) ;;
    *) order=$order$1$newline ;;
  esac
}

read_compose_version() { # 2.40.3
  compose_major=\${1%%.*}
  compose_minor=\${1#*.}
  compose_minor=\${compose_minor%%.*}
}
`;

// src/deploy/server/transaction/pin.sh
var pin_default = '# shellcheck shell=dash disable=SC2154\n# The reference that the compose file declares comes to mean the pushed digest on this engine: so Compose runs it, and\n# a plain `docker compose up -d` later leaves it alone.\n\npin_references() {\n  local name declared new rest\n  step pin "Pin $(declared_of "$record")" || return\n  : >"$record/pinned" || { fail "the record cannot be written in $state"; return; }\n  while read -r name declared new rest <&3; do\n    ask tag "$(kept_name "$name" "$new")" "$declared" || {\n      told\n      fail "$declared cannot be pinned to $new"\n      return\n    }\n  done 3<"$record/services"\n  set_variables\n}\n\ndeclared_of() { # RECORD\n  local name declared rest list=\'\'\n  while read -r name declared rest; do\n    case " $list " in *" $declared "*) ;; *) list="$list${list:+ }$declared" ;; esac\n  done <"$1/services"\n  echo "$list"\n}\n\n# For a run that ends before anything that serves was touched.\nput_all_back() {\n  [ -d "$record" ] || return 0\n  failed_stage=${failed_stage:-$stage} why_failed=${why_failed:-$reason}\n  make_room\n  put_settings_back && put_pins_back && take_dependencies_away && return\n  why_failed="$why_failed${reason:+; and $reason}"\n  return 1\n}\n\nput_pins_back() {\n  local name declared new replicas kind grace old old_reference kept pointer rest\n  # An engine that is away is no harm where nothing was asked of it.\n  [ -e "$record/pinned" ] || return 0\n  while read -r name declared new replicas kind grace old old_reference kept pointer rest <&3; do\n    point "$declared" "$pointer" || { fail "$declared could not be put back"; return; }\n  done 3<"$record/services"\n}\n\n# In this order: what was brought went in last, and may have the .env among it.\nput_settings_back() { put_brought_back && put_variables_back; }\n\npoint() { # REFERENCE IMAGE-ID|-\n  if [ "$2" = - ]; then\n    ! ask image inspect --format . "$1" >/dev/null || ask rmi "$1" >/dev/null\n  else\n    ask tag "$2" "$1"\n  fi || { told; return 1; }\n}\n';

// src/deploy/server/transaction/place.sh
var place_default = `# shellcheck shell=dash
# Makes the place of a run, and puts the script there that comes behind this on stdin. Says where it is, or why not.
# The directory belongs to whom the project's directory belongs to, and its group may write here if it may write there:
# every user who deploys must find the same lock, record and history.

place() { # PROJECT-DIRECTORY PROJECT ID
  local home="$1/.slipway" run="$1/.slipway/$2/runs/$3" try=0
  umask 077
  if mkdir "$home" 2>/dev/null; then open_up "$1" "$home"; fi
  # Another user's run may be in the middle of making it.
  until [ -w "$home" ] || [ "$try" -ge 20 ]; do try=$((try + 1)); sleep 0.1 2>/dev/null || sleep 1; done
  case $(stat -c %A "$home") in ?????w*) umask 007 ;; esac
  mkdir -p "$run" && cat >"$run/script" || return
  if [ "$(id -u)" = 0 ]; then chown "$(stat -c %u:%g "$home")" "$home/$2" "$home/$2/runs" "$run" "$run/script"; fi
  printf '%s\\n' "$run"
}

open_up() { # PROJECT-DIRECTORY HOME
  printf '*\\n' >"$2/.gitignore"
  [ "$(id -u)" != 0 ] || chown "$(stat -c %u "$1")" "$2" "$2/.gitignore"
  case $(stat -c %A "$1") in
    ?????w*) chgrp "$(stat -c %g "$1")" "$2" && chmod 2770 "$2" ;;
  esac
}
`;

// src/deploy/server/transaction/placing.sh
var placing_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2015
# What is brought is put in place by a rename for each file; whatever ends half-way is put back from the record:
#   placed     KIND PATH: \`old\` is in old/PATH, \`new\` was not there, \`dir\` is a directory that was not there
#   old/       links to the files that are replaced, with their owners and modes
#   paths      all that was brought, also what was there already
#   settings   names of variables, and whether they change
#   recreate   there where the containers must be made anew: Compose does not notice what is in a file

place_brought() {
  [ -d "$run/brought" ] || return 0
  step bring "Bring $(lines_in "$run/brought/paths") files to $directory" || return
  compare_brought && record_brought || { fail "what is replaced cannot be recorded in $state"; return; }
  flush
  put_in_place || { fail "the files cannot be put into $directory"; return; }
  flush
  drop_transfers
}

lines_in() { # FILE
  local line count=0
  while read -r line; do count=$((count + 1)); done <"$1"
  echo "$count"
}

# Only what differs is touched.
compare_brought() {
  # Who waits for the disk leaves the processor to who reads.
  { new_prints && flush || : >"$run/brought/unread"; } |
    fingerprint "$directory" "$run/brought/paths" >"$run/brought/now" && [ ! -e "$run/brought/unread" ] || return
  brought_hash=$(sha256sum <"$run/brought/new") brought_hash=\${brought_hash%% *}
  LC_ALL=C comm -23 "$run/brought/new" "$run/brought/now" | paths_in >"$run/brought/differ"
}

# Who sent it says what is in it (brought/prints), but for the env files, which were put together here.
new_prints() {
  known_prints | LC_ALL=C sort >"$run/brought/known" &&
    paths_in <"$run/brought/known" | LC_ALL=C comm -23 "$run/brought/paths" - >"$run/brought/unknown" || return
  (cd "$run/brought/files" && contents_of <"$run/brought/unknown" && modes_of <"$run/brought/paths") |
    LC_ALL=C sort - "$run/brought/known" >"$run/brought/new" && tells_all "$run/brought/new" "$run/brought/paths"
}

# A program that was killed, or a file that cannot be read, is no file that is not there.
tells_all() { # FINGERPRINT LIST
  [ "$(sed -n 's/^[0-9a-f]\\{64\\}  //p' "$1" | LC_ALL=C sort -u | LC_ALL=C comm -13 - "$2")" = '' ]
}

# What was kept of a release has the modes, too.
known_prints() {
  local own
  [ -e "$run/brought/prints" ] || return 0
  own=$(printf '%s\\n' "$settings_file" "\${env_file#"$directory/"}" | sed -e 's/[][\\\\.*^$/]/\\\\&/g' -e 's/.*/\\/  \\\\.\\\\\\/&$\\/d/')
  sed -n -e "$own" -e '/^[0-9a-f]\\{64\\}  /p' "$run/brought/prints"
}

# Lines of \`CONTENT PATH\` and \`MODE PATH\`, for the paths that are there. One half beside the other: most of the time
# goes by in reading what is in them.
fingerprint() { # DIRECTORY LIST
  rm -f "$2.unread"
  { sed -n 'p;n' "$2" | prints_in "$1" >"$2.one" || : >"$2.unread"; } |
    { sed -n 'n;p' "$2" | prints_in "$1" >"$2.other"; } && [ ! -e "$2.unread" ] || return
  { cat "$2.one" "$2.other"; (cd "$1" && modes_of <"$2"); } | LC_ALL=C sort && rm -f "$2.one" "$2.other"
}

prints_in() { (cd "$1" && contents_of); } # DIRECTORY

# Of the paths on stdin that are there.
contents_of() { all_to sha256sum 2>/dev/null || :; }
modes_of() { all_to stat -L -c '%a %n' 2>/dev/null || :; }

# The lines on stdin as arguments; nothing is called for none.
all_to() { tr '\\n' '\\0' | xargs -0 -r "$@"; } # COMMAND ARGUMENT\u2026

# Of lines of a fingerprint, each path once.
paths_in() { sed 's/^[^ ]* *//' | LC_ALL=C sort -u; }

# shellcheck disable=SC2013 # lines
record_brought() {
  local path words="$IFS" IFS="$newline"
  rm -rf "$record/old" "$record/placed.new"
  mkdir "$record/old" || return
  for path in $(cat "$run/brought/directories"); do
    [ -d "$directory/$path" ] || printf 'dir %s\\n' "$path"
  done >"$record/placed.new" || return
  for path in $(cat "$run/brought/differ"); do
    if [ -e "$directory/$path" ]; then
      printf 'old %s\\n' "$path"
      printf '%s\\n' "$path" >&7
    else
      printf 'new %s\\n' "$path"
    fi
  done >>"$record/placed.new" 7>"$run/brought/replaced" || return
  IFS="$words"
  sed 's/\\/[^/]*$//' "$run/brought/replaced" | sort -u | (cd "$record/old" && all_to mkdir -p) &&
    each_directory "$run/brought/replaced" save_old || return
  ! must_recreate || : >"$record/recreate" || return
  cp "$run/brought/paths" "$record/paths" && put "$record/brought" "$brought_hash" && put "$record/settings" "$settings_told" && own_directories "$record/old" && share "$record/paths" "$record/placed.new" && mv "$record/placed.new" "$record/placed"
}

# Some file systems have no links, and some owners' files may not be linked.
save_old() { # DIRECTORY PATH\u2026
  local at="$1" path
  shift
  if (cd "$directory" && ln "$@" "$record/old/$at/") 2>/dev/null; then return; fi
  rm -rf "$record/copies" && mkdir "$record/copies" && (cd "$directory" && cp -p -P "$@" "$record/copies/") || return
  for path in "$@"; do shift; set -- "$@" "$record/copies/\${path##*/}"; done
  mv -f "$@" "$record/old/$at/"
}

# Whatever differs counts, whoever changed it; and so does that something else was brought for the release that runs.
must_recreate() {
  local name rest verified before
  [ ! -s "$run/brought/differ" ] || return 0
  while read -r name rest; do
    verified=$(release_of "$name")
    before=''
    [ -z "$verified" ] || before=$(value_of brought "$verified/release")
    if [ -n "$before" ] && [ "$before" != "$brought_hash" ]; then return 0; fi
  done <"$record/services"
  return 1
}

# A rename each, within the file system; one for all of a directory that was not there.
put_in_place() {
  local mode owner=''
  mode=$(stat -c %a "$directory") || return
  [ "$(id -u)" != 0 ] || owner=$(stat -c %u:%g "$directory") || return
  sed -n 's/^dir //p' "$record/placed" >"$run/brought/missing" &&
    (cd "$run/brought/files" && all_to chmod "$mode" <"$run/brought/missing") &&
    highest_missing >"$run/brought/highest" &&
    each_directory "$run/brought/highest" move_in && each_directory "$run/brought/differ" move_in
}

highest_missing() {
  local path IFS="$newline"
  # shellcheck disable=SC2013 # lines
  for path in $(cat "$run/brought/missing"); do
    [ ! -d "$directory/\${path%/*}" ] || printf '%s\\n' "$path"
  done
}

move_in() { # DIRECTORY PATH\u2026
  local at="$1"
  shift
  # It has gone there as a whole.
  if [ ! -d "$run/brought/files/$at" ]; then [ -e "$directory/$1" ]; return; fi
  (cd "$run/brought/files" && belongs "$@" && mv -f "$@" "$directory/$at/")
}

belongs() { [ -z "$owner" ] || chown -R "$owner" "$@"; }
`;

// src/deploy/server/transaction/prune.sh
var prune_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2046
# The last releases stay for a rollback. Away go only older images of these services, by the names that we gave them
# ourselves; the engine itself refuses for what a container uses.

prune() { # VERDICT
  local name rest
  while read -r name rest <&4; do prune_service "$1"; done 4<"$record/services"
}

prune_service() { # VERDICT
  local keep image rest number=0 listed
  keep=" $(kept_by_record "$1") "
  listed=$(verified_images "$name")
  while read -r image rest; do
    [ -n "$image" ] || continue
    number=$((number + 1))
    [ "$number" -gt $((keep_releases + 1)) ] || keep="$keep$(kept_name "$name" "$image") "
  done <<LINES
$listed
LINES
  docker images --format '{{.Repository}}:{{.Tag}}' slipway/kept >"$run/kept" 2>/dev/null || return 0
  while read -r image <&5; do
    case $image in "slipway/kept:$project.$name."????????????) ;; *) continue ;; esac
    case $keep in *" $image "*) ;; *) forget "$image" ;; esac
  done 5<"$run/kept"
  rm -f "$run/kept"
}

# What serves now and what served before stay in any case.
kept_by_record() { # VERDICT
  local service declared new replicas kind grace old old_reference kept rest
  while read -r service declared new replicas kind grace old old_reference kept rest; do
    [ "$service" = "$name" ] || continue
    [ "$1" != ok ] || kept_name "$name" "$new"
    [ "$kept" = - ] || echo "$kept"
  done <"$record/services" | tr '\\n' ' '
}

# An image that has no other name goes with ours; its digests would keep it otherwise.
forget() { # KEPT-NAME
  local names digest shown
  names=$(docker image inspect --format '{{range .RepoTags}}{{println .}}{{end}}' "$1" 2>/dev/null)
  shown=$(reference_of "$1" '')
  set -- "$1" $(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1" 2>/dev/null)
  docker rmi "$1" >/dev/null 2>&1 || return 0
  [ "$names" = "$1" ] || return 0
  say "  Removed the image \${shown:-$1}."
  shift
  for digest in "$@"; do docker rmi "$digest" >/dev/null 2>&1; done
  return 0
}
`;

// src/deploy/server/transaction/pull.sh
var pull_default = `# shellcheck shell=dash disable=SC2154
# The pushed digest, and nothing that a tag may mean by now.

pull_images() {
  local name declared new rest done=''
  step pull "Pull $(images_of "$record")" || return
  while read -r name declared new rest <&3; do
    case "$newline$done" in *"$newline$name $new$newline"*) continue ;; esac
    pull_and_name || return
    done=$done$name\\ $new$newline
  done 3<"$record/services"
}

images_of() { # RECORD
  local name declared new rest list=''
  while read -r name declared new rest; do
    case " $list " in *" $new "*) ;; *) list="$list\${list:+ }$new" ;; esac
  done <"$1/services"
  echo "$list"
}

# Until it has a name, a \`docker image prune\` may take it away again.
pull_and_name() {
  local try
  for try in 1 2 3 4 5; do
    if [ "$mode" = deploy ] && [ -z "$rollback_to" ] || ! ask image inspect "$new" >/dev/null; then
      pull "$new" || return
    fi
    ask tag "$new" "$(kept_name "$name" "$new")" && return
    told
  done
  fail "$new was pulled $try times, and was gone each time"
}

# A registry that stumbles is asked again; one that refuses is not.
pull() { # IMAGE
  local begin code try=0
  begin=$(seconds)
  while :; do
    try=$((try + 1))
    start_pull "$1" "$(left_of "$begin")"
    watch_pull "$begin" || return
    code=$(cat "$run/pull.code")
    [ "$code" != 0 ] || { say "  in $(($(seconds) - begin)) s"; return 0; }
    engine_answers || { await_engine || return; continue; }
    if [ "$code" = 124 ] || [ $(($(seconds) - begin)) -ge "$pull_timeout" ]; then
      fail "the pull did not end within $pull_timeout s"
      return
    fi
    if [ "$try" -ge 4 ] || refused; then fail "the image could not be pulled: $(last_pulled)"; return; fi
    say "  $(last_pulled): again in $((try * 3)) s"
    sleep $((try * 3))
  done
}

# To \`timeout\`, 0 is no limit at all.
left_of() { # BEGIN
  local left
  left=$((pull_timeout - ($(seconds) - $1)))
  [ "$left" -ge 1 ] || left=1
  echo "$left"
}

# The credential goes through a pipe into a client configuration that is no file: docker reads it from its stdin.
# So nothing can be left behind, however this ends. The context must be named, else another engine would pull.
start_pull() { # IMAGE SECONDS
  local config="$run/docker" context
  rm -f "$run/pull.code"
  set -- "$2" pull "$1"
  if [ -n "$credential" ]; then
    context=$(docker context inspect --format '{{.Name}}' 2>/dev/null) || context=''
    mkdir -p "$config" && ln -sf /dev/stdin "$config/config.json"
    [ -e "$config/contexts" ] || ln -s "\${DOCKER_CONFIG:-$HOME/.docker}/contexts" "$config/contexts" 2>/dev/null
    set -- "$1" --config "$config" "$2" "$3"
  fi
  (
    code=0
    printf '%s' "\${credential%\\}}\${context:+,\\"currentContext\\":\\"$context\\"}}" |
      call_pull "$@" >"$run/pull" 2>&1 || code=$?
    # It is waited for: on a full disk the room that is kept for the verdict has to do.
    put "$run/pull.code" "$code" || { make_room; put "$run/pull.code" "$code"; }
  ) &
}

call_pull() { # SECONDS ARGUMENT\u2026
  local limit="$1" IFS="$newline"
  shift
  # shellcheck disable=SC2086 # words
  sh -c 'echo $$ >"$1"; shift; exec "$@"' sh "$run/pull.pid" $limiter "$limit" $docker_words "$@"
}

watch_pull() { # BEGIN
  local said
  said=$(seconds)
  until [ -e "$run/pull.code" ]; do
    if is_cancelled; then
      kill "$(cat "$run/pull.pid")" 2>/dev/null
      fail 'cancelled during the pull'
      return
    fi
    # No word of its end, whatever became of it: killed, or out of the reach of its limit.
    if [ $(($(seconds) - $1)) -ge $((pull_timeout + 30)) ]; then
      kill "$(cat "$run/pull.pid")" 2>/dev/null
      fail "the pull did not end within $pull_timeout s"
      return
    fi
    if [ $(($(seconds) - said)) -ge 10 ]; then
      said=$(seconds)
      say "  $(pull_progress), $((said - $1)) s"
    fi
    nap
  done
}

pull_progress() {
  local line layers=0 complete=0
  while read -r line; do
    case $line in
      *': Pulling fs layer' | *': Already exists') layers=$((layers + 1)) ;;
    esac
    case $line in *': Pull complete' | *': Already exists') complete=$((complete + 1)) ;; esac
  done <"$run/pull"
  echo "$complete of $layers layers"
}

# What docker says at last, without what is known anyway.
last_pulled() {
  local line
  line=$(tail -n 1 "$run/pull")
  line=\${line#Error response from daemon: }
  case $line in *'": '*) line=\${line##*'": '} ;; esac
  echo "$line"
}

refused() {
  local line
  while read -r line; do
    case $line in
      *denied* | *[Uu]nauthorized* | *Forbidden* | *'no basic auth'* | *'manifest unknown'* | *'not found'* | \\
        *'no matching manifest'* | *'invalid reference'* | *'no space left'*) return 0 ;;
    esac
  done <"$run/pull"
  return 1
}
`;

// src/deploy/server/transaction/put-back.sh
var put_back_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2015
# What was there before what was brought, from the record: see placing.sh.

# As often as it takes: what is back is put back again.
put_brought_back() {
  local line kind path dirs='' full=''
  [ -e "$record/placed" ] || return 0
  # On a full disk the list would end early, and count as whole.
  # And a name may end in a blank.
  while IFS= read -r line; do
    kind=\${line%% *} path=\${line#* }
    case $kind in
      old) is_back "$path" || printf '%s\\n' "$path" || full=yes ;;
      new) printf '%s\\n' "$path" >&7 || full=yes ;;
      dir) dirs=$path$newline$dirs ;;
    esac
  done <"$record/placed" >"$run/back.old" 7>"$run/back.new" || full=yes
  [ -z "$full" ] || { fail "there is no room left in $state"; return; }
  each_directory "$run/back.old" put_old_back && each_directory "$run/back.new" take_away || return
  rm -rf "$run/back.old" "$run/back.new" "$record/back"
  printf '%s' "$dirs" | (cd "$directory" && all_to rmdir 2>/dev/null)
  return 0
}

is_back() { [ "$record/old/$1" -ef "$directory/$1" ] && [ ! -L "$record/old/$1" ]; } # PATH

put_old_back() { # DIRECTORY PATH\u2026
  local at="$1" path
  shift
  rm -rf "$record/back"
  mkdir "$record/back" || { fail "there is no room left in $state"; return; }
  for path in "$@"; do shift; set -- "$@" "$record/old/$path"; done
  if ! ln "$@" "$record/back/" 2>/dev/null; then
    rm -rf "$record/back"
    mkdir "$record/back" && cp -p -P "$@" "$record/back/" || { fail "there is no room left in $state"; return; }
  fi
  for path in "$@"; do shift; set -- "$@" "$record/back/\${path##*/}"; done
  mv -f "$@" "$directory/$at/" || fail "what was in $directory/\${at#.} could not be put back"
}

take_away() { # DIRECTORY PATH\u2026
  local at="$1" path
  shift
  for path in "$@"; do shift; set -- "$@" "$directory/$path"; done
  rm -f "$@" || fail "what was brought to $directory/\${at#.} could not be taken away"
}
`;

// src/deploy/server/transaction/record.sh
var record_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# What ran, written before anything is touched: enough for anyone to put it back. A directory that is renamed into
# place whole:
#   run          who makes this change
#   stage        how far it came; from \`up\` on, what serves may have been touched
#   services     NAME DECLARED NEW REPLICAS KIND GRACE | IMAGE-ID REPOSITORY@DIGEST KEPT-AS POINTED-TO COUNT RAN
#   former       SERVICE REFERENCE: what the containers were made from, where that is another reference than now
#   containers   SERVICE ID NAME STATUS IMAGE-ID RESTARTS CONFIG-HASH
#   on-lost      keep|roll back: what becomes of the release whose front door nobody has asked yet
#   pinned       the references have begun to mean something else
#   made         SERVICE new|stopped: what it depends on, and was not there
#   before/      of changes that broke before this one: what they had brought, and replaced
#   files/NAME/  the compose files and the .env that the service runs with
# \`-\` stands for what is not there.

record_release() {
  step record 'Record what runs' || return
  rm -rf "$state/record.new"
  [ ! -e "$state/record" ] || { fail 'what an earlier run left could not be settled'; return; }
  mkdir -p "$state/record.new/files" && write_record "$state/record.new" || {
    rm -rf "$state/record.new"
    fail "\${reason:-the record cannot be written in $state}"
    return
  }
  flush
  mv "$state/record.new" "$state/record" || { fail "the record cannot be written in $state"; return; }
  record=$state/record recorded=yes
}

write_record() { # DIRECTORY
  local name declared new replicas kind grace
  : >"$1/services" && : >"$1/containers" && : >"$1/former" || return
  put "$1/stage" record && put "$1/run" "id $id" "url $url" "by $by" "commit $commit" "number $number" \\
    "workflow $workflow" "ref $ref" "tags $tags" "rollback $rollback" \\
    "env-file $env_file" "after \${hooks_after:+yes}" "began-at $(date +%s)" || return
  [ -z "$front_limit" ] || put "$1/on-lost" "$on_lost" || return
  while read -r name declared new replicas kind grace <&3; do
    record_service "$1" || return
    printf '%s\\n' "$name $declared $new $replicas $kind $grace $old $old_reference $kept $pointer $count $ran" \\
      >>"$1/services" || return
  done 3<<LINES
\${services%"$newline"}
LINES
  share "$1" "$1/files" "$1"/services "$1"/containers "$1"/former
}

record_service() { # DIRECTORY
  local broken ids
  pointer=$(ask image inspect --format '{{.ID}}' "$declared") || pointer=-
  broken=$(broken_record_of "$name")
  if [ -n "$broken" ]; then take_over "$broken" "$1"; return; fi
  old='-' old_reference='-' kept='-' count=0 ran=0
  ids=$(containers_of "$name") || { fail 'the docker engine does not say what runs'; return; }
  if [ -n "$ids" ]; then
    describe "$ids" >>"$1/containers" && read_containers "$1" && name_old_image || return
    former_references "$ids" >>"$1/former" || return
    longest_grace "$ids" || return
  fi
  save_files "$name" "$1" && say "  $name: $(shown_release)"
}

describe() { # IDS
  ask inspect --format '{{index .Config.Labels "com.docker.compose.service"}} {{.ID}} {{slice .Name 1}} {{.State.Status}} {{.Image}} {{.RestartCount}} {{index .Config.Labels "com.docker.compose.config-hash"}}' $1
}

# The release is the image of what runs; of several, any that runs.
read_containers() { # DIRECTORY
  local service container title status image rest
  while read -r service container title status image rest; do
    [ "$service" = "$name" ] || continue
    count=$((count + 1))
    case $status in
      running | restarting) ran=$((ran + 1)) old=$image ;;
      *) [ "$old" != - ] || old=$image ;;
    esac
  done <"$1/containers"
}

# A variable of the .env file may have said something else then.
former_references() { # IDS
  local reference
  ask inspect --format '{{.Config.Image}}' $1 | while read -r reference; do
    case $reference in "$declared" | *@* | sha256:*) ;; *) echo "$name $reference" ;; esac
  done
}

# What runs may have been given longer to stop than what comes: the engine takes the time that it was made with.
longest_grace() { # IDS
  local seconds
  while read -r seconds; do
    [ "\${seconds:-0}" -le "$grace" ] || grace=$seconds
  done <<LINES
$(ask inspect --format '{{if .Config.StopTimeout}}{{.Config.StopTimeout}}{{else}}10{{end}}' $1)
LINES
}

# Compose removes its container and the pin takes its tag: without a name of ours the next \`docker image prune\`
# would take the image to roll back to.
name_old_image() {
  old_reference=$(reference_of "$old" "\${new%@*}")
  kept=$(kept_name "$name" "\${old_reference:-$old}")
  ask tag "$old" "$kept" || { told; fail "the image that runs cannot be named $kept"; }
  old_reference=\${old_reference:--}
}

# \`repo@sha256:\u2026\` of an image: under the repository that is deployed, if it has it, else the first.
reference_of() { # IMAGE-ID REPOSITORY
  local line first=''
  while read -r line; do
    case $line in '' | slipway/kept@*) continue ;; "$2"@*) first=$line; break ;; esac
    first=\${first:-$line}
  done <<LINES
$(ask image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1")
LINES
  echo "$first"
}

# A tag, as it may hold every character of a service's name, which a repository may not.
kept_name() { # SERVICE REFERENCE-OR-ID
  local hash="\${2##*sha256:}" rest
  rest=\${hash#????????????}
  echo "slipway/kept:$project.$1.\${hash%"$rest"}"
}

shown_release() {
  case $count in
    0) echo 'nothing runs yet' ;;
    *) echo "$(bare "$old_reference" "$old"), $ran of $count running" ;;
  esac
}

bare() { if [ "$1" != - ]; then echo "$1"; else echo "$2"; fi; }

# What was renamed must be on the disk before what depends on it; a slow disk is not waited for for ever.
flush() { $limiter 20 sync 2>/dev/null || :; }
`;

// src/deploy/server/transaction/rollback.sh
var rollback_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046,SC2016
# Puts back what ran: image, .env, number of containers, and the compose files where those in place are others.

roll_back() {
  failed_stage=\${failed_stage:-$stage} why_failed=\${why_failed:-$reason} outcome=broken
  if [ "$(value_of rollback "$record/run")" = false ]; then
    left_as_is=yes
    say '  Not rolled back, as \`rollback\` is off.'
    return
  fi
  make_room
  step rollback "Roll back to $(listed "$(old_releases "$record")")"
  [ ! -d "$record" ] || put "$record/stage" rollback || :
  # It stays the stage, whatever is gone through from here on: nobody may go forward again.
  recorded=''
  engine_answers || await_engine || return
  put_settings_back && put_older_back "$record"
  bring_back || return
  if ! ran_before "$record"; then
    outcome=$(if had_before "$record"; then echo rolled-back; else echo removed; fi)
  elif gate old && verify_old; then
    outcome=rolled-back
  fi
  if [ "$outcome" = removed ]; then take_dependencies_away || outcome=broken; fi
  put_settings_back && put_older_back "$record" || outcome=broken
  [ "$outcome" != broken ] || why_failed="$why_failed\${reason:+; and $reason}"
}

bring_back() {
  local name declared new replicas kind grace old old_reference kept pointer count ran
  while read -r name declared new replicas kind grace old old_reference kept pointer count ran <&3; do
    if [ "$old" = - ]; then remove_service; else restore_service; fi || return
  done 3<"$record/services"
  point_back
}

# There was nothing before.
remove_service() {
  local ids
  ids=$(containers_of "$name") || return
  [ -z "$ids" ] || ask rm -f -v $ids >/dev/null || { told; fail "$name could not be removed"; return; }
  point "$declared" "$pointer"
  say "  Removed $name: there was nothing before."
}

# The very containers that ran are the best that can come back; where Compose has removed one, it makes them anew.
restore_service() {
  repin || return
  if all_there; then return_containers; else make_anew; fi
}

# Under the references that Compose may find declared: the .env is back by now, the compose file may be the new one.
repin() {
  local service reference
  ask tag "$old" "$declared" || { told; fail 'the image that ran is gone'; return; }
  while read -r service reference <&5; do
    [ "$service" != "$name" ] || ask tag "$old" "$reference" || { told; fail "$reference could not be put back"; return; }
  done 5<"$record/former"
}

# Where only the new release went by a reference, it comes to mean what it meant before.
point_back() {
  local name declared new replicas kind grace old old_reference kept pointer rest
  while read -r name declared new replicas kind grace old old_reference kept pointer rest <&3; do
    if [ "$old" = - ] || ! had_another || goes_by "$declared"; then continue; fi
    point "$declared" "$pointer" || { fail "$declared could not be put back"; return; }
  done 3<"$record/services"
}

had_another() {
  local service reference
  while read -r service reference; do
    [ "$service" != "$name" ] || return 0
  done <"$record/former"
  return 1
}

# Whether any of the services runs by a reference.
goes_by() { # REFERENCE
  local service rest ids used
  while read -r service rest <&4; do
    ids=$(containers_of "$service") && [ -n "$ids" ] || continue
    for used in $(ask inspect --format '{{.Config.Image}}' $ids); do
      [ "$used" != "$1" ] || return 0
    done
  done 4<"$record/services"
  return 1
}

all_there() {
  local service container rest
  while read -r service container rest; do
    [ "$service" = "$name" ] || continue
    ask inspect --type container --format . "$container" >/dev/null || return
  done <"$record/containers"
}

return_containers() {
  local container service title status rest
  for container in $(containers_of "$name"); do
    is_recorded "$container" || ask rm -f "$container" >/dev/null || return
  done
  tidy_service
  while read -r service container title status rest <&5; do
    [ "$service" = "$name" ] || continue
    case $status in
      running | restarting) ask start "$container" >/dev/null ;;
      *) ask stop "$container" >/dev/null ;;
    esac || { told; fail "$title could not be started again"; return; }
  done 5<"$record/containers"
}

make_anew() {
  local code=0
  tidy_service
  if files_differ "$record/files/$name"; then
    say "  $name: with the compose files that it ran with"
    file_options=$(options_for "$record/files/$name")
  fi
  set -- "$name"
  [ "$count" = "$replicas" ] || set -- --scale "$name=$count" "$name"
  compose_up 3 $(recreation) "$@" || code=$?
  file_options=''
  [ "$ran" != 0 ] || ask stop $(containers_of "$name") >/dev/null
  return "$code"
}

old_releases() { # RECORD
  local name declared new replicas kind grace old old_reference rest
  while read -r name declared new replicas kind grace old old_reference rest; do
    if [ "$old" = - ]; then echo "$name to nothing"; else bare "$old_reference" "$old"; fi
  done <"$1/services"
}

ran_before() { # RECORD
  local name declared new replicas kind grace old old_reference kept pointer count ran
  while read -r name declared new replicas kind grace old old_reference kept pointer count ran; do
    [ "$ran" = 0 ] || return 0
  done <"$1/services"
  return 1
}

had_before() { # RECORD
  local name declared new replicas kind grace old rest
  while read -r name declared new replicas kind grace old rest; do
    [ "$old" = - ] || return 0
  done <"$1/services"
  return 1
}
`;

// src/deploy/server/transaction/run.sh
var run_default = `# shellcheck shell=dash disable=SC2034,SC2154
# A run and what it leaves for others to read. Everything is in one directory per project:
#   runs/ID/    script, alive (a fifo: open as long as the run lives), who, order, log, stages, reserve, cancel, verdict,
#               over (it ended before it began)
#   lock/       numbered links to the \`alive\` of the runs that had the lock; the highest one counts
#   record/     the change that is under way, or was cut: see record.sh
#   releases/   what a service ran with when it was last verified
#   history.tsv

set -u -f
run=\${0%/*}
id=\${run##*/}
state=\${run%/runs/*}
# None, until this run has made one, or settles one: whoever has no lock must not take the holder's for its own.
record=$run/none
history=$state/history.tsv
stage=start reason='' failed_stage='' outcome='' left_as_is='' changed='' cancelled='' why_failed='' settling='' recorded=''

begin_run() {
  exec 6>&1
  umask "$(private_umask)"
  mkdir -p "$state/lock" "$state/releases" && share "$state/lock" "$state/releases" || exit 1
  cd "$directory" || exit 1
  trap 'cancelled=yes' TERM
  trap '' HUP INT
  find_limiter
  reserve_room
  put "$run/order" "\${order%"$newline"}" && put "$run/who" "url $url" "by $by" "since $(utc)" && mkfifo "$run/alive.new" && share "$run/alive.new" || exit 1
  # Nobody may find it before it is open.
  exec 9<>"$run/alive.new"
  mv "$run/alive.new" "$run/alive"
}

# A disk that is full by then must not keep the end from being written down: the run takes room for that now.
reserve_room() {
  if head -c 65536 /dev/zero >"$run/reserve"; then return; fi
  make_room
  # Settling takes away more than it writes.
  [ "$mode" != settle ] || return 0
  # What an earlier run left is not this one's to tell of.
  record=$run/none failed_stage=start why_failed="there is no room left in $state"
  write_verdict unchanged "$run"
  drop_staged
  exit 0
}

make_room() { rm -f "$run/reserve"; }

# As private as the project's own directory: its group may write here when it may write there.
private_umask() {
  case $(stat -c %A "$state") in ?????w*) echo 007 ;; *) echo 077 ;; esac
}

# A file that root wrote belongs to the owner of the directory, so that another user's run can go on from here.
share() { # FILE\u2026
  [ "$(id -u)" != 0 ] || chown "$(stat -c %u:%g "$state")" "$@"
}

# Lines as words.
listed() { # LINES
  local line list=''
  while IFS= read -r line; do list="$list\${list:+ }$line"; done <<LINES
$1
LINES
  printf '%s\\n' "$list"
}

# To the log, also out of a \`$(\u2026)\`.
say() { printf '%s\\n' "$*" >&6; }

fail() { # REASON: what a step ends with when it did not do its work
  reason=$*
  say "  $reason"
  return 1
}

# Begins a stage, and notes when. Before anything has changed, a cancel ends the run here.
step() { # NAME TEXT
  if [ -z "$changed" ] && is_cancelled; then fail 'cancelled'; return 1; fi
  stage=$1
  printf '%s %s\\n' "$(clock)" "$1" >>"$run/stages"
  [ -z "$recorded" ] || put "$record/stage" "$1" || :
  say "$2"
}

is_cancelled() { [ -n "$cancelled" ] || [ -e "$run/cancel" ]; }

# Writes a file whole or not at all: a full disk must not leave half of one.
put() { # FILE LINE\u2026
  local file="$1"
  shift
  printf '%s\\n' "$@" >"$file.new" && share "$file.new" && mv -f "$file.new" "$file"
}

utc() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# Milliseconds of a clock that nobody sets.
clock() {
  local up _
  if read -r up _ 2>/dev/null </proc/uptime; then
    echo "\${up%.*}\${up#*.}0"
  else
    date +%s000
  fi
}

seconds() { local now; now=$(clock); echo "\${now%???}"; }

nap() { sleep 0.3 2>/dev/null || sleep 1; }
`;

// src/deploy/server/transaction/sequence.sh
var sequence_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2015,SC2046
# Whether this run is late: what runs may come from a later run of the same workflow for the same ref. And what has to
# be up before what.

in_order() {
  local name rest verified
  if [ "$allow_older" = true ] || [ -n "$rollback_to" ]; then return 0; fi
  while read -r name rest <&3; do
    [ -n "$name" ] || continue
    verified=$(release_of "$name")
    [ -n "$verified" ] && is_later "$verified/release" || continue
    [ -n "$(containers_of "$name")" ] || continue
    superseded=superseded
    fail "$name runs $(value_of image "$verified/release") of the later run $(value_of number "$verified/release")"
    return
  done 3<<LINES
$services
LINES
}

# Runs are counted by workflow; one name can stand for workflows of several repositories.
is_later() { # RELEASE
  local whose
  whose=$(value_of url "$1")
  [ "$(value_of workflow "$1") $(value_of ref "$1")" = "$workflow $ref" ] &&
    [ "\${whose%/actions/runs/*}" = "\${url%/actions/runs/*}" ] && [ "$(value_of number "$1")" -gt "$number" ] 2>/dev/null
}

# What a service needs and what is not there is started; what is there is not touched.
start_dependencies() {
  local name condition image missing=''
  while read -r name condition image <&3; do
    [ -n "$name" ] || continue
    containers_of "$name" >/dev/null || { fail 'the docker engine does not say what runs'; return; }
    is_there "$name" "$condition" || missing=$missing$name\\ $image$newline
  done 3<<LINES
$dependencies
LINES
  [ -n "$missing" ] || return 0
  step dependencies "Start what is not there: $(listed "$(first_words "$missing")")" || return
  fetch_images "$missing" && record_made "$missing" || return
  # Nothing besides: what depends on it is not to come up before its turn.
  within 600 compose up -d --no-deps --no-recreate --no-build $(first_words "$missing") 2>&1 | indented
  await_all "$dependencies"
}

# Lines of \`SERVICE new|stopped\`, before it is so.
record_made() { # LINES
  local name ids list=''
  for name in $(first_words "$1"); do
    ids=$(containers_of "$name") || { fail 'the docker engine does not say what runs'; return; }
    if [ -n "$ids" ]; then list=$list$name\\ stopped$newline; else list=$list$name\\ new$newline; fi
  done
  put "$record/made" "\${list%"$newline"}" || fail "the record cannot be written in $state"
}

# For a deploy that comes to nothing. Volumes stay.
take_dependencies_away() {
  local name was ids
  [ -e "$record/made" ] || return 0
  while read -r name was <&4; do
    ids=$(containers_of "$name") || return
    [ -n "$ids" ] || continue
    case $was in
      new) ask rm -f $ids >/dev/null && say "  Removed $name, which this deploy had started." ;;
      *) ask stop $ids >/dev/null && say "  Stopped $name, which this deploy had started." ;;
    esac || { told; fail "$name could not be stopped again"; return; }
  done 4<"$record/made"
  rm -f "$record/made"
}

first_words() { # LINES
  local word rest
  while read -r word rest; do [ -z "$word" ] || echo "$word"; done <<LINES
$1
LINES
}

# With the server's own login, else with that of this run.
fetch_images() { # LINES of \`NAME IMAGE\`
  local name image
  while read -r name image <&4; do
    case $image in '' | -) continue ;; esac
    ask image inspect "$image" >/dev/null || within "$pull_timeout" docker pull -q "$image" >/dev/null 2>&1 ||
      pull "$image" || return
  done 4<<LINES
$1
LINES
}

is_there() { # SERVICE started|healthy|ended
  local ids
  ids=$(containers_of "$1") && [ -n "$ids" ] || return
  [ "$2" != ended ] || return 0
  case $(states_of "$1") in *running* | *restarting* | *paused*) ;; *) return 1 ;; esac
}

states_of() { # SERVICE
  local ids
  ids=$(containers_of "$1") && [ -n "$ids" ] || return
  # shellcheck disable=SC2086
  ask inspect --format '{{.ID}}{{.State.Status}} {{.State.ExitCode}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}' $ids |
    sed 's/^[0-9a-f]\\{64\\}//'
}

# Lines of \`NAME CONDITION\`, until each is so.
await_all() { # LINES
  local name condition begin rest
  begin=$(clock)
  while read -r name condition rest <&3; do
    [ -n "$name" ] || continue
    until is_ready "$name" "$condition"; do
      if past "$begin" "$wait_timeout"; then fail "$name is not $condition after $wait_timeout s"; return; fi
      nap
    done
  done 3<<LINES
$1
LINES
}

is_ready() { # SERVICE CONDITION
  local line some=''
  while IFS= read -r line; do
    [ -n "$line" ] || continue
    some=yes
    case "$2 $line" in
      'ended exited 0 '* | 'started running '* | 'started exited 0 '* | 'healthy running 0 healthy' | 'healthy running 0 none') ;;
      *) return 1 ;;
    esac
  done <<LINES
$(states_of "$1")
LINES
  [ -n "$some" ]
}

# One after the other, where a service waits for another.
bring_up_waves() {
  local wave names
  while read -r wave <&4; do
    [ -n "$wave" ] || continue
    names=$(printf '%s\\n' "$wave" | tr ' ' '\\n' | sed 's/=.*//')
    # shellcheck disable=SC2046,SC2086
    compose_up 1 $(recreation) $(scales_of $names) $names || return
    await_all "$(printf '%s\\n' "$wave" | tr ' ' '\\n' | sed 's/=/ /')" || { show_containers; return 1; }
  done 4<<LINES
$waves
LINES
}
`;

// src/deploy/server/transaction/settle.sh
var settle_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# A record that nobody closed: its run was killed, or the host went down. Before anything else it is brought to an
# end: forward where its release turns out to serve, else back.

settle() {
  local left
  if [ -d "$state/record" ]; then settle_one settle_cut "$state/record"; fi
  while IFS= read -r left <&8; do
    [ -z "$left" ] || settle_one settle_broken "$left"
  done 8<<LINES
$(newest_first "$state/broken")
LINES
  rmdir "$state/broken" 2>/dev/null
  record=$run/none stage=settle changed='' failed_stage='' why_failed='' reason='' outcome='' left_as_is='' settling=''
  sweep
}

settle_one() { # COMMAND RECORD
  local before was
  record=$2 settling=yes changed=yes left_as_is='' before=$(value_of id "$2/run")
  was=$(cat "$record/stage" 2>/dev/null)
  failed_stage=\${was:-record} why_failed="the run was cut off in the stage \${was:-record}"
  step settle "Settle what $(value_of url "$record/run") left in the stage $failed_stage"
  set -f
  make_room
  # They hold values of the .env, and secrets: no longer than they are needed.
  (run=$state/runs/$before && drop_staged)
  "$1" "$was"
  [ -n "$outcome" ] || return 0
  write_history "$outcome" "$record"
  [ "$outcome" = broken ] || prune "$outcome"
  write_verdict "$outcome" "$state/runs/$before"
  close_record "$outcome"
  say "  settled: $outcome"
}

settle_cut() { # STAGE
  local verdict
  # A run that had its verdict but not the time to close.
  verdict=$(value_of kind "$state/runs/$(value_of id "$record/run")/verdict")
  outcome=''
  end_hooks "$(value_of id "$record/run")"
  case $verdict in ok | unchanged | rolled-back | removed) close_record "$verdict"; return ;; esac
  case $1 in
    '' | record | pull | pin | bring | dependencies | before) settle_untouched ;;
    rollback | after) roll_back ;;
    *)
      if may_go_forward && verify_release && has_all && gate new; then
        keep_release
        outcome=ok failed_stage='' why_failed=''
      else
        roll_back
      fi
      ;;
  esac
}

settle_untouched() { if put_all_back; then outcome=unchanged; else outcome=broken; fi; }

# A release is what it was to be only when all was done that was asked for, by whoever asked for it.
may_go_forward() {
  if [ "$(value_of after "$record/run")" = yes ] && ! came_past_after; then return 1; fi
  was_to_keep
}

# The stages behind \`after\`.
came_past_after() { case $failed_stage in front | keep) ;; *) return 1 ;; esac; }

# Compose may have been cut with some of them up. What is kept already was seen to have them.
has_all() {
  local name declared new replicas kind grace old old_reference kept pointer count rest
  [ "$failed_stage" != keep ] || return 0
  while read -r name declared new replicas kind grace old old_reference kept pointer count rest <&4; do
    [ "$(number_of "$name")" = "$(wanted)" ] || { fail "$name has not all its containers"; return; }
    [ ! -e "$record/recreate" ] || made_anew || { fail "$name was not made anew"; return; }
  done 4<"$record/services"
}

# With the same image, only the containers tell whether Compose came to it.
made_anew() {
  local id
  for id in $(containers_of "$name"); do if is_recorded "$id"; then return 1; fi; done
}

number_of() { # SERVICE
  local ids id number=0
  ids=$(containers_of "$1") || return
  for id in $ids; do number=$((number + 1)); done
  echo "$number"
}

# A broken one may have been put right by hand meanwhile: what serves is left alone. Where \`rollback\` is off, what is
# broken was left so on purpose.
settle_broken() { # STAGE
  local patience="$wait_timeout"
  outcome=''
  # What serves was not touched: all that is left is what could not be put back then.
  case $1 in
    record | pull | pin | bring | dependencies | before)
      settle_untouched
      return
      ;;
  esac
  [ "$(value_of rollback "$record/run")" != false ] || return 0
  wait_timeout=5
  if ! gate new; then
    wait_timeout=$patience
    roll_back
  elif only_settings_are_left "$1"; then
    if put_settings_back && put_older_back "$record"; then outcome=rolled-back; else outcome=broken; fi
  else
    say '  It serves again: somebody has put it right.'
    rm -rf "$record"
  fi
  wait_timeout=$patience
}

# The rollback came as far as the containers, and had no room for what they run with.
only_settings_are_left() { # STAGE
  ran_before "$record" && quietly verify_old && { ! quietly runs_new || { [ "$1" = rollback ] && ran_with_these; }; }
}

# With the same image before and after, the configuration tells.
ran_with_these() {
  local name rest
  while read -r name rest <&4; do
    [ "$(hash_of_running "$name")" = "$(hash_of "$name" "$record")" ] || return
  done 4<"$record/services"
}

quietly() { ("$@") 6>/dev/null; }
`;

// src/deploy/server/transaction/sweep.sh
var sweep_default = '# shellcheck shell=dash disable=SC2154,SC2034\n# What runs that were killed have left, and links that nobody can need any more.\n\nsweep() {\n  local entry service\n  set +f\n  for entry in "$state/lock/"[1-9]*; do\n    [ "${entry##*/}" -gt $((turn - 8)) ] || rm -f "$entry"\n  done\n  for entry in "$state/runs/"*/; do sweep_run "${entry%/}"; done\n  rm -rf "$state/record.new" "$state/closed"* "$state/kept/"*.new\n  for entry in "$state/releases/"*/*/; do\n    entry=${entry%/} service=${entry%/*}\n    [ ! -d "$entry" ] || [ "$(release_of "${service##*/}")" = "$entry" ] || rm -rf "$entry"\n  done\n  set -f\n  # What another user\'s run left may not be ours to remove: that keeps nobody from deploying.\n  return 0\n}\n\n# Who waits for the lock lives. A run that came to its verdict is kept for an hour, for the action that has yet to fetch\n# it, and so is a place that nobody has begun to use.\nsweep_run() { # RUN-DIRECTORY\n  local keep=0 since\n  [ "$1" != "$run" ] || return 0\n  # Whoever waits for its verdict may take it away at any moment.\n  since=$(stat -c %Y "$1" 2>/dev/null) || return 0\n  if [ -e "$1/verdict" ] || [ ! -p "$1/alive" ]; then keep=3600; fi\n  if [ $(($(date +%s) - since)) -lt "$keep" ]; then return 0; fi\n  ! is_over "$1/alive" || rm -rf "$1"\n}\n';

// src/deploy/server/transaction/told.sh
var told_default = '# shellcheck shell=dash disable=SC2154,SC2034\n# For the action whose run is gone without a verdict: what became of it.\n\ntell_settled() {\n  if [ -e "$state/runs/$after/verdict" ]; then\n    cp -p "$state/runs/$after/verdict" "$run/verdict.new" && mv -f "$run/verdict.new" "$run/verdict"\n  elif verdict_from_history; then\n    :\n  elif [ "$(value_of id "$state/record/run")" = "$after" ]; then\n    # No verdict is better than a false one.\n    say "${reason:-it could not be settled}: what became of the change cannot be told yet"\n  else\n    # Everything that gets as far as a record is settled, and is in the history then.\n    failed_stage=cut why_failed=\'the transaction was cut off before it changed anything\'\n    write_verdict unchanged "$run"\n  fi\n}\n\nverdict_from_history() {\n  local when verdict service image tags commit ref number by took where link whose before told found=\'\'\n  while IFS=$tab read -r when verdict service image tags commit ref number by took where link whose before told; do\n    [ "$whose" = "$after" ] || continue\n    [ -n "$found" ] || found="kind $verdict${newline}stage $where${newline}reason the run was cut off"\n    found="$found${newline}previous $service $before"\n    case $verdict in ok) before=$image ;; removed | broken) before=- ;; esac\n    found="$found${newline}deployed $service $before"\n  done 2>/dev/null <"$history"\n  [ -n "$found" ] && put "$run/verdict" "$found" end\n}\n';

// src/deploy/server/transaction/transaction.sh
var transaction_default = '# shellcheck shell=dash disable=SC2154\n# The change on the server, as one transaction that runs there by itself: it ends with the new release verified or\n# with the old one back, whatever becomes of the connection, of the runner and of this very process.\n#\n# Each step returns 0, or leaves why it did not in $reason. Up to `begin_change` nothing that serves was touched;\n# from there on a failure is rolled back. A run that is killed leaves its record, and whoever comes next settles it.\n\ndeploy() {\n  if take_lock && settle && in_order && choose_release && check_brought && note_things &&\n    record_release && pull_images && pin_references && place_brought && start_dependencies && run_before && begin_change; then\n    if bring_up && gate new && verify_release && run_after && await_word && serves_still; then\n      keep_release\n      conclude ok\n    else\n      roll_back\n      conclude "$outcome"\n    fi\n  elif put_all_back; then\n    conclude "${superseded:-unchanged}"\n  else\n    conclude broken\n  fi\n}\n\n# For the action that finds its run dead: what became of it, and an end to what it left half-way.\nsettle_only() {\n  # What the dead run called may go on without it; it has the lock for as long as it lives.\n  lock_timeout=$longest_call\n  take_lock && settle\n  make_room\n  tell_settled\n}\n\nmain() { # start [WORD\u2026] | run | follow BYTE | cancel | vacate | stage | word WORD WHY\n  case $1 in\n    start | follow | cancel | vacate | stage | word) "$@" ;;\n    run)\n      trap \': >"$run/over"\' EXIT\n      read_parameters\n      begin_run\n      trap - EXIT\n      case $mode in deploy) deploy ;; settle) settle_only ;; esac\n      ;;\n  esac\n}\n';

// src/deploy/server/transaction/up.sh
var up_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2046,SC2086
# Compose replaces the containers. It does so in steps (create under a passing name, stop, remove, rename, start), and
# an end half-way leaves names and containers that a second \`up\` stumbles over: those are put in order in between.

# From here on what serves may have been touched: it is written down before it is so.
begin_change() {
  step up "Bring up $(listed "$(names_of "$record")")" || return
  put "$record/stage" up || { fail "the record cannot be written in $state"; return; }
  flush
  changed=yes
}

bring_up() {
  if [ -n "$waves" ]; then bring_up_waves; return; fi
  compose_up 1 $(recreation) $(scales_of $(names_of "$record")) $(names_of "$record")
}

# Again only where the engine was away meanwhile, or as often as it is told: what was cut once can stumble once more.
compose_up() { # TRIES ARGUMENT\u2026
  local tries="$1" try=0 code limit away
  shift
  limit=$(up_limit "$record")
  while :; do
    try=$((try + 1)) code=0
    within "$limit" compose up -d --no-deps --no-build $(never_pull) "$@" || code=$?
    engine_answers || await_engine || return
    tidy
    away=''
    ! was_away || away=yes
    [ "$code$away" != 0 ] || return 0
    if [ "$try" -ge 3 ] || { [ "$try" -ge "$tries" ] && [ -z "$away" ]; }; then break; fi
  done
  case $code in
    0) return 0 ;;
    124 | 137 | 143) fail "Compose did not end within $limit s" ;;
    *) fail "Compose failed (exit code $code): $(last_logged)" ;;
  esac
}

# Compose writes straight into the log.
last_logged() { tail -n 1 "$run/log" | tr -d '\\r' | cut -c 1-300; }

# Compose 1 has no such option, and pulls only what is missing, as do the first 2.x.
never_pull() {
  if [ "$compose_major" -ge 2 ] && { [ "$compose_major" -gt 2 ] || [ "$compose_minor" -ge 2 ]; }; then
    printf '%s\\n' --pull never
  fi
}

names_of() { # RECORD
  local name rest
  while read -r name rest; do echo "$name"; done <"$1/services"
}

# Of some services, which are all that Compose is called for.
scales_of() { # NAME\u2026
  local name declared new replicas kind grace old old_reference kept pointer count rest
  while read -r name declared new replicas kind grace old old_reference kept pointer count rest; do
    case " $* " in *" $name "*) ;; *) continue ;; esac
    [ "$(wanted)" = "$replicas" ] || printf '%s\\n' --scale "$name=$count"
  done <"$record/services"
}

# A service that was scaled by hand keeps its number, unless the file has come to ask for another one since.
wanted() {
  local verified
  verified=$(release_of "$name")
  if [ "$count" = 0 ] || { [ -n "$verified" ] && [ "$(value_of replicas "$verified/release")" != "$replicas" ]; }; then
    echo "$replicas"
  else
    echo "$count"
  fi
}

# Longer than the containers may take to stop, one after the other.
up_limit() { # RECORD
  local name declared new replicas kind grace old old_reference kept pointer count rest limit=120
  while read -r name declared new replicas kind grace old old_reference kept pointer count rest; do
    [ "$count" -le "$replicas" ] || replicas=$count
    limit=$((limit + replicas * (grace + 10)))
  done <"$1/services"
  echo "$limit"
}

# What an \`up\` that was cut has left: containers that never started, and passing names (\`<id12>_name\`).
tidy() {
  local name rest
  while read -r name rest <&4; do tidy_service; done 4<"$record/services"
}

tidy_service() {
  local container title status proper
  containers_with_names "$name" >"$run/containers" || return
  while read -r container title status <&5; do
    proper=$(proper_name "$container" "$title")
    [ "$proper" != "$title" ] || continue
    if [ "$status" = created ] && ! is_recorded "$container"; then
      ask rm -f "$container" >/dev/null && say "  Removed $title, which never started."
    elif ! ask inspect --type container --format . "$proper" >/dev/null; then
      ask rename "$container" "$proper" && say "  Renamed $title to $proper."
    fi
  done 5<"$run/containers"
}

containers_with_names() { # SERVICE
  local ids
  ids=$(containers_of "$1") || return
  [ -z "$ids" ] || ask inspect --format '{{.ID}} {{slice .Name 1}} {{.State.Status}}' $ids
}

# The name that was recorded, else without the twelve digits of an ID in front.
proper_name() { # ID NAME
  local service container title rest digit='[0-9a-f]'
  while read -r service container title rest; do
    if [ "$container" = "$1" ]; then bare_name "$title"; return; fi
  done <"$record/containers"
  bare_name "$2"
}

bare_name() { # NAME
  case $1 in
    [0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]_?*) echo "\${1#*_}" ;;
    *) echo "$1" ;;
  esac
}

is_recorded() { # ID
  local service container rest
  while read -r service container rest; do
    [ "$container" != "$1" ] || return 0
  done <"$record/containers"
  return 1
}
`;

// src/deploy/server/transaction/verdict.sh
var verdict_default = `# shellcheck shell=dash disable=SC2154,SC2034
# How a run ends: a line in the history for every service, old images away, the verdict, and only then the record is
# closed. Whoever is killed in between leaves a record that the next one closes in the same way.

conclude() { # ok|unchanged|rolled-back|removed|broken
  make_room
  failed_stage=\${failed_stage:-$stage} why_failed=\${why_failed:-$reason}
  [ "$1" != ok ] || failed_stage='' why_failed=''
  if [ -d "$record" ]; then
    write_history "$1" "$record"
    [ "$1" = broken ] || prune "$1"
    [ "$1" = unchanged ] || drop_broken
  fi
  write_verdict "$1" "$run"
  close_record "$1"
  drop_staged
  rm -rf "$run/error" "$run/containers" "$run/docker" "$run/pull" "$run/pull.code" "$run/pull.pid"
  say "$(last_word "$1")"
  exit 0
}

# No verdict at all is left when it cannot be written whole; nobody takes that for a success.
write_verdict() { # KIND RUN-DIRECTORY
  local line
  [ -d "$2" ] || return 0
  {
    printf 'kind %s\\n' "$1"
    [ -z "$failed_stage" ] || printf 'stage %s\\nreason %s\\n' "$failed_stage" "$why_failed"
    [ "$1" != broken ] || [ -z "$left_as_is" ] || echo 'left yes'
    [ ! -d "$record" ] || releases "$1"
    [ ! -e "$record/made" ] || while read -r line; do printf 'made %s\\n' "\${line%% *}"; done <"$record/made"
    [ ! -e "$2/made" ] || while IFS= read -r line; do printf 'made %s\\n' "$line"; done <"$2/made"
    durations "$2/stages"
    echo end
  } >"$2/verdict.new" && share "$2/verdict.new" && mv -f "$2/verdict.new" "$2/verdict"
}

# What serves now, what served before, and what was to serve.
releases() { # KIND
  local name declared new replicas kind grace old old_reference rest before
  while read -r name declared new replicas kind grace old old_reference rest <&4; do
    before=$(bare "$old_reference" "$old")
    printf 'previous %s %s\\nwanted %s %s\\n' "$name" "$before" "$name" "$new"
    case $1 in
      ok) printf 'deployed %s %s\\n' "$name" "$new" ;;
      unchanged | rolled-back) printf 'deployed %s %s\\n' "$name" "$before" ;;
      removed) printf 'deployed %s -\\n' "$name" ;;
      broken) printf 'deployed %s %s\\n' "$name" "$(what_runs "$name" "$new")" ;;
    esac
  done 4<"$record/services"
}

what_runs() { # SERVICE REPOSITORY@DIGEST
  local ids image
  ids=$(docker ps -q --no-trunc --filter "label=com.docker.compose.project=$project" \\
    --filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False 2>/dev/null)
  [ -n "$ids" ] || { echo -; return; }
  image=$(docker inspect --format '{{.Image}}' "\${ids%%"$newline"*}" 2>/dev/null) || { echo -; return; }
  set -- "$(reference_of "$image" "\${2%@*}")"
  echo "\${1:-$image}"
}

durations() { # STAGES: lines of \`milliseconds stage\`
  local time name last_time='' last_name=''
  while read -r time name; do
    [ -z "$last_name" ] || printf 'took %s %s\\n' "$last_name" $((time - last_time))
    last_time=$time last_name=$name
  done 2>/dev/null <"$1"
  [ -z "$last_name" ] || printf 'took %s %s\\n' "$last_name" $(($(clock) - last_time))
}

# Only a verdict that serves closes a record. A broken one is kept for the next comer, beside the changes to come.
close_record() { # KIND
  [ -d "$record" ] || return 0
  if [ "$1" = broken ]; then
    case $record in
      "$state/record") mkdir -p "$state/broken" && share "$state/broken" && mv "$record" "$state/broken/$(value_of id "$record/run")" ;;
    esac
  elif [ -e "$run/verdict" ] || [ "$settling" = yes ]; then
    # Another user's may be there that we cannot take away.
    rm -rf "$state/closed.$id"
    mv "$record" "$state/closed.$id" && rm -rf "$state/closed.$id"
  fi
}

last_word() { # KIND
  case $1 in
    ok) echo 'Done: the new release serves.' ;;
    unchanged) echo "Stopped: $why_failed. Nothing was changed." ;;
    superseded) echo "Superseded: $why_failed. Nothing was changed." ;;
    rolled-back) echo "Rolled back: $why_failed. The release from before serves." ;;
    removed) echo "Removed: $why_failed. Nothing served before, and nothing does now." ;;
    broken) echo "Broken: $why_failed." ;;
  esac
}
`;

// src/deploy/server/transaction/verify.sh
var verify_default = `# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# What runs is what was pushed: asked of the running containers, as Compose can end well with the old release still
# there.

verify_release() {
  step verify 'Verify the digest that runs' || return
  runs_new
}

runs_new() {
  local name declared new rest
  while read -r name declared new rest <&4; do
    runs_image "$name" "$new" || { fail "$name does not run $new"; return; }
    say "  $name runs $new"
  done 4<"$record/services"
}

# By the image's identity; with the classic store that is another digest than the pushed one, which then stands among
# those that the image is known by, under whatever repository.
runs_image() { # SERVICE REPOSITORY@DIGEST
  local images image
  images=$(images_that_run "$1") && [ -n "$images" ] || return
  for image in $images; do
    known_by "$image" "\${2#*@}" || return
  done
}

images_that_run() { # SERVICE
  local ids
  ids=$(containers_of "$1") && [ -n "$ids" ] || return
  ask inspect --format '{{.Image}}' $ids
}

known_by() { # IMAGE-ID DIGEST
  local line
  [ "$1" != "$2" ] || return 0
  while read -r line; do
    [ "\${line#*@}" != "$2" ] || return 0
  done <<LINES
$(ask image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1")
LINES
  return 1
}

# The same for what was put back.
verify_old() {
  local name declared new replicas kind grace old rest image
  while read -r name declared new replicas kind grace old rest <&4; do
    [ "$old" != - ] || continue
    for image in $(images_that_run "$name"); do
      [ "$image" = "$old" ] || ran_image "$name" "$image" || { fail "$name does not run its old image"; return; }
    done
  done 4<"$record/services"
}

# Several containers of a service may have run several images.
ran_image() { # SERVICE IMAGE-ID
  local service container title status image rest
  while read -r service container title status image rest; do
    [ "$service $image" != "$1 $2" ] || return 0
  done <"$record/containers"
  return 1
}
`;

// src/deploy/script.ts
var transactionScript = [
  parameters_default,
  run_default,
  engine_default,
  lock_default,
  record_default,
  files_default,
  pull_default,
  pin_default,
  variables_default,
  sequence_default,
  shadow_default,
  bring_default,
  ways_default,
  placing_default,
  put_back_default,
  kept_default,
  declared_default,
  made_default,
  settings_default,
  hooks_default,
  up_default,
  gate_default,
  observe_default,
  verify_default,
  front_default,
  rollback_default,
  settle_default,
  broken_default,
  sweep_default,
  told_default,
  history_default,
  prune_default,
  verdict_default,
  follow_default,
  transaction_default,
  'main "$@"\n'
].join("");
var placingScript = `${place_default}place "$@"
`;

// src/deploy/verdict.ts
var kinds2 = [
  "ok",
  "unchanged",
  "superseded",
  "rolled-back",
  "removed",
  "broken"
];
function parseVerdict(lines2, output = "") {
  const entries = lines2.map(splitOnce);
  const last = entries.at(-1)?.[0];
  const all = (name) => entries.filter(([key]) => key === name).map(([, value]) => value);
  const [kind] = all("kind");
  if (last !== "end" || kind === void 0 || !kinds2.includes(kind)) return void 0;
  const [stage] = all("stage");
  const [reason] = all("reason");
  return {
    kind,
    ...stage === void 0 ? {} : { stage },
    ...reason === void 0 ? {} : { reason },
    ...all("left").length === 0 ? {} : { left: true },
    deployed: releases(all("deployed")),
    previous: releases(all("previous")),
    ...all("wanted").length === 0 ? {} : { wanted: releases(all("wanted")) },
    ...all("made").length === 0 ? {} : { made: all("made") },
    stages: all("took").map(splitOnce).map(([name, milliseconds]) => ({ stage: name, milliseconds: Number(milliseconds) })),
    output
  };
}
function splitOnce(line) {
  const blank = line.indexOf(" ");
  return blank < 0 ? [line, ""] : [line.slice(0, blank), line.slice(blank + 1)];
}
var releases = (values) => Object.fromEntries(values.map(splitOnce).filter(([, reference]) => reference !== "-"));

// src/deploy/run.ts
var idOf = (run2) => run2.slice(run2.lastIndexOf("/") + 1);
function projectOf2(run2) {
  const [name = "", mark2 = "", ...above] = run2.split("/").slice(0, -2).reverse();
  return { directory: above.reverse().join("/"), name: mark2 === ".slipway" ? name : "" };
}
async function placeRun({ directory, name, missing: missing5 }, line) {
  if (missing5 === true) await line.run({ file: "mkdir", args: ["-p", directory] });
  const id = orderId(Date.now(), randomBytes2(4).toString("hex"));
  const { code: code2, stdout, stderr } = await line.run({
    file: "sh",
    args: ["-c", placingScript, "sh", directory, name, id],
    stdin: transactionScript
  });
  const run2 = stdout.trim();
  if (code2 === 0 && run2.endsWith(`/${id}`)) return run2;
  throw new import_shared.Failure("deploy", {
    input: "project-directory",
    cause: `The transaction cannot be put into \`${directory}/.slipway\` on the server.`,
    remedy: "Every user who deploys must be able to write there: let the project directory belong to their group.",
    output: (0, import_shared.lastLines)(stderr)
  });
}
var scriptCommand = (run2, ...args) => ({
  file: "sh",
  args: [`${run2}/script`, ...args]
});
function startOnce(run2, escapes2, text2) {
  const start = { ...scriptCommand(run2, "start", ...escapes2), stdin: text2 };
  let started = false;
  return (reached) => {
    if (started) return scriptCommand(run2, "follow", String(reached));
    started = true;
    return start;
  };
}
var vacateCommand = (run2) => scriptCommand(run2, "vacate");
async function followRun(run2, { follower, output }, line, { patience: patience6 = 5 * 6e4, cancelled: cancelled2, begun }, command) {
  const again = openPatience(patience6);
  const take = (text2) => {
    const { marks } = follower;
    follower.take(text2);
    if (follower.marks !== marks && cancelled2.aborted) begun?.(run2, follower.told);
  };
  for (; ; ) {
    const { marks } = follower;
    follower.begin();
    const { code: code2 } = await line.once(command(follower.reached), take);
    if (code2 !== null || follower.verdict !== void 0 || follower.gone) break;
    if (follower.marks !== marks) again.renew();
    if (again.over) throw shortLived();
    await again.wait();
  }
  const verdict = parseVerdict(follower.verdict ?? [], output());
  if (verdict !== void 0) await vacate(run2, line);
  return verdict;
}
async function vacate(run2, line) {
  try {
    await line.once(vacateCommand(run2), () => void 0);
  } catch (error) {
    if (!(error instanceof import_shared.Failure)) throw error;
  }
}

// src/deploy/follow.ts
var mark = "";
function openFollower(tell2, from = 0) {
  let reached = from;
  let marks = 0;
  let pending = [];
  let begun = "";
  let verdict;
  let gone = false;
  const commit = (byte) => {
    const [first = "", ...more] = pending;
    const lines2 = [begun + first, ...more];
    if (byte > reached) {
      begun = lines2.pop() ?? "";
      lines2.forEach(tell2);
    }
    reached = byte;
    marks += 1;
    pending = [];
  };
  const end = () => {
    if (begun !== "") tell2(begun);
    begun = "";
  };
  return {
    get reached() {
      return reached;
    },
    get told() {
      return reached - Buffer.byteLength(begun);
    },
    get marks() {
      return marks;
    },
    get verdict() {
      return verdict?.at(-1) === "end" ? verdict : void 0;
    },
    get gone() {
      return gone;
    },
    take(line) {
      if (verdict !== void 0) verdict.push(line);
      else if (!line.startsWith(mark)) pending.push(line);
      else if (line === `${mark}verdict`) {
        end();
        verdict = [];
      } else if (line === `${mark}gone`) {
        end();
        gone = true;
      } else commit(Number(line.slice(mark.length)));
    },
    begin() {
      pending = [];
      verdict = void 0;
      gone = false;
    }
  };
}

// src/deploy/teller.ts
function openTeller(tell2, from = 0) {
  let kept = [];
  let keeping = false;
  const follower = openFollower((line) => {
    if (line.startsWith("  The last lines of ")) {
      if (!keeping) kept = [];
      keeping = true;
    } else if (!line.startsWith("  ")) keeping = false;
    if (keeping) kept.push(line.slice(2));
    tell2(line);
  }, from);
  return { follower, output: () => kept.join("\n").trimEnd() };
}

// src/deploy/perform.ts
async function perform(order, run2, line, world) {
  await send(order, run2, line);
  world.begun?.(run2, 0);
  const teller = openTeller(tellOf(order, run2, line, world));
  return await withCancel(
    run2,
    line,
    world,
    () => followRun(run2, teller, line, world, startOnce(run2, escapesOf(order), orderText(order)))
  );
}
var escapesOf = ({ facts: { tools } }) => tools.killsLeftovers ? tools.escape ?? [] : [];
async function send({ bring, facts: facts2 }, run2, line) {
  if (bring === void 0 || !brings(bring.plan)) return;
  const { code: code2, stderr } = await line.run(sendCommand(run2, bring.plan, isV1(facts2.tools)));
  if (code2 === 0) return;
  await line.run(vacateCommand(run2));
  throw new import_shared.Failure("deploy", {
    input: "files",
    cause: "What is brought could not be put on the server; nothing was changed there.",
    remedy: "Is there room on its disk, and `tar`?",
    output: (0, import_shared.lastLines)(stderr)
  });
}
function tellOf({ bring }, run2, line, { tell: tell2, cancelled: cancelled2, dial: dial3 }) {
  if (bring?.check === void 0) return tell2;
  const say = ({ word, why }) => line.run(scriptCommand(run2, "word", word, why.replaceAll(/\s+/g, " ")));
  const from = bring.check.from === "server" ? dial3 : void 0;
  return watchFront(bring.check, { tell: tell2, cancelled: cancelled2, dial: from, say }).tell;
}
async function withCancel(run2, line, world, work) {
  const cancel = () => void line.run(scriptCommand(run2, "cancel")).catch(() => void 0);
  world.cancelled.addEventListener("abort", cancel);
  if (world.cancelled.aborted) cancel();
  try {
    return await work();
  } finally {
    world.cancelled.removeEventListener("abort", cancel);
  }
}

// src/deploy/transaction.ts
var patience5 = 5 * 6e4;
async function deploy(order, world) {
  var _stack = [];
  try {
    const line = (0, import_shared.__using)(_stack, openLine({ patience: patience5, ...world }), true);
    for (let attempt2 = 1; ; attempt2 += 1) {
      const run2 = await placeRun(order.facts.project, line);
      const verdict = await perform(order, run2, line, world);
      if (verdict !== void 0) return verdict;
      const settled = await settle(run2, settleText(order, idOf(run2)), escapesOf(order), line, world);
      if (settled.stage !== cut || attempt2 === 3 || world.cancelled.aborted) return settled;
    }
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = (0, import_shared.__callDispose)(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
var cut = "cut";
async function resume(run2, told, world) {
  var _stack = [];
  try {
    const line = (0, import_shared.__using)(_stack, openLine({ patience: patience5, ...world, atFirst: world.patience ?? patience5 }), true);
    const followed = await followRun(
      run2,
      openTeller(world.tell, told),
      line,
      world,
      (reached) => scriptCommand(run2, "follow", String(reached))
    );
    if (followed !== void 0) return followed;
    const { code: code2, stdout } = await line.run({ file: "cat", args: [`${run2}/order`] });
    return code2 === 0 ? await settle(run2, settleTextOf(stdout, idOf(run2)), [], line, world) : void 0;
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = (0, import_shared.__callDispose)(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
var goneTwice = {
  cause: "The transaction was ended on the server from outside, twice, without a verdict: nobody can say what serves.",
  remedy: "Look for what kills processes there (the OOM killer?), and deploy again: that settles what was left."
};
async function settle(dead, text2, escapes2, line, world) {
  const run2 = await placeRun(projectOf2(dead), line);
  const verdict = await followRun(
    run2,
    openTeller(world.tell),
    line,
    { ...world, begun: void 0 },
    startOnce(run2, escapes2, text2)
  );
  if (verdict === void 0) throw new import_shared.Failure("deploy", goneTwice);
  await vacate(dead, line);
  return verdict;
}

// src/remedies.ts
function remedyOf(stage, reason) {
  const found = byReason.find(([pattern]) => pattern.test(reason));
  return found?.[1] ?? byStage[stage];
}
var room = "Is there room on the disk of the server, and may the user write in the project directory?";
var engine = "Look at the engine on the server (`systemctl status docker`), then deploy again: that settles what was left.";
var byReason = [
  [/^cancelled/, "Run the job again."],
  [/\bcut off\b/, "Look at what serves, and run the job again: that settles what was left."],
  [/^gave up waiting/, "Wait for the other deploy to end, or give a longer `lock-timeout`."],
  [/^there is no room left/, "Make room on the server: `docker system df` shows what takes it."],
  [/docker engine (?:does|did) not| cannot be named /, engine],
  [
    / could not be put back$/,
    "Look at what the log says above it, and deploy again: that tries once more. What was there before is in `.slipway`."
  ],
  [/^what was .* could not be taken away$/, "May the user write in that directory?"],
  [/ (?:cannot|could not) be (?:written|copied|recorded|prepared|listed|put|read)\b/, room],
  [
    /^Compose does not take the project/,
    "Look at what Compose said in the log: `docker compose config` with the files of the repository."
  ],
  [/ has no release /, "Name one that the log lists, or `previous`."],
  [
    / could not be settled$/,
    "Look at what the log says above it, put the service right by hand (`docker compose up -d`), and deploy again."
  ],
  [
    / of the later run /,
    "Nothing is to be done: a newer release serves already. `allow-older: true` deploys all the same."
  ],
  [
    / is not [^\s,]+ after \S+ s$/,
    "The service waits for another one, by `depends_on`: look at what that one says in its log."
  ],
  [
    / cannot be pinned to /,
    "Declare the image by name and tag in the compose file (`image: ghcr.io/owner/name:latest`)."
  ],
  [
    / is (?:no|a) directory$/,
    "Something has its place on the server: move it away, or bring the file elsewhere (`local -> remote`)."
  ],
  [
    / is a link to /,
    "Bring it to where the link leads, or put a file or a directory in the place of the link."
  ],
  [
    / (?:has not all its containers|was not made anew)$/,
    "`docker compose up -d` on the server brings the rest; then deploy again."
  ],
  [
    / could not be removed$/,
    "Look at what the log says above it; `docker ps -a` on the server shows what is left."
  ],
  [
    / could not be started again$/,
    "Look at what the log says above it; `docker compose up -d` on the server tries again."
  ],
  [
    / could not be stopped again$/,
    "Look at what the log says above it; `docker compose ps` on the server shows what is left."
  ],
  [
    /^the image that ran is gone$/,
    "Something removes images on the server that are in use (a prune with `--all`); deploy a release that works."
  ]
];
var byStage = {
  pull: "Look at what the registry said in the log; the server pulls with the login of this run, unless `server-login` is false.",
  up: "Look at what Compose said in the log.",
  gate: "Look at the last lines of the container. A slow start needs a longer `wait-timeout`, or a `start_period` in its healthcheck.",
  check: "Look at what Compose said in the log: `docker compose config` with the files of the repository.",
  before: "Look at what the command said in the log; the release that runs was not touched.",
  after: "Look at what the command said in the log.",
  front: "See what stands between the service and its visitors: its ports, the proxy, the certificate.",
  verify: "Something else changed the image or the containers meanwhile: deploy again."
};

// src/outcome.ts
var meanings = {
  ok: "The new release serves.",
  unchanged: "Nothing was changed on the server.",
  superseded: "A newer release serves: nothing was changed on the server.",
  "rolled-back": "It was rolled back: the previous release serves again.",
  removed: "It was removed again: nothing ran before it.",
  broken: "Neither it nor the previous release could be brought to serve: look at the server now.",
  left: "It was left as it is, as `rollback` is off: look at the server now.",
  untouched: "What serves was not touched, but what was brought or pinned before could not be put back: look at the server now."
};
function outcomeOf2(verdict) {
  const { kind, reason } = verdict;
  if (kind === "superseded" && reason !== void 0) return `Superseded: ${reason}, nothing was changed.`;
  const meant = kind === "broken" ? broken(verdict) : kind;
  const what = meant === "unchanged" || meant === "untouched" ? "The deploy stopped" : "The new release failed";
  return reason === void 0 ? meanings[meant] : `${what}: ${reason}. ${meanings[meant]}`;
}
function broken({ left, stages }) {
  if (left === true) return "left";
  return stages.length > 0 && stages.every(({ stage }) => stage !== "up") ? "untouched" : "broken";
}
function problemOf(verdict) {
  const { stage = "", reason = "", output } = verdict;
  const remedy = remedyOf(stage, reason);
  return {
    cause: outcomeOf2(verdict),
    ...remedy === void 0 ? {} : { remedy },
    ...output === "" ? {} : { output }
  };
}

// src/report/deployed.ts
function deployReport(order, target2, verdict, end) {
  const { project } = order.facts;
  const services = order.services.map((service) => releaseOf(service, verdict));
  const brought = broughtOf(order.bring);
  const made = verdict.kind === "ok" ? madeOf(order, verdict) : [];
  const steps = stepsOf(verdict, end);
  const commit = commitOf(order, services);
  return {
    target: target2,
    project: project.name,
    services,
    ...commit === void 0 ? {} : { commit },
    ...brought.length === 0 ? {} : { brought },
    ...made.length === 0 ? {} : { made },
    ...steps.length === 0 ? {} : { steps }
  };
}
var lostReport = ({ services }, before) => ({
  ...before,
  services: services.map(({ name, image }) => {
    const previous = before.services.find((each2) => each2.name === name)?.previous;
    return {
      name,
      ...previous === void 0 ? {} : { previous },
      ...image === void 0 ? {} : { wanted: image }
    };
  })
});
function releaseOf({ name, image }, verdict) {
  const previous = verdict.previous[name];
  const wanted = verdict.wanted?.[name] ?? image;
  const serving2 = verdict.deployed[name];
  return {
    name,
    ...previous === void 0 ? {} : { previous },
    ...wanted === void 0 ? {} : { wanted },
    ...serving2 === void 0 ? {} : { serving: serving2 }
  };
}
function commitOf({ plan, facts: facts2 }, services) {
  if (plan.rollbackTo === void 0) return void 0;
  const images = new Set(services.flatMap(({ wanted }) => wanted ?? []));
  const commits = facts2.project.history.filter(({ image }) => images.has(image)).map(({ commit }) => commit);
  return commits.findLast((commit) => commit !== "");
}
var broughtOf = (bring) => bring === void 0 ? [] : [counted(bring.plan.files.length, "file"), counted(bring.plan.settings.length, "variable")].filter(
  (text2) => !text2.startsWith("0 ")
);
var counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;
var madeOf = ({ facts: { project }, services }, verdict) => [
  ...project.missing === true ? [project.directory] : [],
  ...verdict.made ?? [],
  ...services.map(({ name }) => name).filter((name) => verdict.previous[name] === void 0)
];
function stepsOf({ kind, stage: failed3, stages }, end) {
  const first = kind === "ok" ? -1 : stages.findIndex(({ stage }) => stage === failed3);
  let begin2 = end - stages.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return stages.map(({ stage, milliseconds }, index) => {
    const step2 = {
      title: `${stage.charAt(0).toUpperCase()}${stage.slice(1)}`,
      begin: begin2,
      end: begin2 + milliseconds,
      failed: index === first
    };
    begin2 = step2.end;
    return step2;
  });
}

// src/report/standing.ts
function standing({ connection, facts: facts2, release: release2 }) {
  return {
    target: connection.target,
    project: facts2.project.name,
    services: facts2.services.map((service) => {
      const { name } = service;
      const pin = release2.pins.find((each2) => each2.service === name);
      const running = runningRelease(service, pin?.pushed);
      return running?.includes("@") ? { name, previous: running, serving: running } : { name };
    })
  };
}

// src/release.ts
async function release(plan, image, server, world, journal) {
  var _stack = [];
  try {
    const order = orderOf(plan, image, server, world.context);
    const { target: target2 } = server.connection;
    const dialler = (0, import_shared.__using)(_stack, openDialler(
      server.connection,
      (signal) => connect2(plan.deploy.ssh, { stage: "deploy", signal })
    ), true);
    const { dial: dial3 } = dialler;
    let begun = false;
    const started = () => {
      begun = true;
    };
    const verdict = await journal.stage(
      deployTitle(plan.deploy.services, target2),
      () => deploy(order, { ...deployWorld(plan.deploy, server, world, started), dial: dial3 })
    ).catch((error) => {
      if (begun && error instanceof import_shared.Failure) return error;
      throw error;
    });
    if (verdict instanceof import_shared.Failure) {
      journal.note({ deploy: lostReport(order, standing(server)) });
      return { end: "lost", failure: verdict };
    }
    world.forgetRun();
    journal.note({ deploy: deployReport(order, target2, verdict, Date.now()) });
    if (verdict.kind === "superseded") world.log.notice(outcomeOf2(verdict), { title: "slipway: superseded" });
    return ending(verdict, world);
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = (0, import_shared.__callDispose)(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
function deployWorld({ ssh }, { connection }, world, started) {
  let first = true;
  return {
    connect: async () => {
      const fresh = !first || connection.dropped();
      first = false;
      return fresh ? await connect2(ssh, { stage: "deploy" }) : connection;
    },
    tell: world.log.foreign,
    cancelled: world.cancelled,
    begun: (path, told) => {
      started();
      world.remember({ kind: "run", path, told });
    }
  };
}
function orderOf({ deploy: plan, registry, check, image: { tagNames } }, image, { facts: facts2, release: { pins, envSet } }, context) {
  const services = plan.services.map((name) => {
    const pin = pins.find(({ service }) => service === name);
    const declared = facts2.services.find((service) => service.name === name)?.reference ?? "";
    if (pin?.pushed === void 0 || image?.digest === void 0)
      return { name, reference: pin?.reference ?? declared, image: void 0 };
    return { name, reference: pin.reference, image: `${(0, import_shared.repositoryName)(pin.pushed)}@${image.digest}` };
  });
  const registries = pins.flatMap(({ pushed }) => pushed?.registry ?? []);
  return {
    plan,
    facts: facts2,
    services,
    envSet,
    ...plan.bring === void 0 ? {} : { bring: { plan: plan.bring, needs: facts2.needs, check } },
    credential: plan.serverLogin ? credentialFor2(registries, registry) : void 0,
    run: {
      url: `${context.serverUrl}/${context.repository}/actions/runs/${context.runId}`,
      actor: context.actor,
      commit: context.sha,
      workflow: context.workflow,
      ref: context.ref,
      number: context.runNumber,
      tags: tagNames
    }
  };
}
function credentialFor2(registries, { logins }) {
  const login2 = logins.find(({ registry }) => registries.includes(registry));
  return login2 && { ...login2, registry: (0, import_shared.configKey)(login2.registry) };
}
function ending(verdict, { cancelled: cancelled2 }) {
  const end = ends[verdict.kind];
  if (verdict.kind === "ok" || verdict.kind === "superseded") return { end };
  if (verdict.kind === "unchanged" && cancelled2.aborted) return { end: "cancelled" };
  return { end, failure: new import_shared.Failure("deploy", problemOf(verdict)) };
}
var ends = {
  ok: "released",
  unchanged: "failed",
  superseded: "superseded",
  "rolled-back": "rolled-back",
  removed: "removed",
  broken: "broken"
};

// src/report/place.ts

// src/report/yaml-line.ts
function lineOfKey(text2, path) {
  const lines2 = text2.split("\n").map((line, index) => ({ ...parts2(line), number: index + 1 }));
  let begin2 = 0;
  let deeper = -1;
  let found;
  for (const key of path) {
    const block3 = blockOf(lines2.slice(begin2), deeper);
    const index = findKey(block3, key);
    const line = block3[index];
    if (line === void 0) return found;
    found = line.number;
    begin2 += index + 1;
    deeper = line.indent;
  }
  return found;
}
function parts2(line) {
  const [, blank = "", text2 = ""] = /^( *)(.*)$/.exec(line) ?? [];
  return { indent: blank.length, text: text2.startsWith("#") ? "" : text2 };
}
function blockOf(lines2, deeper) {
  const end = lines2.findIndex(
    ({ indent, text: text2 }) => text2 !== "" && indent <= deeper && !(indent === deeper && text2.startsWith("- "))
  );
  return end === -1 ? lines2 : lines2.slice(0, end);
}
function findKey(block3, key) {
  const outer = Math.min(...block3.filter(({ text: text2 }) => text2 !== "").map(({ indent }) => indent));
  let item = -1;
  return block3.findIndex(({ indent, text: text2 }) => {
    if (indent !== outer) return false;
    if (text2.startsWith("- ")) item += 1;
    return text2.startsWith("- ") ? key === String(item) : [key, `'${key}'`, `"${key}"`].some((name) => text2.startsWith(`${name}:`));
  });
}

// src/report/place.ts
async function placing(plan, workspace, work) {
  try {
    const ending2 = await work();
    const { failure: failure3 } = ending2;
    return failure3 === void 0 ? ending2 : { ...ending2, failure: placed(failure3, plan, workspace) };
  } catch (error) {
    throw error instanceof import_shared.Failure ? placed(error, plan, workspace) : error;
  }
}
function placed(failure3, plan, workspace) {
  const blamed = blamedIn(plan, workspace);
  const problems = failure3.problems.map((problem2) => {
    const at2 = placeOf(problem2, blamed);
    return at2 === void 0 ? problem2 : { ...problem2, at: at2 };
  });
  return new import_shared.Failure(failure3.stage, problems);
}
function blamedIn({ build: build2, deploy: deploy2 }, workspace) {
  return {
    workspace,
    dockerfile: dockerfileOf(build2, workspace),
    compose: deploy2?.bring?.files.filter(({ remote }) => /\.ya?ml$/.test(remote)) ?? []
  };
}
function placeOf({ cause, output = "" }, blamed) {
  const text2 = `${cause}
${output}`;
  const found = inDockerfile(text2, blamed) ?? inCompose(text2, blamed);
  if (found === void 0) return void 0;
  const file = inWorkspace(found.path, blamed.workspace);
  return file === void 0 ? void 0 : { file, line: found.line };
}
function inDockerfile(text2, { dockerfile }) {
  if (dockerfile === void 0) return void 0;
  const shown3 = [...text2.matchAll(/^(?:#\d+ [\d.]+ )?(\S+):(\d+)$/gm)].find(
    ([, name]) => name === (0, import_node_path15.basename)(dockerfile)
  );
  const line = shown3?.[2] ?? /dockerfile parse error on line (\d+)/i.exec(text2)?.[1];
  return line === void 0 ? void 0 : { path: dockerfile, line: Number(line) };
}
function inCompose(text2, { compose }) {
  const named3 = compose.filter(({ remote }) => text2.includes(remote));
  const [file, more] = named3.length > 0 ? named3 : compose;
  if (file === void 0 || more !== void 0 && named3.length !== 1) return void 0;
  const yaml = /\byaml: (?:[\w ]+: )?line (\d+)/.exec(text2)?.[1];
  const line = yaml === void 0 ? lineOfPath(text2, file.local) : Number(yaml);
  return line === void 0 ? void 0 : { path: file.local, line };
}
function lineOfPath(text2, path) {
  const keys = /\b(?:services|networks|volumes|secrets|configs)\.[\w.-]*\w/.exec(text2)?.[0].split(".");
  if (keys === void 0) return void 0;
  const strange = /additional propert(?:y|ies) '?([\w-]+)'?/i.exec(text2)?.[1];
  return lineOfKey(read3(path), strange === void 0 ? keys : [...keys, strange]);
}
function read3(path) {
  try {
    return (0, import_node_fs2.readFileSync)(path, "utf8");
  } catch {
    return "";
  }
}

// src/pipeline.ts
async function carryOut(plan, look, world, journal) {
  return await placing(
    plan,
    world.context.workspace,
    () => announced(plan, world, (begins) => checkAndGo(plan, look, world, journal, begins))
  );
}
async function checkAndGo(plan, look, world, journal, begins) {
  var _stack = [];
  try {
    const seen = (server) => journal.note({ deploy: standing(server) });
    const ready2 = (0, import_shared.__using)(_stack, await journal.stage(checkTitle, () => getReady(plan, look, world, { ...journal, seen })), true);
    setOutputs({ plan: JSON.stringify(describePlan(plan, ready2)) });
    if (plan.dryRun) return await rehearse(plan, ready2, world, journal);
    return await produceAndRelease(plan, ready2, world, journal, begins);
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = (0, import_shared.__callDispose)(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
async function produceAndRelease(plan, ready2, world, journal, begins) {
  const { workshop, server } = ready2;
  const image = workshop && await journal.stage(titleOf(plan), () => make2(plan, workshop, world));
  if (image !== void 0) journal.note({ image });
  begins();
  const ending2 = await releaseTo(server, plan, image, world, journal);
  if (workshop === void 0 || image?.digest === void 0) return ending2;
  return await promoteAfter(ending2, plan.promote, image.digest, workshop.client, world, journal);
}
var make2 = async (plan, workshop, world) => await withOrigin(await produce(plan, workshop, world), workshop, world);
async function releaseTo(server, plan, image, world, journal) {
  if (plan.deploy !== void 0 && server !== void 0)
    return await release({ ...plan, deploy: plan.deploy }, image, server, world, journal);
  if (image?.digest !== void 0) return { end: "pushed" };
  return { end: plan.build.when === "never" ? "nothing" : "built" };
}
function titleOf({ build: build2 }) {
  const how = build2.when === "never" ? "find" : (0, import_shared.pushes)(build2.result) ? "push" : "build";
  return imageTitle(how, build2.platforms);
}

// src/report/write.ts

// src/report/report.ts
function releasesOf({ services }, which) {
  return [...new Set(services.flatMap((service) => service[which] ?? []))].join("\n");
}

// src/report/figures.ts
function duration(milliseconds) {
  if (milliseconds < 950) return `${Math.round(milliseconds)} ms`;
  const seconds2 = milliseconds / 1e3;
  if (seconds2 < 99.95) return `${seconds2.toFixed(1)} s`;
  const whole2 = Math.round(seconds2);
  return `${Math.floor(whole2 / 60)} min ${String(whole2 % 60).padStart(2, "0")} s`;
}
function size(bytes2) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, bytes2 < 1e3 ? 0 : Math.floor(Math.log10(bytes2) / 3));
  const value = bytes2 / 1e3 ** power;
  return `${power === 0 ? value : value.toFixed(value < 99.95 ? 1 : 0)} ${units[power]}`;
}
var short = (digest) => digest.replace(/^.*sha256:/, "").slice(0, 12);

// src/report/markdown.ts
var entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
var html = (text2) => text2.replace(/[&<>]/g, (character) => entities[character] ?? "").replace(/\s*[\r\n]\s*/g, " ");
var prose = (text2) => html(text2).replace(/[\\`*_[\]|~]/g, "\\$&");
var code = (text2) => /^[^`|\\\r\n]*[^`|\\\s]$/.test(text2) && !text2.startsWith(" ") ? `\`${text2}\`` : codeHtml(text2);
var codeHtml = (text2) => `<code>${html(text2).replace(/[|`*_~\\]/g, (character) => `&#${character.charCodeAt(0)};`)}</code>`;
var link = (shown3, url) => url === void 0 ? shown3 : `<a href="${url.replaceAll('"', "%22").replaceAll("&", "&amp;")}">${shown3}</a>`;
var sentences = (text2) => text2.split(/`([^`\n]+)`/).map((part, place) => place % 2 === 1 ? code(part) : prose(part)).join("");
function table(rows) {
  const [head = [], ...body] = rows;
  return [head, head.map(() => ":--"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
function block2(text2, language = "text") {
  const longest4 = Math.max(2, ...[...text2.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest4 + 1);
  return `${fence}${language}
${text2.trimEnd()}
${fence}`;
}
var fold = (title2, body, open3 = false) => `<details${open3 ? " open" : ""}><summary>${title2}</summary>

${body}

</details>`;

// src/report/headline.ts
function headline({ end, image, deploy: deploy2, failure: failure3 }) {
  const where2 = deploy2 === void 0 ? "" : ` on ${code(deploy2.target)}`;
  const what = deploy2 === void 0 ? "" : deploy2.services.map(({ name }) => code(name)).join(", ");
  const serving2 = deploy2 === void 0 ? "" : shortAll(releasesOf(deploy2, "serving"));
  const digest = image?.digest === void 0 ? "the image" : code(short(image.digest));
  const unchanged = deploy2 === void 0 ? "" : serving2 === "" ? `; nothing was changed${where2}` : `; ${serving2} goes on serving${where2}`;
  switch (end) {
    case "released":
      return deploy2?.services.every((service) => service.previous === service.serving) ? `\u2705 ${what} runs ${serving2}${where2}, as before` : `\u{1F6A2} ${what} runs ${serving2}${where2}`;
    case "not-promoted":
      return deploy2 === void 0 ? `\u26A0\uFE0F ${digest} is pushed, but was not promoted` : `\u26A0\uFE0F ${what} runs ${serving2}${where2}, but was not promoted`;
    case "pushed":
      return `\u{1F4E6} ${digest} is pushed`;
    case "built":
      return "\u{1F528} The image is built; nothing was pushed";
    case "nothing":
      return "\u{1F4A4} Nothing was to be done";
    case "planned":
      return `\u{1F4DD} Dry run: nothing was changed${where2}`;
    case "superseded":
      return `\u23ED\uFE0F A newer release serves${where2} already; nothing was changed`;
    case "rolled-back":
      return `\u21A9\uFE0F ${what} failed and was rolled back: ${serving2} serves again${where2}`;
    case "removed":
      return `\u{1F5D1}\uFE0F ${what} failed and was removed: nothing served before${where2}`;
    case "broken":
      return `\u{1F6A8} ${what} is broken${where2}: look at the server now`;
    case "lost":
      return `\u2753 Nobody could see the end${where2}: it ends there by itself`;
    case "failed":
      return `\u274C ${failed2(failure3?.stage)}${unchanged}`;
    case "cancelled":
      return `\u{1F6D1} Cancelled${unchanged}`;
  }
}
var shortAll = (releases2) => releases2.split("\n").filter(Boolean).map((release2) => code(short(release2))).join(" and ");
function failed2(stage) {
  switch (stage) {
    case "plan":
      return "The inputs are wrong";
    case "preflight":
      return "The check failed";
    case "build":
    case "push":
    case "deploy":
      return `The ${stage} failed`;
    default:
      return "Failed";
  }
}

// src/report/package-page.ts
function packagePage(image, context) {
  if (image.startsWith("sha256:")) return void 0;
  const reference = (0, import_shared.parseReference)(image);
  if ("reason" in reference) return void 0;
  const registry = (0, import_shared.registryOf)(reference);
  if (registry === "docker.io") return hubPage(reference.repository);
  const forge = URL.canParse(context.serverUrl) ? new URL(context.serverUrl).host : "";
  if (forge === "") return void 0;
  if (registry === forge) return forgejoPage(reference, context);
  const own = forge === "github.com" ? "ghcr.io" : `containers.${forge}`;
  return registry === own ? githubPage(reference.repository, context) : void 0;
}
function hubPage(repository) {
  const official = /^library\/([^/]+)$/.exec(repository)?.[1];
  return `https://hub.docker.com/${official === void 0 ? `r/${repository}` : `_/${official}`}/tags`;
}
function githubPage(path, { serverUrl, repository }) {
  const { owner, name } = split(path);
  return owner === repository.split("/")[0]?.toLowerCase() ? `${serverUrl}/${repository}/pkgs/container/${encodeURIComponent(name)}` : void 0;
}
function forgejoPage({ repository, tag, digest }, { serverUrl }) {
  const { owner, name } = split(repository);
  const version = digest ?? tag;
  const page2 = `${serverUrl}/${owner}/-/packages/container/${encodeURIComponent(name)}`;
  return version === void 0 ? page2 : `${page2}/${version}`;
}
function split(repository) {
  const slash = repository.indexOf("/");
  return { owner: repository.slice(0, slash), name: repository.slice(slash + 1) };
}

// src/report/releases.ts
function releaseRows(end, { services }, context) {
  if (stopped.has(end) && services.every((each2) => each2.previous === void 0 && each2.serving === void 0))
    return [];
  const said = services.map((service) => change(end, service, context));
  if (new Set(said).size === 1) return [["Release", said[0] ?? ""]];
  return services.map(({ name }, index) => [`Release of ${code(name)}`, said[index] ?? ""]);
}
var stopped = /* @__PURE__ */ new Set(["failed", "cancelled", "superseded", "lost"]);
function change(end, { previous, wanted, serving: serving2 }, context) {
  const name = (release2) => named2(release2, context);
  const failed3 = wanted === void 0 ? "the new one" : name(wanted);
  switch (end) {
    case "rolled-back":
      return `${failed3} failed, ${name(serving2)} serves again`;
    case "removed":
      return `${failed3} failed and was removed`;
    case "broken":
      return `${failed3} failed, ${serving2 === void 0 ? "nothing runs" : `${name(serving2)} is left`}`;
    case "lost":
      return `${name(previous)} served before; what serves now is not known`;
    default:
      return previous === serving2 ? `${name(serving2)}, unchanged` : `${name(previous)} \u2192 ${name(serving2)}`;
  }
}
var named2 = (release2, context) => release2 === void 0 ? "nothing" : link(code(short(release2)), packagePage(release2, context));

// src/report/timeline.ts
function timeline(stages, steps = []) {
  const start = Math.min(...stages.map(({ begin: begin2 }) => begin2));
  const bars = (list4) => list4.map((stage) => `  ${bar(stage, start)}`);
  const seen = steps.filter(({ begin: begin2, end, failed: failed3 }) => failed3 || end - begin2 >= blink);
  const server = seen.length === 0 ? [] : ["  section Server", ...bars(seen)];
  const runner = server.length === 0 ? bars(stages) : ["  section Runner", ...bars(stages)];
  return block2(["gantt", "  dateFormat x", "  axisFormat %M:%S", ...runner, ...server].join("\n"), "mermaid");
}
var blink = 100;
function bar({ title: title2, begin: begin2, end, failed: failed3 }, start) {
  const name = `${title2.replace(/[:;#,]/g, " ")} (${duration(end - begin2)})`;
  const from = Math.max(0, begin2 - start);
  return `${name} :${failed3 ? "crit, " : ""}${from}, ${Math.max(end - start, from + 1)}`;
}

// src/report/summary.ts
function renderSummary(report, context) {
  const sections = [
    `### ${headline(report)}`,
    report.failure && failure2(report),
    report.plan && block2(report.plan.join("\n")),
    (report.image ?? report.deploy) && table(facts(report, context)),
    report.image && platforms(report.image),
    report.image && tags(report.image),
    report.warnings.length > 0 && report.warnings.map((text2) => `> \u26A0\uFE0F ${prose(text2)}`).join("\n>\n"),
    report.stages.length > 0 && fold(`Timeline: ${duration(total(report))}`, timeline(report.stages, report.deploy?.steps))
  ];
  return `${sections.filter(Boolean).join("\n\n")}
`;
}
var total = ({ stages }) => Math.max(...stages.map(({ end }) => end)) - Math.min(...stages.map(({ begin: begin2 }) => begin2));
function failure2({ failure: failed3 }) {
  const parts3 = failed3?.problems.map(
    ({ cause, remedy, output }) => [
      `**${sentences(cause)}**`,
      remedy && sentences(remedy),
      output && fold("The last lines", block2(output), true)
    ].filter(Boolean).join("\n\n")
  );
  return parts3?.join("\n\n");
}
function facts({ end, image, deploy: deploy2 }, context) {
  const commit = image?.commit ?? deploy2?.commit;
  const rows = [
    ...deploy2 === void 0 ? [] : releaseRows(end, deploy2, context),
    deploy2 && ["Server", where(deploy2)],
    image && ["Image", pinned(image, context)],
    commit !== void 0 && ["Commit", commitLink(commit, context)],
    deploy2?.brought && ["Brought", prose(deploy2.brought.join(", "))],
    deploy2?.made && ["Made", deploy2.made.map(code).join(", ")]
  ];
  return rows.filter((row) => row !== void 0 && row !== false);
}
function pinned({ repository, digest, tags: [first] }, context) {
  if (digest === void 0) return code(repository);
  const page2 = packagePage(first ?? `${repository}@${digest}`, context);
  return link(code(`${repository}@sha256:${short(digest)}`), page2);
}
var commitLink = (commit, { serverUrl, repository }) => link(code(commit.slice(0, 7)), `${serverUrl}/${repository}/commit/${commit}`);
var where = ({ target: target2, project, services }) => `${services.map(({ name }) => code(name)).join(", ")} of project ${code(project)} on ${code(target2)}`;
function platforms({ platforms: list4 }) {
  if (list4.length === 0) return void 0;
  const compared = list4.some(({ before }) => before !== void 0);
  const head = ["Platform", "Size", ...compared ? ["Since the last release"] : []];
  const rows = list4.map(({ platform, size: bytes2, before }) => [
    code(platform),
    bytes2 === void 0 ? "" : size(bytes2),
    ...compared ? [delta(bytes2, before)] : []
  ]);
  return table([head, ...rows]);
}
function delta(now, before) {
  if (now === void 0 || before === void 0) return "new";
  if (now === before) return "same";
  return `${now > before ? "+" : "\u2212"}${size(Math.abs(now - before))}`;
}
function tags({ tags: list4 }) {
  if (list4.length === 0) return void 0;
  return fold(
    `${list4.length} ${list4.length === 1 ? "tag" : "tags"}`,
    list4.map((tag) => `- ${code(tag)}`).join("\n")
  );
}

// src/report/write.ts
function writeReport(report, { log, context, env }, summary) {
  if (report.failure !== void 0) (0, import_shared.tell)(log, report.failure);
  const { deploy: deploy2, end } = report;
  const serving2 = deploy2 && releasesOf(deploy2, "serving");
  const previous = deploy2 && releasesOf(deploy2, "previous");
  setOutputs({
    "rolled-back": end === "rolled-back" ? "true" : "false",
    ...serving2 ? { deployed: serving2 } : {},
    ...previous ? { previous } : {}
  });
  if (summary) appendSummary(env["GITHUB_STEP_SUMMARY"], renderSummary(report, context), log);
  return good2.has(end);
}
function appendSummary(file, text2, log) {
  if (file === void 0 || file === "") return;
  try {
    (0, import_node_fs3.appendFileSync)(file, text2);
  } catch (error) {
    log.warning(`The job summary could not be written: ${String(error)}`);
  }
}
var good2 = /* @__PURE__ */ new Set([
  "released",
  "pushed",
  "built",
  "nothing",
  "planned",
  "superseded"
]);

// src/check/plan.ts
function planCheck(inputs, findings) {
  if (inputs["check-url"] === "") {
    for (const input of ["check-status", "check-contains"])
      if (inputs[input] !== "") findings.warnings.push(`\`${input}\` has no effect without \`check-url\`.`);
    return void 0;
  }
  const url = parseUrl(inputs["check-url"], findings);
  return {
    url,
    status: ranges(inputs["check-status"] || "200-399", findings),
    contains: inputs["check-contains"],
    timeout: (0, import_shared.seconds)(inputs, "check-timeout", findings, { fallback: 60, min: 1, max: 3600 }),
    from: choice(inputs, "check-from", ["runner", "server"], findings),
    onLost: choice(inputs, "check-on-lost", ["keep", "roll back"], findings)
  };
}
function parseUrl(text2, findings) {
  const url = URL.parse(text2);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  findings.problems.push({
    input: "check-url",
    cause: `\`check-url\` is \`${text2}\`, which is not an http or https URL.`,
    remedy: "Write it in full: `https://app.example.com/health`."
  });
  return new URL("http://localhost/");
}
function ranges(text2, findings) {
  return text2.split(/[\s,]+/).map((part) => {
    const [, low, high = low] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(part) ?? [];
    if (low === void 0)
      findings.problems.push({
        input: "check-status",
        cause: `\`check-status\` has \`${part}\`, which is not an HTTP status.`,
        remedy: "Write codes or ranges: `200`, `200-299`, `200,301`."
      });
    return [Number(low ?? 0), Number(high ?? 0)];
  });
}
function choice(inputs, input, choices, findings) {
  const given = inputs[input] || choices[0];
  const found = choices.find((one2) => one2 === given);
  if (found !== void 0) return found;
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${given}\`.`,
    remedy: `Write ${choices.map((one2) => `\`${one2}\``).join(" or ")}.`
  });
  return choices[0];
}

// src/deploy/plan.ts
function planDeploy(inputs, ssh, findings) {
  const plan = {
    projectDirectory: planDirectory(inputs["project-directory"], findings),
    services: planServices(inputs.service, findings),
    composeFiles: (0, import_shared.lines)(inputs["compose-files"]),
    projectName: planName(inputs["project-name"], findings),
    waitTimeout: (0, import_shared.seconds)(inputs, "wait-timeout", findings, { fallback: 120, min: 1, max: hours(2) }),
    stability: (0, import_shared.seconds)(inputs, "stability", findings, { fallback: 10, max: hours(1) }),
    rollback: (0, import_shared.boolean)(inputs, "rollback", findings, true),
    rollbackTo: planRollback(inputs["rollback-to"], findings),
    lockTimeout: (0, import_shared.seconds)(inputs, "lock-timeout", findings, { fallback: 600, max: hours(6) }),
    keepReleases: (0, import_shared.integer)(inputs, "keep-releases", findings, { fallback: 3, max: 1e3 }),
    serverLogin: (0, import_shared.boolean)(inputs, "server-login", findings, true)
  };
  checkTimes(plan, findings);
  return ssh === void 0 ? void 0 : { ssh, ...plan };
}
var hours = (count) => count * 3600;
function missing3(input, remedy, { problems }) {
  problems.push({ input, cause: `\`${input}\` is not given, and \`ssh-host\` asks for a deploy.`, remedy });
}
function planDirectory(text2, findings) {
  if (text2 === "") {
    missing3("project-directory", "Name the directory of the compose file on the server.", findings);
  } else if (/^~[^/]/.test(text2) || /[\r\n]/.test(text2)) {
    findings.problems.push({
      input: "project-directory",
      cause: `\`project-directory\` is \`${text2}\`, which is no path that can be followed.`,
      remedy: "Write an absolute path, or one relative to the home directory of the login."
    });
  }
  return text2.replace(/^~\/*/, "") || ".";
}
var serviceName = /^[a-zA-Z0-9._-]+$/;
function planServices(text2, findings) {
  const services = [...new Set((0, import_shared.list)(text2, "service", findings))];
  if (services.length === 0) missing3("service", "Name the Compose service to bring up.", findings);
  for (const service of services.filter((name) => !serviceName.test(name))) {
    findings.problems.push({
      input: "service",
      cause: `\`service\` is \`${service}\`, which is no name of a Compose service.`,
      remedy: "A name has letters, digits, `.`, `_` and `-`; several stand on a line each."
    });
  }
  return services;
}
function planName(text2, findings) {
  if (text2 === "") return void 0;
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(text2)) {
    findings.problems.push({
      input: "project-name",
      cause: `\`project-name\` is \`${text2}\`, which is no name of a Compose project.`,
      remedy: "A name has lower-case letters, digits, `-` and `_`, and begins with a letter or a digit."
    });
  }
  return text2;
}
function planRollback(text2, findings) {
  if (text2 === "") return void 0;
  if (!(0, import_shared.isTag)(text2) && !(0, import_shared.isDigest)(text2)) {
    findings.problems.push({
      input: "rollback-to",
      cause: `\`rollback-to\` is \`${text2}\`, which is neither \`previous\` nor a digest nor a tag.`,
      remedy: "Write `previous`, or the digest (`sha256:\u2026`) or the tag of a release in the history of the server."
    });
  }
  return text2;
}
function checkTimes({ stability, waitTimeout }, findings) {
  if (stability < waitTimeout) return;
  findings.problems.push({
    input: "wait-timeout",
    cause: `\`wait-timeout\` is ${waitTimeout} s, and a release must stay up for \`stability\`, ${stability} s: it cannot.`,
    remedy: "Give `wait-timeout` more than `stability`, with the time that the service takes to start."
  });
}
var createHash4 = (...args) => process.getBuiltinModule("node:crypto").createHash(...args);

// src/github/deployment-plan.ts
var planDeployment = (inputs, deploy2) => inputs.environment === "" ? void 0 : {
  environment: inputs.environment,
  url: inputs["environment-url"] || void 0,
  token: inputs["github-token"],
  mark: deploy2 === void 0 ? "" : markOf(deploy2)
};
function markOf({ ssh, projectDirectory, projectName, services }) {
  const what = [ssh.user, ssh.host, ssh.port, projectDirectory, projectName, ...services.toSorted()];
  return createHash4("sha256").update(JSON.stringify(what)).digest("hex").slice(0, 5);
}

// src/ssh/trust.ts
var keyscan = ({ host: host2, port }) => `ssh-keyscan ${port === 22 ? "" : `-p ${port} `}${host2}`;
function planHostKey(inputs, server, findings) {
  const { "ssh-known-hosts": lines2, "ssh-fingerprint": prints } = inputs;
  const insecure = planOptOut(inputs, findings);
  const given = [
    ...lines2 === "" ? [] : ["`ssh-known-hosts`"],
    ...prints === "" ? [] : ["`ssh-fingerprint`"],
    ...insecure ? ["`ssh-insecure-skip-host-key-check`"] : []
  ];
  if (given.length !== 1) findings.problems.push(given.length === 0 ? missing4(server) : tooMany(given));
  if (lines2 !== "") return planKnownHosts(lines2, server, findings);
  if (prints !== "") return planFingerprints(prints, server, findings);
  return insecure ? { kind: "insecure" } : void 0;
}
var missing4 = (server) => ({
  input: "ssh-known-hosts",
  cause: `Nothing says which host key ${server.host} has: \`ssh-known-hosts\` and \`ssh-fingerprint\` are empty.`,
  remedy: `Give the output of \`${keyscan(server)}\` as \`ssh-known-hosts\` (a variable will do, it is no secret).`
});
var tooMany = (given) => ({
  input: "ssh-known-hosts",
  cause: `${given.join(" and ")} are given, and only one of them can decide about the host key.`,
  remedy: "Leave one."
});
function planOptOut(inputs, findings) {
  const insecure = (0, import_shared.boolean)(inputs, "ssh-insecure-skip-host-key-check", findings, false);
  if (insecure) {
    findings.warnings.push(
      "`ssh-insecure-skip-host-key-check` is on: whoever answers in the place of the server gets all that is sent there."
    );
  }
  return insecure;
}
function planKnownHosts(lines2, server, findings) {
  const { hosts, unreadable: unreadable2 } = parseKnownHosts(lines2);
  const numbers2 = unreadable2.join(", ");
  if (hosts.length > 0) {
    if (numbers2 !== "") findings.warnings.push(`\`ssh-known-hosts\`: cannot read line ${numbers2}, left out.`);
    return { kind: "known-hosts", lines: lines2 };
  }
  const bareKey = /^(ssh|ecdsa)-\S+ AAAA/m.test(lines2);
  const print = /^SHA256:\S+$/m.test(lines2);
  findings.problems.push({
    input: "ssh-known-hosts",
    cause: `\`ssh-known-hosts\` has no line of the form \`host type key\`${bareKey ? ": the host is missing" : ""}.`,
    remedy: print ? "This looks like a fingerprint: give it as `ssh-fingerprint`." : `Give the output of \`${keyscan(server)}\`.`
  });
  return void 0;
}
function planFingerprints(text2, server, findings) {
  const fingerprints = [];
  for (const entry of text2.split(/[\n,]/).map((part) => part.trim())) {
    const print = readFingerprint(entry);
    if (print !== void 0) fingerprints.push(print);
    else if (entry !== "") findings.problems.push(noFingerprint(entry, server));
  }
  return fingerprints.length > 0 ? { kind: "fingerprint", fingerprints } : void 0;
}
function readFingerprint(entry) {
  const hash = /(?:^|\s)SHA256:([A-Za-z0-9+/]{43})=?(?:\s|$)/i.exec(entry)?.[1] ?? /^([A-Za-z0-9+/]{43})=?$/.exec(entry)?.[1];
  return hash === void 0 ? void 0 : `SHA256:${hash}`;
}
function noFingerprint(entry, server) {
  const md5 = /(?:^|\s|MD5:)(?:[0-9a-f]{2}:){15}[0-9a-f]{2}(?:\s|$)/i.test(entry);
  return {
    input: "ssh-fingerprint",
    cause: `\`ssh-fingerprint\` is \`${entry}\`, ${md5 ? "an MD5 hash, which proves nothing today" : "no SHA-256 fingerprint"}.`,
    remedy: `Take what \`${keyscan(server)} | ssh-keygen -lf -\` prints: SHA256: and 43 characters.`
  };
}

// src/ssh/target.ts
var forServer = [
  "ssh-user",
  "ssh-key",
  "ssh-password",
  "ssh-known-hosts",
  "ssh-fingerprint",
  "ssh-jump",
  "project-directory",
  "service",
  "compose-files",
  "project-name",
  "rollback-to"
];
function planSsh(inputs, env, findings) {
  if (inputs["ssh-host"] === "") {
    const given = forServer.filter((name) => inputs[name] !== "");
    if (given.length > 0) findings.problems.push(noServer(given));
    return void 0;
  }
  const target2 = planTarget(inputs, findings);
  const jump = planJump(inputs["ssh-jump"], target2?.user, findings);
  const authentication = planAuthentication(inputs, env.SSH_AUTH_SOCK ?? "", findings);
  const hostKey = planHostKey(inputs, target2 ?? { host: "HOST", port: 22 }, findings);
  if (target2 === void 0 || authentication === void 0 || hostKey === void 0) return void 0;
  return { ...target2, authentication, hostKey, ...jump === void 0 ? {} : { jump } };
}
var noServer = (given) => ({
  input: "ssh-host",
  cause: `\`ssh-host\` is empty, though ${given.map((name) => `\`${name}\``).join(", ")} ${given.length > 1 ? "are" : "is"} given.`,
  remedy: "Is the variable or secret set in this environment? To build and push without a deploy, leave the others out too."
});
function planTarget(inputs, findings) {
  const address = readAddress("ssh-host", inputs["ssh-host"], findings);
  if (address === void 0) return void 0;
  const user = agree("ssh-user", address.user, inputs["ssh-user"], findings);
  if (user === "") findings.problems.push(noUser(inputs["ssh-host"]));
  const portText = agree("ssh-port", address.port?.toString(), inputs["ssh-port"], findings);
  const port = portText === "" ? 22 : parsePort(portText);
  if (port === void 0) findings.problems.push(badPort(portText));
  return { host: address.host, port: port ?? 22, user };
}
function agree(input, inHost, own, findings) {
  if (inHost !== void 0 && own !== "" && own !== inHost) {
    findings.problems.push({
      input,
      cause: `\`ssh-host\` says \`${inHost}\`, and \`${input}\` says \`${own}\`.`,
      remedy: "Leave one of them out."
    });
  }
  return inHost ?? own;
}
var noUser = (host2) => ({
  input: "ssh-user",
  cause: `Nothing says as whom to log in on ${host2}.`,
  remedy: `Put the user in front (\`ssh-host: deploy@${host2}\`), or set \`ssh-user\`.`
});
var badPort = (port) => ({
  input: "ssh-port",
  cause: `\`ssh-port\` is \`${port}\`, which is no port.`,
  remedy: "Give a number from 1 to 65535, or leave it out for 22."
});
function readAddress(input, text2, findings) {
  const address = parseAddress(text2);
  if (!isBadAddress(address)) return address;
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${address.shown}\`, which ${address.reason}.`,
    remedy: address.reason.includes("password") ? "Give the password as `ssh-password`, from a secret; change it, for it may have been logged." : "Give one server: `host`, `user@host`, `user@host:port` or `[2001:db8::1]:port`."
  });
  return void 0;
}
function planJump(text2, user, findings) {
  const address = text2 === "" ? void 0 : readAddress("ssh-jump", text2, findings);
  if (address === void 0) return void 0;
  return { host: address.host, port: address.port ?? 22, user: address.user ?? user ?? "" };
}
function planAuthentication(inputs, agent, findings) {
  const { "ssh-key": key, "ssh-passphrase": passphrase, "ssh-password": password } = inputs;
  if (key !== "") return planKey(key, passphrase, password, findings);
  if (password !== "") return { kind: "password", password };
  if (agent !== "") return { kind: "agent", socket: agent };
  findings.problems.push({
    input: "ssh-key",
    cause: "There is nothing to log in with: `ssh-key` and `ssh-password` are empty, and no agent is running.",
    remedy: "Is the secret set in this environment? Forks and Dependabot get none. Else give `ssh-key`."
  });
  return void 0;
}
function planKey(given, passphrase, password, findings) {
  const key = repairKey(given);
  const problem2 = isProblem2(key) ? key : key.encrypted && passphrase === "" ? missingPassphrase : void 0;
  if (problem2 !== void 0) findings.problems.push(problem2);
  if (isProblem2(key)) return void 0;
  return {
    kind: "key",
    key: key.text,
    ...passphrase === "" ? {} : { passphrase },
    ...password === "" ? {} : { password }
  };
}

// src/server-plan.ts
async function planServer(inputs, build2, world, findings) {
  const bring = await planBring(inputs, world.context.workspace, findings);
  bring.settings.flatMap(secretsOf).forEach(world.log.mask);
  const planned = planChange(inputs, build2, bring, world, findings);
  return { ...planned, deployment: planDeployment(inputs, planned.deploy) };
}
function planChange(inputs, build2, bring, { context, env }, findings) {
  const trust = (0, import_shared.trustOf)(context);
  if (trust !== "own" && !(trust === "fork-with-secrets" && inputs.push === "true")) {
    if (inputs["ssh-host"] !== "") findings.warnings.push(`Nothing is deployed: ${reasons[trust]}.`);
    return { deploy: void 0, check: void 0 };
  }
  const ssh = planSsh(inputs, env, findings);
  const deploy2 = inputs["ssh-host"] === "" ? void 0 : planDeploy(inputs, ssh, findings);
  if (deploy2 !== void 0 && deploy2.rollbackTo === void 0 && build2.when === "always" && !(0, import_shared.pushes)(build2.result)) {
    findings.warnings.push(
      "Nothing is deployed: the server pulls from the registry, and nothing is pushed there."
    );
    return { deploy: void 0, check: void 0 };
  }
  const brought = deploy2?.rollbackTo === void 0 ? bring : withoutFiles(bring, findings);
  return { deploy: deploy2 && { ...deploy2, bring: brought }, check: planCheck(inputs, findings) };
}
function withoutFiles(bring, { warnings }) {
  if (brings(bring))
    warnings.push(
      "`files` and `env` are not brought with `rollback-to`: the release comes back with what it ran with."
    );
  return { ...bring, files: [], settings: [] };
}
var reasons = {
  fork: "this pull request comes from a fork, which gets no secrets",
  dependabot: "this run was started by Dependabot, which gets no secrets",
  "fork-with-secrets": "this pull_request_target run is for a fork, and `push: true` does not say so"
};

// src/unfinished.ts
var title = "slipway: deploy";
async function tellUnfinished({ path, told = 0 }, inputs, env, log) {
  const ssh = planSsh(inputs, env, (0, import_shared.noFindings)());
  if (ssh === void 0) return;
  const verdict = await log.group(
    "Follow the deploy to its end on the server",
    () => resume(path, told, {
      connect: () => connect2(ssh, { stage: "deploy" }),
      tell: log.foreign,
      cancelled: new AbortController().signal
    })
  ).catch((error) => {
    if (error instanceof import_shared.Failure) return error;
    throw error;
  });
  if (verdict instanceof import_shared.Failure) {
    for (const { cause, remedy = "" } of verdict.problems)
      log.error(`${cause} ${remedy}`.trimEnd(), { title });
    return;
  }
  if (verdict === void 0) {
    log.notice("Of the deploy nothing is left on the server: it had ended before, or had not begun.");
    return;
  }
  const text2 = outcomeOf2(verdict);
  if (["ok", "unchanged", "superseded"].includes(verdict.kind)) log.notice(text2);
  else log.error(text2, { title });
}
module.exports = {
  carryOut,
  endLogin,
  planServer,
  removeCommand,
  tellUnfinished,
  withoutClient: import_shared.withoutClient,
  writeReport
};

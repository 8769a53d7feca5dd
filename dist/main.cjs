var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));
var import_shared = require("./shared.cjs");
var import_node_fs = require("node:fs");
var import_node_fs2 = require("node:fs");

// src/main.ts
var setImmediate = (...args) => process.getBuiltinModule("node:timers/promises").setImmediate(...args);

// src/heartbeat.ts
var silence = 3e4;
function withHeartbeat(log2) {
  let last = 0;
  const heard = (say) => (...said) => {
    last = Date.now();
    say(...said);
  };
  const beat = (title, begin) => setTimeout(
    () => {
      if (Date.now() - last >= silence) {
        last = Date.now();
        log2.line(`Still at: ${title}, ${Math.round((last - begin) / 1e3)} s`);
      }
      timer = beat(title, begin);
    },
    last + silence - Date.now()
  ).unref();
  let timer;
  return {
    line: heard(log2.line),
    foreign: heard(log2.foreign),
    notice: heard(log2.notice),
    warning: heard(log2.warning),
    error: heard(log2.error),
    mask: log2.mask,
    // Groups do not nest: one timer is enough.
    async group(title, work) {
      last = Date.now();
      timer = beat(title, last);
      try {
        return await log2.group(title, work);
      } finally {
        clearTimeout(timer);
      }
    }
  };
}

// src/journal.ts
function openJournal({ log: log2, cancelled }) {
  const { stages, time } = (0, import_shared.stopwatch)();
  const warnings = [];
  let known = {};
  return {
    stage: (title, work) => log2.group(title, () => time(title, work)),
    warn(text3) {
      warnings.push(text3);
      log2.warning(text3);
    },
    note(more) {
      known = { ...known, ...more };
    },
    async conclude(story) {
      const ending = await story().catch((error) => endingOf(error, cancelled));
      return { ...ending, ...known, stages, warnings };
    }
  };
}
function endingOf(error, cancelled) {
  if (cancelled.aborted) return { end: "cancelled" };
  if (error instanceof import_shared.Failure) return { end: "failed", failure: error };
  throw error;
}

// src/build/plan.ts

// src/build/nodes.ts
async function planNodes(text3, findings) {
  if (text3 === "") return [];
  const { load } = await Promise.resolve().then(() => __toESM(require("./vendor/js-yaml.cjs")));
  try {
    const nodes = load(text3);
    if (Array.isArray(nodes) && nodes.every(isRecord)) return nodes.map(readNode);
    findings.problems.push(noList);
  } catch (error) {
    findings.problems.push({ ...noList, output: String(error.message) });
  }
  return [];
}
var isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
var noList = {
  input: "append",
  cause: "`append` is no YAML list of nodes.",
  remedy: "Begin each node with `- ` and give it an `endpoint`: `- endpoint: ssh://me@arm.example.com`."
};
function readNode(node) {
  return {
    name: text(node, "name"),
    endpoint: text(node, "endpoint"),
    platforms: entries((0, import_shared.at)(node, "platforms")).flatMap((entry) => entry.split(",")).map((cell) => (0, import_shared.normalize)(cell.trim())),
    driverOpts: entries((0, import_shared.at)(node, "driver-opts")),
    flags: text(node, "buildkitd-flags")
  };
}
var text = (node, key) => {
  const value = (0, import_shared.at)(node, key);
  return value === void 0 || value === null ? void 0 : String(value);
};
var entries = (value) => Array.isArray(value) ? value.map(String) : (0, import_shared.lines)(value === void 0 || value === null ? "" : String(value));

// src/build/builder-plan.ts
var drivers = ["docker", "docker-container", "kubernetes", "remote", "cloud"];
var pinnedQemu = "docker.io/tonistiigi/binfmt@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0";
async function planBuilder(inputs2, env2, findings) {
  const driver = planDriver(inputs2, findings);
  return {
    name: inputs2.builder || env2["BUILDX_BUILDER"] || void 0,
    driver,
    driverOpts: (0, import_shared.list)(inputs2["driver-opts"], "driver-opts", findings, { wholeLines: true, keepQuotes: true }),
    config: inputs2["buildkitd-config-inline"] || void 0,
    flags: inputs2["buildkitd-flags"] || void 0,
    endpoint: inputs2.endpoint || void 0,
    nodes: await planNodes(inputs2.append, findings),
    keepState: (0, import_shared.boolean)(inputs2, "keep-state", findings, false),
    cleanup: (0, import_shared.boolean)(inputs2, "cleanup", findings, true),
    qemuImage: inputs2["qemu-image"] || pinnedQemu,
    buildxVersion: planBuildx(inputs2["buildx-version"], findings)
  };
}
function planBuildx(text3, findings) {
  if (text3 === "" || text3 === "latest") return text3 || void 0;
  const [, version] = /^v?(\d+\.\d+\.\d+(?:-[a-z0-9.]+)?)$/.exec(text3) ?? [];
  if (version === void 0) {
    findings.problems.push({
      input: "buildx-version",
      cause: `\`buildx-version\` is \`${text3}\`, which is no release of buildx.`,
      remedy: /^(?:lab|cloud):/.test(text3) ? "A builder of Docker Build Cloud is made by docker/setup-buildx-action in a step before: name it by `builder`." : "Give one such as `0.29.1`, or `latest`; leave it out for what the runner has."
    });
  }
  return version;
}
function planDriver(inputs2, findings) {
  if (inputs2.driver === "") return void 0;
  const driver = drivers.find((known) => known === inputs2.driver);
  if (driver === void 0) {
    findings.problems.push({
      input: "driver",
      cause: `\`driver\` is \`${inputs2.driver}\`, which buildx does not have.`,
      remedy: `Give one of ${drivers.map((known) => `\`${known}\``).join(", ")}, or leave it out.`
    });
  }
  if (driver === "docker") refuseForEngine(inputs2, findings);
  if (driver === "remote" && inputs2.endpoint === "") findings.problems.push(noEndpoint);
  return driver;
}
var noEndpoint = {
  input: "endpoint",
  cause: "`driver: remote` is given without `endpoint`.",
  remedy: "Give the address of the buildkitd, such as `tcp://buildkitd.example.com:1234`."
};
function refuseForEngine(inputs2, findings) {
  const names2 = ["driver-opts", "buildkitd-config-inline", "buildkitd-flags", "endpoint", "append"];
  for (const input of names2.filter((name) => (0, import_shared.at)(inputs2, name) !== "")) {
    findings.problems.push({
      input,
      cause: `\`${input}\` is given together with \`driver: docker\`, whose builder is the engine's own.`,
      remedy: `Leave out \`${input}\`, or take \`driver: docker-container\`.`
    });
  }
}

// src/build/secrets.ts
function planSecrets(inputs2, fetched, findings) {
  const whole = { wholeLines: true };
  const values = (0, import_shared.list)(inputs2.secrets, "secrets", findings, { ...whole, keepBlanks: true });
  const files = (0, import_shared.list)(inputs2["secret-files"], "secret-files", findings, whole);
  const variables = (0, import_shared.list)(inputs2["secret-envs"], "secret-envs", findings);
  const secrets = [
    ...pairs(values, "secrets", findings).map(([id, value]) => ({ kind: "value", id, value })),
    ...pairs(files, "secret-files", findings).map(([id, path]) => ({ kind: "file", id, path })),
    ...pairs(variables, "secret-envs", findings).map(
      ([id, variable]) => ({ kind: "variable", id, variable })
    )
  ];
  return [...secrets, ...gitToken(inputs2["github-token"], fetched, secrets)];
}
function pairs(entries2, input, findings) {
  return entries2.flatMap((entry, place) => {
    const equals = entry.indexOf("=");
    const id = entry.slice(0, Math.max(equals, 0)).trim();
    const value = entry.slice(equals + 1);
    if (id === "") findings.problems.push(noName(input, place + 1));
    else if (value === "") findings.warnings.push(`\`${input}\` gives \`${id}\` no value; it is left out.`);
    else return [[id, value]];
    return [];
  });
}
var noName = (input, place) => ({
  input,
  cause: `Entry ${place} of \`${input}\` has no name.`,
  remedy: 'Write `NAME=value`; put a value of several lines in quotes, with the name inside: `"NAME=first\nsecond"`.'
});
function gitToken(token, fetched, secrets) {
  const host = URL.canParse(fetched.serverUrl) ? new URL(fetched.serverUrl).host : "";
  const id = `GIT_AUTH_TOKEN.${host}`;
  const given2 = secrets.some((secret) => secret.id === "GIT_AUTH_TOKEN" || secret.id === id);
  if (token === "" || host === "" || given2 || !needsToken(fetched)) return [];
  return [{ kind: "value", id, value: token }];
}
function needsToken({ source, buildContexts, serverUrl }) {
  const own = (url) => url.startsWith(`${serverUrl}/`);
  return source.kind === "commit" || source.kind === "remote" && own(source.url) || buildContexts.some(
    (entry) => /\{\{\s*defaultContext\s*\}\}/.test(entry) || entry.includes(`=${serverUrl}/`)
  );
}

// src/build/plan.ts
async function planBuild(inputs2, context2, findings, { env: env2, exists = import_node_fs2.existsSync }) {
  const result = (0, import_shared.planResult)(inputs2, context2, findings);
  const source = (0, import_shared.planSource)(inputs2, context2, findings, exists);
  const when = planWhen(inputs2, findings);
  if (when !== "never") (0, import_shared.requireDockerfile)(source, inputs2, context2, findings, exists);
  const buildContexts = (0, import_shared.list)(inputs2["build-contexts"], "build-contexts", findings, { wholeLines: true });
  return {
    when,
    source,
    file: given(inputs2.file),
    target: given(inputs2.target),
    // buildx would take it too; which builder and which emulators that needs is decided here.
    platforms: (0, import_shared.planPlatforms)(inputs2.platforms || (env2["DOCKER_DEFAULT_PLATFORM"] ?? ""), findings),
    buildArgs: planBuildArgs(inputs2, findings),
    buildContexts: buildContexts.map((entry) => (0, import_shared.fillContext)(entry, context2)),
    secrets: planSecrets(inputs2, { source, buildContexts, serverUrl: context2.serverUrl }, findings),
    ssh: (0, import_shared.list)(inputs2.ssh, "ssh", findings),
    ...(0, import_shared.planCache)(inputs2, findings),
    noCache: (0, import_shared.boolean)(inputs2, "no-cache", findings, false),
    noCacheFilters: (0, import_shared.list)(inputs2["no-cache-filters"], "no-cache-filters", findings),
    pull: (0, import_shared.boolean)(inputs2, "pull", findings, false),
    result,
    attests: (0, import_shared.planAttestations)(inputs2, context2, { result, env: env2 }, findings),
    network: given(inputs2.network),
    addHosts: (0, import_shared.list)(inputs2["add-hosts"], "add-hosts", findings),
    allow: (0, import_shared.list)(inputs2.allow, "allow", findings),
    ulimits: (0, import_shared.list)(inputs2.ulimit, "ulimit", findings, { wholeLines: true }),
    shmSize: given(inputs2["shm-size"]),
    cgroupParent: given(inputs2["cgroup-parent"]),
    builder: await planBuilder(inputs2, env2, findings)
  };
}
var given = (text3) => text3 === "" ? void 0 : text3;
function planWhen(inputs2, findings) {
  if (inputs2.build === "auto") return "missing";
  return (0, import_shared.boolean)(inputs2, "build", findings, true) ? "always" : "never";
}
function planBuildArgs(inputs2, findings) {
  const args = (0, import_shared.list)(inputs2["build-args"], "build-args", findings, { wholeLines: true });
  const empty = args.filter((arg) => arg.endsWith("=") && arg.indexOf("=") === arg.length - 1);
  for (const arg of empty) {
    findings.warnings.push(
      `\`build-args\` gives \`${arg.slice(0, -1)}\` an empty value; the version is \`{{meta.version}}\` here.`
    );
  }
  return args;
}

// src/build/output-names.ts
function outputNames(result) {
  if (result.kind === "call") return [];
  const names2 = result.outputs.map(import_shared.attributes).flatMap(({ type = "", name = "" }) => {
    return type === "image" || type === "registry" ? name.split(",") : [];
  });
  return names2.map((name) => name.trim()).filter((name) => name !== "");
}
function nameOutputs(result, repositories) {
  if (result.kind === "call" || repositories.length === 0) return result;
  const name = `"name=${repositories.join(",")}"`;
  const outputs = result.outputs.map(
    (output) => (0, import_shared.asksForDigest)(output) && (0, import_shared.attributes)(output)["name"] === void 0 ? `${output},${name}` : output
  );
  return { ...result, outputs };
}
function withoutTag(text3) {
  const reference = (0, import_shared.parseReference)(text3);
  return "reason" in reference ? text3 : (0, import_shared.repositoryName)(reference);
}
function withTag(text3) {
  const reference = (0, import_shared.parseReference)(text3);
  return "reason" in reference || reference.tag !== void 0 ? text3 : `${text3}:latest`;
}

// src/image/trigger.ts
var workflowContext = (context2, env2) => ({
  ...context2,
  ref: refOf(context2),
  sha: shaOf(context2, env2)
});
function readTrigger(context2, env2, now, findings) {
  const { ref, sha } = context2;
  const defaultBranch = text2((0, import_shared.at)(context2.payload, "repository", "default_branch"));
  return {
    eventName: context2.eventName,
    ref,
    sha,
    shortSha: sha.slice(0, shortLength(env2, findings)),
    baseRef: baseRefOf(context2, ref),
    defaultBranch: defaultBranch ?? (context2.eventName === "schedule" ? branchOf(ref) : void 0),
    onDefaultBranch: onDefaultBranch(context2.eventName, ref, defaultBranch),
    now,
    commitDate: eventCommitDate(context2, sha)
  };
}
var branchOf = (ref) => after("refs/heads/", ref);
var tagOf = (ref) => after("refs/tags/", ref);
var pullRequestOf = (ref) => after("refs/pull/", ref)?.replace(/\/merge$/, "");
var after = (prefix, ref) => ref.startsWith(prefix) ? ref.slice(prefix.length) : void 0;
var text2 = (value) => typeof value === "string" && value !== "" ? value : void 0;
function refOf({ eventName, ref, payload }) {
  const number = (0, import_shared.at)(payload, "number") ?? (0, import_shared.at)(payload, "pull_request", "number");
  return eventName === "pull_request_target" && number !== void 0 ? `refs/pull/${number}/merge` : ref;
}
function shaOf({ eventName, sha, payload }, env2) {
  const wanted = /true/i.test(env2["DOCKER_METADATA_PR_HEAD_SHA"] ?? "") && eventName.startsWith("pull_request");
  return (wanted ? text2((0, import_shared.at)(payload, "pull_request", "head", "sha")) : void 0) ?? sha;
}
function shortLength(env2, findings) {
  const given2 = env2["DOCKER_METADATA_SHORT_SHA_LENGTH"] ?? "";
  if (given2 === "") return 7;
  if (/^[1-9][0-9]*$/.test(given2)) return Number(given2);
  findings.problems.push({
    cause: `The variable DOCKER_METADATA_SHORT_SHA_LENGTH is \`${given2}\`, which is no length.`,
    remedy: "Set it to a number of characters, such as 12, or do not set it."
  });
  return 7;
}
function baseRefOf({ payload }, ref) {
  if (tagOf(ref) !== void 0) return text2((0, import_shared.at)(payload, "base_ref"))?.replace(/^refs\/heads\//, "") ?? "";
  if (pullRequestOf(ref) === void 0) return "";
  return text2((0, import_shared.at)(payload, "pull_request", "base", "ref")) ?? "";
}
var defaultBranchEvents = /create|discussion|issues|schedule/;
function onDefaultBranch(eventName, ref, defaultBranch) {
  if (ref === "" || ref === "refs/heads/") return false;
  return defaultBranchEvents.test(eventName) || (branchOf(ref) ?? ref) === defaultBranch;
}
function eventCommitDate({ payload }, sha) {
  const commits = (0, import_shared.at)(payload, "commits");
  const all = [...Array.isArray(commits) ? commits : [], (0, import_shared.at)(payload, "head_commit")];
  const stamp = text2(
    (0, import_shared.at)(
      all.find((commit) => (0, import_shared.at)(commit, "id") === sha),
      "timestamp"
    )
  );
  return stamp === void 0 ? void 0 : validDate(stamp);
}
function validDate(stamp) {
  const date = new Date(stamp);
  return Number.isNaN(date.getTime()) ? void 0 : date;
}

// src/image/default-rules.ts
function defaultRules(trigger) {
  const version = versionPattern.exec(tagOf(trigger.ref) ?? "");
  return [
    "type=schedule",
    "type=ref,event=branch",
    "type=ref,event=pr",
    ...version === null ? ["type=raw,priority=600,value={{tag}}"] : versionRules(version[1]),
    "type=sha"
  ].join("\n");
}
var defaultFlavor = (flavor, { onDefaultBranch: onDefaultBranch2, ref }) => flavor.latest === "auto" && onDefaultBranch2 && branchOf(ref) !== void 0 ? { ...flavor, latest: "true" } : flavor;
var versionPattern = /^v?(0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
var versionRules = (major) => [
  "type=semver,pattern={{version}}",
  "type=semver,pattern={{major}}.{{minor}}",
  ...major === "0" ? [] : ["type=semver,pattern={{major}}"],
  "type=ref,event=tag"
];
var formatDate = (...args) => (0, import_shared.__require)("./date.cjs").formatDate(...args);

// src/image/expressions.ts
var dateExpressions = (trigger) => ({
  date: (call) => dateOf(call, trigger.now, "date"),
  // Where nobody knows when the commit was made, Docker's action takes the present as well.
  commit_date: (call) => dateOf(call, trigger.commitDate ?? trigger.now, "commit_date")
});
var globalExpressions = (trigger) => ({
  branch: () => branchOf(trigger.ref) ?? "",
  tag: () => tagOf(trigger.ref) ?? "",
  sha: () => trigger.shortSha,
  base_ref: () => trigger.baseRef,
  is_default_branch: () => String(trigger.onDefaultBranch),
  is_not_default_branch: () => String(!trigger.onDefaultBranch),
  ...dateExpressions(trigger)
});
function dateOf({ args: [format], options: { tz = "UTC", ...others } }, date, name) {
  if (format === void 0) throw new import_shared.TemplateError(`has \`{{${name}}}\` without a format in quotes`);
  const [other] = Object.keys(others);
  if (other !== void 0)
    throw new import_shared.TemplateError(`has \`{{${name}}}\` with \`${other}=\`, and only \`tz=\` is known`);
  return formatDate(date, format, tz);
}
var filler = (input, findings) => (template, expressions) => {
  if (!template.includes("{{")) return template;
  try {
    const { text: text3, unknown } = (0, import_shared.render)(template, expressions);
    for (const name of unknown) warnUnknown(input, name, template, expressions, findings);
    return text3;
  } catch (error) {
    if (!(error instanceof import_shared.TemplateError)) throw error;
    refuse(findings, {
      input,
      cause: `\`${input}\` ${error.message}: \`${template}\`.`,
      remedy: error.remedy ?? `Known here are ${names(expressions)}; \`\\{{\` is for braces that are meant as such.`
    });
    return "";
  }
};
function warnUnknown(input, name, template, expressions, { warnings }) {
  const warning = `\`${input}\`: \`{{${name}}}\` in \`${template}\` is empty: known here are ${names(expressions)}.`;
  if (!warnings.includes(warning)) warnings.push(warning);
}
var names = (expressions) => Object.keys(expressions).map((name) => `\`{{${name}}}\``).join(", ");
function refuse({ problems }, problem) {
  if (!problems.some(({ cause }) => cause === problem.cause)) problems.push(problem);
}

// src/image/flavor.ts
var none = { text: "", onLatest: false };
function parseFlavor(text3, findings) {
  const flavor = { latest: "auto", prefix: none, suffix: none };
  return (0, import_shared.records)(text3, "flavor", findings, { comments: true }).reduce(
    (before, cells) => readLine(before, cells, findings),
    flavor
  );
}
function readLine(before, cells, findings) {
  let flavor = before;
  let last;
  for (const cell of cells) {
    const [, key = "", value = ""] = /^([^=]*)=([\s\S]*)$/.exec(cell)?.map((part) => part.trim()) ?? [];
    const name = key.toLowerCase();
    if (name === "latest" && isLatest(value)) flavor = { ...flavor, latest: value };
    else if (name === "prefix" || name === "suffix") {
      last = name;
      flavor = { ...flavor, [name]: { ...flavor[name], text: value } };
    } else if (name === "onlatest" && last !== void 0 && /^(?:true|false)$/.test(value)) {
      flavor = { ...flavor, [last]: { ...flavor[last], onLatest: value === "true" } };
    } else refuse2(cell, findings);
  }
  return flavor;
}
var isLatest = (value) => /^(?:auto|true|false)$/.test(value);
function refuse2(cell, { problems }) {
  problems.push({
    input: "flavor",
    cause: `\`flavor\` has \`${cell.trim()}\`, which is not understood.`,
    remedy: "Its lines are `latest=auto`, `latest=true` or `latest=false`, `prefix=\u2026` and `suffix=\u2026`, the last two with or without `,onlatest=true`."
  });
}

// src/image/git.ts
async function gitCommitDate(context2, sha, run) {
  const shown = await ask(git(context2, "show", "-s", "--format=%cI", sha), run);
  return shown === void 0 ? void 0 : validDate(shown);
}
async function gitContext(context2, run, findings) {
  const [sha, branch, names2] = await Promise.all([
    ask(git(context2, "rev-parse", "HEAD"), run),
    ask(git(context2, "symbolic-ref", "-q", "HEAD"), run),
    ask(git(context2, "show", "-s", "--format=%D", "HEAD"), run)
  ]);
  const ref = branch ?? detachedRef(names2 ?? "");
  if (sha !== void 0 && ref !== void 0) return { ...context2, sha, ref };
  findings.problems.push({
    input: "metadata-context",
    cause: "`metadata-context` is `git`, and git does not say which branch or tag is checked out.",
    remedy: "Check the repository out before this step (actions/checkout), or leave `metadata-context` off."
  });
  return context2;
}
var git = ({ workspace }, ...args) => ({
  file: "git",
  // A workspace that another user owns is what a job in a container has.
  args: ["-c", "safe.directory=*", "-C", workspace, ...args]
});
async function ask(command, run) {
  const outcome = await run(command).catch(() => void 0);
  const said = outcome?.code === 0 ? outcome.stdout.trim() : "";
  return said === "" ? void 0 : said;
}
function detachedRef(decoration) {
  const names2 = decoration.split(", ").filter((name) => !["", "grafted", "HEAD"].includes(name));
  const [first] = names2;
  if (first === void 0) return void 0;
  if (first.startsWith("tag: ")) return `refs/tags/${first.slice("tag: ".length)}`;
  if (/^pull\/\d+\/(?:head|merge)$/.test(first)) return `refs/${first}`;
  const local = names2.find((name) => !name.includes("/")) ?? first.replace(/^[^/]+\//, "");
  return `refs/heads/${local}`;
}

// src/image/labels.ts
var level = "(?:manifest|index|manifest-descriptor|index-descriptor)(?:\\[[^\\]]*\\])?";
var levelled = new RegExp(`^${level}(?:,${level})*:`);
function describe(inputs2, context2, trigger, planned, env2, findings) {
  const automatic = openContainerLabels(context2, trigger, planned.version, env2);
  const given2 = (input) => {
    const fill = filler(input, findings);
    const expressions = globalExpressions(trigger);
    return (0, import_shared.list)(inputs2[input], input, findings, { comments: true, wholeLines: true }).map((line) => fill((0, import_shared.substituteMeta)(line, planned), expressions)).filter((line) => line !== "");
  };
  const annotations = given2("annotations");
  return {
    labels: merge([...automatic, ...given2("labels")]),
    annotations: {
      plain: merge([...automatic, ...annotations.filter((line) => !levelled.test(line))]),
      levelled: annotations.filter((line) => levelled.test(line)),
      levels: (env2["DOCKER_METADATA_ANNOTATIONS_LEVELS"] ?? "").split(",").map((name) => name.trim()).filter(Boolean)
    }
  };
}
function openContainerLabels(context2, trigger, version, env2) {
  const repository = (0, import_shared.at)(context2.payload, "repository");
  const said = (fallback, ...path) => {
    const value = (0, import_shared.at)(repository, ...path);
    return typeof value === "string" ? value : fallback;
  };
  const page = said(`${context2.serverUrl}/${context2.repository}`, "html_url");
  const unknown = repository === void 0 ? void 0 : "";
  return Object.entries({
    title: said(context2.repository.split("/")[1], "name"),
    description: said(unknown, "description"),
    url: page,
    source: page,
    version,
    created: created(trigger, env2).toISOString(),
    revision: trigger.sha,
    licenses: said(unknown, "license", "spdx_id")
  }).flatMap(([name, value]) => value === void 0 ? [] : [`org.opencontainers.image.${name}=${value}`]);
}
function created({ commitDate, now }, env2) {
  const epoch = env2["SOURCE_DATE_EPOCH"] ?? "";
  const fixed = /^[0-9]+$/.test(epoch) ? validDate(Number(epoch) * 1e3) : void 0;
  return fixed ?? commitDate ?? now;
}
function merge(lines2) {
  const values = new Map(
    lines2.map((line) => {
      const [key = "", ...value] = line.split("=");
      return [key.trim(), value.join("=")];
    })
  );
  return [...values].sort(([one], [other]) => one < other ? -1 : 1).map(([key, value]) => `${key}=${value}`);
}

// src/image/default-image.ts
function defaultImage(registry, context2) {
  const host = registry === "" ? serverRegistry(context2) : registryHost2(registry);
  return `${host}/${context2.repository.toLowerCase()}`;
}
function registryHost2(registry) {
  const host = registry.replace(/^https?:\/\//i, "").replace(/\/.*$/, "");
  return ["index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"].includes(host) ? "docker.io" : host;
}
function serverRegistry({ serverUrl, apiUrl }) {
  const host = URL.canParse(serverUrl) ? new URL(serverUrl).host : "github.com";
  if (host === "github.com") return "ghcr.io";
  return /\/api\/v1\/?$/.test(apiUrl) ? host : `containers.${host}`;
}

// src/image/names.ts
function parseImages(inputs2, context2, findings) {
  const input = chosen(inputs2, findings);
  const given2 = (0, import_shared.records)(inputs2[input], input, findings, { comments: true });
  if (given2.length === 0) return repositorysOwn(inputs2.registry, context2, findings);
  return given2.flatMap((cells) => readLine2(cells, input, context2, findings));
}
function repositorysOwn(registry, context2, findings) {
  if (context2.repository !== "") return named(defaultImage(registry, context2), "image", context2, findings);
  findings.problems.push({
    input: "image",
    cause: "`image` is not given, and this run is of no repository to name it after.",
    remedy: "Give it: `image: ghcr.io/owner/name`."
  });
  return [];
}
function chosen({ image, images }, { problems }) {
  if (image !== "" && images !== "") {
    problems.push({
      input: "images",
      cause: "`image` and `images` are both given, and mean the same.",
      remedy: "Give one of them."
    });
  }
  return image === "" && images !== "" ? "images" : "image";
}
function readLine2(cells, input, context2, findings) {
  const names2 = [];
  let enabled2 = true;
  for (const cell of cells.map((text3) => text3.trim()).filter((text3) => text3 !== "")) {
    const [, key, value = ""] = /^([^=]*)=(.*)$/.exec(cell)?.map((part) => part.trim()) ?? [];
    if (key === void 0) names2.push(cell);
    else if (key.toLowerCase() === "name") names2.push(value);
    else if (key.toLowerCase() === "enable" && /^(?:true|false)$/.test(value)) enabled2 = value === "true";
    else refuseCell(cell, input, findings);
  }
  if (names2.length === 0 || names2.includes("")) refuseCell(cells.join(","), input, findings);
  return enabled2 ? names2.flatMap((name) => named(name, input, context2, findings)) : [];
}
function refuseCell(cell, input, { problems }) {
  problems.push({
    input,
    cause: `\`${input}\` has \`${cell}\`, which is not understood.`,
    remedy: "A line is a name (`ghcr.io/owner/name`), or `name=\u2026,enable=true`."
  });
}
function named(text3, input, context2, findings) {
  const read = readName(text3, input, context2, findings);
  if (read === void 0) return [];
  if (!read.reference.repository.endsWith("/binfmt") || /\/binfmt$/i.test(context2.repository)) return [read];
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${text3}\`, which holds emulators.`,
    remedy: "Name it as `qemu-image`: `image` is what is built here."
  });
  return [];
}
function readName(text3, input, context2, findings) {
  const [, given2 = text3, ends = ""] = /^([^@]*?)((?::[^/:@]*)?(?:@.*)?)$/s.exec(text3) ?? [];
  const name = given2.toLowerCase();
  const reference = (0, import_shared.parseReference)(name + ends);
  if ("reason" in reference) {
    const { reason, remedy } = reference;
    findings.problems.push({ input, cause: `\`${input}\` has \`${text3}\`: ${reason}.`, remedy });
    return void 0;
  }
  const warning = `\`${input}\`: \`${given2}\` is taken as \`${name}\`: the names of images are lower case.`;
  if (isRespelt(given2, context2) && !findings.warnings.includes(warning)) findings.warnings.push(warning);
  return { name, reference };
}
function isRespelt(given2, { repository }) {
  const theirs = repository.split("/");
  return given2.split("/").some((part) => /[A-Z]/.test(part) && !theirs.includes(part));
}

// src/image/planned-tags.ts
function fullReferences(texts, context2, findings) {
  return texts.flatMap((text3) => {
    const read = readName(text3, "tags", context2, findings);
    if (read?.reference.digest !== void 0) {
      findings.problems.push({
        input: "tags",
        cause: `\`tags\` has \`${text3}\`, which names a digest.`,
        remedy: "A digest is what comes of a build: leave it off."
      });
      return [];
    }
    return read === void 0 ? [] : [{ ...read, reference: { ...read.reference, tag: read.reference.tag ?? "latest" } }];
  });
}
function ownVersion(images, inputs2, findings) {
  for (const { name, reference } of images) {
    if (reference.digest !== void 0 && !/^false$/i.test(inputs2.build)) refuseDigest(name, findings);
    if (reference.tag !== void 0 && inputs2.tags !== "") refuseBoth(name, reference.tag, findings);
  }
  if (images.length === 0 || !images.every(isFixed)) return void 0;
  const tagNames = [...new Set(images.flatMap(({ reference: { tag } }) => tag ?? []))];
  return { main: tagNames[0] ?? "", tagNames };
}
function planTags(images, { main, tagNames }, full, findings) {
  const made = images.flatMap(
    (image) => isFixed(image) ? tagged(image) : tagNames.map((tag) => `${image.name}:${tag}`)
  );
  const tags = [.../* @__PURE__ */ new Set([...made, ...full.flatMap(tagged)])];
  const own = full.map(({ reference: { tag = "latest" } }) => tag);
  if (tags.length === 0 && !images.some(({ reference: { digest } }) => digest)) {
    findings.warnings.push(noTag(images, tagNames));
  }
  return {
    images: [...images, ...full].reduce(addRepository, []),
    tags,
    tagNames: tagNames.length > 0 ? tagNames : [...new Set(own)],
    version: main === "" ? own[0] ?? "" : main
  };
}
var isFixed = ({ reference: { tag, digest } }) => tag !== void 0 || digest !== void 0;
var tagged = ({ name, reference: { tag } }) => tag === void 0 ? [] : [`${name}:${tag}`];
var addRepository = (found, image) => found.some(({ reference }) => (0, import_shared.sameRepository)(reference, image.reference)) ? found : [...found, image];
function noTag(images, tagNames) {
  if (tagNames.length > 0 && images.length === 0) return "`image`: none is enabled, so nothing is tagged.";
  return "`tags`: no rule made a tag for this run.";
}
function refuseDigest(name, { problems }) {
  problems.push({
    input: "image",
    cause: `\`image\` names a digest of \`${name}\`.`,
    remedy: "A digest is what comes of a build: leave it off, or set `build: false` to deploy what is there."
  });
}
function refuseBoth(name, tag, { problems }) {
  problems.push({
    input: "image",
    cause: `\`image\` is \`${name}\` with the tag \`${tag}\`, and \`tags\` is given too.`,
    remedy: `Name it \`${name}\`, and move \`${tag}\` to \`tags\`, as a line.`
  });
}

// src/image/rule.ts
var priorities = {
  schedule: 1e3,
  semver: 900,
  pep440: 900,
  match: 800,
  edge: 700,
  ref: 600,
  raw: 200,
  sha: 100
};
var common = ["type", "enable", "priority", "prefix", "suffix"];
var attributeNames = {
  schedule: [...common, "pattern"],
  semver: [...common, "pattern", "value", "match"],
  pep440: [...common, "pattern", "value", "match"],
  match: [...common, "pattern", "group", "value"],
  edge: [...common, "branch"],
  ref: [...common, "event"],
  raw: [...common, "value"],
  sha: [...common, "format"]
};
var rawRule = (value, line = value) => ({
  type: "raw",
  value,
  line,
  enable: "true",
  priority: priorities.raw,
  prefix: void 0,
  suffix: void 0
});

// src/image/attributes.ts
var readAttributes = (cells) => new Map(
  cells.map((cell) => {
    if (!(0, import_shared.outside)(cell).includes("=")) return ["value", cell];
    const equals = cell.indexOf("=");
    return [cell.slice(0, equals).trim().toLowerCase(), cell.slice(equals + 1).trim()];
  })
);
function required(name, attributes2, refuse4) {
  const value = attributes2.get(name);
  if (value === void 0) refuse4(`has no \`${name}\``, `Add \`,${name}=\u2026\`.`);
  return value ?? "";
}
function oneOf(attribute, names2, fallback, attributes2, refuse4) {
  const given2 = attributes2.get(attribute);
  const found = names2.find((name) => name === (given2 ?? fallback));
  if (found === void 0) {
    const what = given2 === void 0 ? `has no \`${attribute}\`` : `has the ${attribute} \`${given2}\`, which there is not`;
    refuse4(what, `Write one of ${quoted(names2.map((name) => `${attribute}=${name}`))}.`);
  }
  return found ?? names2[0];
}
function groupOf(attributes2, refuse4) {
  const group = Number(attributes2.get("group") ?? 0);
  if (!Number.isInteger(group))
    refuse4("has a `group` that is no number", "Count the groups from 1; 0 is all of it.");
  return group;
}
function matchOf(attributes2, refuse4) {
  const match = attributes2.get("match") ?? "";
  return match === "" ? void 0 : new RegExp(expression(match, refuse4, false));
}
function expression(text3, refuse4, slashes = true) {
  const [, inner, flags] = (slashes ? /^\/(.+)\/(.*)$/.exec(text3) : null) ?? [];
  try {
    return new RegExp(inner ?? text3, flags ?? "");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    refuse4(
      `has an expression that cannot be read (${reason})`,
      "Write it as JavaScript has it; quote a cell with a comma."
    );
    return /(?!)/;
  }
}
var quoted = (names2) => names2.map((name) => `\`${name}\``).join(", ");

// src/image/rules.ts
function parseRule(cells, findings) {
  const line = cells.join(",");
  let refused = false;
  const refuse4 = (reason, remedy) => {
    refused = true;
    findings.problems.push({ input: "tags", cause: `\`tags\`: the rule \`${line}\` ${reason}.`, remedy });
  };
  const attributes2 = readAttributes(cells);
  const type = typeOf(attributes2, refuse4);
  if (type === void 0) return [];
  warnUnknown2(type, attributes2, line, findings);
  const rule = { ...commonOf(type, attributes2, line, refuse4), ...kindOf(type, attributes2, refuse4) };
  return refused ? [] : [rule];
}
function typeOf(attributes2, refuse4) {
  const given2 = attributes2.get("type") ?? "raw";
  if (Object.hasOwn(priorities, given2)) return given2;
  const types = Object.keys(priorities);
  return refuse4(`has the type \`${given2}\`, which there is not`, meant(given2, types));
}
function commonOf(type, attributes2, line, refuse4) {
  const priority = Number(attributes2.get("priority") ?? priorities[type]);
  if (Number.isNaN(priority)) refuse4("has a `priority` that is no number", `Its own is ${priorities[type]}.`);
  const prefix = attributes2.get("prefix");
  return {
    line,
    enable: attributes2.get("enable") ?? "true",
    priority,
    prefix: prefix ?? (attributes2.get("event") === "pr" && type === "ref" ? "pr-" : type === "sha" ? "sha-" : prefix),
    suffix: attributes2.get("suffix")
  };
}
function kindOf(type, attributes2, refuse4) {
  const value = attributes2.get("value") ?? "";
  switch (type) {
    case "schedule":
      return { type, pattern: attributes2.get("pattern") ?? "nightly" };
    case "semver":
    case "pep440":
      return {
        type,
        pattern: required("pattern", attributes2, refuse4),
        value,
        match: matchOf(attributes2, refuse4)
      };
    case "match":
      return {
        type,
        pattern: expression(required("pattern", attributes2, refuse4), refuse4),
        group: groupOf(attributes2, refuse4),
        value
      };
    case "edge":
      return { type, branch: attributes2.get("branch") ?? "" };
    case "ref":
      return { type, event: oneOf("event", ["branch", "tag", "pr"], void 0, attributes2, refuse4) };
    case "raw":
      return { type, value: required("value", attributes2, refuse4) };
    case "sha":
      return { type, format: oneOf("format", ["short", "long"], "short", attributes2, refuse4) };
  }
}
function warnUnknown2(type, attributes2, line, { warnings }) {
  for (const name of attributes2.keys()) {
    if (attributeNames[type].includes(name)) continue;
    const hint = meant(name, attributeNames[type]);
    warnings.push(`\`tags\`: \`${name}\` has no effect in the rule \`${line}\`. ${hint}`);
  }
}
function meant(given2, names2) {
  const close = (0, import_shared.nearest)(given2, names2);
  return close === void 0 ? `There are ${quoted(names2)}.` : `Is \`${close}\` meant?`;
}

// src/image/tag-lines.ts
function parseTagLines(text3, ref, findings) {
  const isReference = (cell) => isFullReference(cell, ref);
  const lines2 = (0, import_shared.records)(text3, "tags", findings, { comments: true }).map((cells) => unwrap(cells, findings));
  const rules = lines2.flatMap(
    (cells) => isRule(cells) ? parseRule(cells, findings) : cells.filter((cell) => !isReference(cell)).map((cell) => rawRule(cell))
  );
  const references = lines2.filter((cells) => !isRule(cells)).flatMap((cells) => cells.filter(isReference));
  return { rules: byPriority(rules), references };
}
var byPriority = (rules) => rules.toSorted((one, other) => other.priority - one.priority);
function unwrap(cells, findings) {
  const [only = ""] = cells;
  const again = cells.length === 1 && only.includes(",") ? (0, import_shared.records)(only, "tags", findings)[0] : void 0;
  return (again ?? cells).map((cell) => cell.trim()).filter((cell) => cell !== "");
}
var isRule = (cells) => cells.some((cell) => (0, import_shared.outside)(cell).includes("="));
function isFullReference(cell, ref) {
  const name = ref.replace(/^refs\/(?:heads|tags|pull)\//, "");
  const rest = (0, import_shared.outside)(cell);
  return /[/:]/.test(name === "" ? rest : rest.replace(name, ""));
}

// src/image/versions.ts
function versionText({ value, match, line }, { trigger, fillGlobal, findings }) {
  const text3 = value === "" ? tagOf(trigger.ref) : fillGlobal(value);
  if (text3 === void 0 || text3 === "") return void 0;
  if (match === void 0) return text3.replaceAll("/", "-");
  const found = match.exec(text3);
  if (found === null) {
    findings.warnings.push(`\`tags\`: \`${text3}\` is not what the rule \`${line}\` matches.`);
    return text3.replaceAll("/", "-");
  }
  return (found[1] ?? found[0]).replaceAll("/", "-");
}
async function proposeSemver(rule, view) {
  const text3 = versionText(rule, view);
  if (text3 === void 0) return void 0;
  const { default: parse } = await Promise.resolve().then(() => __toESM(require("./vendor/semver-functions-parse.cjs")));
  const version = parse(text3);
  if (version === null) return invalid(text3, "semantic version (https://semver.org)", rule, view);
  const released = version.prerelease.length === 0;
  const pattern = released || (0, import_shared.isOnly)("raw", rule.pattern) ? rule.pattern : "{{version}}";
  const said = view.fill(pattern, {
    raw: () => version.raw,
    version: () => version.version,
    major: () => String(version.major),
    minor: () => String(version.minor),
    patch: () => String(version.patch),
    prerelease: () => version.prerelease.join(","),
    build: () => version.build.join(",")
  });
  return { text: said, latest: released };
}
async function proposePep440(rule, view) {
  const text3 = versionText(rule, view);
  if (text3 === void 0) return void 0;
  const { clean, explain, major, minor, patch } = await Promise.resolve().then(() => __toESM(require("./vendor/renovatebot-pep440.cjs")));
  const found = explain(text3);
  if (found === null)
    return invalid(text3, "version by PEP 440 (https://peps.python.org/pep-0440)", rule, view);
  const version = clean(text3) ?? text3;
  if (found.is_prerelease || found.is_postrelease || found.is_devrelease) {
    return { text: (0, import_shared.isOnly)("raw", rule.pattern) ? text3 : version, latest: false };
  }
  const said = view.fill(rule.pattern, {
    raw: () => text3,
    version: () => version,
    major: () => String(major(text3)),
    minor: () => String(minor(text3)),
    patch: () => String(patch(text3))
  });
  return { text: said, latest: true };
}
function invalid(text3, scheme, { line }, { findings }) {
  findings.warnings.push(`\`tags\`: \`${text3}\` is no ${scheme}, so the rule \`${line}\` makes no tag.`);
}

// src/image/proposals.ts
async function propose(rule, view) {
  const { trigger, fill, fillGlobal } = view;
  switch (rule.type) {
    case "schedule":
      return trigger.eventName.includes("schedule") ? plain(fill(rule.pattern, dateExpressions(trigger))) : void 0;
    case "semver":
      return await proposeSemver(rule, view);
    case "pep440":
      return await proposePep440(rule, view);
    case "match":
      return proposeMatch(rule, view);
    case "edge":
      return proposeEdge(rule.branch, view);
    case "ref":
      return proposeRef(rule.event, trigger);
    case "raw":
      return plain(fillGlobal(rule.value));
    case "sha":
      return trigger.sha === "" ? void 0 : plain(rule.format === "long" ? trigger.sha : trigger.shortSha);
  }
}
var plain = (text3) => ({ text: text3, latest: false });
function proposeMatch(rule, { trigger, fillGlobal, findings }) {
  const text3 = rule.value === "" ? tagOf(trigger.ref) : fillGlobal(rule.value);
  if (text3 === void 0 || text3 === "") return void 0;
  const found = text3.match(rule.pattern);
  const group = found?.[rule.group];
  if (group !== void 0) return { text: group, latest: true };
  const what = found === null ? "does not match" : `has no group ${rule.group} in`;
  findings.warnings.push(`\`tags\`: \`${text3}\` ${what} the rule \`${rule.line}\`, which makes no tag.`);
  return void 0;
}
function proposeEdge(given2, { trigger, findings }) {
  const branch = branchOf(trigger.ref);
  if (branch === void 0) return void 0;
  const wanted = given2 === "" ? trigger.defaultBranch : given2;
  if (wanted === void 0) {
    findings.warnings.push(
      "`tags`: the event does not name the default branch, so `type=edge` makes no tag. Give it as `branch=\u2026`."
    );
  }
  return branch === wanted ? plain("edge") : void 0;
}
function proposeRef(event, { ref }) {
  const found = { branch: branchOf, tag: tagOf, pr: pullRequestOf }[event](ref);
  return found === void 0 ? void 0 : { text: found, latest: event === "tag" };
}

// src/image/version.ts
async function nameVersion(rules, flavor, trigger, findings) {
  const view = viewOf(trigger, findings);
  const tagNames = [];
  let latest;
  for (const rule of rules) {
    const proposal = enabled(rule, view) ? await propose(rule, view) : void 0;
    const name = proposal === void 0 ? "" : sanitize(affixed(proposal.text, rule, flavor, view));
    if (proposal === void 0 || name === "") continue;
    if (!(0, import_shared.isTag)(name)) refuseTag(name, rule, trigger, findings);
    tagNames.push(name);
    latest ??= flavor.latest === "auto" ? proposal.latest : flavor.latest === "true";
  }
  if (latest === true) tagNames.push(sanitize(latestName(flavor, view)));
  return { main: tagNames[0] ?? "", tagNames: [...new Set(tagNames)] };
}
function viewOf(trigger, findings) {
  const fill = filler("tags", findings);
  const expressions = globalExpressions(trigger);
  return { trigger, findings, fill, fillGlobal: (template) => fill(template, expressions) };
}
function enabled({ enable, line }, { fillGlobal, findings }) {
  const answer = fillGlobal(enable);
  if (answer !== "true" && answer !== "false") {
    refuse(findings, {
      input: "tags",
      cause: `\`tags\`: the rule \`${line}\` has \`enable=${answer}\`, which is neither true nor false.`,
      remedy: "An expression that can be empty is written as `${{ \u2026 == true }}`."
    });
  }
  return answer === "true";
}
function affixed(text3, rule, flavor, { fillGlobal }) {
  return fillGlobal(rule.prefix ?? flavor.prefix.text) + text3 + fillGlobal(rule.suffix ?? flavor.suffix.text);
}
function latestName({ prefix, suffix }, { fillGlobal }) {
  const before = fillGlobal(prefix.onLatest ? prefix.text : "");
  return `${before}latest${fillGlobal(suffix.onLatest ? suffix.text : "")}`;
}
var sanitize = (text3) => text3.replace(/[^a-zA-Z0-9._-]+/g, "-");
function refuseTag(name, { line }, { ref, eventName }, findings) {
  refuse(findings, {
    input: "tags",
    cause: `\`tags\`: the rule \`${line}\` makes \`${name}\` of this ${eventName} (\`${ref}\`), which is no tag.`,
    remedy: `${import_shared.tagRule} \`{{branch}}\` and \`{{tag}}\` are empty where the run is not for one.`
  });
}

// src/image/plan.ts
async function planImage(inputs2, context2, around, findings) {
  const seen = await contextOf(inputs2, context2, around, findings);
  const trigger = await triggerOf(seen, around, findings);
  const { rules, references, flavor } = rulesOf(inputs2, trigger, findings);
  const full = fullReferences(filled(references, trigger, findings), seen, findings);
  const onlyFull = full.length > 0 && rules.length === 0 && inputs2.image === "" && inputs2.images === "";
  const images = onlyFull ? [] : parseImages(inputs2, seen, findings);
  const version = ownVersion(images, inputs2, findings) ?? await nameVersion(rules, flavor, trigger, findings);
  const planned = planTags(images, version, full, findings);
  return { ...planned, ...describe(inputs2, seen, trigger, planned, around.env, findings) };
}
function filled(templates, trigger, findings) {
  const fill = filler("tags", findings);
  return templates.map((template) => fill(template, globalExpressions(trigger)));
}
async function contextOf(inputs2, context2, { env: env2, run }, findings) {
  const source = inputs2["metadata-context"] || "workflow";
  if (source === "git" && run !== void 0) return await gitContext(context2, run, findings);
  if (source !== "workflow") {
    findings.problems.push({
      input: "metadata-context",
      cause: `\`metadata-context\` is \`${source}\`, which there is not.`,
      remedy: "Write `workflow` (the event) or `git` (what is checked out)."
    });
  }
  return workflowContext(context2, env2);
}
async function triggerOf(context2, { env: env2, now, run }, findings) {
  const trigger = readTrigger(context2, env2, now, findings);
  if (trigger.commitDate !== void 0 || run === void 0) return trigger;
  return { ...trigger, commitDate: await gitCommitDate(context2, trigger.sha, run) };
}
function rulesOf(inputs2, trigger, findings) {
  const flavor = parseFlavor(inputs2.flavor, findings);
  const given2 = parseTagLines(inputs2.tags, trigger.ref, findings);
  const none2 = inputs2.tags.split("\n").every((line) => /^\s*(?:#|$)/.test(line));
  if (!none2) return { ...given2, flavor };
  return {
    ...parseTagLines(defaultRules(trigger), trigger.ref, findings),
    flavor: defaultFlavor(flavor, trigger)
  };
}

// src/naming.ts
async function nameBuild(inputs2, { run, context: context2, env: env2 }, build, findings) {
  const { result } = build;
  const around = { env: env2, now: /* @__PURE__ */ new Date(), run };
  const named2 = await planImage(namedBy(inputs2, result), context2, around, findings);
  const byDigest = (0, import_shared.isByDigest)(result);
  refuseOtherNames(outputNames(result), named2, byDigest, findings);
  refuseNameless(named2, build, findings);
  if (build.when === "missing" && (0, import_shared.commitTag)(named2) === void 0) findings.warnings.push(neverFound);
  const repositories = named2.images.map(({ name }) => name);
  return {
    image: byDigest ? { ...named2, tags: [], tagNames: [] } : named2,
    build: { ...build, result: nameOutputs(result, repositories) }
  };
}
var neverFound = "`build: auto` finds the image of a commit by its tag, and no rule of `tags` makes one: it is built each time. Add `type=sha`.";
function namedBy(inputs2, result) {
  const names2 = outputNames(result);
  if (names2.length === 0 || inputs2.image !== "" || inputs2.images !== "") return inputs2;
  const whole = inputs2.tags === "" && !(0, import_shared.isByDigest)(result);
  return { ...inputs2, image: names2.map(whole ? withTag : withoutTag).join("\n") };
}
function refuseOtherNames(names2, { images, tags }, byDigest, { problems }) {
  const known = [...tags.map(import_shared.parseReference), ...byDigest ? images.map(({ reference }) => reference) : []];
  for (const name of names2) {
    const wanted = (0, import_shared.parseReference)(name);
    if ("reason" in wanted) continue;
    const found = known.some(
      (each) => "registry" in each && (0, import_shared.sameRepository)(each, wanted) && (byDigest || wanted.tag === void 0 || wanted.tag === each.tag)
    );
    if (!found) problems.push(otherName(name));
  }
}
var otherName = (name) => ({
  input: "outputs",
  cause: `\`outputs\` names \`${name}\`, which \`image\` and \`tags\` do not.`,
  remedy: "Leave `name=` out: what is pushed is named by `image` and `tags`."
});
function refuseNameless({ tags, images }, { result }, { problems }) {
  if (tags.length > 0 || !(0, import_shared.pushes)(result) || (0, import_shared.isByDigest)(result)) return;
  if (images.some(({ reference }) => reference.digest !== void 0)) return;
  problems.push({
    input: "tags",
    cause: "No rule of `tags` makes a tag for this run, and an image without one cannot be pushed.",
    remedy: "Add a rule that holds for every run (`type=sha`), or start the workflow for other events."
  });
}

// src/promotion.ts
function planPromotion(inputs2, { images, tags }, result, findings) {
  const names2 = (0, import_shared.list)(inputs2.promote, "promote", findings);
  for (const name of names2.filter((each) => !(0, import_shared.isTag)(each))) {
    findings.problems.push({
      input: "promote",
      cause: `\`promote\` has \`${name}\`, which is no tag.`,
      remedy: `${import_shared.tagRule} The repositories are those of \`image\`.`
    });
  }
  if (names2.length > 0 && (0, import_shared.isByDigest)(result)) findings.problems.push(withoutTags);
  if (!(0, import_shared.pushes)(result)) {
    if (names2.length > 0) findings.warnings.push("`promote` moves no tag: this run pushes nothing.");
    return [];
  }
  const first = (0, import_shared.parseReference)(tags[0] ?? "");
  const repositories = images.length > 0 ? images.map(({ reference }) => reference) : "reason" in first ? [] : [first];
  return repositories.flatMap(({ registry, repository }) => names2.map((tag) => ({ registry, repository, tag })));
}
var withoutTags = {
  input: "promote",
  cause: "`promote` is given together with `push-by-digest=true`, whose image is one of several.",
  remedy: "Leave out `promote`, and tag the index that is made of the images."
};

// src/registry/authentications.ts
async function readAuthentications(text3, context2, findings) {
  if (text3 === "") return [];
  const { load } = await Promise.resolve().then(() => __toESM(require("./vendor/js-yaml.cjs")));
  let entries2;
  try {
    entries2 = load(text3);
  } catch {
  }
  if (Array.isArray(entries2))
    return entries2.flatMap((entry, place) => readLogin(entry, place + 1, context2, findings));
  findings.problems.push({
    input: "registry-auth",
    cause: "`registry-auth` is no YAML list of logins.",
    remedy: "Begin each with `- registry: ghcr.io`, and give it a `username` and a `password`."
  });
  return [];
}
function readLogin(entry, place, context2, findings) {
  const text3 = (key) => String((0, import_shared.at)(entry, key) ?? "");
  const registry = (0, import_shared.registryHost)(text3("registry") || import_shared.dockerHub);
  const missing = ["username", "password"].filter((key) => text3(key) === "");
  const lacking = missing.length > 0 && incomplete(place, registry, missing);
  if (lacking && (0, import_shared.trustOf)(context2) !== "own") return leaveOut(lacking.cause, findings);
  const asked = /^(?:true|yes)$/i.test(text3("ecr")) && text3("username") !== "AWS";
  if (asked || (0, import_shared.needsEcrLogin)(registry, text3("username"))) return refuse3(ecr(place), findings);
  if (lacking) return refuse3(lacking, findings);
  const password = text3("password").replace(/\r?\n$/, "");
  return [{ registry, username: text3("username"), password }];
}
function leaveOut(cause, findings) {
  findings.warnings.push(`${cause} It is left out; forks and Dependabot get no secrets.`);
  return [];
}
function refuse3(problem, findings) {
  findings.problems.push({ input: "registry-auth", ...problem });
  return [];
}
var incomplete = (place, registry, missing) => ({
  cause: `Login ${place} of \`registry-auth\`, for ${registry}, has no ${missing.join(" and no ")}.`,
  remedy: "Is the secret set, and does this environment get it? Forks get none."
});
var ecr = (place) => ({
  cause: `Login ${place} of \`registry-auth\` is for Amazon ECR, whose password has to be fetched first.`,
  remedy: import_shared.ecrRemedy
});

// src/registry/plan.ts
async function planRegistry(inputs2, context2, { images }, findings) {
  const hosts = [...new Set(images.map(({ reference }) => (0, import_shared.registryHost)(reference.registry)))];
  const given2 = [
    ...planCredentials(inputs2, context2, hosts, findings),
    ...await readAuthentications(inputs2["registry-auth"], context2, findings)
  ];
  const own = hosts.filter((host) => (0, import_shared.isOwnRegistry)(host, context2) && !given2.some((login) => login.registry === host)).filter(() => inputs2["github-token"] !== "").map((registry) => ({ registry, username: context2.actor, password: inputs2["github-token"] }));
  return { logins: distinct([...given2, ...own], findings), lasts: planLasts(inputs2, findings) };
}
function planLasts(inputs2, findings) {
  if (inputs2.login === "job" || inputs2.login === "step" || inputs2.login === "") return inputs2.login || "step";
  findings.problems.push({
    input: "login",
    cause: `\`login\` is \`${inputs2.login}\`, which is neither \`step\` nor \`job\`.`,
    remedy: "Write `job` to keep the logins for later steps, else leave it out."
  });
  return "step";
}
function planCredentials(inputs2, context2, hosts, findings) {
  const username = inputs2["registry-username"];
  const password = inputs2["registry-password"];
  if (username === "" && password === "") return [];
  if (password === "") return missingPassword(context2, findings);
  const registry = chooseRegistry(inputs2, hosts, findings);
  if (registry === void 0) return [];
  if ((0, import_shared.needsEcrLogin)(registry, username)) {
    findings.problems.push(ecr2(registry));
    return [];
  }
  const name = username || ((0, import_shared.isOwnRegistry)(registry, context2) ? context2.actor : "");
  if (name === "") findings.problems.push(noUsername(registry));
  return [{ registry, username: name, password }];
}
function chooseRegistry(inputs2, hosts, findings) {
  const [host] = hosts;
  if (inputs2.registry !== "") return (0, import_shared.registryHost)(inputs2.registry);
  if (host === void 0 || hosts.length === 1 && (namesImage(inputs2) || isForges(inputs2))) return host;
  if (hosts.length === 1) {
    findings.problems.push(unnamed(host));
    return void 0;
  }
  findings.problems.push({
    input: "registry-password",
    cause: `\`registry-password\` is given without \`registry\`, and the images are in ${hosts.join(" and ")}.`,
    remedy: "Name the registry that it is for by `registry`, or give a login for each by `registry-auth`."
  });
  return void 0;
}
var namesImage = ({ image, images, tags, outputs }) => image !== "" || images !== "" || /[\w-]\/\w/.test(tags) || /\bname=/.test(outputs);
var isForges = (inputs2) => inputs2["registry-username"] === "" || inputs2["registry-password"] === inputs2["github-token"] || /^(?:gh[a-z]_|github_pat_)/.test(inputs2["registry-password"]);
var unnamed = (host) => ({
  input: "registry-username",
  cause: `\`registry-username\` is given, and nothing says that it is for ${host}: neither \`registry\` nor \`image\`.`,
  remedy: `Name the registry: \`registry: docker.io\`, as docker/login-action has it, or \`registry: ${host}\`.`
});
var ecr2 = (registry) => ({
  input: "registry-username",
  cause: `${registry} is of Amazon ECR, whose password has to be fetched first.`,
  remedy: import_shared.ecrRemedy
});
function missingPassword(context2, findings) {
  const cause = "`registry-password` is empty: is the secret set, and does this environment get it?";
  if ((0, import_shared.trustOf)(context2) === "own") {
    findings.problems.push({
      input: "registry-password",
      cause,
      remedy: "Set the secret, or leave out `registry-username` where no login is needed."
    });
  } else findings.warnings.push(`${cause} There is no login; forks and Dependabot get no secrets.`);
  return [];
}
var noUsername = (registry) => ({
  input: "registry-username",
  cause: `\`registry-username\` is empty, and ${registry} needs one.`,
  remedy: "Give the name of the user or of the access token."
});
function distinct(logins, findings) {
  const first = new Map(logins.toReversed().map((login) => [login.registry, login]));
  for (const login of logins.filter((each) => first.get(each.registry) !== each)) {
    findings.problems.push({
      input: "registry-auth",
      cause: `There are two logins for ${login.registry}.`,
      remedy: "Keep one of them."
    });
  }
  return logins.filter((each) => first.get(each.registry) === each);
}

// src/report/summarizes.ts
function summarizes(inputs2, env2, findings) {
  const asked = (0, import_shared.boolean)(inputs2, "summary", findings, true);
  return asked && !/^(?:0|f|false)$/i.test(env2["DOCKER_BUILD_SUMMARY"] ?? "");
}

// src/plan.ts
async function makePlan(inputs2, unknown, world2) {
  const { context: context2, env: env2 } = world2;
  const findings = (0, import_shared.noFindings)();
  if (unknown.length > 0) findings.warnings.push(...await explainAll(unknown));
  const built = await planBuild(inputs2, context2, findings, { env: env2 });
  const { image, build } = await nameBuild(inputs2, world2, built, findings);
  const dryRun = (0, import_shared.boolean)(inputs2, "dry-run", findings, false);
  const registry = await planRegistry(inputs2, context2, image, findings);
  summarizes(inputs2, env2, findings);
  const { planServer } = await Promise.resolve().then(() => __toESM(require("./later.cjs")));
  const server = await planServer(inputs2, build, world2, findings);
  const plan = {
    image,
    build,
    // A login that lasts would change the runner.
    registry: dryRun ? { ...registry, lasts: "step" } : registry,
    ...server,
    retag: (0, import_shared.pushes)(build.result) && !(0, import_shared.isByDigest)(build.result) && (build.when !== "never" || inputs2.tags !== ""),
    promote: inputs2["rollback-to"] === "" ? planPromotion(inputs2, image, build.result, findings) : noPromotion(inputs2, findings),
    dryRun
  };
  if (findings.problems.length > 0) throw new import_shared.Failure("plan", findings.problems);
  return { ...plan, warnings: findings.warnings };
}
async function explainAll(unknown) {
  const { explainUnknown } = await Promise.resolve().then(() => __toESM(require("./migration.cjs")));
  return unknown.map((name) => explainUnknown(name, import_shared.inputNames));
}
function noPromotion(inputs2, { warnings }) {
  if (inputs2.promote !== "")
    warnings.push("`promote` has no effect with `rollback-to`: the tags of the registry stay as they are.");
  return [];
}

// src/launch.ts
async function launch(inputs2, unknown, around) {
  const world2 = { ...around, log: withHeartbeat(around.log) };
  const journal = openJournal(world2);
  const report = await journal.conclude(() => planAndGo(inputs2, unknown, world2, journal));
  const { writeReport } = await Promise.resolve().then(() => __toESM(require("./later.cjs")));
  return writeReport(report, world2, summarizes(inputs2, world2.env, (0, import_shared.noFindings)()));
}
async function planAndGo(inputs2, unknown, world2, journal) {
  const over = new AbortController();
  try {
    const cancelled = AbortSignal.any([world2.cancelled, over.signal]);
    const look = inputs2["rollback-to"] === "" ? (0, import_shared.lookAtDocker)({ ...world2, cancelled }) : void 0;
    await setImmediate();
    const plan = await makePlan(inputs2, unknown, world2);
    plan.warnings.forEach(journal.warn);
    const { carryOut } = await Promise.resolve().then(() => __toESM(require("./later.cjs")));
    return await carryOut(plan, look, world2, journal);
  } finally {
    over.abort();
  }
}

// src/main.ts
var inputs = (0, import_shared.readInputs)(process.env);
var eventPath = process.env["GITHUB_EVENT_PATH"];
var context = (0, import_shared.readContext)(process.env, eventPath === void 0 ? "" : (0, import_node_fs.readFileSync)(eventPath, "utf8"));
var log = context.onRunner ? (0, import_shared.runnerLog)() : (0, import_shared.plainLog)(process.stdout);
for (const name of import_shared.inputNames) if ((0, import_shared.isSecret)(name)) log.mask(inputs[name]);
var cancel = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => cancel.abort());
var env = (0, import_shared.ownEnvironment)(process.env);
var world = {
  run: (0, import_shared.localRun)((0, import_shared.forCommands)(env)),
  log,
  context,
  env,
  cancelled: cancel.signal,
  remember: import_shared.remember,
  forgetRun: import_shared.forgetRun
};
launch(inputs, (0, import_shared.unknownInputs)(process.env), world).then(
  (passed) => {
    if (!passed) process.exitCode = import_shared.ExitCode.Failure;
  },
  (error) => {
    (0, import_shared.tell)(log, error);
    process.exitCode = import_shared.ExitCode.Failure;
  }
);
